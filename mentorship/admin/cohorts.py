"""Cohorts: a draft of the best matching, edited, compared and published. Nothing happens to anybody until it is published."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.admin import Verb
from community.members.handles import skeleton
from community.moderation.admin import CLAIM, LET_GO, NoReasonForm
from community.permissions import Denied, require
from community.text import BodyField
from mentorship import counted
from mentorship.models import Cohort, Mentor, Pairing, Rule, waiting
from mentorship.options import options_for
from mentorship.publishing import AT_ONCE, CannotPublish, bringing_oneself, publish, to_publish

from .drafts import cost_words, draft_page, names_of
from .requests import CoordinatorsAdmin, offered

MOST_NAMED = 2_000
_FRESH_AFTER = "2"  # seconds, while something is being worked out


class BeginForm(forms.ModelForm):
    """A name, what for, and for whom."""

    people = BodyField(
        label=gettext_lazy("For whom?"),
        help_text=gettext_lazy("Handles of people who wait, one a line. Empty: everybody who waits."),
        required=False,
        max_length=40 * MOST_NAMED,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
    )

    class Meta:
        model = Cohort
        fields = ["name", "aim"]

    def clean_people(self) -> list[int]:
        """The requests of these people."""
        lines = [line.strip().lstrip("@") for line in self.cleaned_data["people"].split("\n")]
        handles = {skeleton(line): line for line in lines if line}
        found = dict(waiting().filter(user__handle_key__in=list(handles)).values_list("user__handle_key", "pk"))
        missing = [handle for key, handle in handles.items() if key not in found]
        if missing:
            raise forms.ValidationError(_("These don’t wait for anybody just now: %(names)s.") % {"names": ", ".join(missing[:10])})
        return sorted(found.values())


@admin.register(Cohort)
class CohortAdmin(CoordinatorsAdmin):
    """Drafts, the newest first. The page of one is its draft."""

    can_change = False
    form = BeginForm
    list_display = ["name", "state", "aim", "pairs", "taken", "created_at"]
    list_per_page = 50
    ordering = ["-created_at", "-pk"]
    fields = ["name", "aim"]
    change_form_template = "admin/mentorship/cohort/change_form.html"
    verbs = [
        Verb(
            "solve",
            gettext_lazy("Work it out anew"),
            said=gettext_lazy("It is being worked out, with everybody as they are now."),
            offered=lambda cohort: not cohort.is_being_solved,
            form=NoReasonForm,
        ),
        Verb(
            "turn",
            gettext_lazy("Take the other aim"),
            said=gettext_lazy("It is being worked out for the other aim."),
            offered=lambda cohort: not cohort.is_being_solved,
            form=NoReasonForm,
        ),
        Verb(
            "discard",
            gettext_lazy("Throw the draft away"),
            asks=gettext_lazy("Whoever was asked already stays asked. Why? It is kept in the record of who did what."),
            said=gettext_lazy("The draft is gone. Nobody in it hears of that."),
        ),
        CLAIM,
        LET_GO,
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = Cohort.objects.annotate(
            drafted=Count("pairings", filter=Q(pairings__mentor__isnull=False, pairings__match=None)),
            asked=Count("pairings", filter=Q(pairings__match__isnull=False)),
        )
        return self.with_claims(rows)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "aim"] if obj else ["name", "aim", "people"]

    def save_model(self, request: HttpRequest, obj: Cohort, form: forms.ModelForm, change: bool) -> None:
        begun = Cohort.begin(by=request.user, name=obj.name, aim=obj.aim, only=form.cleaned_data["people"])  # type: ignore[misc]
        obj.pk = begun.pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Beginning one is written down by itself."""

    def response_add(self, request: HttpRequest, obj: Cohort, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:mentorship_cohort_change", obj.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/rows/<int:row>/", view(self.row_view), name="mentorship_cohort_row"),
            path("<path:object_id>/publish/", view(self.publish_view), name="mentorship_cohort_publish"),
        ]
        return [*own, *super().get_urls()]

    def _back_to(self, obj: Cohort) -> HttpResponse:
        """To the list, once it is not there any more."""
        if Cohort.objects.filter(pk=obj.pk).exists():
            return super()._back_to(obj)
        return redirect("admin:mentorship_cohort_changelist")

    # The draft

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        cohort = kwargs.get("obj")
        if cohort is None:
            return super().render_change_form(request, context, **kwargs)
        context |= draft_page(cohort, request.GET, request.user) | {"claimed": self.claimed(cohort)}
        response = super().render_change_form(request, context, **kwargs)
        return _fresh(response) if cohort.is_being_solved else response

    # One row of it

    def row_view(self, request: HttpRequest, object_id: str, row: int) -> HttpResponse:
        cohort = self.found(request, object_id)
        rows = cohort.pairings.select_related("request__user", "mentor__user", "match")
        pairing = rows.filter(pk=row).first()
        if pairing is None:
            raise Http404
        if pairing.request.user_id == request.user.pk:
            require(Denied(_("This is your own search. Another coordinator decides about it.")))
        if request.method == "POST":
            self.hold(request, cohort)
            return self._act(request, cohort, pairing)
        context = _row_page(cohort, pairing) | {"claimed": self.claimed(cohort)}
        response = self.page(request, "cohort/row.html", context)
        return _fresh(response) if cohort.is_being_solved or context["is_weighing"] else response

    def _act(self, request: HttpRequest, cohort: Cohort, pairing: Pairing) -> HttpResponse:
        """Do what was pressed; a sentence says what came of it."""
        act, here = request.POST.get("act", ""), redirect("admin:mentorship_cohort_row", cohort.pk, pairing.pk)
        if not pairing.is_open:
            messages.error(request, _("These two were asked already. What becomes of it shows with their match."))
            return here
        if act in ("leave_out", "take_in"):
            getattr(cohort, act)(by=request.user, pairing=pairing)
            return self._said(request, here, act)
        key = request.POST.get("mentor", "")
        handed_in = Mentor.objects.filter(applied_at__isnull=False)
        mentor = handed_in.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
        if mentor is None or act not in ("pin", "forbid", "allow", "weigh"):
            messages.error(request, _("Choose one of the mentors first."))
            return here
        if act == "pin" and mentor.pk == request.user.pk:
            messages.error(request, bringing_oneself())
            return here
        if act in ("pin", "weigh") and (why := _cannot_pin(cohort, pairing, mentor)):
            messages.error(request, why)
            return here
        if act == "weigh":
            cohort.weigh(pairing=pairing, mentor=mentor)
        else:
            getattr(cohort, act)(by=request.user, pairing=pairing, mentor=mentor)
        return self._said(request, here, act)

    def _said(self, request: HttpRequest, here: HttpResponse, act: str) -> HttpResponse:
        said = {
            "pin": _("They stay together. The draft is being worked out anew."),
            "forbid": _("They won’t be together. The draft is being worked out anew."),
            "allow": _("The draft decides about these two. It is being worked out anew."),
            "leave_out": _("Left out of this draft; they go on waiting. It is being worked out anew."),
            "take_in": _("Taken in again. The draft is being worked out anew."),
            "weigh": _("What it would cost others shows here in a moment."),
        }[act]
        messages.success(request, said)
        return here

    # Publishing

    def publish_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What will be asked, and asking it; of the rows that were chosen, or of all."""
        cohort = self.found(request, object_id)
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        chosen = request.POST if request.method == "POST" else request.GET
        only = [int(key) for key in chosen.getlist("row")[:MOST_NAMED] if key.isascii() and key.isdecimal() and len(key) < 19]
        if request.method == "POST":
            self.hold(request, cohort)
            return self._publish(request, cohort, only)
        rows = to_publish(cohort, only, by=request.user)
        context = {"title": _("Publish"), "original": cohort, "rows": rows[:AT_ONCE], "only": only, "number": len(rows)}
        return self.page(request, "cohort/publish.html", context | {"at_once": AT_ONCE, "claimed": self.claimed(cohort)})

    def _publish(self, request: HttpRequest, cohort: Cohort, only: list[int]) -> HttpResponse:
        try:
            done = publish(cohort, by=request.user, only=only)  # type: ignore[arg-type]
        except CannotPublish as reason:
            messages.error(request, str(reason))
            return redirect("admin:mentorship_cohort_change", cohort.pk)
        asked = ngettext("%(number)s pair was asked.", "%(number)s pairs were asked.", done.asked) % {"number": done.asked}
        messages.success(request, asked)
        if done.left_out:
            words = ngettext(
                "%(number)s was left out, since life has overtaken it; its row says why.",
                "%(number)s were left out, since life has overtaken them; their rows say why.",
                done.left_out,
            )
            messages.warning(request, words % {"number": done.left_out})
        if done.to_come:
            words = ngettext(
                "%(number)s is still to come: publish again.", "%(number)s are still to come: publish again.", done.to_come
            )
            messages.info(request, words % {"number": done.to_come})
        return redirect("admin:mentorship_cohort_change", cohort.pk)

    # Columns of the list

    @admin.display(description=gettext_lazy("state"))
    def state(self, cohort: Cohort) -> str:
        if cohort.is_being_solved:
            return _("being worked out")
        if cohort.is_published:
            return _("published")
        return _("a draft") if cohort.solved_at else _("not worked out yet")

    @admin.display(description=gettext_lazy("pairs"))
    def pairs(self, cohort: Any) -> str:
        return _("%(drafted)s drafted, %(asked)s asked") % {"drafted": cohort.drafted, "asked": cohort.asked}


def _fresh(response: HttpResponse) -> HttpResponse:
    """Look again by itself, with scripts or without, until what is being worked out is there."""
    if response.status_code == 200:
        response["Refresh"] = _FRESH_AFTER
    return response


def _cannot_pin(cohort: Cohort, pairing: Pairing, mentor: Mentor) -> str:
    """Why these two can't be held together; empty if they can."""
    if pairing.left_out_at:
        return _("They are left out of this draft. Take them in again first.")
    if not waiting().filter(pk=pairing.request_id).exists():
        return counted.against("gone")
    options = options_for(pairing.request)
    if options.of(mentor.pk) is None:
        return _("This mentor can’t be brought to them, or not any more.")
    others = cohort.rules.filter(kind=Rule.Kind.PIN, mentor=mentor).exclude(request=pairing.request_id).count()
    return _("Their places are all taken by people whom you hold together with them.") if others >= mentor.free else ""


