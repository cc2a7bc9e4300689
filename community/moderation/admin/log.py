"""The log as staff read it: nothing in it is made, changed or taken out here."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.admin import HearthModelAdmin, Titled, shown
from community.audit.models import SIGNED_IN, Entry

from .reports import kept_kinds


def _is_voice(entry: Entry) -> bool:
    """Is it about somebody, by name or under an alias?"""
    return entry.target_type is not None and hasattr(entry.target_type.model_class(), "told_name")


class When(Titled, admin.DateFieldListFilter):
    titled = _("when")


@admin.register(Entry)
class EntryAdmin(HearthModelAdmin):
    """Who did what to what, and when, for moderators; why, and when staff signed in, for owners and those in charge of safety.

    Of what is for those in charge of safety alone (`is_for_leads` of a model), owners learn here that it was done, not why.
    """

    can_add = can_change = False
    list_display: Sequence[str] = ["when", "done", "who", "what"]
    list_display_links = ["when", "done"]
    when = shown("at", _("when"))
    list_select_related = ["by", "target_type", "words"]
    list_filter = [("at", When)]
    ordering = ["-pk"]
    search_fields = ["action"]
    search_help_text = _("The beginning of what was done, such as “unmasking”.")
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or self.may_read_words(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may_read_words(self, request: HttpRequest) -> bool:
        return request.user.is_lead or request.user.is_owner

    def may(self, request: HttpRequest, verb: Any, obj: Any) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        if not self.may_read_words(request):
            rows = rows.exclude(action=SIGNED_IN)
        for kind, model in kept_kinds(only_reported=False).items():
            # What is about them is for others, and nobody learns here sooner than elsewhere that somebody asks who they are.
            theirs = model.kept_from(request.user).annotate(key=Cast("pk", CharField())).values("key")
            rows = rows.exclude(target_type=kind, target_id__in=theirs)
        closed = [] if request.user.is_lead else [model for model in apps.get_models() if getattr(model, "is_for_leads", False)]
        kinds = [kind.pk for kind in ContentType.objects.get_for_models(*closed).values()]
        return rows.annotate(is_for_leads=Q(target_type__in=kinds))

    def get_list_display(self, request: HttpRequest) -> list[str]:
        shown = list(self.list_display)
        return [*shown, "reason"] if self.may_read_words(request) else shown

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_list_display(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_list_display(request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if search_term.strip():
            begins = search_term.strip()[:80].lower().replace(" ", "_")
            queryset = queryset.filter(Q(action__startswith=begins) | Q(action__contains=f".{begins}"))
        return queryset, False

    def looked(self, request: HttpRequest, obj: Entry) -> None:
        if _is_voice(obj):
            voice = obj.target_type.model_class().objects.filter(pk=obj.target_id).first()
            obj.voice = voice.told_name if voice else ""  # type: ignore[attr-defined]

    @admin.display(description=_("what was done"))
    def done(self, entry: Entry) -> str:
        """As it is written down, without the name of the app: “reply hidden”."""
        return entry.action.partition(".")[2].replace("_", " ")

    @admin.display(description=_("by"))
    def who(self, entry: Entry) -> str:
        return entry.by.get_username() if entry.by else str(_("the house itself"))

    @admin.display(description=_("to what"))
    def what(self, entry: Entry) -> str:
        """The kind and the number; what stands in it is nobody's to read here. A voice has no number, and its name on the entry's
        own page."""
        if entry.target_type is None:
            return "–"
        if _is_voice(entry):
            return getattr(entry, "voice", "") or entry.target_type.name
        return f"{entry.target_type.name} {entry.target_id}"

    @admin.display(description=_("why"))
    def reason(self, entry: Entry) -> str:
        if entry.is_for_leads:  # type: ignore[attr-defined]
            return str(_("(for those in charge of safety)"))
        words = getattr(entry, "words", None)
        return words.reason if words is not None else str(_("(forgotten)"))
