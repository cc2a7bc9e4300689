"""Asking to have something looked at: a mentor's page, what others say there, a message, a thank-you."""

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.contributions.posting import restored
from community.moderation.models import Report
from community.pages import answer, page
from community.permissions import require
from mentorship import finding
from mentorship.forms.rooms import SaidReportForm
from mentorship.models import Match, Mentor
from mentorship.permissions import can_report_mentor, can_report_message, can_report_testimonial, can_report_thanks

from .matches import find as find_match
from .rooms import find_message


def find_mentor(request: HttpRequest, public_id: UUID) -> Mentor:
    """A mentor whose page whoever asks may read."""
    if (mentor := finding.mentor(request.user, public_id)) is None:
        raise Http404
    return mentor


def find_testimonial(request: HttpRequest, mentor: Mentor, stamp: str) -> Match:
    """The words of this stamp on a mentor's page. No address of theirs tells which match they come from."""
    shown = (match for match in mentor.matches.testimonials_for(request.user) if match.testimonial_stamp == stamp)
    if (match := next(shown, None)) is None:
        raise Http404
    return match


@require_http_methods(["GET", "HEAD", "POST"])
def mentor_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    mentor = find_mentor(request, public_id)
    require(can_report_mentor(request.user, mentor))
    return _tell(request, mentor, "moderation/report_create.html", back=mentor.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def testimonial_report(request: HttpRequest, public_id: UUID, stamp: str) -> HttpResponse:
    mentor = find_mentor(request, public_id)
    match = find_testimonial(request, mentor, stamp)
    require(can_report_testimonial(request.user, match))
    return _tell(request, match, "mentorship/words_report.html", back=mentor.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def message_report(request: HttpRequest, public_id: UUID, message_id: UUID) -> HttpResponse:
    message = find_message(request, public_id, message_id)
    require(can_report_message(request.user, message))
    return _tell(request, message, "mentorship/message_report.html", back=message.place)


@require_http_methods(["GET", "HEAD", "POST"])
def thanks_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find_match(request, public_id)
    require(can_report_thanks(request.user, match))
    context = {"match": match}
    target = match.thanks_from_other_than(request.user)
    return _tell(request, target, "mentorship/words_report.html", back=match.get_absolute_url(), **context)


def _tell(request: HttpRequest, target: Model, template: str, *, back: str, **context: Any) -> HttpResponse:
    """Ask what is the matter, once, and say that somebody will look."""
    context |= {"target": target, "back": back}
    there = Report.objects.open().about(target).filter(reporter=request.user.pk).first()
    # Of one match a mentor may have both kinds of words looked at, those for others and a thank-you.
    is_more = isinstance(target, Match) and there and target.reported_words not in there.kept.get("body", "")
    if there and not is_more:
        return page(request, template, context | {"is_told": True})
    if request.method != "POST":
        context |= restored(SaidReportForm, request.user, target=target)
    else:
        form = SaidReportForm(request.POST, user=request.user, target=target)
        if form.is_valid():
            form.tell_with(there)
            return answer(request, back, said=_("Thank you. Somebody will look at it and tell you."))
        context["form"] = form
    return page(request, template, context)
