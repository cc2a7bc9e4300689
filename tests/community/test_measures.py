"""How this place is doing, on one page for whoever looks after it: exact where it is about things, and of no few people."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.decisions.models import Act, decide
from community.identity.seal import speak_as
from community.moderation import measuring
from community.moderation.models import Report
from mentorship.models import Request
from resources.models import LinkState, Resource
from tests import make

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/desk/figures/"


def lines_of(user) -> dict[str, str]:
    user.is_here = True
    return {line.label: line.shown for each in measuring.measured(user) for line in each.lines}


def ago(**time):
    return time_machine.travel(timezone.now() - timedelta(**time), tick=False)


def began(number: int, *, answered_after: timedelta | None, by=None, days: int = 3) -> None:
    """So many conversations, begun so many days ago."""
    for _ in range(number):
        begun = timezone.now() - timedelta(days=days)
        with time_machine.travel(begun, tick=False):
            topic = make.topic()
        if answered_after is not None:
            with time_machine.travel(begun + answered_after, tick=False):
                make.reply(topic, by or make.user())


@pytest.mark.parametrize("role", ["moderator", "librarian", "coordinator", "lead", "owner"])
def test_everybody_who_looks_after_something_reads_it(sign_in, role):
    client = sign_in(make.user("hazel", role=role))
    assert client.get(ADDRESS).status_code == 200
    assert f'href="{ADDRESS}"' in client.get("/admin/").content.decode()


def test_nobody_else_does(sign_in, member):
    assert sign_in(member).get(ADDRESS).status_code == 404
    assert Client().get(ADDRESS).status_code == 302
    assert sign_in(make.user(role="owner")).post(ADDRESS).status_code == 405


def test_the_first_answer_is_one_of_somebody_else(moderator):
    began(5, answered_after=timedelta(hours=3))
    began(2, answered_after=timedelta(days=2))
    # What one adds oneself answers nothing.
    with ago(days=2):
        for _ in range(5):
            topic = make.topic()
            make.reply(topic, topic.author)
    shown = lines_of(moderator)
    assert shown["Half of those who were answered waited less than"] == "3 hours"
    assert shown["Without an answer for more than a day"] == "5"


def test_an_alias_does_not_answer_itself(moderator):
    for _ in range(5):
        author, place = make.user(), uuid4()
        author.is_here = True
        with ago(days=2):
            topic = make.topic(make.board(anonymous_at=timezone.now()), speak_as(author, place), public_id=place)
            make.reply(topic, topic.persona)
    assert lines_of(moderator)["Without an answer for more than a day"] == "5"


def test_what_is_hidden_taken_back_closed_or_long_ago_waits_for_nothing(moderator, owner):
    began(5, answered_after=None)
    with ago(days=3):
        hidden, back, closed = (make.topic() for _ in range(3))
    hidden.hide(by=moderator, reason="It names somebody.")
    back.withdraw()
    closed.lock(by=closed.author)
    began(6, answered_after=None, days=60)
    assert lines_of(owner)["Without an answer for more than a day"] == "5"


def test_a_few_answers_have_no_usual_time(moderator):
    began(4, answered_after=timedelta(hours=1))
    assert lines_of(moderator)["Half of those who were answered waited less than"] == "too few to say"


def test_how_long_people_wait_for_a_mentor(owner):
    for days in (1, 2, 3, 4):
        Request.objects.filter(pk=make.request().pk).update(waiting_since=timezone.now() - timedelta(days=days))
    shown = lines_of(owner)
    assert shown["People who wait for a mentor"] == "<5"
    assert shown["Half of them have waited for more than"] == "too few to say"
    Request.objects.filter(pk=make.request().pk).update(waiting_since=timezone.now() - timedelta(days=30))
    shown = lines_of(owner)
    assert shown["People who wait for a mentor"] == "5"
    assert shown["Half of them have waited for more than"] == "3 days"


def test_links_are_things_and_counted_as_they_are(owner):
    made = [make.resource() for _ in range(3)]
    make.resource(publish=False)
    Resource.objects.filter(pk=made[0].pk).update(link_state=LinkState.BROKEN)
    assert lines_of(owner)["Do not open any more"] == "1 of 3"


def test_of_what_waits_one_reads_no_more_than_the_queue_shows(moderator, owner):
    with ago(hours=3):
        Report.put(make.reply(), by=make.user(), reason="worried")
        Report.put(make.reply(author=moderator), by=make.user(), reason="rule")
    assert lines_of(moderator)["Report"] == "1, the oldest for 3 hours; 1 late"
    assert lines_of(owner)["Report"].startswith("2, ")


def test_how_soon_somebody_looks(moderator, owner):
    for hours in (1, 2, 3, 4, 5):
        report = Report.put(make.reply(), by=make.user(), reason="other")
        told = timezone.now() - timedelta(days=1)
        Report.objects.filter(pk=report.pk).update(created_at=told, closed_at=told + timedelta(hours=hours), closed_by=moderator)
    assert lines_of(owner)["Half of those that were looked at were within"] == "3 hours"


def test_one_reads_what_one_did_and_a_sum_of_the_others(moderator, owner, sign_in):
    def decided(number: int, by) -> None:
        for _ in range(number):
            user = make.user()
            decide(Act.HIDE, user, by=by, reason="It broke a rule.", action="members.user_hidden", voice=user)

    decided(2, moderator)
    decided(4, owner)
    shown = lines_of(moderator)
    assert (shown["Your own"], shown["Decisions of others"]) == ("2", "<5")
    decided(1, make.user("rowan", role="moderator"))
    assert lines_of(moderator)["Decisions of others"] == "5"
    page = sign_in(moderator).get(ADDRESS).content.decode()
    assert not re.search("harbour|rowan", page)


def test_it_asks_no_more_where_there_is_more(sign_in, owner):
    client = sign_in(owner)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    few = (asked(), asked())[1]
    began(6, answered_after=timedelta(hours=1))
    for _ in range(6):
        Report.put(make.reply(), by=make.user(), reason="other")
        make.request()
        make.resource()
    assert asked() <= few <= 16
