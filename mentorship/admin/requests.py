"""Who waits for a mentor, and the board: for coordinators, and for nobody else. Nothing else of a member shows here."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import linebreaks_filter
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.admin import FOR_THE_RECORD, Verb
from community.moderation.admin import CLAIM, LET_GO, ClaimedAdmin
from community.permissions import Denied, require
from community.tags.models import Tag, Tagged
from community.times import day
from mentorship import board, counted
from mentorship.models import CannotBegin, Match, Mentor, Request, waiting
from mentorship.options import Options, options_for
from mentorship.permissions import can_match_newcomers
from mentorship.publishing import bring
from mentorship.scoring import THEIRS
from mentorship.serving import others_served

# So many mentors are shown of those who could be brought to somebody, and so many told part by part.
SHOWN, TOLD = 30, 3


class CoordinatorsAdmin(ClaimedAdmin):
    """Pages that only coordinators see. Whoever runs the house can be made one, and that is written down."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(can_match_newcomers(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """These have pages for those concerned, and for nobody else."""
        return None

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The thing of this address. Raises Http404 for whoever does not see it."""
        obj = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        if obj is None:
            raise Http404
        return obj

    def hold(self, request: HttpRequest, obj: Any) -> None:
        """Claim it, so that no two coordinators work on it at once. Raises PermissionDenied while it is another's."""
        require(obj.claim(by=request.user) or Denied(self.claimed(obj)))

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        whole = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media} | context
        return TemplateResponse(request, f"admin/mentorship/{template}", whole)


