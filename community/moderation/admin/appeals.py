"""Decisions that somebody asks to have looked at again, by another volunteer than the first one."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import Verb, shown
from community.audit.models import record
from community.moderation.models import Appeal
from community.moderation.permissions import can_decide_appeal
from community.permissions import Verdict

from .claims import CLAIM, LET_GO, ClaimedAdmin
from .reports import OpenOnes, is_by, kept_kinds, looked_after_by, private_kinds

_ANSWER = gettext_lazy("Why? Whoever asked will read this.")


class WaitingOnes(OpenOnes):
    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.exclude(decided_at=None) if self.value() == "closed" else queryset.filter(decided_at=None)


@admin.register(Appeal)
class AppealAdmin(ClaimedAdmin):
    """Oldest first, with what was decided, why, and the words as they stood. Who decided first does not decide again."""

    can_add = can_change = False
    list_display = ["what", "kind", "taken", "asked"]
    list_display_links = ["what", "kind"]
    list_filter = [WaitingOnes]
    ordering = ["made_at", "pk"]
    fields = [
        *("what", "title", "asked_by", "asked_words", "rule", "why", "words_then"),
        *("first", "claimed", "asked", "state", "answered"),
    ]
    readonly_fields = fields
    asked = shown("made_at", gettext_lazy("when they asked"))
    answered = shown("answer", gettext_lazy("what was answered"))
    verbs = [
        Verb(
            "uphold",
            gettext_lazy("It stays as it was decided"),
            asks=_ANSWER,
            said=gettext_lazy("Answered, and whoever asked knows."),
            offered=lambda appeal: not appeal.is_decided,
        ),
        Verb(
            "overturn",
            gettext_lazy("Turn it around"),
            asks=_ANSWER,
            said=gettext_lazy("Turned around, and whoever asked knows."),
            offered=lambda appeal: not appeal.is_decided,
        ),
        CLAIM,
        LET_GO,
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return user.is_moderator or user.is_owner or user.is_librarian or user.is_coordinator

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Appeal) -> bool | Verdict:
        verdict = can_decide_appeal(request.user, obj)
        return super().may(request, verb, obj) if verdict else verdict

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Librarians and coordinators see what is about theirs; nobody what was said in private to them, or told us about them."""
        rows = (
            super()
            .get_queryset(request)
            .select_related(
                *("decision__target_type", "decision__member", "decision__persona"),
                *("report__target_type", "report__reporter", "report__reporter_persona", "first_by"),
            )
        )
        user = request.user
        rows = rows.filter(~is_by(user, of="report__"))
        for kind, model in kept_kinds().items():
            theirs = model.kept_from(user).values("pk")
            rows = rows.exclude(decision__target_type=kind, decision__target_id__in=theirs)
            rows = rows.exclude(report__target_type=kind, report__target_id__in=theirs)
        if not (user.is_moderator or user.is_owner):
            kinds = looked_after_by(user)
            rows = rows.filter(Q(decision__target_type__in=kinds) | Q(report__target_type__in=kinds))
        return self.with_claims(rows)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return None

    def looked(self, request: HttpRequest, obj: Appeal) -> None:
        """Whoever reads what was said in private leaves a trace."""
        if obj.about.target_type in private_kinds():
            record("moderation.appeal_read", by=request.user, target=obj)

    @admin.display(description=gettext_lazy("what was decided"))
    def what(self, appeal: Appeal) -> str:
        if appeal.decision is None:
            return _("A report was closed")
        return appeal.decision.sentence

    @admin.display(description=gettext_lazy("about"))
    def kind(self, appeal: Appeal) -> str:
        """In the list no title stands: it may be heavy, and one opens it to read it."""
        return appeal.about.target_type.name

    @admin.display(description=gettext_lazy("about"))
    def title(self, appeal: Appeal) -> str:
        return appeal.about.shown_title or appeal.about.target_type.name

    @admin.display(description=gettext_lazy("asked by"))
    def asked_by(self, appeal: Appeal) -> str:
        """Of a report nobody learns whose it was."""
        return appeal.decision.voice.told_name if appeal.decision else _("whoever reported it")

    @admin.display(description=gettext_lazy("in their words"))
    def asked_words(self, appeal: Appeal) -> str:
        return linebreaks_filter(appeal.words) or "–"

    @admin.display(description=gettext_lazy("which rule"))
    def rule(self, appeal: Appeal) -> str:
        return appeal.about.rule or "–"

    @admin.display(description=gettext_lazy("why it was decided so"))
    def why(self, appeal: Appeal) -> str:
        return linebreaks_filter(appeal.decision.reason if appeal.decision else appeal.about.outcome) or "–"

    @admin.display(description=gettext_lazy("as it stood then"))
    def words_then(self, appeal: Appeal) -> str:
        """Folded: volunteers choose, too."""
        if not (body := str(appeal.about.kept.get("body", ""))):
            return "–"
        return format_html("<details><summary>{}</summary>{}</details>", _("Read it"), linebreaks_filter(body))

    @admin.display(description=gettext_lazy("decided first by"))
    def first(self, appeal: Appeal) -> str:
        return appeal.first_by.username if appeal.first_by else _("the house itself")

    @admin.display(description=gettext_lazy("state"))
    def state(self, appeal: Appeal) -> str:
        if not appeal.is_decided:
            return _("waits")
        return _("turned around") if appeal.is_reversed else _("stays as it was decided")
