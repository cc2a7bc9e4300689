"""`Steered`: what volunteers do with a whole conversation: close, look first, slow down, move, pin, and the opposites."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from community.audit.models import record
from community.contributions.models import Voice
from community.decisions.models import Act, Decision, decide
from community.members.models import User
from community.notifications.models import notify
from community.prepared import Prepared
from community.times import now_in_steps

from .audience import Audience
from .boards import Board, next_version


class Steered(models.Model):
    """The part of a conversation that volunteers steer."""

    board: Any
    board_id: Any
    audience: Any
    audience_group: Any
    audience_group_id: Any
    slow_minutes: Any
    slow_until: Any
    pinned_at: Any
    locked_at: Any
    lock_reason: Any
    held_first_at: Any
    voice: Any
    is_withdrawn: Any
    speaks_as: Any
    touch: Any
    _lock: Any

    class Meta:
        abstract = True

    # Closed --------------------------------------------------------------------------

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None

    @property
    def closed_sentence(self) -> str:
        """Why nobody can answer any more."""
        if self.lock_reason:
            return _("A volunteer closed this conversation: %(reason)s You can still read it, or start your own.") % {
                "reason": self.lock_reason
            }
        if self.is_withdrawn:
            return _("This conversation is closed. You can still read it, or start your own.")
        return _("%(name)s has closed this conversation. You can still read it, or start your own.") % {
            "name": self.voice.told_name
        }

    @transaction.atomic(savepoint=False)
    def lock(self, *, by: Voice, reason: str = "", rule: str = "") -> None:
        """Close to new replies. A moderator gives a reason, which also holds what the starter had closed; the starter need not."""
        self._lock()
        if self.is_locked and (self.lock_reason or not reason):
            return
        was_closed = self.is_locked
        self.locked_at, self.lock_reason = now_in_steps(), reason
        self.save(update_fields=["locked_at", "lock_reason"])
        self.touch()
        if not self.speaks_as(by):
            decide(Act.LOCK, self, by=by, reason=reason, rule=rule, action="forums.topic_locked", kept={"was_closed": was_closed})

    @transaction.atomic(savepoint=False)
    def unlock(self, *, by: Voice, reason: str = "", of: Decision | None = None) -> None:
        """Open to new replies again. What a moderator closed takes a reason, whoever pressed first.

        Where `of` one decision is undone, what the starter had closed before stays so.
        """
        self._lock()
        if not self.is_locked or (self.lock_reason and not reason):
            return
        self.locked_at = self.locked_at if of is not None and of.kept.get("was_closed") else None
        self.lock_reason = ""
        self.save(update_fields=["locked_at", "lock_reason"])
        Decision.objects.mark_reversed(Decision.objects.about(self).standing().filter(act=Act.LOCK))
        self.touch()
        if not self.speaks_as(by):
            record("forums.topic_unlocked", by=by, target=self, reason=reason)
            notify([self.voice], "forums.topic_unlocked", by=by, target=self, note=reason)

    # Looking first -------------------------------------------------------------------

    @transaction.atomic(savepoint=False)
    def look_first(self, *, by: User, reason: str) -> None:
        """Let a volunteer look at new replies before others see them."""
        self._lock()
        if self.held_first_at is None:
            self.held_first_at = now_in_steps()
            self.save(update_fields=["held_first_at"])
            self.touch()
            record("forums.topic_held_first", by=by, target=self, reason=reason)

    @transaction.atomic(savepoint=False)
    def show_at_once(self, *, by: User, reason: str) -> None:
        """Let new replies be seen at once; what waits goes on waiting."""
        self._lock()
        if self.held_first_at is not None:
            self.held_first_at = None
            self.save(update_fields=["held_first_at"])
            self.touch()
            record("forums.topic_shown_at_once", by=by, target=self, reason=reason)

    # Slowly --------------------------------------------------------------------------

    @property
    def is_slow(self) -> bool:
        """Does some time lie between two replies of the same voice, just now?"""
        return self.slow_until is not None and timezone.now() < self.slow_until

    @transaction.atomic(savepoint=False)
    def slow(self, *, by: User, reason: str, minutes: int, until: datetime, rule: str = "") -> None:
        """Let so many minutes lie between two replies of the same voice, until then."""
        self._lock()
        if self.is_slow and (minutes, until) == (self.slow_minutes, self.slow_until):
            return
        self.slow_minutes, self.slow_until = minutes, until
        self.save(update_fields=["slow_minutes", "slow_until"])
        self.touch()
        decide(Act.SLOW, self, by=by, reason=reason, rule=rule, until=until, action="forums.topic_slowed")

    @transaction.atomic(savepoint=False)
    def quicken(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        """Let everybody answer as quickly as they like again."""
        self._lock()
        Decision.objects.mark_reversed(Decision.objects.about(self).standing().filter(act=Act.SLOW))
        if self.slow_until is None:
            return
        self.slow_minutes = self.slow_until = None
        self.save(update_fields=["slow_minutes", "slow_until"])
        self.touch()
        record("forums.topic_quickened", by=by, target=self, reason=reason)
        notify([self.voice], "contributions.restored", target=self, note=reason)

    # Elsewhere -----------------------------------------------------------------------

    @property
    def possible_boards(self) -> Any:
        """Where it can be moved: never to a group of members that it was not written for."""
        return self._possible_from(self.board)

    @property
    def is_movable(self) -> bool:
        """Is there another board for it?"""
        return bool(_elsewhere.rows(None, None, here=self.board.pk, group=self._read_by(self.board)[1]))

    def _possible_from(self, here: Board) -> Any:
        return _others(here.pk, self._read_by(here)[1])

    def _read_by(self, here: Board) -> tuple[str, int | None]:
        """Audience and group of whoever can read it where it stands: the board may have become narrower since it was begun."""
        if Audience.GROUP not in (self.audience, here.audience):
            is_open = self.audience == here.audience == Audience.EVERYONE
            return (Audience.EVERYONE if is_open else Audience.MEMBERS, None)
        return Audience.GROUP, self.audience_group_id or here.audience_group_id

    @transaction.atomic
    def move(self, *, by: User, reason: str, board: Board, rule: str = "") -> None:
        """Put it on another board. Nobody reads it there who could not read it before; its old address leads on."""
        self._lock()
        if board.pk == self.board_id:
            return
        here = Board.objects.get(pk=self.board_id)
        if not self._possible_from(here).filter(pk=board.pk).exists():
            raise ValueError("A conversation of one group stays within it.")
        kept = {"board": self.board_id, "audience": self.audience}
        self._put_on(board, here=here)
        decide(Act.MOVE, self, by=by, reason=reason, rule=rule, action="forums.topic_moved", kept=kept)

    @transaction.atomic(savepoint=False)
    def move_back(self, *, by: User, reason: str, of: Decision) -> None:
        """Put it where it stood before this decision, for whoever could read it there."""
        self._lock()
        before = Board.objects.filter(pk=of.kept["board"]).first()
        latest = Decision.objects.about(self).standing().filter(act=Act.MOVE).order_by("-pk").first()
        if of.is_reversed or before is None or latest is None or latest.pk != of.pk:
            return  # It was moved on since; where it stands now was another decision.
        Decision.objects.mark_reversed([of])
        self._put_on(before, here=Board.objects.get(pk=self.board_id), audience=of.kept["audience"])
        record("forums.topic_moved_back", by=by, target=self, reason=reason)
        notify([self.voice], "contributions.restored", target=self, note=reason)

    def _put_on(self, board: Board, *, here: Board, audience: str = "") -> None:
        """`audience` is what it was there before; else as wide as it is `here`, or as narrow as the board."""
        self.audience, self.audience_group_id = self._read_by(here)
        if self.audience == Audience.EVERYONE and board.audience == Audience.MEMBERS:
            self.audience = Audience.MEMBERS
        if audience == Audience.EVERYONE and board.audience == Audience.EVERYONE:
            self.audience = Audience.EVERYONE
        self.board = board
        self.save(update_fields=["board", "audience", "audience_group"])
        Board.objects.filter(pk__in=[here.pk, board.pk]).update(version=next_version())
        self.touch()

    # On top --------------------------------------------------------------------------

    @property
    def is_pinned(self) -> bool:
        return self.pinned_at is not None

    @transaction.atomic(savepoint=False)
    def pin(self, *, by: User, reason: str) -> None:
        """Let it stand above the others on its board."""
        self._lock()
        if not self.is_pinned:
            self.pinned_at = now_in_steps()
            self.save(update_fields=["pinned_at"])
            self.touch()
            record("forums.topic_pinned", by=by, target=self, reason=reason)

    @transaction.atomic(savepoint=False)
    def unpin(self, *, by: User, reason: str) -> None:
        self._lock()
        if self.is_pinned:
            self.pinned_at = None
            self.save(update_fields=["pinned_at"])
            self.touch()
            record("forums.topic_unpinned", by=by, target=self, reason=reason)


def _others(here: int, group: int | None) -> models.QuerySet[Board]:
    """Boards beside this one that are for everybody, or for that very group."""
    return Board.objects.exclude(pk=here).filter(~models.Q(audience=Audience.GROUP) | models.Q(audience_group=group))


_elsewhere: Prepared[Any] = Prepared(lambda viewer, here, group: _others(here, group).values_list("pk")[:1], here=int, group=int)
