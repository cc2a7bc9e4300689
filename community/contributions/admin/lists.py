"""What owners choose for all words: the list of content notes, and what is looked at first."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, Verb
from community.contributions.models import Holding
from community.contributions.notes import Note
from community.notifications.jobs import defer
from community.only_one import OnlyOneAdmin


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


@admin.register(Holding)
class HoldingAdmin(OnlyOneAdmin):
    """What is looked at first in the whole house."""

    fields = ["everything", "first_posts"]
