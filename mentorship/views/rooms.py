"""What the two write in their room: messages, notes, goals, how it shall go, and the log that each keeps alone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.contributions.drafts import Draft
from community.contributions.posting import as_written, post_once, restored, wants_preview
from community.pages import answer, page
from community.permissions import require
from mentorship.forms.rooms import AgreementForm, GoalForm, MessageEditForm, MessageForm, NotesForm, SessionForm
from mentorship.models import AGREEMENT, MOST_GOALS, ChangedMeanwhile, Goal, Match, Message, RoomClosed, Session
from mentorship.permissions import can_edit_message, can_keep_session, can_withdraw_message, can_write_in_match

from .matches import find, place


def find_message(request: HttpRequest, public_id: UUID, message_id: UUID) -> Message:
    messages = Message.objects.visible_to(request.user).with_place()
    return get_object_or_404(messages, match__public_id=public_id, public_id=message_id)


def _open(request: HttpRequest, public_id: UUID) -> Match:
    """A room in which whoever asks can write just now."""
    match = find(request, public_id)
    require(can_write_in_match(request.user, match))
    return match


def _do(request: HttpRequest, match: Match, act: Callable[[], Any]) -> Any:
    """Do it; where the room was closed in between, answer with the reason."""
    try:
        return act()
    except RoomClosed:
        match.refresh_from_db()
        require(can_write_in_match(request.user, match))
        raise


# Messages -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def message_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = _open(request, public_id)
    if request.method != "POST":
        context = restored(MessageForm, request.user, match=match)
    else:
        form = MessageForm(request.POST, user=request.user, match=match)
        if form.is_valid() and not wants_preview(request) and (made := _post(request, match, form)):
            return redirect("message_detail", match.public_id, made)
        context = {"form": form}
    return page(request, "mentorship/message_create.html", place(request, match) | context)


def _post(request: HttpRequest, match: Match, form: MessageForm) -> UUID | None:
    def act(made: UUID) -> None:
        Message.say(match, by=request.user, body=form.cleaned_data["body"], public_id=made)

    return _do(request, match, lambda: post_once(request, form, act))


@require_safe
def message_detail(request: HttpRequest, public_id: UUID, message_id: UUID) -> HttpResponse:
    """A message's own address leads to its page and place."""
    return redirect(find_message(request, public_id, message_id).place)


@require_http_methods(["GET", "HEAD", "POST"])
def message_edit(request: HttpRequest, public_id: UUID, message_id: UUID) -> HttpResponse:
    message, match = find_message(request, public_id, message_id), find(request, public_id)
    require(can_edit_message(request.user, message))
    if request.method != "POST":
        context = restored(MessageEditForm, request.user, now=as_written(message), message=message)
    else:
        form = MessageEditForm(request.POST, user=request.user, message=message)
        if form.is_valid() and not wants_preview(request):
            message.edit(form.cleaned_data["body"])
            Draft.drop(request.user, form.place)
            return answer(request, message.place, said=_("Changed. A small mark says so."))
        context = {"form": form}
    return page(request, "mentorship/message_edit.html", place(request, match) | {"message": message} | context)


@require_http_methods(["GET", "HEAD", "POST"])
def message_withdraw(request: HttpRequest, public_id: UUID, message_id: UUID) -> HttpResponse:
    message = find_message(request, public_id, message_id)
    require(can_withdraw_message(request.user, message))
    if request.method == "POST":
        message.withdraw()
        return answer(request, message.place, said=_("Taken back. They see that something stood here."))
    return page(request, "contributions/words_withdraw.html", {"words": message, "back": message.place})


# Notes ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def notes_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write the notes. Whoever read an older version gets both texts back, and nothing is lost."""
    match, is_other_now = _open(request, public_id), False
    if request.method != "POST":
        context = restored(NotesForm, request.user, now={"body": match.notes, "version": match.notes_version}, match=match)
    else:
        form = NotesForm(request.POST, user=request.user, match=match)
        if form.is_valid() and not wants_preview(request):
            try:
                _do(request, match, lambda: match.write_notes(form.cleaned_data["body"], version=form.cleaned_data["version"]))
            except ChangedMeanwhile:
                is_other_now = True
                form.give_back(match.notes_version)
            else:
                Draft.drop(request.user, form.place)
                return answer(request, match.get_absolute_url(), said=_("Saved. You both see it."))
        context = {"form": form}
    return page(request, "mentorship/notes_edit.html", place(request, match) | context | {"is_other_now": is_other_now})


