"""What is worked out once finds what `visible_to` finds, for every kind of viewer and whatever changes in between."""

import itertools
import re
import uuid
from random import Random

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.utils import timezone

from community.members.models import User
from community.prepared import Prepared, reach
from forums import finding, listing
from forums.models import PAGE, Board, Reply, Topic
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """Boards and conversations of every audience, some of them hidden, taken back or closed."""
    circles = [Group.objects.create(name=name) for name in ("Night shift", "Early birds")]
    people = [make.user(groups=circles[:n]) for n in range(3)] + [make.user(groups=circles[1:])]
    boards = [
        make.board(audience="everyone"),
        make.board(),
        *(make.board(audience="group", audience_group=circle) for circle in circles),
    ]
    drawn = Random(7)
    for board in boards:
        for n in range(6):
            topic = make.topic(board, people[n % 4], audience="members" if board.audience == "everyone" and n % 3 == 0 else "")
            for _ in range(n % 3):
                make.reply(topic, people[drawn.randrange(4)])
    moderator = make.user(role="moderator")
    for model in (Topic, Reply):
        for words in list(model.objects.order_by("pk"))[::5]:
            words.hide(by=moderator, reason="To see the gap that it leaves.")
    return circles, people


def as_now(user):
    """The viewer as a new request sees them."""
    return User.objects.get(pk=user.pk) if user.is_authenticated else user


def sights(viewer) -> dict:
    boards = listing.boards(viewer)
    topics = [(b.pk, t.pk) for b in boards for t in listing.topics_of_board(viewer, b, beyond=None)]
    return {
        "boards": [b.pk for b in boards],
        "topics": topics,
        "newest": [t.pk for t in listing.newest(viewer)],
        "replies": [r.pk for t in Topic.objects.order_by("pk") for r in finding.replies(viewer, t, 1)],
        "each": [t.pk for t in Topic.objects.order_by("pk") if finding.topic(viewer, t.board.slug, t.public_id)],
        "places": [t.pk for t in Topic.objects.order_by("pk") if finding.place(viewer, t.board.slug, t.public_id)],
    }


def expected(viewer) -> dict:
    boards = list(Board.objects.visible_to(viewer))
    visible = Topic.objects.visible_to(viewer)
    return {
        "boards": [b.pk for b in boards],
        "topics": [(b.pk, pk) for b in boards for pk in visible.filter(board=b).newest_first().values_list("pk", flat=True)],
        "newest": list(visible.filter(withdrawn_at=None).newest_first().values_list("pk", flat=True)[:5]),
        "replies": [
            r.pk
            for t in Topic.objects.order_by("pk")
            for r in Reply.objects.visible_to(viewer).filter(topic=t).order_by("position")
        ],
        "each": list(visible.order_by("pk").values_list("pk", flat=True)),
        "places": list(visible.order_by("pk").values_list("pk", flat=True)),
    }


def test_every_kind_of_viewer_finds_what_the_rule_lets_them_see(place, owner):
    circles, people = place
    viewers = [AnonymousUser(), owner, *people]
    for _round in range(2):
        for viewer in map(as_now, viewers):
            assert sights(viewer) == expected(viewer)
        # Somebody leaves a group, somebody joins one, something else is hidden: nothing is remembered.
        people[1].groups.clear()
        people[0].groups.add(circles[1])
        Topic.objects.visible_to(as_now(people[2])).first().hide(by=owner, reason="Once more, in between.")


def test_guest_sees_no_more_after_a_member_has_looked(place):
    _circles, people = place
    sights(as_now(people[2]))
    assert sights(AnonymousUser()) == expected(AnonymousUser())


# How it is found ------------------------------------------------------------------------------------------------------


def plan_of(query: Prepared, viewer, **values) -> list[dict]:
    """Every node of the plan that PostgreSQL would keep for this query."""
    query.rows(viewer, reach(viewer), **values)
    sql, names, _read = query._of_kind[reach(viewer)]
    number = itertools.count(1)
    numbered = re.sub(r"%(\((\w+)\))?s", lambda found: f"${names.index(found[2]) + 1 if found[2] else next(number)}", sql)
    given = ["'{}'" if name == "personas" else "NULL" for name in names]
    with connection.cursor() as cursor:
        # In a small table any way is as good.
        for setting in ("plan_cache_mode = force_generic_plan", "enable_seqscan = off"):
            cursor.execute(f"SET LOCAL {setting}")
        cursor.execute(f"PREPARE looked_at AS {numbered.replace('%%', '%')}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at ({', '.join(given)})")
        ((plan,),) = cursor.fetchall()
        cursor.execute("DEALLOCATE looked_at")
    nodes, found = [plan[0]["Plan"]], []
    while nodes:
        found.append(node := nodes.pop())
        nodes += node.get("Plans", ())
    return found


@pytest.fixture
def many_blocks(db):
    """Twenty people who keep away from five hundred each: fetching theirs would cost more than looking one up."""
    with connection.cursor() as cursor:
        for pair in ("blocker_id, blocked_id", "blocker_id, blocked_persona_id", "blocker_persona_id, blocked_persona_id"):
            cursor.execute(
                f"INSERT INTO members_block ({pair}, at) SELECT 3000000 + n % 20, 3100000 + n / 20, now()"
                " FROM generate_series(1, 10000) AS n"
            )
        cursor.execute("ANALYZE members_block")
        yield
        cursor.execute("DELETE FROM members_block")  # nobody has these keys


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (listing._first, {"board": 1}),
        (listing._further, {"board": 1, "moment": timezone.now(), "public_id": uuid.uuid4()}),
        (listing._waiting, {"board": 1}),
        (listing._waiting_anywhere, {}),
        (listing._read_lately, {"shelves": []}),
        (finding._topic, {"board": "a", "public_id": uuid.uuid4()}),
        (finding._place, {"board": "a", "public_id": uuid.uuid4()}),
        (finding._replies, {"topic": 1, "before": 0, "last": 20}),
        (finding._readable, {"topic": 1, "ids": []}),
    ],
)
def test_blocks_are_looked_up_for_each_row_and_never_fetched(many_blocks, member, query, values):
    looked_up = [node for node in plan_of(query, member, **values) if node.get("Relation Name") == "members_block"]
    assert len(looked_up) >= 2
    for node in looked_up:
        assert "Index" in node["Node Type"], node
        assert "ARRAY[" in node["Index Cond"], node


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (listing._first, {"board": 1}),
        (listing._further, {"board": 1, "moment": timezone.now(), "public_id": uuid.uuid4()}),
    ],
)
def test_page_of_a_board_is_read_in_order_however_much_stands_there(member, query, values):
    quiet = {"author": member, "title": "Quiet evening", "body": "Tea.", "mode": "listen", "audience": "members"}
    boards = [make.board() for _ in range(4)]
    Topic.objects.bulk_create(Topic(board=board, **quiet) for board in boards for _ in range(500))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE forums_topic")
    plan = plan_of(query, member, **values)
    assert not [node for node in plan if "Sort" in node["Node Type"]]
    (topics,) = (node for node in plan if node.get("Relation Name") == "forums_topic")
    assert (topics["Node Type"], topics["Index Name"]) == ("Index Scan", "topic_by_board")
    # If it expected no more than a page, fetching and sorting all would cost no more.
    assert topics["Plan Rows"] > 3 * PAGE
