"""`Remembering`: a conversation in memory of somebody. A volunteer looks first at all that is said there, its rules stand above it,
and it has a last day, after which it stays to be read."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from community.audit.models import record
from community.members.models import User
from community.times import now_in_steps


class Remembering(models.Model):
    """The part of a conversation that is about remembering."""

    remembers_until: Any
    held_first_at: Any
    voice: Any
    touch: Any
    lock: Any
    _lock: Any

    class Meta:
        abstract = True

    @property
    def is_in_memory(self) -> bool:
        return self.remembers_until is not None

    @transaction.atomic
    def begin_memorial(self, *, by: User, reason: str, until: date) -> None:
        """Let people remember somebody here until that day."""
        self._lock()
        if self.remembers_until == until:
            return
        self.remembers_until, self.held_first_at = until, self.held_first_at or now_in_steps()
        self.save(update_fields=["remembers_until", "held_first_at"])
        self.touch()
        record("forums.topic_memorial_begun", by=by, target=self, reason=reason)

    @transaction.atomic
    def end_memorial(self, *, by: User, reason: str) -> None:
        """Let it be a conversation like any other. A volunteer still looks first, until somebody says otherwise."""
        self._lock()
        if self.remembers_until is None:
            return
        self.remembers_until = None
        self.save(update_fields=["remembers_until"])
        self.touch()
        record("forums.topic_memorial_ended", by=by, target=self, reason=reason)

    def close_memorial(self) -> None:
        """Its last day is over: it is closed kindly, as if by whoever began it."""
        self.lock(by=self.voice, reason=_("Its time of remembering is over, and it stays here to be read."))
