from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection, models
from django.utils import timezone

from community.identity.seal import read_tags, shelf_tags
from community.members.models import User
from community.prepared import byte_array
from community.times import STEP, now_in_steps

# So many weeks back reading counts for lifting the limits of the first days.
_WEEKS_COUNTED = 8


def week_of(moment: datetime) -> str:
    year, week, _day = moment.isocalendar()
    return f"{year}-{week}"


class ReadMarkQuerySet(models.QuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-at")


class ReadMark(models.Model):
    """How far somebody has read a conversation, for their own eyes.

    A mark names nobody, neither a member nor an alias: with names, whoever takes the database could see who was there when
    something was said anonymously. Its reader finds it by tags that need a key (see `community.identity.seal`): `reader` is for
    this conversation, `shelf` one of a few places for the marks of a week, each for one mark, so that no two marks lie together.
    It belongs to the account, under whatever name somebody speaks there.
    """

    # No index: conversations are never deleted, and nobody asks who read one.
    topic = models.ForeignKey("forums.Topic", models.CASCADE, related_name="+", db_index=False)
    reader = models.BinaryField(max_length=32, unique=True)
    shelf = models.BinaryField(max_length=32, null=True, db_index=True)
    position = models.PositiveIntegerField()
    at = models.DateTimeField(default=now_in_steps)

    objects = ReadMarkQuerySet.as_manager()
    # Nothing that leads to a person without the key, and nothing by which a row could be found for an account that is emptied.
    personal = {}

    def __str__(self) -> str:
        return str(self.position)

    @classmethod
    def positions(cls, user: User, topics: Iterable[Any]) -> dict[int, int]:
        """How far the signed-in `user` has read each of these conversations, by their keys; one statement."""
        if not user.is_here:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT topic_id, position FROM forums_readmark WHERE reader = ANY(%s::bytea[])",
                [byte_array(read_tags(user, (topic.public_id for topic in topics)))],
            )
            return dict(cursor.fetchall())

    @classmethod
    def shelves(cls, user: User, *, weeks: int) -> Sequence[bytes]:
        """The places in which the signed-in `user` left marks in this week and those before it."""
        if not user.is_here:
            return []
        now = timezone.now()
        return [tag for number in range(weeks) for tag in shelf_tags(user, week_of(now - timedelta(weeks=number)))]

    @classmethod
    def number_left_by(cls, user: User) -> int:
        """In how many conversations the signed-in `user` read in the weeks since they joined, as far as places tell."""
        weeks = min(_WEEKS_COUNTED, (timezone.now() - user.date_joined) // timedelta(weeks=1) + 2)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM forums_readmark WHERE shelf = ANY(%s::bytea[])", [byte_array(cls.shelves(user, weeks=weeks))]
            )
            return cursor.fetchone()[0]

    @classmethod
    def leave(cls, topic: Any, user: User, *, position: int) -> bool:
        """Note that the signed-in `user` has read `topic` as far as `position`; never moves back, and is written at most once in
        five minutes.

        One statement, which locks nothing where nothing is to be written, and touches no other mark: rows of one transaction lie
        together. A mark takes a place that is free this week; there may be none left, and then it has none. Says whether
        anything was written.
        """
        if not user.is_here:
            return False
        (reader,), shelf = read_tags(user, [topic.public_id]), cls.shelves(user, weeks=1)
        # Beginning elsewhere in each conversation: two that are opened at once shall not take the same place.
        begin = reader[0] % len(shelf)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO forums_readmark (topic_id, reader, shelf, position, at) "
                "SELECT %(topic)s, %(reader)s, (SELECT place FROM unnest(%(shelf)s::bytea[]) AS place "
                "WHERE (SELECT TRUE FROM forums_readmark WHERE shelf = place LIMIT 1) IS NULL LIMIT 1), %(position)s, %(now)s "
                "WHERE NOT EXISTS (SELECT FROM forums_readmark WHERE reader = %(reader)s "
                "AND position >= %(position)s AND at >= %(lately)s) "
                "ON CONFLICT (reader) DO UPDATE "
                "SET position = GREATEST(forums_readmark.position, excluded.position), at = excluded.at, "
                "shelf = CASE WHEN forums_readmark.shelf = ANY(%(shelf)s::bytea[]) THEN forums_readmark.shelf "
                "ELSE COALESCE(excluded.shelf, forums_readmark.shelf) END "
                "WHERE forums_readmark.position < excluded.position OR forums_readmark.at < %(lately)s",
                {
                    "topic": topic.pk,
                    "reader": reader,
                    "shelf": byte_array([*shelf[begin:], *shelf[:begin]]),
                    "position": position,
                    "now": now_in_steps(),
                    "lately": timezone.now() - 2 * STEP,
                },
            )
            return cursor.rowcount == 1
