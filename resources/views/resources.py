from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.contributions.quotes import settle_mentions
from community.pages import page
from community.tags.showing import shown
from resources import feedback, finding, keeping, showing
from resources.models import ResourceFile
from resources.permissions import can_add_review, can_edit_resource, can_withdraw_resource


@transaction.non_atomic_requests
@require_safe
@login_not_required
def resource_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    version = None
    # Asked for before what it tells of, so that what changes in between makes a copy stale, and never a stale copy good.
    if not request.user.is_authenticated and "from" not in request.GET:
        version = (finding.version(request.user, public_id), timezone.localdate())
    return page(request, "resources/resource_detail.html", lambda: _context(request, public_id), version=version)


def _context(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    resource = finding.resource(request.user, public_id)
    if resource is None:
        raise Http404
    words = feedback.words_about(resource, request)
    settle_mentions([resource, *words.items], request.user)
    return {
        "resource": resource,
        "tags": shown(resource.shown_tags),  # type: ignore[attr-defined]
        "facts": showing.line(resource),
        "sheet": showing.further(resource),
        "conversations": finding.conversations(request.user, resource),
        "words": words,
        "collections": finding.collections(request.user, resource.pk) if resource.has_places else [],  # type: ignore[attr-defined]
        **_readers(request, resource),
        "way": showing.way_there(resource),
        "file": ResourceFile.of(resource) if resource.has_file else None,  # type: ignore[attr-defined]
        "tending": showing.tending(resource),
        "may_edit": can_edit_resource(request.user, resource),
        "may_withdraw": can_withdraw_resource(request.user, resource),
        "is_own": resource.speaks_as(request.user),
    }


def _readers(request: HttpRequest, resource: Any) -> dict[str, Any]:
    """What the reader makes of it themselves."""
    said = feedback.of(request.user, resource) if resource.has_own_words else None
    saved = keeping.of(request.user, resource.public_id) if resource.is_saved else None
    return {
        "said": said,
        "may_say": said is None and can_add_review(request.user, resource),
        "saved": saved,
        "saved_form": keeping.SavedForm(initial={"note": saved.note if saved else ""}),
    }
