"""Closing reports: one, or all of the same thing at once; and opening one again."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.utils.translation import gettext

from community.audit.models import record_each
from community.contributions.models import Contribution
from community.identity.models import Persona
from community.members.models import User
from community.notifications.models import notify_each
from community.times import now_in_steps

_VOICES = "RETURNING id, public_id, reporter_id, reporter_persona_id"
_CLOSE = "UPDATE moderation_report SET closed_at = %s, closed_by_id = %s, outcome = %s, unfounded_at = %s WHERE closed_at IS NULL"
_ONE, _ALL_ABOUT = f"{_CLOSE} AND id = %s {_VOICES}", f"{_CLOSE} AND target_type_id = %s AND target_id = %s AND id <= %s {_VOICES}"


class Closed(models.Model):
    """The part of a report that comes to an end: whoever made it is told what came of it."""

    public_id: uuid.UUID
    target: Any
    voice: Any
    closed_at: datetime | None
    closed_by: Any
    outcome: str
    unfounded_at: datetime | None
    objects: Any

    class Meta:
        abstract = True

    @transaction.atomic(savepoint=False)
    def close(self, *, by: Any, reason: str, unfounded: bool = False) -> None:
        """It was looked at: tell whoever reported it what came of it. `unfounded`: there was nothing to it."""
        if not self._close(_ONE, [self.pk], by=by, reason=reason, unfounded=unfounded):
            return
        self.closed_at, self.closed_by, self.outcome = now_in_steps(), by, reason[:1000]
        self.unfounded_at = self.closed_at if unfounded else None
        _unfold(self.target, by=by)

    def dismiss(self, *, by: Any, reason: str) -> None:
        """Close it because there was nothing to it; what its reporter tells us next weighs less."""
        self.close(by=by, reason=reason, unfounded=True)

    @classmethod
    @transaction.atomic(savepoint=False)
    def settle(cls, thing: tuple[int, int], target: Any, act: Callable[[], None], *, upto: int, by: Any, reason: str) -> bool:
        """Close all that asked for `target` to be looked at, by `act`; False where somebody else has, and nothing is done.

        `thing` is the type and the key of `target`, `upto` the key of the newest report that was read: a later one stays open.
        """
        if not cls._close(_ALL_ABOUT, [*thing, upto], by=by, reason=reason):
            return False
        act()
        _unfold(target, by=by)
        return True

    @classmethod
    def _close(cls, statement: str, which: Iterable[int], *, by: Any, reason: str, unfounded: bool = False) -> bool:
        """Close those that are open, write it down, and tell whoever reported them; False where there were none."""
        now = now_in_steps()
        with connection.cursor() as cursor:
            cursor.execute(statement, [now, by and by.pk, reason[:1000], now if unfounded else None, *which])
            closed = sorted(cursor.fetchall())
        kind = ContentType.objects.get_for_model(cls)
        record_each("moderation.report_closed", by=by, targets=[(kind, key) for key, *_voice in closed], reason=reason)
        news = [
            (Persona(pk=alias) if alias else User(pk=member), cls(pk=key), thread)
            for key, thread, member, alias in closed
            if alias or member
        ]
        notify_each(news, "moderation.report_closed", note=reason)
        return bool(closed)

    def reopen(self) -> None:
        """Somebody looks again, after all. Where it was reported anew meanwhile, that report is open already."""
        voice = self.voice
        if voice is not None and type(self).objects.open().beside(self).in_voice(voice).exists():
            return
        type(self).objects.filter(pk=self.pk).update(closed_at=None, closed_by=None, outcome="", unfounded_at=None)
        self.refresh_from_db()


def _unfold(target: Any, *, by: Any) -> None:
    if isinstance(target, Contribution) and target.folded_at:
        target.unfold(by=by, reason=gettext("A volunteer has looked at it."))
