"""Somebody finds a thing by a phrase they half remember, and shows it to somebody who asked."""

import pytest
from playwright.sync_api import expect

from tests.journeys.people import address_of, bring

# One of the demo's own, whatever other journeys brought since.
TITLE = "Pacing, explained by somebody who is bad at it"


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Dunlin", "Turnstone")


def test_a_reader_finds_it_by_a_misspelt_phrase_and_brings_it_into_a_reply(hearth, visit_as, scripts):
    reader = visit_as(address_of("Dunlin"), scripts=scripts)
    reader.goto("/resources/")
    title, word = TITLE, "explained"
    misspelt = f"{word[:2]}{word[3]}{word[2]}{word[4:]}"
    search = reader.get_by_role("search")
    search.get_by_label("Look in the library").fill(misspelt)
    search.get_by_role("button", name="Search").click()
    expect(reader.get_by_role("link", name=title, exact=True)).to_be_visible()

    # What narrows it says so while it is shut; and nothing is an answer, too.
    reader.get_by_role("search").locator("summary", has_text="Kind").click()
    reader.get_by_role("radio", name="Tool").check()
    reader.get_by_role("search").get_by_label("Look in the library").fill("zqx")
    reader.get_by_role("search").get_by_role("button", name="Search").click()
    expect(reader.get_by_role("search").locator("summary", has_text="Kind")).to_contain_text("Tool")
    expect(reader.get_by_text("Nothing here fits that yet.")).to_be_visible()
    reader.get_by_role("link", name="Show everything again").click()
    expect(reader.locator(".card .row-title a").first).to_be_visible()

    # Somebody asks.
    asker = visit_as(address_of("Turnstone"), scripts=scripts)
    asker.goto("/forums/")
    asker.locator("main .rows a, main .tile a, main h2 a, main h3 a").first.click()
    asker.goto(f"{asker.url.split('?')[0]}new/")
    asker.get_by_role("radio", name="Advice welcome").check()
    asker.get_by_label("Title").fill(f"Does {'anybody' if scripts else 'somebody'} know something on {word}?")
    asker.get_by_label("What’s going on?").fill(f"I would like to read about {title}.")
    asker.get_by_role("button", name="Post").first.click()
    expect(asker.get_by_role("heading", level=1)).to_contain_text(word)

    reader.goto(asker.url)
    reader.get_by_label("Your reply").fill("This one helped me.")
    reader.get_by_role("button", name="Suggest from the library").click()
    expect(reader.get_by_label("Your reply")).to_have_value("This one helped me.")
    reader.get_by_role("checkbox", name=title).check()
    reader.get_by_role("button", name="Post reply").click()
    card = reader.locator(".thread .card")
    expect(card.get_by_role("link", name=title)).to_be_visible()
    card.get_by_role("link", name=title).click()
    expect(reader.get_by_role("heading", name="Where members showed it")).to_be_visible()
