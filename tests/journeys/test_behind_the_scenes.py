"""The pages for volunteers, looked at: by axe, with a ruler and by keyboard, on a phone and on a desk, in both lights."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import open_context
from tests.journeys.people import PASSWORD, address_of, bring, faults, sign_in

LOOK = Path(__file__).with_name("look.js").read_text()
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
# What is pressed there, but for links that stand in a sentence, and the box of a choice, whose words are pressed as well.
SMALL = """() => [...document.querySelectorAll("main :is(a, button, summary, select, textarea, input:not([type=hidden]))")]
    .filter((each) => each.checkVisibility() && !each.closest(".desk-list > li, .desk-note"))
    .filter((each) => each.getBoundingClientRect().height < (/checkbox|radio/.test(each.type) ? 23.5 : 43.5))
    .map((each) => `${each.getBoundingClientRect().height} px: ${each.outerHTML.slice(0, 120)}`)"""
# Where a reply of the demo, a member, a report and a country stand.
FIND = """
import json, sys
from community.care.models import Country
from community.members.models import User
from community.moderation.queue import Queue
from forums.models import Reply
wryneck = User.objects.get(username="Wryneck")
waits = next(item.key for item in Queue(wryneck).everything if item.source.key == "report")
member, country = User.objects.get(username="Wren"), Country.objects.first()
reply = Reply.objects.filter(hidden_at=None, withdrawn_at=None).exclude(author=wryneck).first()
sys.stdout.write(json.dumps({"waits": waits, "member": member.pk, "country": country.pk, "reply": reply.pk}))
"""
PAGES = {
    "what waits": "/admin/",
    "a thing": "/admin/desk/{waits}/",
    "a decision": "/admin/desk/{waits}/do/hide/",
    "what one takes": "/admin/desk/duty/",
    "to the next shift": "/admin/desk/notes/",
    "figures": "/admin/desk/figures/",
    "everything": "/admin/lists/",
    "a list": "/admin/forums/reply/",
    "words": "/admin/forums/reply/{reply}/change/",
    "a member": "/admin/members/user/{member}/change/",
    "a role": "/admin/members/user/{member}/do/appoint/",
    "a reason": "/admin/decisions/reasontemplate/add/",
    "numbers": "/admin/moderation/desksettings/",
    "a country": "/admin/care/country/{country}/change/",
    "the record": "/admin/audit/entry/",
}


@pytest.fixture(scope="module")
def places(hearth) -> dict[str, str]:
    bring(hearth, "Wryneck", role="owner")
    return json.loads(hearth.manage("shell", "--no-imports", "--command", FIND))


@pytest.fixture(scope="module")
def page(hearth, browser, places):
    troubles: list[str] = []
    context = open_context(browser, hearth.address, troubles, viewport=PHONE)
    page = context.new_page()
    sign_in(page, address_of("Wryneck"), PASSWORD, code=hearth.recovery_code(address_of("Wryneck")))
    yield page
    context.close()
    assert troubles == []


def complaints(page: Page) -> list[str]:
    page.evaluate(LOOK)
    page.set_viewport_size(PHONE)
    found = [*faults(page), *page.evaluate("look.sideways()"), *page.evaluate(SMALL)]
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark")
    found += [*faults(page), *page.evaluate("look.sideways()")]
    page.keyboard.press("Tab")
    found += page.evaluate("look.focus()")
    page.emulate_media(color_scheme="light")
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_good_to_look_at(page, places, name):
    assert page.goto(PAGES[name].format(**places)).status == 200
    assert re.fullmatch(r"[A-Z][\w ’]+ · Hearth", page.title()), page.title()
    assert complaints(page) == []


def test_what_is_asked_of_many_is_good_to_look_at_with_what_is_missing(page, places):
    page.goto("/admin/forums/reply/?q=kettle")
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option("hide_many")
    page.get_by_role("button", name="Go").click()
    page.locator(".desk-main").click()
    assert "Write a reason first, in a sentence." in page.content()
    assert complaints(page) == []
