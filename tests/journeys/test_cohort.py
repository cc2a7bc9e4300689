"""A coordinator matches a cohort of sixty, edits the draft, and publishes it; two of them say yes."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, bring, faults, sign_in

COORDINATOR = "Bluethroat"
# Thirty mentors with two places each, and sixty who wait; each of them asks for one or two kinds of help.
FILL = r"""
from community.members.joining import join
from community.members.models import User
from django.utils import timezone
from mentorship import seeking
from mentorship.joining import EVENINGS
from mentorship.models import Help, Mentor, Request
from mentorship.renewing import renew_mentor, renew_request
# Those of the demo rest meanwhile.
Mentor.objects.update(paused_at=timezone.now())
for request in Request.objects.open():
    seeking.take_back(request)
helps = list(Help.objects.order_by("pk"))
for number in range(30):
    user = join(handle=f"Guide{number:02}", email=f"guide{number:02}@example.net", password=PASSWORD, role="mentor").user
    mentor = Mentor.objects.get(user=user)
    mentor.helps.set([helps[number % 8], helps[(number + 3) % 8], helps[(number + 5) % 8]])
    renew_mentor(mentor)
for number in range(60):
    # One of them signs in.
    password = None if number else PASSWORD
    user = join(handle=f"Seeks{number:02}", email=f"seeks{number:02}@example.net", password=password, role="member").user
    asked = Request.objects.create(user=user, need="Somebody to write to.", languages=["en"], hours=EVENINGS)
    asked.helps.set([helps[number % 8], helps[(number + 1) % 8]])
    renew_request(asked)
"""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def sixty(hearth):
    bring(hearth, COORDINATOR, role="coordinator")
    hearth.manage("shell", "--no-imports", "--command", f"PASSWORD = {json.dumps(PASSWORD)}\n{FILL}")


@pytest.fixture
def looked_at(browser):
    """What axe finds wrong with a page behind the scenes, in a browser of its own: axe writes styles, which the policy refuses."""

    def faults_of(page: Page) -> list[str]:
        context = browser.new_context(storage_state=page.context.storage_state(), viewport=page.viewport_size, bypass_csp=True)
        twin = context.new_page()
        twin.goto(page.url)
        found = faults(twin)
        context.close()
        return found

    return faults_of


def worked_out(page: Page) -> None:
    """The page looks again by itself until the worker is done."""
    expect(page.get_by_text("is being worked out")).to_have_count(0, timeout=60_000)


def test_the_board_is_one_screen_of_a_telephone(hearth, sixty, visit, looked_at):
    staff = visit(viewport=PHONE, has_touch=True)
    address = address_of(COORDINATOR)
    sign_in(staff, address, PASSWORD, code=hearth.recovery_code(address))
    staff.goto("/admin/mentorship/request/board/")
    staff.locator("details[open] > summary").first.click()
    bottom = "document.querySelector('.board').getBoundingClientRect().bottom"
    size = staff.evaluate(f"() => [document.documentElement.scrollWidth, {bottom}]")
    assert size[0] <= PHONE["width"]
    assert size[1] <= PHONE["height"]
    assert looked_at(staff) == []


def test_a_coordinator_matches_a_cohort_of_sixty_and_publishes(hearth, sixty, visit, visit_as, looked_at):
    staff = visit()
    address = address_of(COORDINATOR)
    sign_in(staff, address, PASSWORD, code=hearth.recovery_code(address))
    staff.goto("/admin/")
    staff.get_by_role("link", name="The board of mentorship").click()
    expect(staff.get_by_text("Waiting 6")).to_be_visible()
    assert looked_at(staff) == []

    # Begin: for everybody who waits, so that most are matched.
    staff.get_by_role("link", name="Begin a cohort").click()
    assert looked_at(staff) == []
    staff.get_by_label("Name").fill("Autumn")
    staff.get_by_label("What for").select_option(label="Most people matched")
    staff.get_by_role("button", name="Save", exact=True).click()
    worked_out(staff)
    expect(staff.get_by_text("The two aims, side by side")).to_be_visible()
    expect(staff.get_by_role("row", name="Most people matched (this draft)")).to_contain_text("60 of 60")
    assert looked_at(staff) == []

    # Hold one of them together with another mentor, knowing what it costs.
    staff.get_by_role("link", name="Seeks00").click()
    assert looked_at(staff) == []
    other = staff.locator(".options > li").filter(has_not_text="in this draft").first
    name = other.locator("bdi").first.inner_text()
    other.get_by_role("button", name=f"What would it cost others: {name}").click()
    expect(staff.get_by_text("What it would cost others:")).to_be_visible(timeout=60_000)
    staff.get_by_role("button", name=f"Hold together: {name}").click()
    worked_out(staff)
    expect(staff.locator(".options > li", has_text="held together")).to_contain_text(name)
    staff.get_by_role("link", name="Autumn").click()
    expect(staff.get_by_role("row", name="Seeks00")).to_contain_text(name)
    expect(staff.get_by_role("row", name="Most people matched (this draft)")).to_contain_text("60 of 60")

    # Two of them first, then all the others.
    staff.get_by_role("checkbox", name="Seeks01").check()
    staff.get_by_role("checkbox", name="Seeks02").check()
    staff.get_by_role("button", name="Publish the chosen ones").click()
    expect(staff.get_by_text("2 pairs are asked")).to_be_visible()
    assert looked_at(staff) == []
    staff.get_by_role("button", name="Ask them").click()
    expect(staff.get_by_text("2 pairs were asked.")).to_be_visible()
    staff.get_by_role("link", name="Publish all 58 pairs").click()
    staff.get_by_role("button", name="Ask them").click()
    expect(staff.get_by_text("58 pairs were asked.")).to_be_visible()
    # Whoever goes back finds that nobody is left to ask.
    staff.go_back()
    expect(staff.get_by_text("There is nobody to ask")).to_be_visible()

    # Both say yes, and are together.
    for person, other in (("Seeks00", name), (name, "Seeks00")):
        page = visit_as(address_of(person), password=PASSWORD)
        page.goto("/inbox/")
        # A mentor with more than one place was asked by more than one.
        asked = page.get_by_role("link", name="There is a question for you").evaluate_all("all => all.map(each => each.href)")
        heading = page.get_by_role("heading", level=1, name=f"Would you like to begin with {other}?")
        for address in asked:
            page.goto(address)
            if heading.is_visible():
                break
        page.get_by_role("button", name="Yes, let’s begin").click()
    expect(page.get_by_text("Your room").first).to_be_visible()
    staff.goto("/admin/mentorship/match/?q=Seeks00")
    expect(staff.get_by_role("link", name=f"Seeks00, {name}")).to_be_visible()