# How it shall go --------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def agreement_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match, is_other_now = _open(request, public_id), False
    if request.method != "POST":
        context = restored(AgreementForm, request.user, now=_as_agreed(match), match=match)
    else:
        form = AgreementForm(request.POST, user=request.user, match=match)
        if form.is_valid():
            try:
                _do(request, match, lambda: match.propose(by=request.user, seen=form.cleaned_data["seen"], **form.said))
            except ChangedMeanwhile:
                match.refresh_from_db()
                is_other_now = True
                form.give_back(match.agreement_stamp)
            else:
                Draft.drop(request.user, form.place)
                return answer(request, match.get_absolute_url(), said=_("Saved. They are asked whether it suits them, too."))
        context = {"form": form}
    return page(request, "mentorship/agreement_edit.html", place(request, match) | context | {"is_other_now": is_other_now})


def _as_agreed(match: Match) -> dict[str, Any]:
    """What stands there, or something to begin with."""
    stands = {name: getattr(match, name) for name in AGREEMENT} | {"seen": match.agreement_stamp}
    if not match.has_agreement:
        stands |= {
            "channel": _("Here, in this room."),
            "between_us": _("What we write stays between us, except where somebody’s life or safety is in danger."),
            "how_to_stop": _("Either of us can stop at any time, without a reason."),
        }
    return stands


@require_POST
def agreement_agree(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = _open(request, public_id)
    try:
        _do(request, match, lambda: match.agree(by=request.user, seen=request.POST.get("seen", "")))
    except ChangedMeanwhile:
        return answer(request, match.get_absolute_url(), said=_("It was changed a moment ago. Look at it once more, please."))
    return answer(request, match.get_absolute_url(), said=_("Agreed. Either of you can change it at any time."))


# Goals --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def goal_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The one to three things that they want to get to, and a form for one more."""
    match = _open(request, public_id)
    form = GoalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _do(request, match, lambda: Goal.add(match, form.cleaned_data["body"])):
            return answer(request, request.path, said=_("Put down, for you both."))
        form.add_error("body", _("Three are enough at a time. Take one away first, or reword it."))
    goals = list(match.goals.all())
    return page(request, "mentorship/goal_list.html", place(request, match) | {"goals": goals, "form": form, "most": MOST_GOALS})


def _goal(request: HttpRequest, public_id: UUID, number: int) -> Goal:
    match = _open(request, public_id)
    goal = get_object_or_404(match.goals, number=min(number, MOST_GOALS + 1))
    goal.match = match
    return goal


def _back_to_goals(request: HttpRequest, goal: Goal, act: Callable[[], None], said: str) -> HttpResponse:
    _do(request, goal.match, act)
    return answer(request, f"{goal.match.get_absolute_url()}goals/", said=said)


@require_http_methods(["GET", "HEAD", "POST"])
def goal_edit(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    goal = _goal(request, public_id, number)
    form = GoalForm(request.POST if request.method == "POST" else None, initial={"body": goal.words})
    if request.method == "POST" and form.is_valid():
        return _back_to_goals(request, goal, lambda: goal.reword(form.cleaned_data["body"]), _("Changed."))
    return page(request, "mentorship/goal_edit.html", place(request, goal.match) | {"goal": goal, "form": form})


@require_POST
def goal_reach(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    goal = _goal(request, public_id, number)
    return _back_to_goals(request, goal, goal.reach, _("You got there. That is worth a moment."))


@require_POST
def goal_reopen(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    goal = _goal(request, public_id, number)
    return _back_to_goals(request, goal, goal.reopen, _("It is open again."))


@require_POST
def goal_delete(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    goal = _goal(request, public_id, number)
    return _back_to_goals(request, goal, goal.remove, _("Taken away, for you both."))


# The log that each keeps alone ------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def session_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    require(can_keep_session(request.user, match))
    form = SessionForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate().isoformat()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if Session.keep(match, by=request.user, on=given["on"], words=given["body"]):
            return answer(request, request.path, said=_("Noted, for you alone."))
        form.add_error("body", _("There is no room for more lines. Take some away first."))
    own = Session.objects.visible_to(request.user).filter(match=match).order_by("-on", "-pk")
    return page(request, "mentorship/session_list.html", place(request, match) | {"sessions": own, "form": form})


@require_POST
def session_delete(request: HttpRequest, public_id: UUID, session_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    get_object_or_404(Session.objects.visible_to(request.user), match=match, public_id=session_id).delete()
    return answer(request, f"{match.get_absolute_url()}log/", said=_("Taken away."))
