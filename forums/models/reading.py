from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from community.contributions.models import Voice
from community.identity.models import Persona
from community.members.models import User
from community.times import STEP, now_in_steps


class ReadMarkQuerySet(models.QuerySet):
    def of(self, user: User) -> "ReadMarkQuerySet":
        return self.filter(user=user)

    def newest_first(self) -> "ReadMarkQuerySet":
        return self.order_by("-at")


class ReadMark(models.Model):
    """How far a voice has read a conversation; for that voice's own eyes."""

    # Neither has an index of its own: others begin with them.
    topic = models.ForeignKey("forums.Topic", models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_index=False)
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    position = models.PositiveIntegerField()
    at = models.DateTimeField(default=now_in_steps)

    objects = ReadMarkQuerySet.as_manager()
    personal = {"user": "erase", "position": "erase", "at": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "user"], name="one_read_mark_per_member"),
            models.UniqueConstraint(fields=["topic", "persona"], name="one_read_mark_per_persona"),
            models.CheckConstraint(
                condition=Q(user=None, persona__isnull=False) | Q(user__isnull=False, persona=None),
                name="read_mark_has_one_voice",
            ),
        ]
        indexes = [models.Index(fields=["user", "-at"], name="read_mark_newest")]

    def __str__(self) -> str:
        return str(self.position)

    @classmethod
    def positions(cls, user: User, topics: Sequence[int]) -> dict[int, int]:
        """How far `user` has read each of these conversations, by their keys, under whatever name; one statement."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT topic_id, position FROM forums_readmark "
                "WHERE (user_id = %s OR persona_id = ANY(%s)) AND topic_id = ANY(%s)",
                [user.pk, user.persona_keys, list(topics)],
            )
            return dict(cursor.fetchall())

    @classmethod
    def leave(cls, topic: Any, voice: Voice, *, position: int) -> bool:
        """Note that `voice` has read `topic` as far as `position`; never moves back, and is written at most once in five minutes.

        One statement, which locks nothing where nothing is to be written. Says whether anything was.
        """
        column = "persona_id" if voice.is_persona else "user_id"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO forums_readmark (topic_id, {column}, position, at) "  # noqa: S608
                "SELECT %(topic)s, %(voice)s, %(position)s, %(now)s "
                f"WHERE NOT EXISTS (SELECT FROM forums_readmark WHERE topic_id = %(topic)s AND {column} = %(voice)s "
                "AND position >= %(position)s AND at >= %(lately)s) "
                f"ON CONFLICT (topic_id, {column}) DO UPDATE "
                "SET position = GREATEST(forums_readmark.position, excluded.position), at = excluded.at "
                "WHERE forums_readmark.position < excluded.position OR forums_readmark.at < %(lately)s",
                {
                    "topic": topic.pk,
                    "voice": voice.pk,
                    "position": position,
                    "now": now_in_steps(),
                    "lately": timezone.now() - 2 * STEP,
                },
            )
            return cursor.rowcount == 1
