"""The list of content notes, for owners; and how a moderator adds a note to somebody's words."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, ReasonForm, Verb
from community.notifications.jobs import defer

from .notes import Note
from .noting import NoteFields


@admin.register(Note)
class NoteAdmin(HearthModelAdmin):
    list_display = ["name", "position", "state"]
    fields = ["name", "position"]
    verbs = [
        Verb(
            "retire",
            gettext_lazy("Take it off the list"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Nobody is offered it any more. What carries it keeps it."),
            offered=lambda note: not note.is_retired,
        ),
        Verb(
            "offer",
            gettext_lazy("Offer it again"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is on the list again."),
            offered=lambda note: note.is_retired,
        ),
    ]

    @admin.display(description=gettext_lazy("state"))
    def state(self, note: Note) -> str:
        return _("off the list") if note.is_retired else _("offered")

    def save_model(self, request: HttpRequest, obj: Note, form: ModelForm, change: bool) -> None:
        """Under a new name it stands above everything that carries it, as soon as the worker has been there."""
        super().save_model(request, obj, form, change)
        if change and "name" in form.changed_data:
            defer("community.contributions.tasks.renew_note", {"note": obj.pk})


class NoteForm(NoteFields, ReasonForm):
    field_order = ["notes", "note_words", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (self.errors or cleaned.get("notes") or cleaned.get("note_words")):
            raise ValidationError(_("Choose a note, or write one in a few words."))
        return cleaned


ADD_NOTE = Verb(
    "add_note",
    gettext_lazy("Add a content note"),
    said=gettext_lazy("Added. The words are folded behind it, also where they are quoted, and whoever wrote them was told."),
    offered=lambda words: not words.is_withdrawn,
    form=NoteForm,
)