def _row_page(cohort: Cohort, pairing: Pairing) -> dict[str, Any]:
    """One newcomer of a draft, whole: what counted, who would have suited better, and what could be done."""
    options = options_for(pairing.request)
    kinds = dict(cohort.rules.filter(request=pairing.request_id).values_list("mentor", "kind"))
    costs = pairing.why.get("costs", {})
    context = offered(pairing.request, options, pairing.mentor_id)
    for row in context["options"]:
        key = row["key"]
        row |= {"rule": kinds.get(key, ""), "is_drafted": key == pairing.mentor_id}
        if str(key) in costs:
            row["cost"] = cost_words(costs[str(key)]) if costs[str(key)] else ""
            row["is_weighing"] = costs[str(key)] is None
    listed = {row["key"] for row in context["options"]}
    forbidden = Mentor.objects.filter(pk__in=[key for key in kinds if key not in listed]).select_related("user")
    return context | {
        "title": pairing.request.user.username,
        "original": cohort,
        "pairing": pairing,
        "place": counted.place_of(pairing.rank, pairing.eligible),
        "names": names_of([pairing]).words(pairing),
        "other_rules": [(mentor.pk, mentor.user.username, kinds[mentor.pk]) for mentor in forbidden],
        "is_weighing": any(row.get("is_weighing") for row in context["options"]),
        "asks": counted.asks(pairing.request),
    }
