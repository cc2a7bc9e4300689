"""Content notes: what a text is about that somebody may want to know before they read it. Offered, never demanded."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

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


def in_words(notes: Iterable[Note], words: str) -> str:
    """A note as readers see it: what was chosen from the list, then one's own words."""
    return ", ".join([*(note.name for note in notes), *([words] if words else [])])[:LONGEST]
