"""Noting: the part of a form that says what the words are about. Offered, never demanded."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.text import LineField

from .forms import WritingForm
from .notes import LONGEST_WORDS, Note, in_words, offered, offered_lately

# More than any list offers.
_MOST = 50


def names_of(notes: Iterable[Note]) -> tuple[tuple[str, str], ...]:
    """What is offered; a fold in which nothing is chosen depends on nothing else."""
    return tuple((str(note.pk), note.name) for note in notes)


class NoteFields(forms.Form):
    """Notes to choose from, and a line of one's own. `carried` are the keys of those that the words carry already.

    They stand in a fold of their own, components/note_fields.html, and are not among `visible_fields`.
    """

    notes = forms.MultipleChoiceField(
        label=_("Content note"),
        help_text=_("People see the note and decide whether to read."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these is not offered any more. What else you chose is still chosen.")},
    )
    note_words = LineField(label=_("In your own words"), max_length=LONGEST_WORDS, required=False)

    def __init__(self, *args: Any, carried: Iterable[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Where nothing is chosen there is nothing to check.
        listed = offered(carried) if carried or "notes" in self.data else offered_lately()
        self.listed = {str(note.pk): note for note in listed}
        self.fields["notes"].choices = [(key, note.name) for key, note in self.listed.items()]  # type: ignore[attr-defined]

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        return names_of(self.listed.values())

    def clean_notes(self) -> list[Note]:
        """In the order of the list."""
        chosen = set(self.cleaned_data["notes"])
        return [note for key, note in self.listed.items() if key in chosen]

    def clean_note_words(self) -> str:
        return self.cleaned_data["note_words"].rstrip(" .")

    def visible_fields(self) -> list[forms.BoundField]:
        return [field for field in super().visible_fields() if field.name not in NoteFields.base_fields]

    @property
    def note(self) -> dict[str, Any]:
        """What was chosen, as the verbs take it."""
        return {"notes": self.cleaned_data["notes"], "note_words": self.cleaned_data["note_words"]}

    @property
    def has_note(self) -> bool:
        """Is there anything in the fold that whoever writes should see?"""
        return any(self[name].value() or self[name].errors for name in NoteFields.base_fields)


class NotingForm(NoteFields, WritingForm):
    """Words that may carry a note."""

    @property
    def preview(self) -> SafeString | str:
        html = super().preview
        return with_note(html, note_of(self.data)) if html else ""


def note_of(data: QueryDict | Any) -> str:
    """The note in a form that was not checked, as readers would see it."""
    chosen = [int(key) for key in data.getlist("notes")[:_MOST] if key.isascii() and key.isdecimal() and len(key) < 10]
    words = LineField(required=False, max_length=LONGEST_WORDS).to_python(data.get("note_words", ""))[:LONGEST_WORDS]
    return in_words(Note.objects.filter(pk__in=chosen) if chosen else (), words.rstrip(" ."))


def with_note(html: str, note: str) -> SafeString | str:
    """How words and their note will look; not folded, since whoever wrote them looks."""
    if not note:
        return html
    mark = gettext("Content note: %(note)s") % {"note": note}
    return format_html('<p><span class="mark mark-note">{}</span></p>{}', mark, html)
