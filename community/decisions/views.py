"""What was decided about somebody, for their own eyes: by name and under aliases, also while they may post nothing."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from community.pages import keyset, page

from .models import Decision


@require_safe
def decision_list(request: HttpRequest) -> HttpResponse:
    rows = Decision.objects.visible_to(request.user).select_related("persona", "target_type").defer("kept")
    return page(request, "decisions/decision_list.html", {"pages": keyset(request, rows, by="at")})


@require_safe
def decision_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole statement, with the words as they stood and the way to another look."""
    rows = Decision.objects.visible_to(request.user).select_related("persona", "target_type")
    decision = get_object_or_404(rows, public_id=public_id)
    place = _place(decision.target, request.user)
    context = {"decision": decision, "target": decision.target, "place": place, "alike": decision.others_alike}
    return page(request, "decisions/decision_detail.html", context)


def _place(target: Any, viewer: Any) -> str:
    """Where it stands, if `viewer` may (still) look there."""
    if target is None or not hasattr(target, "is_visible_to") or not target.is_visible_to(viewer):
        return ""
    return target.get_absolute_url()
