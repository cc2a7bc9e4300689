"""What coordinators keep for mentors: the steps before somebody is one, what can be asked of them, and the pace of it all."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, Verb
from community.only_one import OnlyOneAdmin
from mentorship.models import Help, Lesson, Pace
from mentorship.permissions import can_review_mentors


class ByCoordinators(HearthModelAdmin):
    """What coordinators keep, and owners."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(can_review_mentors(request.user))

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class KeptAdmin(ByCoordinators):
    """A list of which nothing is deleted: what is not wanted any more is retired."""

    list_display = ["name", "position", "is_in_use"]
    ordering = ["position", "pk"]
    verbs = [
        Verb(
            "retire",
            gettext_lazy("Retire it"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is not offered any more; whoever has it keeps it."),
            offered=lambda kept: not kept.is_retired,
        ),
        Verb(
            "bring_back",
            gettext_lazy("Bring it back"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is offered again."),
            offered=lambda kept: kept.is_retired,
        ),
    ]

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("in use"), boolean=True)
    def is_in_use(self, kept: Any) -> bool:
        return not kept.is_retired


@admin.register(Pace)
class PaceAdmin(OnlyOneAdmin, ByCoordinators):
    """How many, how soon and for how long."""

    fields = ["most_places", "answer_days", "search_days"]


@admin.register(Lesson)
class LessonAdmin(KeptAdmin):
    """The steps before somebody is a mentor."""

    list_display = ["name", "is_case", "position", "is_in_use"]
    fields = ["name", "body", "is_case", "position"]


@admin.register(Help)
class HelpAdmin(KeptAdmin):
    """What can be asked for and offered."""

    fields = ["name", "hint", "position"]
