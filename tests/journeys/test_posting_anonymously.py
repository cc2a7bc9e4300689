"""Somebody says something under a name made for one conversation, and finds it again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, bring, faults, sign_in

SEES = "Others here see a name made for this conversation only."


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Siskin", "Whimbrel")


@pytest.fixture
def open_as(visit, scripts):
    """`open_as("Siskin")`: a page of somebody whom this journey brought."""

    def opened(handle: str) -> Page:
        page = visit(scripts=scripts)
        sign_in(page, address_of(handle), PASSWORD)
        return page

    return opened


def post(page: Page, about: str):
    """The place in a conversation that holds these words."""
    return page.locator("article.post", has_text=about)


def test_someone_posts_anonymously_is_answered_and_finds_it_again(hearth, open_as, scripts):
    title = "What I tell nobody" if scripts else "What I told nobody"
    page = open_as("Siskin")

    # They see where it is possible, and what it means, before they write.
    page.goto("/forums/")
    expect(page.locator(".rows > li", has_text="Caring for someone")).to_contain_text("Anonymous posts are possible")
    page.get_by_role("link", name="Caring for someone").click()
    page.get_by_role("link", name="Start a conversation").click()
    expect(page.get_by_role("radio", name="As Siskin")).to_be_checked()
    page.get_by_role("radio", name="Just listening").check()
    page.get_by_label("Title").fill(title)
    page.get_by_label("What’s going on?").fill("Some days I sit on the stairs until it is quiet.")
    page.get_by_role("radio", name="Anonymously, under a name made for this conversation").check()
    expect(page.get_by_text(SEES)).to_be_visible()
    if scripts:
        assert faults(page) == []
    # A look at how it will be keeps the choice.
    if not scripts:
        page.get_by_role("button", name="See how it looks").click()
        expect(page.get_by_role("radio", name="Anonymously")).to_be_checked()
    page.get_by_role("button", name="Post it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(post(page, "on the stairs")).to_contain_text("posting anonymously")
    alias = post(page, "on the stairs").locator(".post-name bdi").inner_text()
    expect(page.get_by_text(f"You speak here as {alias}, anonymous.")).to_be_visible()
    where = page.url

    # Somebody else sees the alias and nothing more, is asked the same, and answers by name.
    other, before = open_as("Whimbrel"), len(hearth.mails(address_of("Siskin")))
    other.goto(where)
    expect(post(other, "on the stairs").locator(".post-name bdi")).to_have_text(alias)
    assert "dunnock" not in other.content().casefold()
    other.get_by_role("radio", name="As Whimbrel").check()
    other.get_by_label("Your reply").fill("The third stair is the best one. I am here.")
    other.get_by_role("button", name="Post reply").click()
    expect(post(other, "third stair").locator(".post-name")).to_contain_text("Whimbrel")

    # They are told, by a mail that says nothing.
    mail = hearth.next_mail(address_of("Siskin"), after=before)
    said = f"{mail['Subject']} {mail.get_content()}"
    assert not any(words in said for words in (title, alias, "stair", "Whimbrel", "nonymous"))

    # And they find it again: the answer, and their own words with the name they have there.
    page.goto("/")
    page.get_by_role("link", name=title).first.click()
    expect(post(page, "third stair")).to_be_visible()
    page.goto("/wrote/")
    answers = page.locator("section", has=page.get_by_role("heading", name="Answers to what you wrote anonymously"))
    expect(page.locator(".rows > li", has_text=f"as {alias}, anonymous")).to_contain_text("on the stairs")
    answers.get_by_role("link", name=f"There is an answer in “{title}”.").click()
    expect(post(page, "third stair")).to_be_in_viewport()

    # Whatever they say there stays in that voice, and can be changed and taken back.
    expect(page.get_by_role("radio", name=re.compile("Anonymously"))).to_have_count(0)
    page.get_by_label("Your reply").fill("The fuorth creaks.")
    page.get_by_role("button", name="Post reply").click()
    expect(post(page, "creaks").locator(".post-name")).to_contain_text(alias)
    post(page, "creaks").get_by_role("link", name=re.compile("^Edit")).click()
    page.get_by_label("Your reply").fill("The fourth creaks.")
    page.get_by_role("button", name="Save the change").click()
    expect(post(page, "The fourth creaks.")).to_contain_text("edited")
    other.reload()
    expect(post(other, "The fourth creaks.").locator(".post-name")).to_contain_text("posting anonymously")
    assert "dunnock" not in other.content().casefold()
