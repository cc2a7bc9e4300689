"""Along the way: how it goes, when it does not fit, and looking on."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.contributions.drafts import Draft
from community.contributions.posting import restored
from community.notifications.models import Notification
from community.pages import answer, is_prefetch, page
from community.permissions import require
from mentorship import resuming
from mentorship.forms.along import CheckInForm
from mentorship.models import CheckIn, Match, Side
from mentorship.permissions import can_answer_check_in, can_request_mentor, can_stop_match

from .matches import find, place


def find_check_in(request: HttpRequest, public_id: UUID) -> CheckIn:
    found: CheckIn = get_object_or_404(CheckIn.objects.visible_to(request.user), public_id=public_id)
    found.match = get_object_or_404(Match.objects.visible_to(request.user).with_people(), pk=found.match_id)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def checkin_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How it goes, for the coordinators alone."""
    check_in = find_check_in(request, public_id)
    if not is_prefetch(request):
        Notification.objects.read_in_thread(request.user, check_in.public_id)
    if check_in.match.is_over:
        return redirect(check_in.match)
    require(can_answer_check_in(request.user, check_in))
    if request.method != "POST":
        now = {"answer": check_in.answer, "body": check_in.words} if check_in.is_answered else None
        context = restored(CheckInForm, request.user, now=now, check_in=check_in)
    else:
        form = CheckInForm(request.POST, user=request.user, check_in=check_in)
        if form.is_valid():
            return _said(request, check_in, form)
        context = {"form": form}
    return page(request, "mentorship/checkin_answer.html", place(request, check_in.match) | {"check_in": check_in} | context)


def _said(request: HttpRequest, check_in: CheckIn, form: CheckInForm) -> HttpResponse:
    check_in.say(form.cleaned_data["answer"], form.cleaned_data["body"])
    Draft.drop(request.user, form.place)
    match = check_in.match
    if form.wants_to_end:
        return _end(request, match)
    if check_in.answer == CheckIn.Answer.NOT:
        return answer(
            request,
            reverse("match_no_fit", args=[match.public_id]),
            said=_("Thank you for saying it. Only the coordinators read that."),
        )
    return answer(request, match.get_absolute_url(), said=_("Thank you. Only the coordinators read that."))


@require_http_methods(["GET", "HEAD", "POST"])
def match_no_fit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It does not fit, and that is all right: end it, and look on in the same step."""
    match = find(request, public_id)
    if match.is_over:
        return redirect(match)
    require(can_stop_match(request.user, match))
    if request.method == "POST":
        return _end(request, match)
    return page(request, "mentorship/match_no_fit.html", place(request, match))


def _end(request: HttpRequest, match: Match) -> HttpResponse:
    """End it without a reason; a newcomer who may ask is looking again at once, with the same words and the same turn."""
    match.end(ending=Match.Ending.NO_FIT, by=request.user)
    over = _("It is over. They were told that it is, and nothing else.")
    wants_rest = "rest" in request.POST
    if match.side_of(request.user) == Side.MENTOR or wants_rest or not can_request_mentor(request.user):
        return answer(request, match.get_absolute_url(), said=over)
    resuming.resume(request.user)
    return answer(request, reverse("suggestion_list"), said=f"{over} {_('These could fit. You have kept your turn.')}")


@require_POST
def request_resume(request: HttpRequest) -> HttpResponse:
    """Take the last search up again, as it was."""
    require(can_request_mentor(request.user))
    if resuming.resume(request.user) is None:
        return redirect("request_create")
    return answer(
        request, reverse("suggestion_list"), said=_("You are looking again, with the same words. Change them whenever you like.")
    )
