"""Somebody brings what helped them, somebody looks at it, and somebody finds it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.people import address_of, bring, sign_in

STAFF = "librarian@example.org"
# The newest first: whatever other journeys brought waits before it.
QUEUE = "/admin/resources/resource/?o=-7"


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Heron", "Avocet")


def test_a_member_adds_what_helped_a_librarian_reviews_it_a_reader_finds_it(hearth, visit, visit_as, scripts):
    word = "lantern" if scripts else "candle"
    title, address = f"A walk with a {word}", f"https://www.example.org/{word}-walk/"
    # A member brings it, from the address in their browser.
    member = visit_as(address_of("Heron"), scripts=scripts)
    member.goto("/")
    member.get_by_role("navigation", name="Rooms").get_by_role("link", name="Library").click()
    member.get_by_role("link", name="Add what helped you").click()
    member.get_by_label("Its address").fill(f"{address}?utm_source=somewhere")
    member.get_by_role("button", name="Go on").click()
    expect(member.get_by_label("Its address")).to_have_value(address)
    member.get_by_role("radio", name="Article").check()
    member.get_by_label("Title").fill(title)
    member.get_by_label("What it is, and how it helped").fill("Ten minutes after supper. It is *nicer* than it sounds.")
    member.get_by_role("textbox", name="Tags").fill("evenings, out of the house")
    member.get_by_label("Minutes it takes").fill("10")
    # What is missing is said, and nothing is lost.
    member.get_by_role("button", name="Send it to the librarians").click()
    expect(member.locator("[data-error-summary]")).to_be_visible()
    for check in ("I looked at it myself", "It tells nobody how to harm", "It sells nothing"):
        member.get_by_label(check).check()
    member.get_by_role("button", name="Send it to the librarians").click()
    expect(member.get_by_text("Thank you. It is with a librarian now")).to_be_visible()
    expect(member.locator(".rows > li", has_text=title)).to_contain_text("It is with a librarian now.")

    # Nobody else sees it yet.
    reader = visit_as(address_of("Avocet"), scripts=scripts)
    reader.goto("/resources/")
    expect(reader.get_by_role("link", name=title)).to_have_count(0)
    reader.goto("/resources/new/")
    reader.get_by_label("Its address").fill(f"example.org/{word}-walk")
    reader.get_by_role("button", name="Go on").click()
    expect(reader.get_by_text("This is with the librarians already. Thank you.")).to_be_visible()

    # A librarian looks at it and puts it up.
    staff = visit(scripts=scripts)
    sign_in(staff, STAFF, code=hearth.recovery_code(STAFF))
    staff.goto(QUEUE)
    staff.get_by_role("link", name=title).click()
    expect(staff.get_by_text("Ten minutes after supper.")).to_be_visible()
    staff.get_by_role("link", name="Put it up").click()
    staff.get_by_role("button", name="Put it up").click()
    expect(staff.get_by_text("It is in the library now")).to_be_visible()

    # The member is thanked, a reader finds it.
    member.goto("/inbox/")
    member.get_by_role("link", name=f"Thank you: “{title}” is in the library now.").click()
    expect(member.get_by_role("heading", level=1)).to_have_text(title)
    reader.goto("/resources/")
    reader.get_by_role("link", name=title).click()
    expect(reader.get_by_role("link", name="Read it at example.org")).to_have_attribute("href", address)
    expect(reader.locator(".prose em")).to_have_text("nicer")


def test_what_is_turned_down_is_changed_and_sent_again(hearth, visit, visit_as, scripts):
    title = f"What we ate, {'in' if scripts else 'and'} winter"
    member = visit_as(address_of("Heron"), scripts=scripts)
    member.goto("/resources/new/")
    member.get_by_role("link", name="What you have lived through, in your own words").click()
    member.get_by_label("Title").fill(title)
    member.get_by_label("What it is, and how it helped").fill("Soup, mostly, at the Green Door.")
    for check in ("I looked at it myself", "It tells nobody how to harm", "It sells nothing"):
        member.get_by_label(check).check()
    member.get_by_role("button", name="Send it to the librarians").click()
    expect(member.get_by_text("Thank you. It is with a librarian now")).to_be_visible()

    staff = visit(scripts=scripts)
    sign_in(staff, STAFF, code=hearth.recovery_code(STAFF))
    staff.goto(QUEUE)
    staff.get_by_role("link", name=title).click()
    staff.get_by_role("link", name="Turn it down").click()
    staff.locator("[name=reason]").fill("Please leave out the name of the café.")
    staff.get_by_role("button", name="Turn it down").click()
    expect(staff.get_by_text("Turned down.")).to_be_visible()

    member.goto("/inbox/")
    member.get_by_role("link", name=f"A volunteer could not take it · {title}").click()
    expect(member.locator("main")).to_contain_text("Please leave out the name of the café.")
    member.goto("/wrote/")
    line = member.locator(".rows > li", has_text=title)
    expect(line).to_contain_text("Please leave out the name of the café.")
    line.get_by_role("link", name="Change it and send it again").click()
    words = member.get_by_label("What it is, and how it helped")
    expect(words).to_have_value("Soup, mostly, at the Green Door.")
    words.fill("Soup, mostly.")
    member.get_by_role("button", name="Send it again").click()
    expect(member.locator(".rows > li", has_text=title)).to_contain_text("It is with a librarian now.")
