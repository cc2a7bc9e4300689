"""`Answering`: how a conversation takes an answer, at the next place in it."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, models, transaction

from community.contributions.holding import must_wait
from community.contributions.models import Contribution, Note, Quote, Voice
from community.notifications.models import notify
from community.times import now_in_steps

if TYPE_CHECKING:
    from .replies import Reply


class Closed(Exception):
    """The conversation was closed while somebody was writing."""


def reply_model() -> Any:
    """`Reply`, asked for by its name: it stands on what is here."""
    return apps.get_model("forums", "Reply")


class Answering(models.Model):
    """The part of a conversation that is answered."""

    last_position = models.PositiveIntegerField(default=0, editable=False)

    active_at: Any
    is_held_first: Any
    holding: Any

    class Meta:
        abstract = True

    @transaction.atomic(savepoint=False)
    def reply(
        self,
        voice: Voice,
        body: str,
        *,
        quoting: Iterable[Quote] = (),
        cards: Iterable[Contribution] = (),
        notes: Iterable[Note] = (),
        note_words: str = "",
        public_id: uuid.UUID | None = None,
    ) -> "Reply":
        """Add a reply at the next position and tell whom it concerns. Raises Closed if the conversation is, by now.

        Where a volunteer looks first it waits for its position, and nobody is told of it yet.
        """
        quoting = list(quoting)
        reply: Reply = reply_model()(
            public_id=public_id or uuid.uuid4(),
            topic=self,
            author=None if voice.is_persona else voice,
            persona=voice if voice.is_persona else None,
            created_at=now_in_steps(),
        )
        reply.set_note(notes, note_words)
        if must_wait(voice, here=self.is_held_first, holding=self.holding):
            if not type(self)._default_manager.filter(pk=self.pk, locked_at=None).exists():
                raise Closed
            reply.hold()
            reply.put(body, quoting=quoting, cards=cards)
            return reply
        if not self.make_room(reply, even_if_closed=False):
            raise Closed
        fresh = reply.put(body, quoting=quoting, cards=cards)
        reply.tell(quoting)
        notify(fresh, "contributions.mentioned", by=voice, target=reply)
        return reply

    def make_room(self, reply: "Reply", *, even_if_closed: bool) -> bool:
        """Give `reply` the next position; False if the conversation is closed and that counts. One statement."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE forums_topic SET last_position = last_position + 1, active_at = GREATEST(active_at, %s), "
                "version = nextval('forums_version') WHERE id = %s AND (locked_at IS NULL OR %s) "
                "RETURNING last_position, active_at",
                [reply.created_at, self.pk, even_if_closed],
            )
            row = cursor.fetchone()
        if row is None:
            return False
        self.last_position, self.active_at = row
        reply.position = self.last_position
        return True
