"""The desk itself: its times and limits, for owners; and what one shift told the next, for everybody who sits there.

What a volunteer leaves to others is theirs alone: `Duty` has no page here.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.translation import gettext_lazy

from community.admin import HearthModelAdmin, shown
from community.moderation.models import Demand, DeskSettings, HandOver
from community.only_one import OnlyOneAdmin


@admin.register(DeskSettings)
class DeskSettingsAdmin(OnlyOneAdmin):
    fields = [
        ("worried_hours", "harm_hours", "other_hours"),
        ("here_from", "here_until"),
        "quiet_hours",
        ("fold_after", "fold_always_after", "fold_days"),
        "reports_a_day",
        "claim_minutes",
        "severe_a_day",
        "debrief",
        "appeal_months",
    ]


@admin.register(Demand)
class DemandAdmin(HearthModelAdmin):
    """What authorities asked for, written down by owners; how many that were stands on the page of figures."""

    list_display = ["on", "given_at"]
    fields = ["on", "what", "given_at"]
    ordering = ["-on", "-pk"]


@admin.register(HandOver)
class HandOverAdmin(HearthModelAdmin):
    """What one shift told the next, newest first; written at the desk."""

    can_add = can_change = False
    list_display = ["__str__", "by", "when"]
    list_select_related = ["by"]
    fields = readonly_fields = ["by", "when", "told"]
    ordering = ["-at", "-pk"]
    when = shown("at", gettext_lazy("when"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("words"))
    def told(self, note: HandOver) -> str:
        return linebreaks_filter(note.words)
