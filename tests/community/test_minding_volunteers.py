"""How the queue minds those who read it: what is heavy, what they leave to others, how much they take, and the next shift."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from community.members.models import Role
from community.moderation.models import Claim, Duty, HandOver
from tests import make
from tests.community.test_queue import REASON, SEVERE, keys, report, settings_of, text_of, theme

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in, moderator) -> Client:
    return sign_in(moderator)


def test_what_is_heavy_comes_folded(desk):
    made = report(make.reply(body=SEVERE), reason="worried", words="I am afraid for her.")
    page = text_of(desk.get(f"/admin/desk/report-{made.pk}/"))
    before, _fold, after = page.partition("<details>")
    assert SEVERE in after
    assert SEVERE not in before
    assert "afraid for her" not in before
    folded = re.findall(r"<details>.*?</details>", page, re.DOTALL)
    assert sum(SEVERE in fold for fold in folded) == page.count(SEVERE)


def test_a_theme_one_does_not_take_is_left_to_others_and_stays_within_reach(desk, moderator):
    make.user("rowan", role="moderator")
    made, light = report(make.reply(notes=[theme()])), report()
    desk.post("/admin/desk/duty/", {"themes": [theme().pk], "severe_a_day": ""})
    page = text_of(desk.get("/admin/"))
    assert keys(page.partition("<details")[0]) == [f"report-{light.pk}"]
    assert "1 thing is about something that you leave to others" in page
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{light.pk}/"
    desk.post(f"/admin/desk/report-{light.pk}/do/close/", {"reason": REASON})
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    assert desk.get(f"/admin/desk/report-{made.pk}/").status_code == 200


def test_with_nobody_else_here_it_is_brought_with_a_warning(desk, moderator):
    other = make.user("rowan", role="moderator")
    made = report(make.reply(notes=[theme()]))
    Duty.of(moderator).take(themes_left=[theme().pk], severe_a_day=None)
    Duty.of(other).step_away(timezone.now() + timedelta(hours=4))
    page = text_of(desk.get("/admin/"))
    assert keys(page) == [f"report-{made.pk}"]
    assert "something that you leave to others. Nobody else is here just now." in page
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{made.pk}/"


def test_others_who_leave_the_same_theme_do_not_count(desk, moderator):
    other = make.user("rowan", role="moderator")
    report(make.reply(notes=[theme()]))
    for user in (moderator, other):
        Duty.of(user).take(themes_left=[theme().pk], severe_a_day=None)
    assert "Nobody else is here" in text_of(desk.get("/admin/"))


def test_what_is_counted_and_chosen_in_two_windows_at_once_is_not_lost(moderator):
    one, two = Duty.of(moderator), Duty.of(moderator)
    one.count_severe()
    two.count_severe()
    two.take(themes_left=[theme().pk], severe_a_day=3)
    one.step_away(timezone.now() + timedelta(hours=4))
    now = Duty.of(moderator)
    assert (now.severe_today, now.severe_a_day, now.themes_left, now.is_away) == (2, 3, [theme().pk], True)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        now.count_severe()
        assert Duty.of(moderator).severe_today == 1


def test_nobody_is_brought_more_heavy_things_in_a_day_than_the_house_says(desk):
    settings_of(severe_a_day=2, debrief="Call the quiet line: 0300 000 000.")
    heavy = [report(reason="worried") for _ in range(3)]
    light = report()
    first = desk.post("/admin/desk/next/")["Location"]
    assert first == f"/admin/desk/report-{heavy[0].pk}/"
    # After something heavy comes something light, and a word where to talk about it.
    after = desk.post(f"{first}do/close/", {"reason": REASON})
    assert after["Location"] == f"/admin/desk/report-{light.pk}/"
    assert "Call the quiet line" in text_of(desk.get(after["Location"]))
    second = desk.post(f"{after['Location']}do/close/", {"reason": REASON})
    assert second["Location"] == f"/admin/desk/report-{heavy[1].pk}/"
    assert desk.post(f"{second['Location']}do/close/", {"reason": REASON})["Location"] == "/admin/"
    page = text_of(desk.get("/admin/"))
    assert "as many heavy things today" in page
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    # It is theirs to choose, all the same, and tomorrow is another day.
    assert desk.get(f"/admin/desk/report-{heavy[2].pk}/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert Duty.objects.get().severe_today == 0


def test_a_claim_that_is_kept_for_longer_counts_once(desk):
    made = report(reason="worried")
    for _ in range(3):
        desk.post(f"/admin/desk/report-{made.pk}/claim/")
    assert Duty.objects.get().severe_today == 1


def test_one_may_take_less_than_the_house_says(desk):
    desk.post("/admin/desk/duty/", {"severe_a_day": "0"})
    report(reason="worried")
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    for nonsense in ("-1", "100", "x", "9" * 50):
        assert desk.post("/admin/desk/duty/", {"severe_a_day": nonsense}).status_code == 200
    assert Duty.objects.get().severe_a_day == 0


def test_whoever_steps_away_is_brought_nothing_and_holds_nothing(desk, sign_in, moderator):
    made = report()
    desk.post(f"/admin/desk/report-{made.pk}/claim/")
    desk.post("/admin/desk/away/", {"hours": "4"})
    assert not Claim.objects.exists()
    page = text_of(desk.get("/admin/"))
    assert "You stepped away until" in page
    assert "/admin/desk/next/" not in page
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    desk.post("/admin/desk/away/delete/")
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{made.pk}/"
    assert desk.post("/admin/desk/away/", {"hours": "5000"})["Location"] == "/admin/desk/duty/"
    assert not Duty.objects.get().is_away


def test_what_a_volunteer_leaves_to_others_is_nobody_elses(desk, sign_in, owner):
    desk.post("/admin/desk/duty/", {"themes": [theme("grief over a child").pk], "severe_a_day": "1"})
    client = sign_in(owner)
    assert client.get("/admin/moderation/duty/").status_code == 404
    assert "/moderation/duty/" not in text_of(client.get("/admin/lists/"))


def test_a_note_from_the_last_shift_opens_the_next(desk, sign_in):
    assert desk.post("/admin/desk/notes/", {"words": ""}).status_code == 200
    desk.post("/admin/desk/notes/", {"words": "Sorrel may write again tonight: be <kind>."})
    page = text_of(sign_in(make.user("rowan", role="moderator")).get("/admin/"))
    assert "Sorrel may write again tonight: be &lt;kind&gt;." in page
    assert HandOver.objects.get().by.username == "fennel"


def test_who_is_on_duty_is_seen_by_those_who_look_after_this_place(desk, sign_in, member, owner):
    hazel = make.user("hazel", role="lead")
    desk.post("/admin/desk/duty/", {"themes": [theme("grief over a child").pk], "severe_a_day": "1"})
    Duty.of(hazel).step_away(timezone.now() + timedelta(hours=4))
    page = re.sub(r"\s+", " ", text_of(sign_in(owner).get("/admin/desk/notes/")))
    assert "<dt>fennel</dt><dd>Moderator</dd>" in page
    assert "<dt>harbour</dt><dd>Owner</dd>" in page
    assert re.search(r"<dt>hazel</dt><dd>Moderator, lead, in charge of safety · away until [^<]*:00</dd>", page)
    assert "grief over a child" not in page
    assert member.username not in page
    Duty.of(hazel).come_back()
    assert "away until" not in text_of(desk.get("/admin/desk/notes/"))


def test_whose_role_has_run_out_is_not_counted_on_although_nobody_has_tidied_up(desk):
    over, both = make.user("hazel", role="moderator"), make.user("rowan", role="lead")
    past = timezone.now() - timedelta(minutes=1)
    over.offices.update(until=past)
    both.offices.filter(group__name=Role.LEAD.group).update(until=past)
    page = text_of(desk.get("/admin/desk/notes/"))
    assert "hazel" not in page
    assert "<dt>rowan</dt><dd>Moderator</dd>" in page
