"""A moderator with ten minutes and a telephone works through what waits: by keyboard alone, and by touch."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, bring, faults, sign_in

PHONE = {"width": 390, "height": 844}
REASON = "It tells where somebody lives."
AN_ITEM = re.compile(r"/admin/desk/[a-z]+-\d+/$")
WAITING = r"""
import json, sys
from community.contributions.models import Note
from community.moderation.models import DeskSettings, Report
from community.members.models import User
from forums.models import Board, Mode
from resources.models import Resource
how_many, word = json.loads({told!r})
people = list(User.objects.exclude(username__in=["Dabchick", "Smew"]).order_by("pk")[:8])
board = Board.objects.get(slug="caring-for-someone")
DeskSettings.objects.update_or_create(pk=1, defaults={{"severe_a_day": 90, "debrief": "Call the quiet line."}})
topic = board.start(people[0], title="Before the desk " + word, body="It was long.", mode=Mode.LISTENING)
reasons = ("worried", "rule", "harmful", "other", "note")
for number in range(how_many - how_many // 5):
    note = dict(note_words="A fall") if number % 6 == 5 else {{}}
    reply = topic.reply(people[1 + number % 3], f"Said here, {{word}} number {{number}}.", **note)
    Report.put(reply, by=people[5], reason=reasons[number % 5], words="Please look.")
for number in range(how_many // 5):
    Resource.bring(people[2], kind="lived", title=f"Brought, {{word}} {{number}}", body="Some words.", tags=[])
"""


def let_wait(hearth, how_many: int, word: str) -> None:
    hearth.manage("shell", "--no-imports", "--command", WAITING.format(told=json.dumps([how_many, word])))


LEFT = """
import sys
from community.decisions.models import Decision
from community.members.models import User
from community.moderation.queue import Queue
waiting = Queue(User.objects.get(username="{handle}")).everything
sys.stdout.write(" ".join([str(Decision.objects.count()), *(item.key for item in waiting)]))
"""
# What is done about each kind of thing.
DOES = {"report": "close", "resource": "publish", "topic": "show", "reply": "show", "appeal": "uphold", "mentor": "refuse"}


def left(hearth, handle: str) -> tuple[set[str], int]:
    """What waits for somebody, and how many decisions there are."""
    decided, *waiting = hearth.manage("shell", "--no-imports", "--command", LEFT.format(handle=handle)).split()
    return set(waiting), int(decided)


@pytest.fixture
def at_the_desk(hearth, visit):
    """`at_the_desk("Smew", …)`: the front page behind the scenes, as an owner who is a moderator, too, sees it."""

    def opened(handle: str, **options) -> Page:
        bring(hearth, handle, role="owner")
        page = visit(viewport=PHONE, **options)
        sign_in(page, address_of(handle), PASSWORD, code=hearth.recovery_code(address_of(handle)))
        page.goto("/admin/")
        return page

    return opened


def fits(page: Page) -> bool:
    """Does nothing stick out at the side, and is everything that is pressed large enough for a thumb?"""
    small = """() => [...document.querySelectorAll(".desk a.button, .desk button, .desk summary, .desk-list > li")]
        .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 43.5).length"""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth") and page.evaluate(small) == 0


def go_to(page: Page, selector: str) -> None:
    """By the tabulator, as somebody without a mouse does."""
    for _stop in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"no tab stop at {selector}")


def wanted(page: Page, *, hides: bool) -> str:
    """The end of the address of what is to be done here; hidden is only what this journey brought."""
    page.wait_for_load_state()
    kind = re.search(r"/desk/([a-z]+)-\d+/$", page.url)[1]
    return f"do/{'hide' if hides and kind == 'report' and 'Said here' in page.content() else DOES[kind]}/"


def test_thirty_mixed_things_by_keyboard_and_by_touch(hearth, at_the_desk):
    let_wait(hearth, 30, "otter")
    page = at_the_desk("Smew", has_touch=True)
    before = left(hearth, "Smew")
    assert len(before[0]) >= 30
    done = set()
    expect(page.get_by_role("heading", name="What waits")).to_be_visible()
    assert faults(page) == []
    assert fits(page)
    assert "Said here" not in page.content()

    # Fifteen by keyboard, without leaving the queue.
    go_to(page, ".desk-main")
    page.keyboard.press("Enter")
    for number in range(15):
        expect(page).to_have_url(AN_ITEM)
        here = page.url
        done.add(here.rstrip("/").rpartition("/")[2])
        looks = number == 0
        if looks:
            assert faults(page) == []
            assert fits(page)
        does = wanted(page, hides=number % 3 == 0)
        go_to(page, f"a[href$='{does}']")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{here}{does}")
        page.wait_for_load_state()
        if page.locator("textarea[name=reason]").count():
            page.locator("textarea[name=reason]").focus()
            page.keyboard.type(REASON)
            if looks:
                assert faults(page) == []
                assert fits(page)
            page.keyboard.press("Control+Enter")
        else:
            go_to(page, ".desk-main")
            page.keyboard.press("Enter")
        expect(page).not_to_have_url(re.compile(re.escape(here)))

    # Fifteen by touch.
    for number in range(15):
        expect(page).to_have_url(AN_ITEM)
        here = page.url
        done.add(here.rstrip("/").rpartition("/")[2])
        assert fits(page)
        page.locator(f"a[href$='{wanted(page, hides=number % 4 == 0)}']").tap()
        expect(page).to_have_url(re.compile("/do/[a-z]+/$"))
        page.wait_for_load_state()
        if page.locator("textarea[name=reason]").count():
            page.locator("textarea[name=reason]").fill(REASON)
        page.locator(".desk-main").tap()
        expect(page).not_to_have_url(re.compile(re.escape(here)))
    after = left(hearth, "Smew")
    # Others may have come up from behind: of each kind, the first fifty wait in sight.
    assert len(done) == 30
    assert not done & after[0]
    assert after[1] > before[1]


def test_what_is_heavy_is_folded_and_one_steps_away_without_script(hearth, at_the_desk):
    let_wait(hearth, 5, "heron")
    page = at_the_desk("Dabchick", scripts=False)
    page.get_by_role("button", name="Take the next one").click()
    words = page.get_by_text(re.compile("Said here, heron|Said here, otter|Please look")).first
    expect(words).to_be_hidden()
    page.get_by_text("Read it").first.click()
    page.get_by_role("link", name="What waits").click()
    page.get_by_role("link", name="Tell the next shift").click()
    page.locator("textarea[name=words]").fill("The heron topic may need somebody tonight.")
    page.get_by_role("button", name="Leave it for the next shift").click()
    expect(page.get_by_text("The heron topic may need somebody tonight.")).to_be_visible()
    page.get_by_role("link", name="What you take, and stepping away").click()
    page.locator("select[name=hours]").select_option("4")
    page.get_by_role("button", name="Step away").click()
    expect(page.get_by_text("You stepped away until").first).to_be_visible()
    expect(page.get_by_role("button", name="Take the next one")).to_have_count(0)
    page.get_by_role("button", name="I am back").click()
    expect(page.get_by_role("button", name="Take the next one")).to_be_visible()
