"""Who is with whom: that there is a pair and how it fares, never what the two say to each other. For coordinators."""

from datetime import date, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaks_filter
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, Verb
from community.decisions.models import Act
from community.members.deciding import form_to
from community.moderation.admin import NoReasonForm
from community.permissions import Verdict
from community.shelves import Shelves
from community.times import day
from mentorship import board, counted
from mentorship.models import CheckIn, Match, Side

from .requests import CoordinatorsAdmin

NOTHING = "–"


class State(Shelves):
    """Pairs that are together, unless one asks for others."""

    shelves = {
        "together": (gettext_lazy("Together"), lambda rows: rows.active()),
        "asked": (gettext_lazy("Asked, not answered"), lambda rows: rows.open()),
        "cover": (gettext_lazy("Cover is needed"), lambda rows: rows.needing_cover()),
        "stuck": (gettext_lazy("Quiet for three weeks"), lambda rows: rows),
        "unread": (
            gettext_lazy("Check-ins to read"),
            lambda rows: rows.filter(
                pk__in=CheckIn.objects.filter(answered_at__isnull=False, seen_at=None).values("match"),
            ),
        ),
        "ending": (
            gettext_lazy("Ending soon"),
            lambda rows: rows.active().filter(ending_planned_for__lte=timezone.localdate() + board.SOON),
        ),
        "over": (gettext_lazy("Over"), lambda rows: rows.over()),
        "all": (gettext_lazy("All"), lambda rows: rows),
    }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Who went quiet is nobody's to look at who is one of the two."""
        rows = super().queryset(request, queryset)
        return rows.filter(pk__in=board.stuck(request.user).values("pk")) if self.value() == "stuck" else rows


