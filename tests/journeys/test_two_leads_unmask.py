"""Somebody is in danger, two people in charge of safety find out together who it is, and the member is told."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, bring, sign_in

WHY = "They wrote that they are on the bridge now, and do not answer."
FOUND_SECONDS = 30


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Wheatear")
    bring(hearth, "Redpoll", "Crossbill", role="lead")


@pytest.fixture
def open_as(hearth, visit, scripts):
    def opened(handle: str, *, is_lead: bool = False) -> Page:
        page = visit(scripts=scripts)
        sign_in(page, address_of(handle), PASSWORD, code=hearth.recovery_code(address_of(handle)) if is_lead else "")
        return page

    return opened


def test_two_leads_find_out_together_and_the_member_is_told(open_as, scripts):
    member = open_as("Wheatear")
    member.goto("/forums/caring-for-someone/new/")
    member.get_by_role("radio", name="Just listening").check()
    member.get_by_label("Title").fill("The bridge")
    member.get_by_label("What’s going on?").fill(f"I am on the bridge by the mill, {'again' if scripts else 'still'}.")
    member.get_by_role("radio", name="Anonymously, under a name made for this conversation").check()
    member.get_by_role("button", name="Post it").click()
    expect(member.get_by_role("heading", level=1)).to_have_text("The bridge")
    where, alias = member.url, member.locator(".post-name bdi").first.inner_text()

    # One asks, with a reason, and learns nothing yet.
    first = open_as("Redpoll", is_lead=True)
    first.goto("/admin/moderation/unmasking/add/")
    first.get_by_label("Alias").fill(where)
    first.get_by_label("Why:").fill(WHY)
    first.get_by_role("button", name="Save", exact=True).click()
    first.get_by_role("link", name=re.compile(alias)).first.click()
    asked = first.url
    expect(first.locator("body")).to_contain_text("waits for a second person")
    expect(first.locator("body")).not_to_contain_text("Wheatear")

    # A second one agrees, and the worker looks.
    second = open_as("Crossbill", is_lead=True)
    second.goto(asked)
    second.get_by_role("link", name="Agree", exact=True).click()
    second.locator("textarea[name=reason]").fill("I read it, and there is no other way.")
    second.get_by_role("button", name="Agree", exact=True).click()
    for page in (first, second):
        deadline = time.monotonic() + FOUND_SECONDS
        while "Wheatear" not in page.goto(asked).text():
            assert time.monotonic() < deadline, "the worker did not find out who it is"
            time.sleep(0.2)

    # The member is told, with the reason, and by nobody's name.
    member.goto("/inbox/")
    member.get_by_role("link", name=re.compile(f"Two people in charge of safety found out.*{alias}")).click()
    expect(member.get_by_role("heading", level=1)).to_contain_text(alias)
    expect(member.get_by_text(WHY)).to_be_visible()
    assert "Redpoll" not in member.content()
