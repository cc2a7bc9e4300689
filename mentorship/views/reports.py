"""Asking to have a thank-you looked at, or what others say on a mentor's page; the rest is reported where everything is."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from community.moderation.views.reports import report
from community.permissions import require
from mentorship import finding
from mentorship.models import Match, Mentor
from mentorship.permissions import can_report_testimonial, can_report_thanks

from .matches import find as find_match


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
def testimonial_report(request: HttpRequest, public_id: UUID, stamp: str) -> HttpResponse:
    match = find_testimonial(request, find_mentor(request, public_id), stamp)
    require(can_report_testimonial(request.user, match))
    return report(request, match)


@require_http_methods(["GET", "HEAD", "POST"])
def thanks_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find_match(request, public_id)
    require(can_report_thanks(request.user, match))
    return report(request, match.thanks_from_other_than(request.user))
