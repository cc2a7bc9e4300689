from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.pages import cursor, keyset_page, page
from resources import finding, showing
from resources.permissions import can_edit_resource, can_report_resource, can_submit_resource, can_withdraw_resource


@require_safe
@login_not_required
def resource_list(request: HttpRequest) -> HttpResponse:
    beyond = cursor(request)
    found = finding.newest(request.user, beyond=beyond)
    pages = keyset_page(found, by="published_at", size=finding.PAGE, is_first=beyond is None)

    def context() -> dict[str, Any]:
        return {"cards": showing.cards(pages.items), "pages": pages, "may_submit": can_submit_resource(request.user)}

    # What a guest could see is all that a guest's validator is made of.
    return page(request, "resources/resource_list.html", context, version=[(row.pk, row.version) for row in found])


@require_safe
@login_not_required
def resource_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = finding.resource(request.user, public_id)
    if resource is None:
        raise Http404
    tags = resource.shown_tags

    def context() -> dict[str, Any]:
        return {
            "resource": resource,
            "tags": tags,
            "sheet": showing.sheet(resource),
            "way": showing.way_there(resource),
            "tending": showing.tending(resource),
            "may_edit": can_edit_resource(request.user, resource),
            "may_withdraw": can_withdraw_resource(request.user, resource),
            "may_report": can_report_resource(request.user, resource),
        }

    version = (resource.version, [tag.name for tag in tags], timezone.localdate())
    return page(request, "resources/resource_detail.html", context, version=version)
