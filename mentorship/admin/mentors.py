"""Mentors as coordinators see them: applications first, with what was answered in the training."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.admin import FOR_THE_RECORD, Verb
from community.contributions.admin import RedactForm, SeenAdmin, SeenForm, ShowForm
from community.decisions.models import Act
from community.members import languages
from community.members.deciding import DecisionForm, form_to
from community.members.permissions import is_above
from community.moderation.admin import CLAIM, LET_GO, ClaimedAdmin
from community.permissions import Denied, Verdict
from community.shelves import Shelves
from community.tags.models import Tag, Tagged
from community.times import day
from mentorship import becoming
from mentorship.listing import week_in_words
from mentorship.models import APPROVED_FOR, Gender, Mentor
from mentorship.models.approval import TOLD_BEFORE
from mentorship.permissions import can_review_mentors

LONGEST_APPROVAL = timedelta(days=3 * 365)


class ApproveForm(ShowForm):
    """Until when."""

    until = forms.DateField(
        label=gettext_lazy("Until when?"),
        help_text=gettext_lazy("Then they are asked whether they would like to go on."),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "invalid": gettext_lazy("Write the day as year, month and day, such as 2027-11-30."),
            "required": gettext_lazy("Choose a day."),
        },
    )

    def clean_until(self) -> date:
        day = self.cleaned_data["until"]
        if not timezone.localdate() < day <= timezone.localdate() + LONGEST_APPROVAL:
            raise forms.ValidationError(_("Choose a day after today, and within three years."))
        return day


class EndForm(DecisionForm):
    """Why, and whether those whom they guide are let go, too."""

    act = Act.END
    with_pairs = forms.BooleanField(
        label=gettext_lazy("End their pairs, too"),
        help_text=gettext_lazy("Both are told that it is over, and not why. Otherwise those whom they guide go on with them."),
        required=False,
    )


class Shelf(Shelves):
    """Applications, unless one asks for something else."""

    shelves = {
        "waiting": (gettext_lazy("Applications"), lambda rows: rows.waiting().oldest_first()),
        "approved": (gettext_lazy("Mentors"), lambda rows: rows.approved()),
        "resting": (gettext_lazy("Resting"), lambda rows: rows.approved().filter(paused_at__isnull=False)),
        "soon": (
            gettext_lazy("Running out soon"),
            lambda rows: rows.approved().filter(approved_until__lte=timezone.localdate() + TOLD_BEFORE),
        ),
        "lapsed": (gettext_lazy("Run out"), lambda rows: rows.lapsed()),
        "refused": (gettext_lazy("Turned down"), lambda rows: rows.filter(refused_at__isnull=False)),
        "stopped": (gettext_lazy("Stopped"), lambda rows: rows.filter(stood_down_at__isnull=False)),
        "all": (gettext_lazy("All"), lambda rows: rows),
    }


# What is decided about what a mentor says to others.
WORDS = [
    Verb(
        "redact",
        gettext_lazy("Take out a part"),
        said=gettext_lazy("Taken out. A mark stands there, and they were told why and what."),
        offered=lambda mentor: mentor.is_approved and bool(mentor.as_kept()),
        form=RedactForm,
    ),
    Verb(
        "put_back",
        gettext_lazy("Put in again what was taken out"),
        said=gettext_lazy("It stands there as before, and they were told."),
        offered=lambda mentor: mentor.is_redacted,
    ),
    Verb(
        "revise",
        gettext_lazy("Ask for a change"),
        said=gettext_lazy("They were told why. Nobody new finds them until you have seen what they changed."),
        offered=lambda mentor: mentor.is_approved and (not mentor.has_hidden_words or mentor.held_at is not None),
        form=form_to(Act.REVISE),
    ),
    Verb(
        "hide",
        gettext_lazy("Do not show what they say"),
        said=gettext_lazy("Nobody new finds them, and whoever is with them goes on. They were told why."),
        offered=lambda mentor: mentor.is_approved and (not mentor.has_hidden_words or mentor.held_at is not None),
        form=form_to(Act.HIDE),
    ),
    Verb(
        "restore",
        gettext_lazy("Show what they say"),
        said=gettext_lazy("It is shown as it stands now, and they were told."),
        offered=lambda mentor: mentor.has_hidden_words,
        form=SeenForm,
    ),
]


@admin.register(Mentor)
class MentorAdmin(SeenAdmin, ClaimedAdmin):
    """Who would like to be a mentor, and who is one. What was not handed in is nobody's but its writer's."""

    can_add = can_change = False
    list_display = ["handle", "state", "until", "taken", "since"]
    list_display_links = ["handle"]
    list_filter = [Shelf]
    list_per_page = 50
    search_fields = ["user__username"]
    ordering = ["applied_at", "pk"]
    empty_value_display = "–"
    fields = [
        *("handle", "state", "claimed", "story_words", "tag_names", "offer_words", "help_names", "limit_words", "not_names"),
        *("language_names", "times", "capacity", "wishes", "training", "since", "until", "experienced_at", "refusal"),
    ]
    readonly_fields = fields
    verbs = [
        Verb(
            "approve",
            gettext_lazy("Let them be a mentor"),
            said=gettext_lazy("They are a mentor, and were told."),
            offered=lambda mentor: mentor.is_waiting or mentor.is_lapsed or mentor.refused_at is not None,
            form=ApproveForm,
        ),
        Verb(
            "refuse",
            gettext_lazy("Turn it down"),
            asks=gettext_lazy("Why not, or not yet? They read this beside their words, and may hand them in again."),
            said=gettext_lazy("Turned down. They were told why and have their words."),
            offered=lambda mentor: mentor.is_waiting,
            form=form_to(Act.REFUSE),
        ),
        Verb(
            "trust",
            gettext_lazy("Trained for harder stories"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Newcomers who need somebody trained can be brought to them."),
            offered=lambda mentor: mentor.is_approved and mentor.experienced_at is None,
        ),
        Verb(
            "spare",
            gettext_lazy("Not for harder stories any more"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Only those who need nobody trained are brought to them."),
            offered=lambda mentor: mentor.experienced_at is not None,
        ),
        Verb(
            "end_approval",
            gettext_lazy("End being a mentor"),
            said=gettext_lazy("They are no mentor any more, and were told why."),
            offered=lambda mentor: mentor.approved_at is not None and not mentor.has_stopped,
            form=EndForm,
        ),
        *WORDS,
        CLAIM,
        LET_GO,
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(can_review_mentors(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Mentor) -> bool | Verdict:  # type: ignore[override]
        if verb in WORDS and is_above(request.user, obj.user):
            return Denied(_("These are the words of an owner, so another owner decides about them."))
        return super().may(request, verb, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """What was handed in. One's own is for another coordinator."""
        rows = Mentor.objects.filter(applied_at__isnull=False).exclude(pk=request.user.pk).select_related("user")
        return self.with_claims(rows.prefetch_related("helps"))

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj is not None and obj.is_approved else None

    def initial_of(self, verb: Verb, obj: Mentor) -> dict[str, Any]:
        if verb.name == "redact":
            return {"there": obj.body}
        until = {"until": timezone.localdate() + APPROVED_FOR} if verb.name == "approve" else {}
        return super().initial_of(verb, obj) | until

    @admin.display(description=gettext_lazy("mentor"), ordering="user__handle_key")
    def handle(self, mentor: Mentor) -> str:
        return mentor.user.username

    @admin.display(description=gettext_lazy("state"))
    def state(self, mentor: Mentor) -> str:
        states = [
            (mentor.is_waiting and mentor.approved_at is None, _("applies")),
            (mentor.is_waiting and mentor.approved_at is not None, _("would like to go on")),
            (mentor.is_approved, _("mentor")),
            (mentor.is_approved and mentor.is_paused, _("resting")),
            (mentor.is_lapsed, _("run out")),
            (mentor.sent_back_at is not None, _("is asked for a change")),
            (mentor.held_at is not None, _("changed what they say, waits to be looked at")),
            (mentor.has_hidden_words and not (mentor.sent_back_at or mentor.held_at), _("what they say is not shown")),
            (mentor.refused_at is not None and not mentor.has_stopped, _("turned down")),
            (mentor.has_stopped, _("stopped")),
        ]
        return ", ".join(name for holds, name in states if holds)

    @admin.display(description=gettext_lazy("until"), ordering="approved_until")
    def until(self, mentor: Mentor) -> str:
        return day(mentor.approved_until) if mentor.approved_until else "–"

    @admin.display(description=gettext_lazy("waits"), ordering="applied_at")
    def since(self, mentor: Mentor) -> str:
        handed_in = mentor.renewal_asked_at or mentor.held_at or mentor.applied_at
        if not (mentor.is_waiting or mentor.held_at) or handed_in is None:
            return "–"
        if not (days := max(0, (timezone.now() - handed_in).days)):
            return _("since today")
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}

    @admin.display(description=gettext_lazy("what they have been through"))
    def story_words(self, mentor: Mentor) -> str:
        return linebreaks_filter(mentor.story) if mentor.story else "–"

    @admin.display(description=gettext_lazy("what they offer"))
    def offer_words(self, mentor: Mentor) -> str:
        return linebreaks_filter(mentor.offers) if mentor.offers else "–"

    @admin.display(description=gettext_lazy("what they will not do"))
    def limit_words(self, mentor: Mentor) -> str:
        return linebreaks_filter(mentor.limits) if mentor.limits else "–"

    @admin.display(description=gettext_lazy("tags"))
    def tag_names(self, mentor: Mentor) -> str:
        """With those that were only proposed."""
        return _named(Tag.objects.filter(items__in=Tagged.objects.of(mentor)))

    @admin.display(description=gettext_lazy("rather not asked about"))
    def not_names(self, mentor: Mentor) -> str:
        return _named(Tag.objects.filter(pk__in=mentor.not_about.values("tag")))

    @admin.display(description=gettext_lazy("can be asked for"))
    def help_names(self, mentor: Mentor) -> str:
        return ", ".join(each.name for each in mentor.helps.all()) or "–"

    @admin.display(description=gettext_lazy("languages"))
    def language_names(self, mentor: Mentor) -> str:
        return ", ".join(languages.names(mentor.languages)) or "–"

    @admin.display(description=gettext_lazy("free, by their own clock"))
    def times(self, mentor: Mentor) -> str:
        return format_html_join("", "{}<br>", ((line,) for line in week_in_words(mentor.hours))) or "–"

    @admin.display(description=gettext_lazy("stated wish"))
    def wishes(self, mentor: Mentor) -> str:
        return str(Gender(mentor.wished_gender).label) if mentor.wished_gender else "–"

    @admin.display(description=gettext_lazy("training"))
    def training(self, mentor: Mentor) -> str:
        """When each step was taken, and what was answered to a case."""
        return format_html_join("", "{}", ((_step(step),) for step in becoming.steps(mentor))) or "–"


def _named(tags: QuerySet) -> str:
    found = [
        tag.name if tag.is_accepted else _("%(tag)s (proposed)") % {"tag": tag.name} for tag in tags.distinct().order_by("slug")
    ]
    return ", ".join(found) or "–"


def _step(step: becoming.Step) -> str:
    when = day(step.done.at) if step.done else _("not taken")
    words = linebreaks_filter(step.done.words) if step.done and step.done.words else ""
    return format_html("<p><b>{}</b> · {}</p>{}", step.lesson.name, when, words)
