"""Saying that something is wrong: with a thing, with what somebody said of it, or with a collection."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.contributions.models import Contribution
from community.contributions.posting import restored
from community.moderation.forms import ReportForm
from community.moderation.models import Report
from community.pages import answer, page
from community.permissions import require
from resources.models import Review
from resources.permissions import can_report_collection, can_report_resource, can_report_review

from .bringing import find as find_resource
from .collections import find as find_collection


@require_http_methods(["GET", "HEAD", "POST"])
def resource_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = find_resource(request, public_id)
    require(can_report_resource(request.user, resource))
    return _report(request, resource)


@require_http_methods(["GET", "HEAD", "POST"])
def review_report(request: HttpRequest, public_id: UUID, review_id: UUID) -> HttpResponse:
    seen = Review.objects.visible_to(request.user).with_place()
    review = get_object_or_404(seen, resource__public_id=public_id, public_id=review_id)
    require(can_report_review(request.user, review))
    return _report(request, review)


@require_http_methods(["GET", "HEAD", "POST"])
def collection_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    collection = find_collection(request, public_id)
    require(can_report_collection(request.user, collection))
    return _report(request, collection)


def _report(request: HttpRequest, target: Contribution) -> HttpResponse:
    if not target.is_visible_to(request.user):
        raise Http404
    context: dict[str, Any] = {"target": target, "back": target.get_absolute_url()}
    if Report.objects.open().about(target).filter(reporter=request.user).exists():
        return page(request, "moderation/report_create.html", {**context, "is_told": True})
    if request.method != "POST":
        asked = {"reason": Report.Reason.STALE} if request.GET.get("reason") == Report.Reason.STALE else None
        context |= restored(ReportForm, request.user, asked=asked, target=target)
    else:
        form = ReportForm(request.POST, user=request.user, target=target)
        if form.is_valid():
            form.tell()
            return answer(request, context["back"], said=_("Thank you. Somebody will look at it and tell you."))
        context["form"] = form
    return page(request, "moderation/report_create.html", context)