@admin.register(Match)
class MatchAdmin(CoordinatorsAdmin):
    """Pairs and questions of other people: a coordinator who is one of the two leaves theirs to another."""

    can_add = can_change = False
    list_display = ["pair", "state", "asked", "began", "spoke"]
    list_display_links = ["pair"]
    list_filter = [State, "origin"]
    list_per_page = 50
    search_fields = ["newcomer__username", "mentor__user__username"]
    ordering = ["-asked_at", "-pk"]
    fields = [
        *("pair", "state", "origin", "brought_by", "score_words", "asked", "answers", "began", "spoke"),
        *("cover", "planned_end", "ended", "how", "why_not", "told", "on_the_page", "check_in_answers"),
    ]
    readonly_fields = fields
    verbs = [
        Verb(
            "arrange_cover",
            gettext_lazy("I look after it, and tell the newcomer"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("The newcomer hears that their mentor needs a rest, and that you look after it."),
            offered=lambda match: match.is_active and match.needs_cover and match.cover_arranged_at is None,
        ),
        Verb(
            "read_check_ins",
            gettext_lazy("I have read the check-ins"),
            said=gettext_lazy("They are off the board."),
            offered=lambda match: match.check_ins.filter(answered_at__isnull=False, seen_at=None).exists(),
            form=NoReasonForm,
        ),
        Verb(
            "take_back",
            gettext_lazy("Take the question back"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is taken back. Both were told that it is, and not why."),
            offered=lambda match: match.is_open,
        ),
        Verb(
            "take_down_testimonial",
            gettext_lazy("Take their words off the mentor’s page"),
            asks=gettext_lazy("Why? Both of them will read this."),
            said=gettext_lazy("The words are gone, and both know why."),
            offered=lambda match: match.testimonial_shown_at is not None,
            form=form_to(Act.REMOVE),
        ),
        Verb(
            "put_testimonial_back",
            gettext_lazy("Put their words back"),
            asks=gettext_lazy("Why? Both of them will read this."),
            said=gettext_lazy("They stand as they stood, unless there are new ones, and both know why."),
            offered=lambda match: match.has_testimonial_taken_down,
        ),
        Verb(
            "reopen",
            gettext_lazy("Let them go on after all"),
            asks=gettext_lazy("Why? Both of them will read this."),
            said=gettext_lazy("They are where they were, as far as that can be by now, and both were told."),
            offered=lambda match: match.ending != Match.Ending.SAFETY and match.was_ended_by_staff,
        ),
    ]

    def get_fields(self, request: HttpRequest, obj: Match | None = None) -> list[str]:  # type: ignore[override]
        """What there is to say of a pair, and no row of dashes."""
        return [name for name in self.fields if obj is None or name == "origin" or getattr(self, name)(obj) != NOTHING]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        named = {"subtitle": self.pair(kwargs["obj"])} if kwargs.get("obj") else {}
        return super().render_change_form(request, context | named, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return board.others_pairs(request.user).select_related("newcomer", "mentor__user", "by")

    # A match is claimed by nobody: what is done here is one press.

    def may(self, request: HttpRequest, verb: Verb, obj: Match) -> bool | Verdict:
        return self.may_act(request)

    def opened(self, request: HttpRequest, verb: Verb, obj: Match) -> None:
        """Nothing comes before it."""

    def done(self, request: HttpRequest, verb: Verb, obj: Match) -> None:
        """Nothing follows."""

    @admin.display(description=gettext_lazy("newcomer and mentor"))
    def pair(self, match: Match) -> str:
        return f"{match.newcomer.username}, {match.mentor.user.username}"

    @admin.display(description=gettext_lazy("state"))
    def state(self, match: Match) -> str:
        if match.is_over:
            return _("over")
        return _("together") if match.is_active else _("asked")

    @admin.display(description=gettext_lazy("brought together by"))
    def brought_by(self, match: Match) -> str:
        return match.by.username if match.by else NOTHING

    @admin.display(description=gettext_lazy("what counted"))
    def score_words(self, match: Match) -> str:
        if match.score is None:
            return NOTHING
        place = counted.place_of(match.rank, match.eligible or 0)
        return f"{match.score} · {counted.in_brief(match.parts)} · {place}"

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, match: Match) -> str:
        return _day(match.asked_at)

    @admin.display(description=gettext_lazy("answers"))
    def answers(self, match: Match) -> str:
        said = [
            _("%(name)s said yes") % {"name": name}
            for name, yes in (
                (match.newcomer.username, match.newcomer_accepted_at),
                (match.mentor.user.username, match.mentor_accepted_at),
            )
            if yes
        ]
        until = [_("time until %(day)s") % {"day": _day(match.answer_until)}] if match.is_open else []
        return ", ".join([*said, *until]) or NOTHING

    @admin.display(description=gettext_lazy("together since"), ordering="began_at")
    def began(self, match: Match) -> str:
        return _day(match.began_at)

    @admin.display(description=gettext_lazy("last word"), ordering="spoke_at")
    def spoke(self, match: Match) -> str:
        """The day, so that a quiet pair shows; not the hour, and nothing of what was said."""
        return _day(match.spoke_at)

    @admin.display(description=gettext_lazy("the mentor needs cover since"))
    def cover(self, match: Match) -> str:
        if not match.is_active or not match.needs_cover:
            return NOTHING
        taken_up = _(", taken up on %(day)s") % {"day": _day(match.cover_arranged_at)} if match.cover_arranged_at else ""
        return f"{_day(match.cover_asked_at)}{taken_up}"

    @admin.display(description=gettext_lazy("end is planned for"))
    def planned_end(self, match: Match) -> str:
        return _day(match.ending_planned_for)

    @admin.display(description=gettext_lazy("ended"))
    def ended(self, match: Match) -> str:
        return _day(match.ended_at)

    @admin.display(description=gettext_lazy("how it ended"))
    def how(self, match: Match) -> str:
        """What ended for safety is for those in charge of it: it reads as when a mentor's pairs are ended with their approval."""
        if not match.is_over:
            return NOTHING
        if match.ending == Match.Ending.SAFETY or (match.ending, match.ended_by) == (Match.Ending.STOPPED, Side.PROGRAMME):
            return _("The programme ended it")
        return f"{match.get_ending_display()} ({match.get_ended_by_display()})"

    @admin.display(description=gettext_lazy("why not, in their words"))
    def why_not(self, match: Match) -> str:
        return linebreaks_filter(match.decline_reason) if match.decline_reason else NOTHING

    @admin.display(description=gettext_lazy("what they told you at the end"))
    def told(self, match: Match) -> str:
        rows = ((match.newcomer.username, match.newcomer_feedback), (match.mentor.user.username, match.mentor_feedback))
        return _said((name, linebreaks_filter(words)) for name, words in rows if words)

    @admin.display(description=gettext_lazy("what members read on the mentor’s page"))
    def on_the_page(self, match: Match) -> str:
        return linebreaks_filter(match.testimonial) if match.testimonial_shown_at else NOTHING

    @admin.display(description=gettext_lazy("check-ins"))
    def check_in_answers(self, match: Match) -> str:
        rows = match.check_ins.filter(answered_at__isnull=False).select_related("user").order_by("answered_at", "pk")
        return _said(
            (f"{row.user.username}, {_day(row.answered_at)}: {row.get_answer_display() or NOTHING}", linebreaks_filter(row.words))
            for row in rows
        )


def _day(moment: datetime | date | None) -> str:
    return day(moment) if moment else NOTHING


def _said(rows: Any) -> str:
    return format_html_join("", "<p><b>{}</b></p>{}", rows) or NOTHING