class Age(admin.SimpleListFilter):
    title = gettext_lazy("waiting")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("month", gettext_lazy("For more than a month")),
            ("week", gettext_lazy("For more than a week")),
            ("new", gettext_lazy("For less than a week")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return board.aged(queryset, self.value() or "")


class Asked(admin.SimpleListFilter):
    title = gettext_lazy("questions")
    parameter_name = "asked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("nobody", gettext_lazy("Nobody is asked for them")), ("flagged", gettext_lazy("Needs somebody trained"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "flagged":
            return queryset.filter(flagged_at__isnull=False)
        return queryset.filter(pk__in=waiting().values("pk")) if self.value() == "nobody" else queryset


class ByTag(admin.SimpleListFilter):
    """Those under one tag, as the board leads to them."""

    title = gettext_lazy("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        tag = Tag.objects.filter(pk=self._key).first() if self._key else None
        return [(str(tag.pk), tag.name)] if tag else [("0", _("Choose one on the board"))]

    @property
    def _key(self) -> int:
        value = str(self.value() or "")
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self._key:
            return queryset
        return queryset.filter(pk__in=Tagged.objects.filter(tag=self._key, content_type__model="request").values("object_id"))


@admin.register(Request)
class RequestAdmin(CoordinatorsAdmin):
    """Who looks for a mentor, those who have waited longest first."""

    can_add = can_change = False
    list_display = ["handle", "waits", "questions", "trained", "taken"]
    list_display_links = ["handle"]
    list_filter = [Age, Asked, ByTag]
    list_per_page = 50
    search_fields = ["user__username"]
    ordering = ["waiting_since", "pk"]
    fields = ["handle", "waits", "need_words", "hopes_words", "facts", "questions", "trained", "claimed"]
    readonly_fields = fields
    change_form_template = "admin/mentorship/request/change_form.html"
    verbs = [
        Verb(
            "flag",
            gettext_lazy("Needs somebody trained for harder stories"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("From now on only mentors who are trained for it are brought to them. They are not told."),
            offered=lambda request: request.flagged_at is None,
        ),
        Verb(
            "unflag",
            gettext_lazy("Any mentor will do"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Any mentor can be brought to them."),
            offered=lambda request: request.flagged_at is not None,
        ),
        CLAIM,
        LET_GO,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Searches that are open. One's own is for another coordinator."""
        asked = Match.objects.open().filter(newcomer=OuterRef("user")).order_by().values("newcomer").annotate(number=Count("pk"))
        rows = Request.objects.open().exclude(user=request.user.pk).select_related("user")
        return self.with_claims(rows.annotate(asked=Coalesce(Subquery(asked.values("number")), 0)))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("board/", self.admin_site.admin_view(self.board_view), name="mentorship_request_board"),
            path("<path:object_id>/match/", self.admin_site.admin_view(self.match_view), name="mentorship_request_match"),
        ]
        return [*own, *super().get_urls()]

    def board_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise Http404
        return self.page(request, "board.html", {"title": _("The board"), "sections": board.sections(request.user)})

    def match_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Bring somebody to one mentor: all who could be, the best first, and what counted for and against."""
        obj = self.found(request, object_id)
        options = options_for(obj)
        if request.method == "POST":
            self.hold(request, obj)
            if self._bring(request, obj, options):
                obj.let_go(by=request.user)
                return redirect("admin:mentorship_request_change", obj.pk)
        context = {"title": _("Bring them to one mentor"), "original": obj, **offered(obj, options), "claimed": self.claimed(obj)}
        served = others_served(obj, [row["key"] for row in context["options"]], viewer=request.user)
        for row in context["options"]:
            row["others"] = counted.served(served.get(row["key"], ()))
        return self.page(request, "request/match.html", context)

    def _bring(self, request: HttpRequest, obj: Request, options: Options) -> bool:
        key = request.POST.get("mentor", "")
        chosen = next((option for option in options.found if str(option.mentor) == key), None)
        mentor = Mentor.objects.select_related("user").filter(pk=chosen.mentor).first() if chosen else None
        if chosen is None or mentor is None:
            messages.error(request, _("Choose one of the mentors. If yours is not there any more, somebody was quicker."))
            return False
        try:
            bring(obj, mentor, by=request.user, score=chosen.score, rank=chosen.rank, eligible=len(options.found))
        except CannotBegin as reason:
            messages.error(request, str(reason))
            return False
        messages.success(request, _("Both were asked. Each answers for themselves."))
        return True

    @admin.display(description=gettext_lazy("newcomer"), ordering="user__handle_key")
    def handle(self, obj: Request) -> str:
        return obj.user.username

    @admin.display(description=gettext_lazy("waits"), ordering="waiting_since")
    def waits(self, obj: Request) -> str:
        if not (days := max(0, (timezone.now() - obj.waiting_since).days)):
            return _("since today")
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}

    @admin.display(description=gettext_lazy("open questions"))
    def questions(self, obj: Any) -> str:
        return str(obj.asked) if obj.asked else "–"

    @admin.display(description=gettext_lazy("needs somebody trained"))
    def trained(self, obj: Request) -> str:
        return _("since %(day)s") % {"day": day(obj.flagged_at)} if obj.flagged_at else "–"

    @admin.display(description=gettext_lazy("what it is about"))
    def need_words(self, obj: Request) -> str:
        return linebreaks_filter(obj.need)

    @admin.display(description=gettext_lazy("what they hope for"))
    def hopes_words(self, obj: Request) -> str:
        return linebreaks_filter(obj.hopes) or "–"

    @admin.display(description=gettext_lazy("what they ask for"))
    def facts(self, obj: Request) -> str:
        return format_html_join("", "<p><b>{}:</b> {}</p>", counted.asks(obj)) or "–"


def offered(obj: Request, options: Options, also: int | None = None) -> dict[str, Any]:
    """Mentors who could be brought to somebody, in words; or why there is nobody, and what would help most.

    `lines` is what counted with one of them, whom a draft has for them already.
    """
    first = options.found[:SHOWN]
    wanted = {option.mentor for option in first} | ({also} if also else set())
    mentors = Mentor.objects.select_related("user").in_bulk(wanted)
    told = {option.mentor for option in first[:TOLD]} | ({also} if also else set())
    lines = counted.counted(obj, [mentors[key] for key in told if key in mentors]) if told else {}
    rows = [
        {
            "key": option.mentor,
            "name": mentors[option.mentor].user.username,
            "score": option.score.total,
            "parts": counted.in_brief(option.score.points),
            "rank": counted.place_of(option.rank, len(options.found)),
            "lines": lines.get(option.mentor, ()),
        }
        for option in first
        if option.mentor in mentors
    ]
    if rows:
        return {"options": rows, "more": len(options.found) - len(rows), "lines": lines.get(also or 0, ())}
    step = max(THEIRS, key=lambda each: options.opens[each])
    return {
        "options": [],
        "lines": lines.get(also or 0, ()),
        "funnel": counted.funnel(options.left, options.mentors),
        "relaxation": counted.relaxation(step if options.opens[step] else None, options.opens),
    }
