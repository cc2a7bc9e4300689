"""A match as its two see it: a question, a room, a memory; and answering it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.contributions.posting import restored
from community.notifications.models import Notification
from community.pages import answer, is_prefetch, page
from community.permissions import require
from mentorship import closing, finding, reading
from mentorship.explaining import reasons
from mentorship.forms.rooms import DeclineForm, MessageForm
from mentorship.models import CannotBegin, Fact, Match, Side
from mentorship.permissions import (
    can_accept_match,
    can_call_lead,
    can_change_places,
    can_decline_match,
    can_stop_match,
    can_write_in_match,
)


def find(request: HttpRequest, public_id: UUID) -> Match:
    """A match of whoever asks; to everybody else, staff included, there is none."""
    if (match := finding.match(request.user, public_id)) is None:
        raise Http404
    return match


def place(request: HttpRequest, match: Match) -> dict[str, Any]:
    """What every page of a match says: which one, and with whom."""
    return {"match": match, "other": match.other_than(request.user), "is_newcomer": match.side_of(request.user) == Side.NEWCOMER}


@require_safe
def match_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    if not is_prefetch(request):
        Notification.objects.read_in_thread(request.user, match.public_id)
    if match.began_at is None:
        return page(request, "mentorship/match_question.html", place(request, match) | _question(request, match))
    return page(request, "mentorship/match_detail.html", place(request, match) | _room(request, match))


def _strikable(match: Match) -> list[Fact]:
    """What counted with a mentor that they may leave out; that somebody kept them in mind they never learn."""
    told = set(match.mentor.shares) & set(match.request.shares) - {Fact.WISH}
    return [fact for fact in Fact if fact in told and match.parts.get(fact)]


def _question(request: HttpRequest, match: Match) -> dict[str, Any]:
    is_newcomer, is_from_newcomer = match.side_of(request.user) == Side.NEWCOMER, match.origin == Match.Origin.NEWCOMER
    said_yes = match.newcomer_accepted_at if is_newcomer else match.mentor_accepted_at
    return {
        # Made of what both ask for and offer now, so it is for those whom it concerns still.
        "reasons": [] if match.is_over else reasons(match, request.user),
        "is_from_newcomer": is_from_newcomer,
        "has_asked": is_newcomer and is_from_newcomer,
        "has_said_yes": said_yes is not None,
        "may_accept": can_accept_match(request.user, match),
        "may_decline": can_decline_match(request.user, match),
        "strikable": [] if is_newcomer or not match.is_open else _strikable(match),
    }


@require_POST
def reason_strike(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A mentor leaves a part of the reasons out, here and for whoever is brought to them later."""
    match = find(request, public_id)
    require(can_change_places(request.user, match.mentor))
    fact = request.POST.get("fact", "")
    if fact in Fact.values:
        match.mentor.keep_back(fact)
    said = _("Left out, here and from now on. On your own page as a mentor you can share it again.")
    return answer(request, match.get_absolute_url(), said=said)


def _room(request: HttpRequest, match: Match) -> dict[str, Any]:
    pages, may_write = reading.pages_of(request, match), can_write_in_match(request.user, match)
    goals, has_called = finding.beside(request.user, match)
    context = {
        "pages": pages,
        "said": reading.said(match, request.user, pages.number, may_write=bool(may_write)),
        "may_write": may_write,
        "goals": goals,
        "has_agreed": match.has_agreed(request.user),
        "has_called": bool(can_call_lead(request.user, match)) and has_called,
    } | closing.of(match, request.user, may_write=may_write)
    if pages.is_last and may_write:
        context |= restored(MessageForm, request.user, match=match)
    return context


@require_POST
def match_accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    if match.is_active:
        return redirect(match)
    require(can_accept_match(request.user, match))
    try:
        has_begun = match.accept(by=request.user)
    except CannotBegin as why:
        messages.info(request, str(why))
        return redirect(match)
    return answer(
        request, match.get_absolute_url(), said=_("You both said yes. This is your room.") if has_begun else _("Thank you.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def match_decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    if match.is_over and match.began_at is None:
        return redirect(match)
    require(can_decline_match(request.user, match))
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        match.decline(by=request.user, reason=form.cleaned_data["reason"])
        return answer(
            request, match.get_absolute_url(), said=_("That is all right. They learn only that it is not possible just now.")
        )
    return page(request, "mentorship/match_decline.html", place(request, match) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def match_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End it at once, without a reason."""
    match = find(request, public_id)
    if match.is_over:
        return redirect(match)
    require(can_stop_match(request.user, match))
    if request.method == "POST":
        match.end(ending=Match.Ending.STOPPED, by=request.user)
        return answer(request, match.get_absolute_url(), said=_("It is over. They were told that it is, and nothing else."))
    return page(request, "mentorship/match_stop.html", place(request, match))
