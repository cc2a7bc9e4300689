"""`Together`: what a pair keeps in its room beside the messages, and when nothing can be written there."""

import hashlib
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

from .held import Held

# What the two agree on, in the order in which it is asked.
AGREEMENT = ("rhythm", "channel", "between_us", "how_to_stop", "lasts_until")


class Side(models.TextChoices):
    NEWCOMER = "newcomer", _("Newcomer")
    MENTOR = "mentor", _("Mentor")
    PROGRAMME = "programme", _("The programme")


class RoomClosed(Exception):
    """Nobody can write there any more: it is over, or it was frozen a moment ago."""


class ChangedMeanwhile(Exception):
    """What somebody looked at was changed by the other one; nothing was written."""


class Together(Held):
    """The room's own part of a match: how it was agreed to go, notes that both write, and what was frozen for safety."""

    rhythm = models.CharField(_("how often"), max_length=200, blank=True)
    channel = models.CharField(_("where you talk"), max_length=200, blank=True)
    between_us = models.CharField(_("what stays between you"), max_length=500, blank=True)
    how_to_stop = models.CharField(_("how either of you can stop"), max_length=500, blank=True)
    lasts_until = models.DateField(_("until about"), null=True, blank=True)
    newcomer_agreed_at = models.DateTimeField(null=True)
    mentor_agreed_at = models.DateTimeField(null=True)
    # Notes that both write; the number tells two versions apart.
    notes = models.TextField(_("what you both want to remember"), max_length=8000, blank=True)
    notes_version = models.PositiveIntegerField(default=0)

    last_position = models.PositiveIntegerField(default=0, editable=False)
    spoke_at = models.DateTimeField(null=True)  # the last message of either
    nudged_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)

    began_at: Any
    ended_at: Any

    class Meta:
        abstract = True

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def is_open_to_words(self) -> bool:
        return self.began_at is not None and self.ended_at is None and self.frozen_at is None

    def side_of(self, user: Any) -> Side | None:
        raise NotImplementedError

    def other_than(self, user: Any) -> User:
        raise NotImplementedError

    def hold_open(self) -> None:
        """Hold the room until the transaction ends and see its newest state. Raises RoomClosed where nobody can write."""
        self._hold_row(no_key=True)
        if not self.is_open_to_words:
            raise RoomClosed

    # How it shall go ----------------------------------------------------------------

    @property
    def has_agreement(self) -> bool:
        return any(getattr(self, name) for name in AGREEMENT)

    @property
    def is_agreed(self) -> bool:
        return self.newcomer_agreed_at is not None and self.mentor_agreed_at is not None

    @property
    def agreement_stamp(self) -> str:
        """Tells one wording from another, so that nobody agrees to what they have not read."""
        said = "\x1f".join(str(getattr(self, name) or "") for name in AGREEMENT)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def agreed_at(self, user: Any) -> Any:
        """When `user`, one of the two, agreed to what stands there now."""
        return getattr(self, f"{self.side_of(user).value}_agreed_at")

    def has_agreed(self, user: Any) -> bool:
        return self.agreed_at(user) is not None

    @transaction.atomic
    def propose(self, *, by: User, seen: str, lasts_until: date | None = None, **words: str) -> None:
        """Put down how it shall go. Whoever does agrees to it, and the other one is asked anew.

        `seen` is the stamp of what stood there when they began to write. Raises ChangedMeanwhile if that is something else by now.
        """
        self.hold_open()
        before = self.agreement_stamp
        for name, value in {**words, "lasts_until": lasts_until}.items():
            setattr(self, name, value)
        if self.agreement_stamp == before:
            self._agree(by)
            return
        if seen != before:
            raise ChangedMeanwhile
        self.newcomer_agreed_at = self.mentor_agreed_at = None
        setattr(self, f"{self.side_of(by).value}_agreed_at", now_in_steps())
        self.save(update_fields=[*AGREEMENT, "newcomer_agreed_at", "mentor_agreed_at"])
        notify([self.other_than(by)], "mentorship.agreement_changed", by=by, target=self)

    @transaction.atomic
    def agree(self, *, by: User, seen: str) -> None:
        """Agree to what stands there. Raises ChangedMeanwhile if that is something else than they saw."""
        self.hold_open()
        if seen != self.agreement_stamp or not self.has_agreement:
            raise ChangedMeanwhile
        self._agree(by)

    def _agree(self, by: User) -> None:
        if self.has_agreement and not self.has_agreed(by):
            field = f"{self.side_of(by).value}_agreed_at"
            setattr(self, field, now_in_steps())
            self.save(update_fields=[field])

    # Notes ----------------------------------------------------------------------------

    @transaction.atomic
    def write_notes(self, notes: str, *, version: int) -> None:
        """Write the notes that both share, over the version that was read; raises ChangedMeanwhile for an older one."""
        self.hold_open()
        if notes == self.notes:
            return
        if version != self.notes_version:
            raise ChangedMeanwhile
        self.notes, self.notes_version = notes, self.notes_version + 1
        self.save(update_fields=["notes", "notes_version"])
