"""A conversation in memory of somebody: rules and help above it, a volunteer looks first, and it has a last day."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from community.audit.models import Entry
from forums import tasks
from forums.models import Topic
from tests import make

pytestmark = pytest.mark.django_db

REASON = "In memory of Halfmoon; their family was asked."
RULES = "Please leave out how it came about"


@pytest.fixture
def lead(db):
    return make.user("larkspur", role="lead")


@pytest.fixture
def topic(lead):
    return make.topic(make.board(audience="everyone"), lead, title="Remembering Halfmoon", audience="everyone")


def verb(topic: Topic, name: str) -> str:
    return f"/admin/forums/topic/{topic.pk}/do/{name}/"


def begin(client, topic: Topic, days: str = "30"):
    return client.post(verb(topic, "begin_memorial"), {"days": days, "reason": REASON})


def test_a_lead_makes_it_one_and_rules_and_help_stand_above_it(client, sign_in, lead, member, topic):
    address = topic.get_absolute_url()
    before = client.get(address)
    assert RULES not in before.content.decode()
    begin(sign_in(lead), topic)
    for reader in (client, sign_in(member)):
        page = reader.get(address).content.decode()
        assert RULES in page
        assert "people who can help now" in page
    assert RULES in sign_in(member).get(f"{address}reply/").content.decode()
    assert client.get(address, headers={"if-none-match": before["ETag"]}).status_code == 200
    assert Entry.objects.filter(action="forums.topic_memorial_begun", by=lead).count() == 1


def test_everything_said_there_waits_for_a_volunteer(sign_in, lead, member, other, topic):
    begin(sign_in(lead), topic)
    topic.refresh_from_db()
    said = make.reply(topic, member, "You brought me tea.")
    assert said.is_held
    assert "You brought me tea." not in sign_in(other).get(topic.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("role", "possible"), [("moderator", False), ("lead", True), ("owner", True)])
def test_who_may_begin_and_end_one(sign_in, topic, role, possible):
    client = sign_in(make.user("hazel", role=role))
    assert (begin(client, topic).status_code == 302) is possible
    topic.refresh_from_db()
    assert topic.is_in_memory is possible
    client.post(verb(topic, "end_memorial"), {"reason": REASON})
    topic.refresh_from_db()
    assert not topic.is_in_memory


@pytest.mark.parametrize("days", ["", "0", "365", "x", "-30"])
def test_it_is_open_for_weeks_and_no_longer(sign_in, lead, topic, days):
    assert begin(sign_in(lead), topic, days).status_code == 200
    topic.refresh_from_db()
    assert not topic.is_in_memory


def test_after_its_last_day_it_is_closed_kindly_and_stays_to_be_read(client, sign_in, lead, topic):
    begin(sign_in(lead), topic)
    said = make.topic()
    for days, is_over in ((30, False), (32, True)):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            tasks.close_memorials(timestamp=0)
            tasks.close_memorials(timestamp=0)
        topic.refresh_from_db()
        assert topic.is_locked is is_over
    said.refresh_from_db()
    assert not said.is_locked
    page = sign_in(make.user()).get(topic.get_absolute_url()).content.decode()
    assert "Its time of remembering is over" in page
    assert "Remembering Halfmoon" in client.get(topic.get_absolute_url()).content.decode()
