"""The reasons that are needed often: whoever is in charge of safety, and the owners, keep the list in words they agreed on."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, Verb

from .models import ReasonTemplate


@admin.register(ReasonTemplate)
class ReasonTemplateAdmin(HearthModelAdmin):
    """Nothing is deleted: what is not wanted any more is taken off the list. What was decided keeps its words."""

    list_display = ["name", "act", "position", "state"]
    list_filter = ["act"]
    fields = ["name", "act", "words", "position"]
    ordering = ["act", "position", "name"]
    verbs = [
        Verb(
            "retire",
            gettext_lazy("Take it off the list"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Nobody is offered it any more. What was decided with it keeps its words."),
            offered=lambda template: not template.is_retired,
        ),
        Verb(
            "bring_back",
            gettext_lazy("Offer it again"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is on the list again."),
            offered=lambda template: template.is_retired,
        ),
    ]

    def has_view_permission(self, request: HttpRequest, obj: ReasonTemplate | None = None) -> bool:
        return request.user.is_authenticated and (request.user.is_lead or request.user.is_owner)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: ReasonTemplate) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("state"))
    def state(self, template: ReasonTemplate) -> str:
        return _("off the list") if template.is_retired else _("offered")
