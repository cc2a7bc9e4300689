"""It doesn't fit, and that's all right: a newcomer says so, is free at once, and sees who else there is; nobody is blamed."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, faults

# Some who found a mentor a while ago, with whom both have written, and a second mentor for each of them who could fit.
FILL = r"""
import json, sys
from datetime import timedelta
from django.utils import timezone
from community.members.joining import join
from mentorship import along
from mentorship.joining import EVENINGS
from mentorship.models import Match, Mentor, Message, Request
from mentorship.renewing import renew_mentor, renew_request
PASSWORD, names = json.loads(TOLD)
def joined(handle, role):
    return join(handle=handle, email=f"{handle.lower()}@example.net", password=PASSWORD, role=role).user
rooms = []
for (newcomer, first, second), language in zip(names, ["is", "et", "lv", "ka"], strict=True):
    people = [joined(newcomer, "member"), joined(first, "mentor"), joined(second, "mentor")]
    for user in people[1:]:
        mentor = Mentor.objects.get(user=user)
        # A language of their own, so that nobody else's mentors come up.
        mentor.languages, mentor.story, mentor.capacity = [language], "I have been through a long winter.", 1
        mentor.save()
        mentor.set_capacity(1)
        renew_mentor(mentor)
    search = Request.objects.create(
        user=people[0], need="Somebody to write to on Sundays.", languages=[language], hours=EVENINGS,
        waiting_since=timezone.now() - timedelta(days=40),
    )
    renew_request(search)
    match = Match.ask(search, Mentor.objects.get(user=people[1]))
    match.accept(by=people[1])
    for user in people[:2]:
        Message.say(match, by=user, body="Hello, how was your week?")
    rooms.append(match.get_absolute_url())
    Mentor.objects.filter(user=people[2]).update(paused_at=timezone.now())
along.ask_how_it_goes()
sys.stdout.write(json.dumps(rooms))
"""
OPEN = r"""
from mentorship.models import Mentor
Mentor.objects.filter(user__username={handle!r}).update(paused_at=None)
"""
LOOKING = r"""
import sys
from mentorship.models import Request
days = [(r.created_at - r.waiting_since).days for r in Request.objects.filter(user__username={handle!r}, closed_at=None)]
sys.stdout.write(str(days))
"""
PEOPLE = {
    "on": ("Merganser", "Garganey", "Gadwall"),
    "off": ("Pochard", "Knot", "Sanderling"),
    "mentor on": ("Spoonbill", "Curlew", "Ruff"),
    "mentor off": ("Phalarope", "Snipe", "Oystercatcher"),
}


@pytest.fixture(scope="module")
def rooms(hearth) -> dict[str, str]:
    told = json.dumps(json.dumps([PASSWORD, list(PEOPLE.values())]))
    return dict(zip(PEOPLE, json.loads(hearth.manage("shell", "--no-imports", "--command", f"TOLD = {told}\n{FILL}")), strict=True))


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def test_a_newcomer_says_that_it_does_not_fit_and_looks_on_at_once(hearth, rooms, visit_as, scripts):
    which = "on" if scripts else "off"
    newcomer, first, second = PEOPLE[which]
    hearth.manage("shell", "--no-imports", "--command", OPEN.format(handle=second))
    page = visit_as(address_of(newcomer), scripts=scripts)
    page.goto("/inbox/")
    page.get_by_role("link", name="May we ask how it goes?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("May we ask how it goes?")
    expect(page.locator("main")).to_contain_text("neither of you sees the other’s answer")
    if scripts:
        assert faults(page) == []
    page.get_by_label("It is not a good fit").check()
    page.get_by_label("End it now, and show me who else could fit").check()
    page.get_by_label("Anything the coordinators should know?").fill("We are just very different.")
    press(page, "Tell the coordinators")
    expect(page.locator(".notices")).to_contain_text("You have kept your turn.")
    expect(page.locator("main")).to_contain_text(second)
    expect(page.locator("main")).not_to_contain_text(first)
    assert hearth.manage("shell", "--no-imports", "--command", LOOKING.format(handle=newcomer)).strip() in ("[39]", "[40]")
    page.get_by_role("link", name=f"Ask {second}").first.click()
    press(page, f"Ask {second}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You asked for somebody who has been there")

    theirs = visit_as(address_of(first), scripts=scripts)
    theirs.goto("/inbox/")
    expect(theirs.locator("main")).to_contain_text("Your time together is over. What you wrote stays readable for you both.")
    theirs.goto(rooms[which])
    expect(theirs.get_by_role("heading", level=2, name="Your time together is over")).to_be_visible()
    expect(theirs.locator("main")).to_contain_text("Hello, how was your week?")
    for words in ("fit", "different", second):
        expect(theirs.locator("main")).not_to_contain_text(words)
    if scripts:
        assert faults(theirs) == []


def test_a_mentor_ends_it_and_the_newcomer_goes_on_in_one_press(hearth, rooms, visit_as, scripts):
    which = "mentor on" if scripts else "mentor off"
    newcomer, first, second = PEOPLE[which]
    hearth.manage("shell", "--no-imports", "--command", OPEN.format(handle=second))
    theirs = visit_as(address_of(first), scripts=scripts)
    theirs.goto(rooms[which])
    theirs.get_by_role("link", name="It doesn’t fit").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("It doesn’t fit, and that’s all right")
    if scripts:
        assert faults(theirs) == []
    press(theirs, "End it, kindly")
    expect(theirs.locator(".notices")).to_contain_text("They were told that it is, and nothing else.")

    page = visit_as(address_of(newcomer), scripts=scripts)
    page.goto("/inbox/")
    page.get_by_role("link", name="Your time together is over").click()
    expect(page.locator("main")).to_contain_text("you keep your turn")
    if scripts:
        assert faults(page) == []
    press(page, "Go on looking")
    expect(page.locator(".notices")).to_contain_text("You are looking again, with the same words.")
    expect(page.locator("main")).to_contain_text(second)
