"""What was called in a room of two: for whoever is in charge of safety, and for nobody else."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, ReasonForm, Verb
from community.audit.models import record
from community.contributions.models import Revision
from community.moderation.admin import NoReasonForm, OpenOnes, said_in_private
from community.text import BodyField
from community.times import day_and_clock
from mentorship.models import Concern, Message


class ToldForm(ReasonForm):
    """Why it is done, for the leads; and what the two read, who might guess from more than that who called."""

    told = BodyField(
        label=gettext_lazy("What both of them read. Empty: a calm sentence that says nothing of the reason."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    field_order = ["reason", "told"]


@admin.register(Concern)
class ConcernAdmin(HearthModelAdmin):
    """What somebody says is not safe, oldest first. Each look at it is written down."""

    can_add = can_change = False
    list_display = ["when", "pair", "state", "taken_by"]
    list_display_links = ["when"]
    list_filter = [OpenOnes]
    list_select_related = ["taken_by", "match__newcomer", "match__mentor__user"]
    ordering = ["at", "pk"]
    fields = ["when", "called_by", "pair", "state", "what", "read", "taken_by", "closed_at", "outcome"]
    readonly_fields = fields
    verbs = [
        Verb(
            "take",
            gettext_lazy("Say that I am on it"),
            said=gettext_lazy("Your name stands beside it, for the other leads."),
            offered=lambda concern: not concern.is_closed,
            form=NoReasonForm,
        ),
        Verb(
            "freeze",
            gettext_lazy("Freeze the room"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Nobody can write there now. Both were told so, calmly."),
            offered=lambda concern: concern.match.is_active and not concern.match.is_frozen,
            form=ToldForm,
        ),
        Verb(
            "unfreeze",
            gettext_lazy("Open the room again"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("They can write again."),
            offered=lambda concern: concern.match.is_frozen,
        ),
        Verb(
            "end_pair",
            gettext_lazy("End the pair for safety"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is over. Both were told that it is, and not why."),
            offered=lambda concern: not concern.match.is_over,
            form=ToldForm,
        ),
        Verb(
            "let_go_on",
            gettext_lazy("Let them go on after all"),
            asks=gettext_lazy("Why? Both of them will read this."),
            said=gettext_lazy("They are where they were, as far as that can be by now, and both were told."),
            offered=lambda concern: concern.match.was_ended_by_staff,
        ),
        Verb(
            "close",
            gettext_lazy("Close it"),
            asks=gettext_lazy("What came of it? Only the leads read this; whoever called learns that somebody has looked."),
            said=gettext_lazy("Closed, and whoever called knows that somebody has looked."),
            offered=lambda concern: not concern.is_closed,
        ),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and request.user.is_lead

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Not those about a room of one's own."""
        rows = Concern.objects.visible_to(request.user)
        return rows.select_related("by", "taken_by", "match__newcomer", "match__mentor__user").order_by(*self.ordering)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return None

    def looked(self, request: HttpRequest, obj: Concern) -> None:
        record("mentorship.concern_read", by=request.user, target=obj)

    @admin.display(description=gettext_lazy("called"), ordering="at")
    def when(self, concern: Concern) -> str:
        return day_and_clock(concern.at)

    @admin.display(description=gettext_lazy("who called"))
    def called_by(self, concern: Concern) -> str:
        return concern.by.username

    @admin.display(description=gettext_lazy("newcomer and mentor"))
    def pair(self, concern: Concern) -> str:
        return f"{concern.match.newcomer.username}, {concern.match.mentor.user.username}"

    @admin.display(description=gettext_lazy("the room"))
    def state(self, concern: Concern) -> str:
        match = concern.match
        if match.is_over:
            return _("over")
        if match.is_frozen:
            return _("frozen")
        return _("open") if match.is_active else _("not begun")

    @admin.display(description=gettext_lazy("what they say"))
    def what(self, concern: Concern) -> str:
        return linebreaks_filter(concern.words) or "–"

    @admin.display(description=gettext_lazy("what they let you read"))
    def read(self, concern: Concern) -> str:
        """Only while it is open, and only what they chose with what stands around it."""
        if concern.is_closed:
            return _("It is closed, so nothing of the room is shown any more.")
        chosen = list(Message.objects.filter(pk__in=concern.shown, match=concern.match_id).in_order())
        if not chosen:
            return _("They chose no words of the room.")
        rows = ((said_in_private(message.around, about=message), _as_called(concern, message)) for message in chosen)
        return format_html_join("", "{}{}", rows)


def _as_called(concern: Concern, message: Message) -> SafeString | str:
    """What they chose, as it stood when they called (give or take a step of the clock), if it was changed or taken back since."""
    kind = ContentType.objects.get_for_model(Message)
    before = Revision.objects.filter(target_type=kind, target_id=message.pk, replaced_at__gte=concern.at)
    if (first := before.order_by("replaced_at", "pk").first()) is None:
        return ""
    words = _("Changed or taken back about then or since. As it stood before:")
    return format_html("<details><summary>{}</summary>{}</details>", words, linebreaks_filter(first.body))
