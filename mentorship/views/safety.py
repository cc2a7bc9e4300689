"""When something is not safe: whoever is in charge of safety is called."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.contributions.posting import post_once, restored
from community.members.models import User
from community.pages import answer, page
from community.permissions import require
from mentorship.forms.rooms import ConcernForm
from mentorship.models import Concern, Match
from mentorship.permissions import can_call_lead

from .matches import find, place


@require_http_methods(["GET", "HEAD", "POST"])
def concern_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Something is not safe: to whoever is in charge of safety, and to nobody else."""
    match = find(request, public_id)
    require(can_call_lead(request.user, match))
    if request.method != "POST":
        context = restored(ConcernForm, request.user, match=match)
    else:
        form = ConcernForm(request.POST, user=request.user, match=match)
        if form.is_valid() and _call(request, match, form):
            return answer(
                request,
                match.get_absolute_url(),
                said=_("It has reached those in charge of safety, and nobody else. They are not told that it was you."),
            )
        context = {"form": form}
    leads = User.objects.leads().exclude(pk__in=[match.newcomer_id, match.mentor_id])
    return page(request, "mentorship/concern_create.html", place(request, match) | context | {"has_leads": leads.exists()})


def _call(request: HttpRequest, match: Match, form: ConcernForm) -> UUID | None:
    return post_once(request, form, lambda made: Concern.call(match, by=request.user, public_id=made, **form.call))
