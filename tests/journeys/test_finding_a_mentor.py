"""A newcomer finds a mentor and they begin: asked in their own words, for reasons that can be taken away, with a yes of both."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import address_of, bring, faults

# Mentors who read a language of their own, so that nobody else's come up; one of them tells of what the newcomer would not hear.
FILL = r"""
import json
import re
from community.tags import applying
from mentorship.models import Help, Mentor
from mentorship.renewing import renew_mentor
for handle, language, story, lived, helps in json.loads(TOLD):
    mentor = Mentor.objects.get(user__username=handle)
    mentor.languages, mentor.story, mentor.limits = ["en", language], story, "I do not telephone."
    mentor.save()
    mentor.helps.set(Help.objects.filter(name__in=helps))
    applying.apply(mentor, lived, accept=True)
    renew_mentor(mentor)
"""
PEOPLE = {True: ("Redshank", "Gannet", "Fulmar", "Petrel"), False: ("Whinchat", "Puffin", "Eider", "Skua")}
LANGUAGES = {True: ("lv", "latviešu"), False: ("et", "eesti")}
STORY = "For a year I slept three hours a night. It is better now, and I remember."
NEED, HOPES = "I lie awake, and then I dread the next night.", "Somebody who knows it, on Sundays."
HELLO, ANSWER = "I read what you wrote about the three hours.", "Then you know the ceiling, too."
GOAL = "To go to bed without dread."


@pytest.fixture
def people(hearth, scripts) -> tuple[str, str, str]:
    """A newcomer, a mentor who fits, and another who fits less well; a third one tells of a move."""
    newcomer, mentor, other, mover = PEOPLE[scripts]
    bring(hearth, newcomer, role="newcomer")
    bring(hearth, mentor, other, mover, role="mentor")
    language = LANGUAGES[scripts][0]
    told = [
        (mentor, language, STORY, ["sleep", "waiting"], ["Listening", "Rhythm of the day"]),
        (other, language, "I have waited for letters, too.", ["waiting"], ["Listening"]),
        (mover, language, "I moved away, twice.", ["sleep", "waiting", "moving house"], ["Listening", "Rhythm of the day"]),
    ]
    hearth.manage("shell", "--no-imports", "--command", f"TOLD = {json.dumps(json.dumps(told))}\n{FILL}")
    return newcomer, mentor, other


def looked_at(page: Page, scripts: bool) -> None:
    if scripts:
        assert faults(page) == []


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def ask_for_a_mentor(page: Page, scripts: bool) -> None:
    """Say what it is about, and how much each thing matters; two things are wrong at first."""
    page.goto("/")
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Mentors").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Somebody who has been there")
    page.get_by_role("link", name="Ask for a mentor").click()
    looked_at(page, scripts)
    page.get_by_label("What do you hope for?").fill(HOPES)
    press(page, "See who could fit")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("What is it about?")
    expect(summary).to_contain_text("Choose when you are usually free.")
    looked_at(page, scripts)
    expect(page.get_by_label("What do you hope for?")).to_have_value(HOPES)
    page.get_by_label("What is it about?").fill(NEED)
    page.get_by_label("What are you going through?").fill("sleep, waiting")
    page.get_by_role("checkbox", name="Listening").check()
    page.get_by_role("checkbox", name="Rhythm of the day").check()
    page.locator("summary", has_text="Languages you read and write").click()
    page.get_by_role("checkbox", name=LANGUAGES[scripts][1]).check()
    page.get_by_role("checkbox", name="English").uncheck()
    page.get_by_label("Your time zone").select_option("Europe/London")
    page.get_by_role("checkbox", name="Sunday, Evening").check()
    page.locator("summary", has_text="Say more about who would fit").click()
    page.get_by_label("That they offer the help you look for").select_option("It has to be so")
    page.get_by_label("That they have been through the same").select_option("It matters a lot")
    page.get_by_label("That you are free at the same time").select_option("It would be good")
    page.get_by_label("Whom you would rather have, if you chose above").select_option("It matters little")
    page.get_by_label("What should not be in their story?").fill("moving house")
    press(page, "See who could fit")


def test_a_newcomer_finds_a_mentor_and_they_begin(hearth, people, visit_as, scripts):
    newcomer, mentor, other = people
    page = visit_as(address_of(newcomer), scripts=scripts)
    ask_for_a_mentor(page, scripts)

    # A few, each with every reason; whoever tells of what should not be in the story is not among them.
    expect(page.get_by_role("heading", level=1)).to_have_text("Two people who have been there")
    expect(page.get_by_role("heading", level=2, name=mentor)).to_be_visible()
    shown = page.locator("article", has=page.get_by_role("heading", level=2, name=mentor))
    expect(shown).to_contain_text(STORY)
    for reason in (
        f"You look for “Listening”; {mentor} offers it.",
        f"You look for “Rhythm of the day”; {mentor} offers it.",
        "You both know this from the inside: sleep.",
        "You both know this from the inside: waiting.",
        "You are both free for",
    ):
        expect(shown).to_contain_text(reason)
    less = page.locator("article", has=page.get_by_role("heading", level=2, name=other))
    less.locator("summary").click()
    expect(less).to_contain_text(f"{other} does not tell of “sleep”.")
    looked_at(page, scripts)

    # Nobody's business: one of the reasons goes, is not told or counted any more, and can come back.
    shown.get_by_role("button", name="You both know this from the inside: waiting.").click()
    expect(page.locator(".notices")).to_contain_text("Left out. This is who comes up without it.")
    expect(page.locator("article").first).not_to_contain_text("from the inside: waiting")
    expect(page.get_by_role("button", name=re.compile("Count it again ?: waiting"))).to_be_visible()
    shown = page.locator("article", has=page.get_by_role("heading", level=2, name=mentor))
    expect(shown).to_contain_text("You both know this from the inside: sleep.")

    # Asked, with a first line.
    shown.get_by_role("link", name=f"Ask {mentor}").click()
    page.get_by_label("A first line, if you like").fill("Your words were mine.")
    looked_at(page, scripts)
    press(page, f"Ask {mentor}")
    expect(page.locator(".notices")).to_contain_text("You asked. They have some days, and you hear either way.")
    expect(page.locator("main")).to_contain_text("They are thinking about it")

    # The mentor learns of it, reads what was shared and not what was struck, and says yes.
    theirs = visit_as(address_of(mentor), scripts=scripts)
    theirs.goto("/inbox/")
    theirs.get_by_role("link", name="There is a question for you").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text(f"Would you like to begin with {newcomer}?")
    for words in (NEED, HOPES, "Your words were mine.", "You both know this from the inside: sleep."):
        expect(theirs.locator("main")).to_contain_text(words)
    for words in ("inside: waiting", "moving house", address_of(newcomer)):
        expect(theirs.locator("main")).not_to_contain_text(words)
    looked_at(theirs, scripts)
    press(theirs, "Yes, let’s begin")
    expect(theirs.get_by_role("heading", level=1)).to_have_text(f"You and {newcomer}")

    # The newcomer learns of it, and says how they might go about it; the mentor agrees.
    page.goto("/inbox/")
    page.get_by_role("link", name="You both said yes. Your room is open.").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"You and {mentor}")
    expect(page.locator("main")).to_contain_text("Who can read this: only the two of you.")
    room = page.url
    looked_at(page, scripts)
    page.get_by_role("link", name="Write down how you want to go about it").click()
    page.get_by_label("How often?").fill("A few lines every Sunday.")
    press(page, "Save for you both")
    expect(page.locator("main")).to_contain_text(f"{mentor} is asked whether it suits them, too")
    theirs.goto("/inbox/")
    theirs.get_by_role("link", name="Does it suit you?").click()
    expect(theirs.get_by_role("heading", name=f"{newcomer} wrote down how you could go about it")).to_be_visible()
    expect(theirs.locator("main")).to_contain_text("A few lines every Sunday.")
    press(theirs, "I agree")
    expect(theirs.locator("main")).to_contain_text("You both agreed to this")

    # First words, both ways, and something to get to.
    page.goto(room)
    expect(page.locator("main")).to_contain_text("You both agreed to this")
    page.get_by_label("Your message").fill(HELLO)
    press(page, "Send")
    expect(page.locator(".thread")).to_contain_text(HELLO)
    theirs.goto("/inbox/")
    theirs.get_by_role("link", name="There is something new for you in your room of two.").click()
    expect(theirs.locator(".thread")).to_contain_text(HELLO)
    theirs.get_by_label("Your message").fill(ANSWER)
    press(theirs, "Send")
    expect(theirs.locator(".thread")).to_contain_text(ANSWER)
    theirs.get_by_role("link", name="Write down a goal, or up to three").click()
    theirs.get_by_label("Something you want to get to").fill(GOAL)
    press(theirs, "Save")
    expect(theirs.get_by_role("heading", level=2, name=GOAL)).to_be_visible()
    looked_at(theirs, scripts)

    # The newcomer finds it all from the navigation, and nobody else finds the room.
    page.goto("/")
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Mentors").click()
    expect(page.locator("main")).to_contain_text(f"{mentor} is your mentor.")
    page.get_by_role("link", name="To your room").first.click()
    for words in (HELLO, ANSWER, GOAL):
        expect(page.locator("main")).to_contain_text(words)
    looked_at(page, scripts)
    stranger = visit_as(address_of(other), scripts=scripts)
    assert stranger.goto(room).status == 404
