"""What is worked out once for the page of a tag finds what the rule finds, for every kind of viewer; a guest's copy follows it."""

from random import Random

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Block, User
from community.tags import applying, finding
from community.tags.models import Tagged
from forums.models import Topic
from resources.models import Audience, Resource
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """Conversations and resources of every audience under one tag, some of them hidden, taken back or across a block."""
    (tag,) = applying.resolve(["sleep"], accept=True)
    circles = [Group.objects.create(name=name) for name in ("Night shift", "Early birds")]
    people = [make.user(groups=circles[:n]) for n in range(3)]
    Block.put(people[0], people[1])
    boards = [make.board(audience="everyone"), make.board(), *(make.board(audience="group", audience_group=it) for it in circles)]
    drawn, librarian, moderator = Random(7), make.user(role="librarian"), make.user(role="moderator")
    for board in boards:
        for n in range(4):
            topic = make.topic(board, people[n % 3], audience="members" if board.audience == "everyone" and n % 2 else "")
            if drawn.random() < 0.8:
                applying.apply(topic, ["sleep"])
    for n in range(8):
        audience = Audience.MEMBERS if n % 3 == 0 else Audience.EVERYONE
        make.resource(people[n % 3], tags=["sleep"] if n % 4 else [], by=librarian, audience=audience, publish=n != 5)
    for model in (Topic, Resource):
        model.objects.filter(pk__in=Tagged.objects.filter(tag=tag).values("object_id")).first().hide(by=moderator, reason="Why.")
    return tag, circles, people


def as_now(user):
    """The viewer as a new request sees them."""
    return User.objects.get(pk=user.pk) if user.is_authenticated else user


def by_the_rule(tag, model, viewer) -> list[int]:
    carrying = Tagged.objects.filter(tag=tag, content_type__model=model._meta.model_name).values("object_id")
    by = model.listed_by
    return [row.pk for row in model.objects.visible_to(viewer).filter(pk__in=carrying).order_by(f"-{by}", "-public_id")]


def words_under_tags() -> list:
    """What members wrote; of people, who stand under tags in another order, `tests/mentorship/test_mentor_list.py` tells."""
    return [model for model in finding.kinds().values() if not finding.are_people(model)]


def test_every_kind_of_viewer_finds_under_a_tag_what_the_rule_lets_them_see(place, owner):
    tag, circles, people = place
    for _round in range(2):
        for viewer in map(as_now, [AnonymousUser(), owner, *people]):
            for model in words_under_tags():
                right = by_the_rule(tag, model, viewer)
                assert [row.pk for row in finding.under(tag, model, viewer, most=50)] == right
                middle = finding.under(tag, model, viewer, most=2)[-1:]
                for row in middle:
                    beyond = (getattr(row, model.listed_by), row.public_id)
                    assert [each.pk for each in finding.under(tag, model, viewer, most=50, beyond=beyond)] == right[2:]
        # Somebody leaves a group, somebody joins one, something else is hidden: nothing is remembered.
        people[1].groups.clear()
        people[0].groups.add(circles[1])
        Resource.objects.visible_to(as_now(people[2])).first().hide(by=owner, reason="Once more, in between.")


def test_a_line_of_any_kind_is_read_in_the_one_statement(place, owner):
    tag, _circles, _people = place
    for model in words_under_tags():
        rows = finding.under(tag, model, owner, most=50)
        with CaptureQueriesContext(connection) as asked:
            for row in rows:
                assert all([row.shown_title, row.get_absolute_url(), getattr(row, "listed_in", "-"), getattr(row, "icon", "-")])
        assert rows
        assert len(asked) == 0


@pytest.mark.parametrize("asked", ["", "?kind=topic", "?kind=resource"])
def test_a_guests_copy_of_a_tag_is_good_until_something_there_changes(asked, moderator, owner):
    (tag,) = applying.resolve(["sleep"], accept=True)
    board = make.board(audience="everyone")
    topic = make.topic(board, audience="everyone")
    applying.apply(topic, ["sleep"])
    made = make.resource(tags=["sleep"])
    guest, url = Client(), f"{tag.get_absolute_url()}{asked}"

    def changes(act) -> bool:
        etag = guest.get(url)["ETag"]
        assert guest.get(url, headers={"if-none-match": etag}).status_code == 304
        act()
        return guest.get(url, headers={"if-none-match": etag}).status_code == 200

    if asked != "?kind=resource":
        assert changes(lambda: topic.edit("Other words.", title="Another title"))
        assert changes(lambda: make.reply(topic))
        assert changes(lambda: topic.hide(by=moderator, reason="To look at it."))
    if asked != "?kind=topic":
        assert changes(lambda: make.changed(made, "Other words.", title="Another title"))
        assert changes(lambda: made.hide(by=moderator, reason="To look at it."))
    assert changes(lambda: tag.add_synonym(name="slumber", by=owner, reason="The same."))
    # What guests do not see changes nothing for them.
    assert not changes(lambda: make.resource(tags=["sleep"], audience=Audience.MEMBERS))
