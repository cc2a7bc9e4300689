"""Bringing a whole file of bookmarks: choose it, see what is in it, bring it in."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from community.door import used_second_factor
from community.pages import answer, page
from community.permissions import require
from resources import taking_in
from resources.forms import ImportForm, StartForm
from resources.models import Import, ImportRow
from resources.permissions import can_import_resources, can_vouch_for_import

PAGE = 100
LATELY = 10


@require_http_methods(["GET", "HEAD", "POST"])
def resource_import(request: HttpRequest) -> HttpResponse:
    require(can_import_resources(request.user))
    form = ImportForm(request.POST or None, request.FILES or None) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        made = taking_in.preview(form.cleaned_data["file"], by=request.user, name=form.name)
        return answer(request, made.get_absolute_url())
    lately = Import.objects.visible_to(request.user).newest_first()[:LATELY]
    return page(request, "resources/import.html", {"form": form, "lately": lately})


@require_http_methods(["GET", "HEAD", "POST"])
def import_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user), public_id=public_id)
    require(can_import_resources(request.user))
    counts = found.counts
    may_vouch = can_vouch_for_import(request.user, past_the_door=used_second_factor(request))
    data = request.POST if request.method == "POST" else None
    form = StartForm(data, may_vouch=bool(may_vouch), has_private=counts[ImportRow.State.PRIVATE] > 0)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        found.start(vouched=wanted.get("vouched", False), with_private=wanted.get("with_private", False))
        return answer(request, found.get_absolute_url())
    return page(request, "resources/import_detail.html", {"import": found, "form": form, "counts": counts, **_rows(request, found)})


def _rows(request: HttpRequest, found: Import) -> dict[str, Any]:
    """The rows of one state, a page of them from the number that `?after=` names."""
    counts = [(state, found.counts[state]) for state in ImportRow.State]
    state = request.GET.get("state", next((state.value for state, count in counts if count), ""))
    after = request.GET.get("after", "0")
    if state not in ImportRow.State.values or not (after.isascii() and after.isdigit() and len(after) < 10):
        raise Http404
    rows = list(found.rows.filter(state=state, number__gt=int(after)).select_related("resource")[: PAGE + 1])
    return {
        "states": [(state, state.label, count) for state, count in counts if count],
        "state": ImportRow.State(state),
        "rows": rows[:PAGE],
        "further": rows[PAGE - 1].number if len(rows) > PAGE else 0,
        "is_first": after == "0",
    }
