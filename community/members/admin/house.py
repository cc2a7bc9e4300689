"""What owners word and tune: the training of a role, the texts that members agree to, the limits of the first days."""

from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.admin import FOR_THE_RECORD, HearthModelAdmin, Verb
from community.members.models import Agreement, NewMemberLimits, TrainingStep
from community.only_one import OnlyOneAdmin


@admin.register(TrainingStep)
class TrainingStepAdmin(HearthModelAdmin):
    """What a role asks of somebody before it begins; retired, never deleted. A role without steps begins at once."""

    list_display = ("name", "role", "position", "is_in_use")
    list_filter = ("role",)
    fields = ("role", "name", "body", "answer", "position")
    verbs = (
        Verb(
            "retire",
            _("Ask for it no more"),
            asks=FOR_THE_RECORD,
            said=_("Nobody is asked for it any more. Whoever waited for nothing else begins tonight."),
            offered=lambda step: not step.is_retired,
        ),
        Verb(
            "bring_back",
            _("Ask for it again"),
            asks=FOR_THE_RECORD,
            said=_("Whoever is given the role from now on is asked for it."),
            offered=lambda step: step.is_retired,
        ),
    )

    @admin.display(description=_("asked for"), boolean=True)
    def is_in_use(self, step: TrainingStep) -> bool:
        return not step.is_retired


@admin.register(Agreement)
class AgreementAdmin(HearthModelAdmin):
    """A text is never edited: a new version is published, and members are asked anew."""

    can_change = False
    fields = ("kind", "body")
    list_display = ("__str__", "published_at", "replaced_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        """Begin with the house rules as they are now."""
        kind = request.GET.get("kind", Agreement.Kind.RULES)
        current = Agreement.objects.current().filter(kind=kind).first() if kind in Agreement.Kind.values else None
        return {"kind": current.kind, "body": current.body} if current else {}

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Agreement, form: ModelForm, change: bool) -> None:
        obj.publish()


@admin.register(NewMemberLimits)
class NewMemberLimitsAdmin(OnlyOneAdmin):
    can_add = False
