"""Looking for a mentor: what this is, asking, where one's request stands, whom one could ask, and asking them."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.contributions.drafts import Draft
from community.contributions.posting import post_once, restored
from community.notifications.models import Notification
from community.pages import answer, is_prefetch, page
from community.permissions import require
from mentorship import finding, resuming, seeking, standing, suggesting
from mentorship.explaining import explained
from mentorship.forms.requests import EDIT, AskForm, RequestForm, as_it_stands, relaxed
from mentorship.models import CannotBegin, Match, Mentor, Noted, Pace, Request
from mentorship.permissions import can_ask_mentor, can_change_request, can_edit_request, can_request_mentor


def find(request: HttpRequest) -> Request:
    """The open search of whoever asks."""
    if (search := finding.search(request.user)) is None:
        raise Http404
    return search


def find_mentor(request: HttpRequest, public_id: UUID) -> Mentor:
    return get_object_or_404(Mentor.objects.visible_to(request.user).select_related("user"), public_id=public_id)


@require_safe
@login_not_required
def mentorship_home(request: HttpRequest) -> HttpResponse:
    context = {"own": standing.at_home(request.user)} if request.user.is_authenticated else {}
    return page(request, "mentorship/mentorship_home.html", context, version=1)


# Asking ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def request_create(request: HttpRequest) -> HttpResponse:
    if Request.objects.visible_to(request.user).filter(closed_at=None).exists() and request.method != "POST":
        return redirect("request_detail")
    require(can_request_mentor(request.user))
    if request.method != "POST":
        before = seeking.last_of(request.user)
        context = restored(RequestForm, request.user, now=as_it_stands(before) if before else None) | {"before": before}
    else:
        form = RequestForm(request.POST, user=request.user)
        if form.is_valid() and post_once(request, form, lambda made: seeking.begin(request.user, public_id=made, **form.asked)):
            return answer(request, reverse("suggestion_list"), said=_("Saved. No mentor reads it until they are asked."))
        context = {"form": form}
    return page(request, "mentorship/request_create.html", context)


@require_safe
def request_detail(request: HttpRequest) -> HttpResponse:
    """Where it stands; the newest search, also when it is over."""
    found = seeking.last_of(request.user)
    if found is None:
        return redirect("request_create")
    if not is_prefetch(request):
        Notification.objects.read_in_thread(request.user, found.public_id)
    may = {
        "may_ask": can_ask_mentor(request.user, found),
        "may_resume": resuming.resumable(request.user) is not None and can_request_mentor(request.user),
    }
    return page(request, "mentorship/request_detail.html", standing.of(found) | may)


@require_http_methods(["GET", "HEAD", "POST"])
def request_edit(request: HttpRequest) -> HttpResponse:
    found = find(request)
    require(can_edit_request(request.user, found))
    place = {"place": EDIT, "request": found}
    if request.method != "POST":
        context = _form_to_edit(request, found, place)
    else:
        form = RequestForm(request.POST, user=request.user, **place)
        if form.is_valid() and seeking.change(found, **form.asked):
            Draft.drop(request.user, form.place)
            return answer(request, reverse("suggestion_list"), said=_("Changed. These are the mentors who could fit now."))
        context = {"form": form}
    return page(request, "mentorship/request_edit.html", context)


def _form_to_edit(request: HttpRequest, found: Request, place: dict[str, Any]) -> dict[str, Any]:
    """The form as it stands; with `?ask-less=` one thing is asked for less, for the member to look at and save."""
    step = request.GET.get("ask-less", "")
    if step not in suggesting.RELAXED:
        return restored(RequestForm, request.user, now=as_it_stands(found), **place)
    now = relaxed(as_it_stands(found), step, standing.best_parts(found) if step == "hours" else ())
    return {"form": RequestForm(user=request.user, initial=now, **place), "asks_less": step}


@require_http_methods(["GET", "HEAD", "POST"])
def request_withdraw(request: HttpRequest) -> HttpResponse:
    found = find(request)
    require(can_change_request(request.user, found))
    if request.method == "POST":
        seeking.take_back(found)
        return answer(request, reverse("request_detail"), said=_("Taken back. Your words stay yours, in case you ask again."))
    return page(request, "mentorship/request_withdraw.html", {"questions": Match.objects.open().filter(request=found).count()})


@require_POST
def request_renew(request: HttpRequest) -> HttpResponse:
    found = find(request)
    require(can_change_request(request.user, found))
    seeking.prolong(found)
    return answer(request, reverse("request_detail"), said=_("It stays open, and you keep your turn."))


# Whom one could ask ------------------------------------------------------------------------


@require_safe
def suggestion_list(request: HttpRequest) -> HttpResponse:
    found = find(request)
    context = standing.suggested(found) | {"may_ask": can_ask_mentor(request.user, found)}
    return page(request, "mentorship/suggestion_list.html", context)


@require_POST
def fact_strike(request: HttpRequest) -> HttpResponse:
    """Do not match on this."""
    return _with_fact(request, seeking.strike, _("Left out. This is who comes up without it."))


@require_POST
def fact_restore(request: HttpRequest) -> HttpResponse:
    return _with_fact(request, seeking.restore, _("It counts again."))


def _with_fact(request: HttpRequest, act: Any, said: str) -> HttpResponse:
    found = find(request)
    require(can_change_request(request.user, found))
    fact = request.POST.get("fact", "")
    if not seeking.is_matched_on(found, fact):
        return answer(request, reverse("suggestion_list"), said=_("You don’t ask for that any more."))
    act(found, fact)
    return answer(request, reverse("suggestion_list"), said=said)


@require_POST
def noted_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep a mentor in mind, or not see them any more; for oneself alone."""
    found, mentor = find(request), find_mentor(request, public_id)
    require(can_change_request(request.user, found))
    how = request.POST.get("how", "")
    how = how if how in Noted.How.values else ""
    seeking.note(found, mentor, how)
    said = {
        Noted.How.SAVED.value: _("Kept in mind, for you alone."),
        Noted.How.NOT_FOR_ME.value: _("You won’t be shown them any more. Nobody is told."),
    }
    return answer(request, reverse("suggestion_list"), said=said.get(how, _("As if you had never said it.")))


@require_http_methods(["GET", "HEAD", "POST"])
def request_ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask a mentor whether they want to begin."""
    found, mentor = find(request), find_mentor(request, public_id)
    if Match.objects.open().filter(newcomer=request.user, mentor=mentor).exists():
        return redirect("request_detail")
    require(can_ask_mentor(request.user, found))
    suggestion = suggesting.suggestion_of(found, mentor)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and suggestion and form.is_valid() and _ask(request, suggestion, form):
        return answer(request, reverse("request_detail"), said=_("You asked. They have some days, and you hear either way."))
    people = [explained(suggestion)] if suggestion else []
    context = {"form": form, "mentor": mentor, "people": people, "days": Pace.current().answer_days}
    if suggestion is None:
        context["why_not"] = _("This mentor can’t be brought to you just now. It says nothing about you.")
    return page(request, "mentorship/request_ask.html", context)


def _ask(request: HttpRequest, suggestion: suggesting.Suggestion, form: AskForm) -> bool:
    known = {"score": suggestion.score.total, "parts": suggestion.score.points, "rank": suggestion.rank}
    try:
        Match.ask(
            suggestion.asked.request, suggestion.mentor, hello=form.cleaned_data["body"], eligible=suggestion.eligible, **known
        )
    except CannotBegin as why:
        form.add_error(None, str(why))
        return False
    return True
