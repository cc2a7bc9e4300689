"""Before contact details go out, the writer is asked once whether they mean it; then the words are posted as written."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, begun_often, bring, faults

BOX = "textarea[name=body]"
WORDS = "Thank you for this.\n\nYou can ring me, 07700 900123, or write to finch@example.org."
SENTENCE = "It looks as if there is a phone number and an e-mail address in this."


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Finch")


@pytest.fixture(scope="module")
def conversations(hearth) -> list[str]:
    return begun_often(hearth, 12, "Wren", "What helps", "Tell me what helps on a bad evening.")


@pytest.fixture
def where(conversations) -> str:
    return conversations.pop()


@pytest.fixture
def writer(visit_as):
    """`writer(where)`: somebody who is about to write there."""

    def opened(where: str, *, scripts: bool = True, **options) -> Page:
        page = visit_as(address_of("Finch"), scripts=scripts, **options)
        page.goto(where)
        return page

    return opened


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def the_question(page: Page):
    return page.get_by_role("region", name="Nothing has gone out yet. May we ask one thing?")


def posts(page: Page, where: str) -> list[str]:
    """The words of the replies that stand there now."""
    page.goto(where)
    return page.locator("article.post .prose").all_inner_texts()[1:]


def test_somebody_is_asked_once_and_their_words_go_out_as_written(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill(WORDS)
    press(page, "Post reply")
    expect(the_question(page)).to_contain_text(SENTENCE)
    expect(the_question(page)).to_contain_text("Press “Post reply” again, and it goes out exactly as it stands then")
    expect(the_question(page)).to_be_in_viewport()
    expect(the_question(page)).to_be_focused()
    expect(page.locator(BOX)).to_have_value(WORDS)
    expect(page.locator("[data-error-summary]")).to_have_count(0)
    if scripts:
        assert faults(page) == []
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("07700 900123")
    assert len(posts(page, where)) == 1


def test_somebody_leaves_it_out_after_all(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill(WORDS)
    press(page, "Post reply")
    page.locator(BOX).fill("Thank you for this.")
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("Thank you for this.")
    assert posts(page, where) == ["Thank you for this."]


def test_nobody_is_asked_about_a_help_line_a_date_or_a_member(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill("Thank you @Wren. On 24.11.2026 at 18:30 I called 116 123.")
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("I called 116 123.")


def test_the_question_outlives_a_look_at_the_words_and_keeping_them(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill(WORDS)
    press(page, "See how it looks")
    expect(page.get_by_role("region", name="How it will look")).to_contain_text("07700 900123")
    expect(the_question(page)).to_have_count(0)
    press(page, "Post reply")
    expect(the_question(page)).to_be_visible()
    press(page, "See how it looks")
    expect(the_question(page)).to_be_visible()
    press(page, "Keep for later")
    expect(page.get_by_text("Kept. Your words stay here, even if you leave.")).to_be_visible()
    page.goto(where)
    expect(page.locator(BOX)).to_have_value(WORDS)
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("07700 900123")
    assert len(posts(page, where)) == 1


def test_the_question_is_asked_after_an_ended_session(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill(WORDS)
    page.context.clear_cookies(name="session")
    press(page, "Post reply")
    press(page, "Sign in and post it")
    page.locator("input[name=login]").fill(address_of("Finch"))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button.button-main").click()
    if not scripts:
        press(page, "Post it now")
    expect(the_question(page)).to_contain_text(SENTENCE)
    assert page.locator(BOX).input_value().replace("\r", "") == WORDS
    press(page, "Post reply")
    expect(page.locator("article.post").last).to_contain_text("07700 900123")
    assert len(posts(page, where)) == 1


def test_a_session_that_ends_after_the_question_needs_no_second_one(where, writer, scripts):
    page = writer(where, scripts=scripts)
    page.locator(BOX).fill(WORDS)
    press(page, "Post reply")
    expect(the_question(page)).to_be_visible()
    page.context.clear_cookies(name="session")
    press(page, "Post reply")
    press(page, "Sign in and post it")
    page.locator("input[name=login]").fill(address_of("Finch"))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button.button-main").click()
    if not scripts:
        press(page, "Post it now")
    expect(page.locator("article.post").last).to_contain_text("07700 900123")
    assert len(posts(page, where)) == 1


def test_a_new_conversation_is_asked_about_with_all_that_was_chosen(writer, scripts):
    page = writer("/forums/long-illness/new/", scripts=scripts)
    page.get_by_role("radio", name="Your stories").check()
    page.get_by_label("Title").fill("Waiting rooms")
    page.locator(BOX).fill("My insta is finch_in_a_tree.")
    press(page, "Post it")
    expect(the_question(page)).to_contain_text("a way to reach somebody on another service")
    expect(page.get_by_role("radio", name="Your stories")).to_be_checked()
    expect(page.get_by_label("Title")).to_have_value("Waiting rooms")
    press(page, "Post it")
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting rooms")


def test_what_one_says_of_oneself_is_asked_about(writer, scripts):
    page = writer("/settings/", scripts=scripts)
    page.locator("textarea[name=about]").fill("I like moss. 12 Rowan Street, ring twice.")
    press(page, "Save")
    expect(the_question(page)).to_contain_text("It looks as if there is a postal address in this.")
    press(page, "Save")
    expect(page.get_by_text("Saved. This is how others see you.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("12 Rowan Street")
