"""Content notes: what a text is about that somebody may want to know before they read it. Offered, never demanded."""

import time
from collections.abc import Iterable
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.members.models import User
from community.prepared import Prepared

# The longest words of one's own beside the list's.
LONGEST_WORDS = 60
LONGEST = 300


class NoteQuerySet(models.QuerySet):
    def offered(self) -> Self:
        return self.filter(retired_at=None)


class Note(models.Model):
    """One of the short list of content notes, kept by owners."""

    name = models.CharField(_("words of the note"), max_length=40, unique=True, help_text=_("Specific and gentle, in a few words."))
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    retired_at = models.DateTimeField(null=True, editable=False)

    objects = NoteQuerySet.as_manager()
    personal = {}

    class Meta:
        verbose_name = _("content note")
        verbose_name_plural = _("content notes")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        super().save(**kwargs)
        forget()

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @transaction.atomic
    def retire(self, *, by: User, reason: str) -> None:
        """Offer it to nobody any more; what carries it keeps it."""
        if not self.is_retired:
            self.retired_at = timezone.now()
            self.save(update_fields=["retired_at"])
            record("contributions.note_retired", by=by, target=self, reason=reason)

    @transaction.atomic
    def offer(self, *, by: User, reason: str) -> None:
        """Offer it again."""
        if self.is_retired:
            self.retired_at = None
            self.save(update_fields=["retired_at"])
            record("contributions.note_offered", by=by, target=self, reason=reason)


_offered = Prepared(lambda _viewer, carried: Note.objects.filter(Q(retired_at=None) | Q(pk__among=carried)), carried=list)


def offered(carried: Iterable[int] = ()) -> list[Note]:
    """The list that whoever writes may choose from, with those that the words carry already."""
    return _offered.rows(None, None, carried=list(carried))


# The list changes once in a season and stands beside every reply box, so each process looks at it once a minute.
REMEMBERED_SECONDS = 60
_remembered: dict[str, tuple[float, list[Note]]] = {}


def offered_lately() -> list[Note]:
    """The list as it was within the last minute; for showing it, not for checking what was chosen."""
    at, notes = _remembered.get("offered", (0.0, []))
    if not at or time.monotonic() - at > REMEMBERED_SECONDS:
        notes = offered()
        _remembered["offered"] = (time.monotonic(), notes)
    return notes


def forget() -> None:
    """Look again the next time."""
    _remembered.clear()


def in_words(notes: Iterable[Note], words: str) -> str:
    """A note as readers see it: what was chosen from the list, then one's own words."""
    return ", ".join([*(note.name for note in notes), *([words] if words else [])])[:LONGEST]
