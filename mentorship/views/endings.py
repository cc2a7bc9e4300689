"""The end of a match: a day for it, what is said then, words for others, and asking for each other again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.contributions.drafts import Draft
from community.contributions.posting import restored
from community.pages import answer, page
from community.permissions import require
from mentorship import resuming
from mentorship.forms.along import EndingForm, PartingForm
from mentorship.models import Match, RoomClosed
from mentorship.permissions import (
    can_ask_again,
    can_part_match,
    can_plan_ending,
    can_show_testimonial,
    can_thank_match,
    can_withdraw_testimonial,
)

from .matches import find, place


@require_http_methods(["GET", "HEAD", "POST"])
def ending_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose the last day together."""
    match = find(request, public_id)
    require(can_plan_ending(request.user, match))
    day = match.ending_planned_for
    form = EndingForm(request.POST if request.method == "POST" else None, initial={"on": day.isoformat()} if day else None)
    if request.method == "POST" and form.is_valid():
        _plan(request, match, form.cleaned_data["on"])
        return answer(request, match.get_absolute_url(), said=_("Saved. They are told, and can choose another day."))
    return page(request, "mentorship/ending_edit.html", place(request, match) | {"form": form})


@require_POST
def ending_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    require(can_plan_ending(request.user, match))
    _plan(request, match, None)
    return answer(request, match.get_absolute_url(), said=_("There is no last day any more. You simply go on."))


def _plan(request: HttpRequest, match: Match, day: Any) -> None:
    """Put the day down; where the room was closed in between, answer with the reason."""
    try:
        match.plan_ending(day, by=request.user)
    except RoomClosed:
        match.refresh_from_db()
        require(can_plan_ending(request.user, match))
        raise


@require_http_methods(["GET", "HEAD", "POST"])
def match_part(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is said at the end, and the end itself while it goes on."""
    match = find(request, public_id)
    require(can_part_match(request.user, match))
    fields = {"match": match, "may_thank": bool(can_thank_match(request.user, match))}
    if request.method != "POST":
        context = restored(PartingForm, request.user, now=_as_said(request, match), **fields)
    else:
        form = PartingForm(request.POST, user=request.user, **fields)
        if form.is_valid():
            ends_now = _part(request, match, form.said)
            Draft.drop(request.user, form.place)
            said = _("It is over. Thank you for what you gave each other.") if ends_now else _("Saved.")
            return answer(request, match.get_absolute_url(), said=said)
        context = {"form": form}
    return page(request, "mentorship/match_part.html", place(request, match) | context)


def _part(request: HttpRequest, match: Match, said: dict[str, Any]) -> bool:
    """Say it; where words to the other one go no more since a moment ago, answer with the reason."""
    try:
        return match.part(by=request.user, **said)
    except RoomClosed:
        match.refresh_from_db()
        require(can_thank_match(request.user, match))
        raise


def _as_said(request: HttpRequest, match: Match) -> dict[str, Any]:
    side = str(match.side_of(request.user))
    said = {name: getattr(match, f"{side}_{name}") for name in ("thanks", "feedback")}
    return said | {"testimonial": match.testimonial, "is_named": match.testimonial_is_named}


# Words for others ---------------------------------------------------------------------------


@require_POST
def testimonial_show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    require(can_show_testimonial(request.user, match))
    if not match.show_testimonial(seen=request.POST.get("seen", "")):
        return answer(
            request, match.get_absolute_url(), said=_("The words were changed a moment ago. Read them once more, please.")
        )
    return answer(request, match.get_absolute_url(), said=_("Members read them on your page from now on."))


@require_POST
def testimonial_hide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _with_match(request, public_id, can_show_testimonial, Match.hide_testimonial, _("Nobody else reads them any more."))


@require_POST
def testimonial_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    said = _("Taken back. Nobody reads these words any more.")
    return _with_match(request, public_id, can_withdraw_testimonial, Match.withdraw_testimonial, said)


def _with_match(
    request: HttpRequest, public_id: UUID, rule: Callable[[Any, Match], Any], act: Callable[[Match], None], said: str
) -> HttpResponse:
    match = find(request, public_id)
    require(rule(request.user, match))
    act(match)
    return answer(request, match.get_absolute_url(), said=said)


# Asking for each other again ----------------------------------------------------------------


@require_POST
def again_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    require(can_ask_again(request.user, match))
    begun = resuming.ask_again(match, by=request.user)
    if begun is not None:
        return answer(request, begun.get_absolute_url(), said=_("You both asked for it. This is your new room."))
    return answer(request, match.get_absolute_url(), said=_("Put down. It begins if you both ask for it and there is a place."))


@require_POST
def again_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Not wish for it any more; that needs nothing."""
    match = find(request, public_id)
    resuming.leave_again(match, by=request.user)
    return answer(request, match.get_absolute_url(), said=_("As if you had never asked. Nobody is told."))
