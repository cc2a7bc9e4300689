"""The demo's desk: something of every kind waits on it, and what was decided was decided by the verbs, each at its time."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Act, Decision
from community.members.models import User
from community.moderation import inventing, seed
from community.moderation.models import Appeal, DeskSettings, HandOver, MemberNote, Month, Report, Unmasking
from community.moderation.queue import Queue
from community.moderation.sources import DANGER
from community.notifications.models import Notification
from community.seeding import PROFILES, seeds
from forums.models import Reply
from resources.models import Review

NOW = datetime.fromisoformat("2026-11-20T19:42:31+00:00")


def fill(now=NOW):
    for each in seeds():
        each.fill_demo(now=now)


@pytest.fixture
def demo(db):
    with time_machine.travel(NOW, tick=False):
        fill()
        yield


def user(handle):
    found = User.objects.get(username=handle)
    found.is_here = True
    return found


def test_the_desk_is_filled_when_everything_else_is_there():
    assert seeds()[-1] is seed


def test_something_of_every_kind_waits(demo):
    items = Queue(user("Harbour")).items
    assert {item.source.key for item in items} >= {"report", "reply", "resource", "mentor"}
    assert items[0].harm == DANGER
    assert not items[0].is_overdue
    assert any(item.is_overdue for item in items)
    assert any(item.times > 1 for item in items)
    assert "appeal" in {item.source.key for item in Queue(user("Fennel")).items}
    assert "unmasking" in {item.source.key for item in Queue(user("Larkspur")).items}


def test_a_volunteer_leaves_something_to_others(demo):
    assert [item.source.key for item in Queue(user("Fennel")).left] == ["report"]
    assert not Queue(user("Larkspur")).left


def test_what_several_asked_for_is_folded_by_the_house(demo):
    (folded,) = Decision.objects.filter(by=None)
    assert folded.act == Act.FOLD
    assert Review.objects.exclude(folded_at=None).get().folded_at == folded.at < NOW


def test_every_kind_of_end_is_there(demo):
    acts = set(Decision.objects.values_list("act", flat=True))
    assert acts == {Act.HIDE, Act.REDACT, Act.REVISE, Act.NOTE, Act.SLOW, Act.PAUSE, Act.HOLD, Act.FOLD}
    assert Appeal.objects.open().count() == 1
    assert Appeal.objects.exclude(reversed_at=None).count() == 1
    assert Appeal.objects.exclude(decided_at=None).filter(reversed_at=None).count() == 1
    (undone,) = Decision.objects.exclude(reversed_at=None)
    assert not undone.target.is_hidden
    assert Reply.objects.filter(body__contains="[taken out by a volunteer]").exists()
    assert Report.objects.exclude(unfounded_at=None).count() == 1
    assert Unmasking.objects.open().count() == 1
    assert (HandOver.objects.count(), MemberNote.objects.count(), Month.objects.count()) == (2, 2, 3)
    assert user("tealeaves").paused_until > NOW
    assert DeskSettings.current().debrief


def test_everything_stands_at_its_time(demo):
    for model, field in ((Report, "created_at"), (Decision, "at"), (Appeal, "made_at"), (HandOver, "at")):
        assert not model.objects.filter(**{f"{field}__gt": NOW - timedelta(minutes=5)}).exists(), model
    for report in Report.objects.exclude(closed_at=None):
        assert report.created_at < report.closed_at < NOW
    for decision in Decision.objects.exclude(reversed_at=None):
        assert decision.at < decision.reversed_at < NOW


def test_power_was_recorded_and_told(demo):
    decided = Decision.objects.exclude(by=None)
    assert Entry.objects.filter(action__in=["forums.reply_hidden", "members.member_paused"]).count() == 4
    for decision in decided:
        news = Notification.objects.get(kind="decisions.decision_made", target_id=decision.pk)
        assert (news.created_at, news.note) == (decision.at, decision.reason)
    # The first mails of a fresh demo are about what its visitors do.
    assert not Notification.objects.filter(mailed_at=None, kind__startswith="decisions").exists()


def test_the_member_has_read_what_is_old_and_finds_what_is_new(demo):
    news = Notification.objects.filter(recipient=user("Wren"), kind="decisions.decision_made")
    assert [item.read_at is None for item in news.order_by("created_at")] == [False, True]


def test_filling_again_changes_nothing(demo):
    before = [model.objects.count() for model in (Report, Decision, Appeal, Month, HandOver, Notification)]
    fill(NOW + timedelta(days=1))
    assert [model.objects.count() for model in (Report, Decision, Appeal, Month, HandOver, Notification)] == before


def test_without_the_people_and_words_of_the_demo_nothing_is_filled(db):
    seed.fill_demo()
    assert not Report.objects.exists()


def test_a_community_of_any_size_has_a_past_and_something_that_waits(db):
    size = PROFILES["usual"].with_posts(300)
    for each in seeds():
        if hasattr(each, "fill"):
            each.fill(size)
    assert Report.objects.count() == 300 // inventing.POSTS_A_REPORT
    assert Report.objects.open().count() == inventing.OPEN
    assert not Decision.objects.filter(until__gt=timezone.now(), act=Act.PAUSE).exists()
    assert len(Queue(User.objects.get(username="Keeper")).items) >= inventing.OPEN - 1
