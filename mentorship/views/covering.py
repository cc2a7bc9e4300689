"""A mentor who needs cover says so; whoever coordinates takes it from there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.pages import answer, page
from community.permissions import require
from mentorship.models import Match
from mentorship.permissions import can_ask_for_cover

from .matches import find, place


@require_http_methods(["GET", "HEAD", "POST"])
def cover_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for cover, here or for everybody whom one guides."""
    match = find(request, public_id)
    require(can_ask_for_cover(request.user, match))
    if request.method == "POST":
        match.ask_for_cover(for_all="all" in request.POST)
        said = _("The coordinators see it from now on. Look after yourself first.")
        return answer(request, match.get_absolute_url(), said=said)
    others = Match.objects.active().filter(mentor=request.user.pk).exclude(pk=match.pk)
    return page(request, "mentorship/cover_create.html", place(request, match) | {"has_others": others.exists()})


@require_POST
def cover_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    match = find(request, public_id)
    require(can_ask_for_cover(request.user, match))
    match.need_no_cover()
    return answer(request, match.get_absolute_url(), said=_("Good. The coordinators don’t look for anybody any more."))
