"""Finding out who speaks under an alias: asked for by one who is in charge of safety, agreed to by another one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, SHORTEST_REASON, Verb
from community.moderation import unmasking as seals
from community.moderation.models import Unmasking
from community.moderation.permissions import can_approve_unmasking, can_ask_unmasking, can_refuse_unmasking
from community.moderation.voices import VoiceField
from community.permissions import Verdict
from community.text import BodyField

from .once import WrittenOnceAdmin


class AskForm(ModelForm):
    """Whom, why, and whether there is a reason not to tell them."""

    user: Any = None

    alias = VoiceField(
        label=gettext_lazy("Alias"),
        aliases_only=True,
        help_text=gettext_lazy("The address of something that was said under it."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    reason = BodyField(
        label=gettext_lazy("Why"),
        max_length=1000,
        help_text=gettext_lazy("What is the danger, and why is nothing less enough? Whoever it is about will read this."),
        error_messages={"required": gettext_lazy("Write a reason first, in a sentence.")},
        widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
    )
    untold_because = BodyField(
        label=gettext_lazy("Why the member is not told"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Empty: they are told. Only if telling them would put somebody in danger, say here why."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    class Meta:
        model = Unmasking
        fields = ("reason", "untold_because")

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if len(reason) < SHORTEST_REASON:
            raise forms.ValidationError(_("A few more words, please, so that it can be understood later."))
        return reason

    def clean_alias(self) -> Any:
        alias = self.cleaned_data["alias"]
        if not (verdict := can_ask_unmasking(self.user, alias)):
            raise forms.ValidationError(str(verdict))
        return alias


@admin.register(Unmasking)
class UnmaskingAdmin(WrittenOnceAdmin):
    """Open to those in charge of safety alone. Nothing here names a member but the answer, to the two who agreed, for a week."""

    asks_for = "alias"
    form = AskForm
    list_display = ["alias", "state", "asked", "asked_at"]
    list_display_links = ["alias"]
    ordering = ["-asked_at", "-pk"]
    verbs = [
        Verb(
            "approve",
            gettext_lazy("Agree"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Agreed. It takes a moment; then the two of you find the answer here for a week."),
            offered=lambda unmasking: unmasking.is_waiting,
        ),
        Verb(
            "refuse",
            gettext_lazy("Don’t agree"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Nobody finds out anything."),
            offered=lambda unmasking: unmasking.is_waiting,
        ),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_lead

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_lead

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_lead

    def may(self, request: HttpRequest, verb: Verb, obj: Unmasking) -> Verdict:
        return {"approve": can_approve_unmasking, "refuse": can_refuse_unmasking}[verb.name](request.user, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Not those about oneself."""
        return super().get_queryset(request).not_about(request.user).select_related("persona", "asked_by", "approved_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["alias", "reason", "untold_because"]
        return ["alias", "reason", "told", "asked", "approved", "state", "who"]

    def save_model(self, request: HttpRequest, obj: Unmasking, form: Any, change: bool) -> None:
        """Asking is a verb of the model; two who ask at once ask once."""
        said = form.cleaned_data
        asked = Unmasking.ask(said["alias"], by=request.user, reason=said["reason"], untold_because=said["untold_because"])
        obj.pk = (asked or Unmasking.objects.open().get(persona=said["alias"])).pk

    def log_addition(self, request: HttpRequest, obj: Unmasking, message: Any) -> None:
        """It was written down already."""

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return None

    def looked(self, request: HttpRequest, obj: Unmasking) -> None:
        """Whoever sees the answer leaves a trace."""
        obj.found = seals.answer(obj, to=request.user)
        obj.is_shown = obj.is_of_the_two(request.user)

    @admin.display(description=gettext_lazy("alias"))
    def alias(self, unmasking: Unmasking) -> str:
        return unmasking.persona.told_name

    @admin.display(description=gettext_lazy("the member is told"))
    def told(self, unmasking: Unmasking) -> str:
        if unmasking.is_told:
            return _("Yes, with the reason, as soon as it is done.")
        return _("No. %(why)s") % {"why": unmasking.untold_because}

    @admin.display(description=gettext_lazy("asked by"))
    def asked(self, unmasking: Unmasking) -> str:
        return unmasking.asked_by.username

    @admin.display(description=gettext_lazy("agreed to by"))
    def approved(self, unmasking: Unmasking) -> str:
        return unmasking.approved_by.username if unmasking.approved_by else "–"

    @admin.display(description=gettext_lazy("state"))
    def state(self, unmasking: Unmasking) -> str:
        until = date_format(timezone.localtime(unmasking.expires_at), "j F, H:i")
        if unmasking.is_waiting:
            return _("waits for a second person, until %(until)s") % {"until": until}
        if unmasking.approved_at is None:
            return _("not agreed to")
        if unmasking.is_over:
            return _("over, and forgotten")
        return _("found out, to be read until %(until)s") % {"until": until} if unmasking.is_opened else _("agreed to, being done")

    @admin.display(description=gettext_lazy("who it is"))
    def who(self, unmasking: Unmasking) -> str:
        if not unmasking.is_opened or unmasking.is_over:
            return "–"
        if not unmasking.is_shown:  # type: ignore[attr-defined]
            return _("Only the two who agreed can see this.")
        found = unmasking.found  # type: ignore[attr-defined]
        return found.username if found else _("Nobody is behind this alias any more.")
