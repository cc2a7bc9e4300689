"""Whatever happens while somebody writes, their words are still there, and are posted once."""

import re

import pytest
from playwright.sync_api import Page, expect

from community.members.seed import DEMO_PASSWORD
from tests.journeys.people import PASSWORD, address_of, begun_often, bring, sign_in

BOX = "textarea[name=body]"


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Pipit")


@pytest.fixture(scope="module")
def conversations(hearth) -> list[str]:
    return begun_often(hearth, 40, "Wren", "What helps", "Tell me what helps on a bad evening.")


@pytest.fixture
def where(conversations) -> str:
    """A conversation of somebody else, in which nobody has answered yet."""
    return conversations.pop()


@pytest.fixture
def writer(visit_as):
    """`writer(where)`: somebody who is about to answer there."""

    def opened(where: str, *, scripts: bool = True) -> Page:
        page = visit_as(address_of("Pipit"), scripts=scripts)
        page.goto(where)
        return page

    return opened


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def replies(page: Page, where: str) -> int:
    """How many replies stand there now."""
    page.goto(where)
    return page.locator("article.post").count() - 1


def end_session(page: Page) -> None:
    """What happens to a page that was open too long."""
    page.context.clear_cookies(name="session")


# Drafts ---------------------------------------------------------------------------------------------------------------


def test_words_are_kept_while_somebody_types(where, writer):
    page = writer(where)
    page.locator(BOX).press_sequentially("A long bath, and ")
    saved = page.get_by_text(re.compile(r"^Saved at \d\d:\d\d\. Your words stay here, even if you leave\.$"))
    expect(saved).to_be_visible(timeout=10_000)
    page.goto("/")
    unfinished = page.get_by_role("region", name="Your unfinished words are safe")
    unfinished.get_by_role("link", name="What helps").first.click()
    expect(page.locator(BOX)).to_have_value(re.compile("^A long bath, and"))


def test_words_are_kept_when_somebody_goes_away_in_the_middle_of_a_word(where, writer):
    page = writer(where)
    page.locator(BOX).fill("Walking around the blo")
    page.goto("/forums/")
    page.goto(where)
    expect(page.locator(BOX)).to_have_value("Walking around the blo")


def test_words_are_kept_by_a_button_and_outlive_signing_out(hearth, where, visit, scripts):
    page = visit(scripts=scripts)
    sign_in(page, address_of("Pipit"), PASSWORD)
    page.goto(where)
    page.locator(BOX).fill("Soup.\n\nAny soup.")
    press(page, "Keep for later")
    expect(page.get_by_text("Kept. Your words stay here, even if you leave.")).to_be_visible()
    expect(page.locator(BOX)).to_have_value("Soup.\n\nAny soup.")
    page.goto("/settings/")
    press(page, "Sign out")
    sign_in(page, address_of("Pipit"), PASSWORD)
    page.goto(where)
    expect(page.locator(BOX)).to_have_value("Soup.\n\nAny soup.")
    expect(page.get_by_text("These are your words from before. Nothing is posted yet.")).to_be_visible()
    # Once posted, they are no draft any more.
    press(page, "Post reply")
    page.goto(where)
    expect(page.locator(BOX)).to_have_value("")


def test_a_new_conversation_is_kept_with_all_that_was_chosen(writer, scripts):
    page = writer("/forums/long-illness/new/", scripts=scripts)
    page.get_by_role("radio", name="Your stories").check()
    page.get_by_label("Title").fill("Waiting rooms")
    page.locator(BOX).fill("The magazines are from another age.")
    press(page, "Keep for later")
    page.goto("/forums/long-illness/new/")
    expect(page.get_by_role("radio", name="Your stories")).to_be_checked()
    expect(page.get_by_label("Title")).to_have_value("Waiting rooms")
    expect(page.locator(BOX)).to_have_value("The magazines are from another age.")
    press(page, "Post it")
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting rooms")


# An ended session -----------------------------------------------------------------------------------------------------


def test_words_outlive_an_ended_session_and_are_posted_after_signing_in(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("Nothing *much*, “really”.\n\nBut <b>a walk</b> & tea.")
    end_session(page)
    press(page, "Post reply")
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out. Your words are here.")
    expect(page.get_by_label("What you wrote")).to_have_value("Nothing *much*, “really”.\n\nBut <b>a walk</b> & tea.")
    press(page, "Sign in and post it")
    page.locator("input[name=login]").fill(address_of("Pipit"))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button.button-main").click()
    if not scripts:
        press(page, "Post it now")
    expect(page.get_by_role("heading", level=1)).to_have_text("What helps")
    expect(page.locator("article.post").last).to_contain_text("Nothing much, “really”.")
    assert replies(page, where) == 1


def test_words_of_an_ended_session_are_shown_to_another_member_but_not_posted(hearth, where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("These are Pipit’s words.")
    end_session(page)
    press(page, "Post reply")
    press(page, "Sign in and post it")
    page.locator("input[name=login]").fill("member@example.org")
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form:has(input[name=password]) button.button-main").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Here are your words")
    expect(page.get_by_label("What you wrote")).to_have_value("These are Pipit’s words.")
    expect(page.get_by_role("button", name="Post it now")).to_have_count(0)
    assert replies(page, where) == 0


def test_words_outlive_a_browser_that_forgot_everything(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("All cookies are gone, the words are not.")
    page.context.clear_cookies()
    press(page, "Post reply")
    expect(page.get_by_label("What you wrote")).to_have_value("All cookies are gone, the words are not.")


# Exactly once ---------------------------------------------------------------------------------------------------------


def test_a_double_click_posts_once(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("Once is enough.")
    page.get_by_role("button", name="Post reply").dblclick()
    expect(page.locator("article.post").last).to_contain_text("Once is enough.")
    assert replies(page, where) == 1


def test_going_back_and_sending_again_posts_once(where, writer, scripts):
    page = writer(where + "reply/", scripts=scripts)
    page.locator(BOX).fill("Going back changes nothing.")
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("Going back changes nothing.")
    page.go_back()
    press(page, "Post reply")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert replies(page, where) == 1


def test_reloading_what_came_after_posting_posts_once(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("Reloading changes nothing.")
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("Reloading changes nothing.")
    page.reload()
    assert replies(page, where) == 1


# Refused, and looked at -----------------------------------------------------------------------------------------------


def test_a_text_that_is_too_long_is_given_back_with_its_length(where, writer, scripts):
    text = "so long " * 2925
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill(text)
    press(page, "Post reply")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("This is 23,399 characters; there is room for 20,000. Nothing is lost.")
    if scripts:
        expect(summary).to_be_focused()
    assert page.locator(BOX).input_value().strip() == text.strip()
    assert replies(page, where) == 0


def test_somebody_sees_how_it_will_look_as_they_type(where, writer):
    page = writer(where)
    seen = page.get_by_role("region", name="How it will look")
    expect(seen).to_be_hidden()
    page.locator(BOX).press_sequentially("A *warm* ~~bed~~ chair <script>alert(1)</script>")
    expect(seen.locator("em")).to_have_text("warm")
    expect(seen).to_contain_text("<script>alert(1)</script>")
    page.locator(BOX).fill("")
    expect(seen).to_be_hidden()


def test_somebody_sees_how_it_will_look_by_a_button(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("A *warm* chair")
    press(page, "See how it looks")
    expect(page.get_by_role("region", name="How it will look").locator("em")).to_have_text("warm")
    expect(page.locator(BOX)).to_have_value("A *warm* chair")
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("A warm chair")
    assert replies(page, where) == 1
