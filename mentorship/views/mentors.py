"""Mentors as members find them: the list, and a page for each."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from community.members import languages
from community.notifications.models import Notification
from community.pages import is_prefetch, page
from mentorship import finding, listing
from mentorship.listing import Wish
from mentorship.models import Mentor
from mentorship.permissions import can_apply_as_mentor, can_ask_mentor

from .reports import find_mentor


@require_safe
def mentor_list(request: HttpRequest) -> HttpResponse:
    """Mentors who have a place, in another order each day."""
    wish = Wish.read(request.GET)
    tag = listing.tag_of(wish)
    if wish.tag and tag is None:
        mentors, pages = [], None
    else:
        mentors, pages = listing.page_of(request.user, wish, tag, request.GET.get("from", ""))
    context = {"mentors": listing.rows(mentors), "pages": pages, "wish": wish, "tag": tag, "facets": listing.facets(wish)}
    own = finding.own(request.user)
    return page(request, "mentorship/mentor_list.html", context | {"own": own, "may_apply": can_apply_as_mentor(request.user)})


@require_safe
def mentor_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    own = finding.own(request.user)
    own = own if own and own.public_id == public_id else None
    if own and not is_prefetch(request):
        Notification.objects.read_in_thread(request.user, own.public_id)
    if own and not own.is_approved:
        # News of an application leads here.
        return redirect("mentor_apply")
    mentor = find_mentor(request, public_id)
    context = {"mentor": mentor, **listing.told_of(mentor, request.user), **_between(request, mentor)}
    context["languages"] = languages.names(mentor.languages)
    context["testimonials"] = finding.testimonials(request.user, mentor)
    context |= {"is_own": own is not None, "hides_words": own is None and mentor.has_hidden_words}
    return page(request, "mentorship/mentor_detail.html", context)


def _between(request: HttpRequest, mentor: Mentor) -> dict[str, Any]:
    """What there is between the two by now, or how the viewer could ask."""
    match, search = finding.between(request.user, mentor), finding.search(request.user)
    may_ask = can_ask_mentor(request.user, search) if search else None
    return {"match": match, "search": search, "may_ask": may_ask, "has_place": mentor.free > 0 and not mentor.is_paused}
