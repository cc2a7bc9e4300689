"""How far one has read: for one's own eyes, under no name, at most one row touched at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from community.identity.seal import PLACES
from community.members.models import User
from forums import listing
from forums.models import ReadMark, Topic
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(member):
    member.is_here = True
    return member


def conversations(number: int) -> list[Topic]:
    """Many, without who began them having read them."""
    board, starter = make.board(), make.user()
    topics = [make.topic(board, starter) for _ in range(number)]
    ReadMark.objects.all().delete()
    return topics


def test_a_mark_never_moves_back_and_is_written_once_in_five_minutes(reader):
    (topic,) = conversations(1)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert ReadMark.leave(topic, reader, position=3)
        assert not ReadMark.leave(topic, reader, position=3)
        assert not ReadMark.leave(topic, reader, position=2)
        assert ReadMark.leave(topic, reader, position=4)
        clock.shift(timedelta(minutes=16))
        assert ReadMark.leave(topic, reader, position=1)
    assert ReadMark.positions(reader, [topic]) == {topic.pk: 4}


def test_nobody_but_the_signed_in_member_leaves_or_finds_a_mark(reader, other):
    (topic,) = conversations(1)
    assert not ReadMark.leave(topic, other, position=3)
    ReadMark.leave(topic, reader, position=3)
    assert ReadMark.positions(other, [topic]) == {}
    assert listing.read_lately(other) == []
    other.is_here = True
    assert ReadMark.positions(other, [topic]) == {}
    assert listing.read_lately(other) == []


def test_no_two_marks_lie_in_one_place_however_much_somebody_reads(reader):
    """Whoever knew of one by what was said by name with it would know of the other."""
    for topic in conversations(PLACES + 3):
        assert ReadMark.leave(topic, reader, position=0)
    places = [bytes(mark.shelf) for mark in ReadMark.objects.exclude(shelf=None)]
    assert len(places) == len(set(places)) == PLACES
    assert len(listing.read_lately(reader)) == 40
    assert ReadMark.number_left_by(reader) == PLACES


def test_what_is_read_again_goes_over_to_the_new_week(reader):
    topics = conversations(2)
    with time_machine.travel("2026-11-25T12:00Z", tick=False) as clock:
        for topic in topics:
            ReadMark.leave(topic, reader, position=0)
        clock.shift(timedelta(weeks=1))
        ReadMark.leave(topics[0], reader, position=0)
        assert len(listing.read_lately(reader)) == 2
        clock.shift(timedelta(weeks=1))
        assert [mark.id for mark in listing.read_lately(reader)] == [topics[0].pk]
        assert ReadMark.positions(reader, topics) == dict.fromkeys([topic.pk for topic in topics], 0)
        User.objects.filter(pk=reader.pk).update(date_joined=timezone.now() - timedelta(weeks=3))
        reader.refresh_from_db()
        assert ReadMark.number_left_by(reader) == 2


def test_leaving_a_mark_touches_no_other_row(reader):
    topics = conversations(3)
    for topic in topics:
        ReadMark.leave(topic, reader, position=0)

    def written() -> dict[int, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT topic_id, ctid::text FROM forums_readmark")
            return dict(cursor.fetchall())

    before = written()
    ReadMark.leave(topics[1], reader, position=2)
    assert {key for key, place in written().items() if place != before[key]} == {topics[1].pk}


@pytest.mark.django_db(transaction=True)
def test_two_pages_opened_at_once_leave_one_mark():
    member, (topic,) = make.user("wren"), conversations(1)

    def read(position: int) -> bool:
        reader = User.objects.get(pk=member.pk)
        reader.is_here = True
        try:
            return ReadMark.leave(topic, reader, position=position)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as lanes:
        assert any(list(lanes.map(read, range(8))))
    assert ReadMark.objects.get().position == 7
