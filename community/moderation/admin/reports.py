"""What was reported, as it is kept; and what is shown of what two said to each other alone."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import Verb, shown
from community.audit.models import record
from community.contributions.models import Contribution
from community.members.models import COORDINATORS, LIBRARIANS, User
from community.moderation.models import Report
from community.moderation.permissions import can_close_report
from community.permissions import Verdict

from .claims import CLAIM, LET_GO, ClaimedAdmin


def looked_after_by(user: Any) -> list[ContentType]:
    """The kinds of things that those in this member's circles look after, beside the moderators."""
    groups = {LIBRARIANS: user.is_librarian, COORDINATORS: user.is_coordinator}
    models = [model for model in apps.get_models() if groups.get(getattr(model, "looked_after_by", ""))]
    return list(ContentType.objects.get_for_models(*models).values())


def is_by(user: Any, *, of: str = "") -> Q:
    """Is what was reported by `user`, under whatever name, or their own page? `of`: the way to what has a target."""
    theirs = Q(**{f"{of}target_type": ContentType.objects.get_for_model(User), f"{of}target_id": user.pk})
    for model, kind in ContentType.objects.get_for_models(*Contribution.kinds()).items():
        own = model.objects.filter(Q(author=user.pk) | Q(persona__pk__among=user.persona_keys), pk=OuterRef(f"{of}target_id"))
        theirs |= Q(Exists(own), **{f"{of}target_type": kind})
    return theirs


def kept_kinds(*, only_reported: bool = True) -> dict[ContentType, Any]:
    """Kinds of which some rows concern that very member of staff: `kept_from(viewer)` says which, for others to look at.

    Only those that can be reported, unless one asks for all.
    """
    kept = [model for model in apps.get_models() if hasattr(model, "kept_from")]
    models = [model for model in kept if hasattr(model, "as_reported") or not only_reported]
    return {kind: model for model, kind in ContentType.objects.get_for_models(*models).items()}


def private_kinds() -> dict[ContentType, Any]:
    """What is said between two alone: that staff read what was reported is written down, and no page of it is theirs to open.

    With words that have something `around` them, they read that too, and nothing more of the room.
    """
    return {kind: model for kind, model in kept_kinds().items() if getattr(model, "is_between_two", False)}


def is_read_with_more(report: Report) -> bool:
    """Is there more to read than the words that were reported? Only while somebody has yet to look at it."""
    has_more = hasattr(private_kinds().get(report.target_type), "around")
    return has_more and not report.is_closed and report.target is not None


def said_in_private(words: Iterable[Any], *, about: Any = None) -> SafeString:
    """Words of a room of two, in a fold, for whoever has to look: who said what, and which of it is what they came for."""
    rows = ((said.voice.name, _about(said, about), linebreaks_filter(_standing(said))) for said in words)
    lines = format_html_join("", "<p><b>{}</b>{}</p>{}", rows)
    return format_html("<details><summary>{}</summary>{}</details>", _("Read it. That you did is written down."), lines)


def _about(said: Any, about: Any) -> str:
    return f" · {_('this is what it is about')}" if about is not None and said.pk == about.pk else ""


def _standing(said: Any) -> str:
    return _("(taken back)") if said.is_withdrawn else said.body


class OpenOnes(admin.SimpleListFilter):
    """The open ones, unless one asks for the others."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.exclude(closed_at=None) if self.value() == "closed" else queryset.filter(closed_at=None)

    def choices(self, changelist: Any) -> Any:
        """The first choice says what it is."""
        first, *others = super().choices(changelist)
        yield first | {"display": _("Open")}
        yield from others


@admin.register(Report)
class ReportAdmin(ClaimedAdmin):
    """What members asked to have looked at, oldest first, with the words as they stood then. Who asked shows nowhere."""

    can_add = can_change = False
    list_display = ["reason", "light_title", "kind", "taken", "told"]
    list_display_links = ["reason", "light_title"]
    list_filter = [OpenOnes, "reason"]
    ordering = ["created_at", "pk"]
    fields = [
        *("reason", "rule", "kind", "title", "report_words", "words_then", "around"),
        *("claimed", "told", "closed", "outcome"),
    ]
    readonly_fields = fields
    told = shown("created_at", gettext_lazy("when they told us"))
    closed = shown("closed_at", gettext_lazy("closed"))
    verbs = [
        Verb(
            "close",
            gettext_lazy("Close it"),
            asks=gettext_lazy("What came of it? Whoever told you will read this."),
            said=gettext_lazy("Closed, and whoever told you knows."),
            offered=lambda report: not report.is_closed,
        ),
        Verb(
            "dismiss",
            gettext_lazy("Close it: there was nothing to it"),
            asks=gettext_lazy("Why may it stay as it is? Whoever told you will read this, kindly put."),
            said=gettext_lazy("Closed, and whoever told you knows."),
            offered=lambda report: not report.is_closed,
        ),
        CLAIM,
        LET_GO,
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return user.is_moderator or user.is_librarian or user.is_coordinator or user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Report) -> bool | Verdict:
        verdict = can_close_report(request.user, obj)
        return super().may(request, verb, obj) if verdict else verdict

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """A librarian or a coordinator who is no moderator sees what was said about what they look after, and nothing else.

        What concerns one of them themselves is for another one to decide about: what was told could tell them by whom.
        """
        rows = super().get_queryset(request).filter(~is_by(request.user))
        for kind, model in kept_kinds().items():
            rows = rows.exclude(target_type=kind, target_id__in=model.kept_from(request.user).values("pk"))
        if not (request.user.is_moderator or request.user.is_owner):
            rows = rows.filter(target_type__in=looked_after_by(request.user))
        return self.with_claims(
            rows.select_related("target_type", "reporter", "reporter_persona", "appeal"),
            kind=OuterRef("target_type"),
            key="target_id",
        )

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """What it is about; not where the reporter would be led."""
        target = obj.target if obj is not None else None
        if target is None or target.is_withdrawn or obj.target_type in private_kinds():
            return None
        return target.get_absolute_url()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in self.fields if name != "around" or (obj is not None and is_read_with_more(obj))]

    def looked(self, request: HttpRequest, obj: Report) -> None:
        """Whoever reads what was said in private leaves a trace."""
        if obj.target_type in private_kinds():
            record("moderation.report_read", by=request.user, target=obj)

    @admin.display(description=gettext_lazy("about"))
    def title(self, report: Report) -> str:
        return report.shown_title or "–"

    @admin.display(description=gettext_lazy("about"))
    def light_title(self, report: Report) -> str:
        """In the list only what is not heavy is named; one opens the rest to read it."""
        return "–" if report.is_heavy else self.title(report)

    @admin.display(description=gettext_lazy("what it is"))
    def kind(self, report: Report) -> str:
        return report.target_type.name

    @admin.display(description=gettext_lazy("what they told us"))
    def report_words(self, report: Report) -> str:
        return linebreaks_filter(report.words) or "–"

    @admin.display(description=gettext_lazy("what stands around it"))
    def around(self, report: Report) -> str:
        return said_in_private(report.target.around, about=report.target)  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("as it stood then"))
    def words_then(self, report: Report) -> str:
        """Folded: volunteers choose, too."""
        kept = report.kept
        where = format_html("<p>{}</p>", kept["address"]) if kept.get("address") else ""
        words = format_html("{}{}", where, linebreaks_filter(str(kept.get("body", ""))))
        return format_html("<details><summary>{}</summary>{}</details>", _("Read it"), words)
