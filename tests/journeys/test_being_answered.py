"""Somebody says something, and somebody else answers."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, begun, bring, sign_in

STAFF = "moderator@example.org"


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Tansy", "Sedge")


@pytest.fixture
def open_as(visit_as):
    """`open_as("Tansy", address)`: that page, as seen by somebody whom these journeys brought."""

    def opened(handle: str, address: str, *, scripts: bool = True) -> Page:
        page = visit_as(address_of(handle), scripts=scripts)
        page.goto(address)
        return page

    return opened


def read_letter(page: Page, to: str) -> Page:
    """The newest letter to somebody, in the letterbox of the demo, as soon as it is there; opened from the banner."""
    box = page.context.new_page()
    box.goto("/")
    box.get_by_role("link", name="See the mail it would have sent").click()
    letter = box.locator("li", has_text=f"To {to}").first
    for _try in range(40):
        if letter.count():
            break
        box.wait_for_timeout(250)
        box.get_by_role("link", name="Look again").click()
    expect(letter).to_be_visible()
    return letter


def post(page: Page, about: str) -> object:
    """The place in a conversation that holds these words."""
    return page.locator("article.post", has_text=about)


def answer(page: Page, words: str) -> None:
    page.get_by_label("Your reply").fill(words)
    page.get_by_role("button", name="Post reply").click()
    expect(post(page, words)).to_be_visible()


def test_a_stranger_joins_writes_is_answered_is_told_and_reads_the_answer(visit, scripts):
    handle, title = ("bittern", "Nights are the long part") if scripts else ("godwit", "Mornings are the long part")
    address = f"{handle}@example.net"
    # A stranger joins, with the code from the demo's letterbox.
    page = visit(scripts=scripts)
    page.goto("/")
    page.get_by_role("link", name="Join under a made-up name").click()
    page.get_by_label("A made-up name").fill(handle)
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("A password").fill(PASSWORD)
    page.locator("input[name=age][value=over]").check()
    page.locator("input[name=rules]").check()
    page.locator("input[name=sensitive]").check()
    page.locator("form:has(input[name=username]) button.button-main").click()
    letter = read_letter(page, address)
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", letter.inner_text())[0]
    page.locator("input[name=code]").fill(code)
    page.locator("form:has(input[name=code]) button.button-main").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(handle)

    # They begin a conversation.
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Talk").click()
    page.get_by_role("link", name="Caring for someone").click()
    page.get_by_role("link", name="Start a conversation").click()
    page.get_by_role("radio", name="Just listening").check()
    page.get_by_label("Title").fill(title)
    page.get_by_label("What’s going on?").fill("The house is so quiet that I can *hear the fridge think*.")
    page.get_by_role("button", name="Post it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".prose em")).to_have_text("hear the fridge think")
    where = page.url

    # Another member finds them among those who wait, and answers.
    wren = visit(scripts=scripts)
    sign_in(wren, "member@example.org")
    wren.goto(where)
    answer(wren, "Mine hums in the key of G. I am here, too.")

    # They are told: by a mail that says nothing to whoever looks over their shoulder, and in the inbox.
    letter = read_letter(page, address)
    expect(letter).to_contain_text("inbox")
    said = letter.inner_text()
    assert not any(words in said for words in (title, "fridge", "hums", "Wren", "Caring", code))
    page.goto("/")
    page.get_by_role("link", name="Inbox", exact=True).click()
    news = page.get_by_role("link", name=f"There is an answer in “{title}”.")
    expect(page.locator(".unread")).to_have_count(1)
    news.click()

    # They read it; nothing is waiting any more.
    expect(post(page, "hums in the key of G")).to_be_in_viewport()
    expect(post(page, "hums in the key of G").get_by_role("heading")).to_have_text("Wren")
    page.goto("/inbox/")
    expect(page.locator(".rows > li")).to_have_count(1)
    expect(page.locator(".unread")).to_have_count(0)


def test_somebody_quotes_what_they_selected(hearth, open_as):
    where = begun(hearth, "Tansy", "Small things", "The kettle was warm. The cat came back. I slept.")
    page = open_as("Sedge", where)
    words = page.locator("article .prose p").first
    words.evaluate(
        """p => {
            const text = p.firstChild, from = text.data.indexOf("The cat"), range = document.createRange();
            range.setStart(text, from);
            range.setEnd(text, from + "The cat came back.".length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.get_by_role("link", name=re.compile("^Quote")).click()
    expect(page.locator("main blockquote p")).to_have_text("The cat came back.")
    answer(page, "That is the best news on this page.")
    quote = post(page, "best news").locator("blockquote")
    expect(quote).to_contain_text("The cat came back.")
    expect(quote).to_contain_text("Tansy")
    expect(quote).not_to_contain_text("kettle")


def test_somebody_quotes_without_script_and_the_quoted_are_told(hearth, open_as):
    where = begun(hearth, "Wren", "Smaller things", "Anyone else?", ("Tansy", "I counted *eleven* swifts."))
    page = open_as("Sedge", where, scripts=False)
    page.get_by_role("link", name="Quote reply 1").click()
    expect(page.locator("main blockquote p")).to_have_text("I counted eleven swifts.")
    answer(page, "Twelve here, if one counts the loud one.")
    expect(post(page, "the loud one").locator("blockquote")).to_contain_text("I counted eleven swifts.")
    quoted = open_as("Tansy", "/inbox/", scripts=False)
    expect(quoted.get_by_role("link", name="Your words were taken up in “Smaller things”.")).to_be_visible()


def test_somebody_is_called_by_name(hearth, open_as, scripts):
    title = f"Calling, {'with' if scripts else 'without'} script"
    where = begun(hearth, "Wren", title, "Who knows about greenhouses?")
    page = open_as("Sedge", where, scripts=scripts)
    page.get_by_label("Your reply").fill("Ask @Tansy, and not @nobodyofthisname.")
    page.get_by_role("button", name="Post reply").click()
    expect(post(page, "Ask").get_by_role("link", name="@Tansy")).to_have_attribute("href", "/members/Tansy/")
    expect(post(page, "Ask").get_by_role("link", name="@nobody")).to_have_count(0)
    called = open_as("Tansy", "/inbox/", scripts=scripts)
    called.get_by_role("link", name=f"Sedge mentioned you in “{title}”.").click()
    expect(post(called, "Ask @Tansy")).to_be_in_viewport()


def test_somebody_changes_takes_back_and_closes_what_they_began(hearth, open_as, scripts):
    where = begun(hearth, "Tansy", "Second thoughts", "My first words.", ("Tansy", "I sohuld sleep."), ("Sedge", "Do."))
    page = open_as("Tansy", where, scripts=scripts)
    # Change a reply.
    page.get_by_role("link", name="Edit reply 1").click()
    page.get_by_label("Your reply").fill("I should sleep.")
    page.get_by_role("button", name="Save the change").click()
    expect(post(page, "I should sleep.").locator(".meta")).to_contain_text("edited")
    # Take it back, after being asked once.
    page.get_by_role("link", name="Take back reply 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Take this back?")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The person who wrote this took it back. Its place is kept.")).to_be_visible()
    expect(post(page, "I should sleep.")).to_have_count(0)
    # Close the conversation, and open it again.
    page.get_by_role("button", name="Close this conversation").click()
    expect(page.get_by_text("Closed to replies")).to_be_visible()
    reader = open_as("Sedge", where, scripts=scripts)
    expect(reader.get_by_text("Tansy has closed this conversation.")).to_be_visible()
    expect(reader.get_by_label("Your reply")).to_have_count(0)
    page.get_by_role("button", name="Open this conversation again").click()
    reader.reload()
    answer(reader, "Good morning, then.")


def test_a_moderator_hides_a_reply_and_its_author_reads_why(hearth, visit, open_as, scripts):
    word = "marmalade" if scripts else "quincejelly"
    reason = f"The clinic’s name stands in it; please write it again without ({word})."
    where = begun(hearth, "Sedge", "Where to go", "Who helped you?", ("Tansy", f"Ask for {word} at the clinic."))
    staff = visit(scripts=scripts)
    sign_in(staff, STAFF, code=hearth.recovery_code(STAFF))
    staff.goto("/admin/forums/reply/")
    staff.locator("#searchbar").fill(word)
    staff.locator("#searchbar").press("Enter")
    staff.locator("#result_list tbody th a").first.click()
    staff.get_by_role("link", name="Hide", exact=True).click()
    staff.get_by_role("button", name="Hide", exact=True).click()
    expect(staff.get_by_text("Write a reason first, in a sentence.")).to_be_visible()
    staff.locator("[name=reason]").fill(reason)
    staff.get_by_role("button", name="Hide", exact=True).click()
    expect(staff.get_by_text("whoever wrote it was told why")).to_be_visible()
    # Others see a gap that says nothing.
    reader = open_as("Sedge", where, scripts=scripts)
    expect(reader.get_by_text("One reply is not shown to you.")).to_be_visible()
    expect(reader.get_by_text(word)).to_have_count(0)
    # The author reads why, and still has the words.
    author = open_as("Tansy", "/inbox/", scripts=scripts)
    news = author.locator(".rows > li", has_text=word)
    expect(news).to_contain_text(reason)
    news.get_by_role("link").click()
    expect(author.get_by_role("heading", level=1)).to_have_text("A volunteer hid it")
    author.goto("/wrote/")
    hidden = author.locator(".rows > li", has_text=f"Ask for {word}")
    expect(hidden).to_contain_text("Hidden by a volunteer.")
