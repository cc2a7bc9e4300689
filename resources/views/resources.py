from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.contributions.cards import conversations_with
from community.pages import page
from community.tags.showing import shown
from resources import finding, showing
from resources.permissions import can_edit_resource, can_report_resource, can_withdraw_resource


@require_safe
@login_not_required
def resource_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = finding.resource(request.user, public_id)
    if resource is None:
        raise Http404
    conversations = conversations_with(resource, request.user, most=5)

    def context() -> dict[str, Any]:
        return {
            "resource": resource,
            "tags": shown(resource.shown_tags),  # type: ignore[attr-defined]
            "sheet": showing.sheet(resource),
            "conversations": conversations,
            "way": showing.way_there(resource),
            "tending": showing.tending(resource),
            "may_edit": can_edit_resource(request.user, resource),
            "may_withdraw": can_withdraw_resource(request.user, resource),
            "may_report": can_report_resource(request.user, resource),
        }

    talked = [(talk.pk, talk.version) for talk in conversations]
    version = (resource.version, resource.shown_tags, talked, timezone.localdate())  # type: ignore[attr-defined]
    return page(request, "resources/resource_detail.html", context, version=version)
