"""A member blocks, filters and folds: what is not for them they do not see, and nobody learns of it."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import address_of, begun, bring

PAGE = "/settings/filters/"


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Waxwing", "Fieldfare", "Brambling", "Hawfinch")


@pytest.fixture
def open_as(visit_as, scripts):
    """`open_as("Waxwing", address)`: that page, as seen by somebody whom these journeys brought."""

    def opened(handle: str, address: str) -> Page:
        page = visit_as(address_of(handle), scripts=scripts)
        page.goto(address)
        return page

    return opened


def post(page: Page, words: str):
    return page.locator("article.post", has_text=words)


def add(page: Page, what: str, field: str, value: str, act: str) -> None:
    page.goto(PAGE)
    fold = page.locator("details", has_text=f"Add {what}")
    fold.locator("summary").click()
    fold.get_by_label(field).fill(value)
    fold.get_by_label(act).check()
    fold.get_by_role("button", name="Add").click()
    expect(page.locator(".notices")).to_contain_text("Nobody else learns of it.")


def test_a_member_blocks_filters_and_folds(hearth, open_as, scripts):
    when = "evening" if scripts else "morning"
    where = begun(
        hearth,
        "Hawfinch",
        f"A long {when}",
        "How do others get through it?",
        ("Fieldfare", f"Loud words about the {when}."),
        ("Brambling", f"I sat in the waiting room all {when}, with tea."),
        ("Hawfinch", "Thank you, both."),
    )
    theirs = begun(hearth, "Fieldfare", f"Fieldfare’s {when}", "Words.")

    # Somebody is too much: from what they wrote to a block is two presses.
    waxwing = open_as("Waxwing", where)
    waxwing.get_by_role("link", name="Not for me reply 1").click()
    expect(waxwing.get_by_role("heading", level=1)).to_have_text("You and Fieldfare")
    waxwing.get_by_role("button", name="Block Fieldfare").click()
    expect(waxwing.locator(".notices")).to_contain_text("Fieldfare is blocked.")
    expect(waxwing.get_by_role("heading", level=1)).to_have_text("What you don’t see")
    waxwing.goto(where)
    expect(post(waxwing, "Loud words")).to_have_count(0)
    expect(waxwing.locator(".gap")).to_contain_text("One reply is not shown to you.")
    for address in (theirs, "/members/Fieldfare/"):
        assert waxwing.goto(address).status == 404
    waxwing.goto("/forums/caring-for-someone/")
    expect(waxwing.get_by_role("link", name=f"Fieldfare’s {when}")).to_have_count(0)

    # It holds both ways, and the blocked one reads no word of it.
    fieldfare = open_as("Fieldfare", "/members/Waxwing/")
    expect(fieldfare.get_by_role("heading", level=1)).to_have_text("There is nothing here for you to read.")
    fieldfare.goto("/inbox/")
    expect(fieldfare.locator("main")).not_to_contain_text("Waxwing")

    # Words that are too much today are folded: there when wanted.
    add(waxwing, "words", "The words", "waiting room", "Fold it, so that I can open it")
    expect(waxwing.locator(".rows li", has_text="“waiting room”")).to_contain_text("always")
    waxwing.goto(where)
    folded = post(waxwing, "Brambling").locator("details")
    expect(folded.get_by_text("all " + when)).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.get_by_text("all " + when)).to_be_visible()

    # Somebody else is left out for a while.
    waxwing.goto("/members/Hawfinch/")
    waxwing.get_by_role("link", name="Block or filter").click()
    waxwing.get_by_label("Leave it out").check()
    waxwing.get_by_label("For how long?").select_option(label="For a week")
    waxwing.get_by_role("button", name="Do this").click()
    expect(waxwing.locator(".rows li", has_text="Hawfinch")).to_contain_text("until")
    waxwing.goto("/forums/caring-for-someone/")
    expect(waxwing.get_by_role("link", name=f"A long {when}")).to_have_count(0)

    # And all of it ends as it began.
    waxwing.goto(PAGE)
    waxwing.get_by_role("button", name="Remove Hawfinch").click()
    waxwing.get_by_role("button", name="Remove waiting room").click()
    waxwing.get_by_role("button", name="Lift the block Fieldfare").click()
    expect(waxwing.locator("main")).to_contain_text("You leave nothing out.")
    expect(waxwing.locator("main")).to_contain_text("You have blocked nobody.")
    waxwing.goto(where)
    expect(post(waxwing, "Loud words")).to_be_visible()
    expect(waxwing.locator("article.post details")).to_have_count(0)
