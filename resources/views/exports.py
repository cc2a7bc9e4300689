"""The library as a file, as far as the reader may see it: made piece by piece while it is sent."""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from resources import exporting, taking_out
from resources.entries import Entry
from resources.models import Collection


@require_safe
def bookmarks(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, "html", "text/html", lambda entries: exporting.as_bookmarks(entries, title=settings.SITE_NAME))


@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, "csv", "text/csv", exporting.as_table)


@require_safe
def records(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, "json", "application/json", exporting.as_records)


@require_safe
def collection(request: HttpRequest, public_id: UUID) -> StreamingHttpResponse:
    """What stands in a collection, in its order, as bookmarks."""
    found = get_object_or_404(Collection.objects.visible_to(request.user), public_id=public_id)
    entries = taking_out.entries_of(found, request.user, home=settings.SITE_URL)
    return _file(request, "html", "text/html", lambda given: exporting.as_bookmarks(given, title=found.title), entries)


def _file(
    request: HttpRequest,
    ending: str,
    content_type: str,
    writer: Callable[[Iterable[Entry]], Iterator[str]],
    entries: Iterable[Entry] | None = None,
) -> StreamingHttpResponse:
    """A file of these entries, else of all that the reader may see."""
    if entries is None:
        entries = taking_out.entries(request.user, home=settings.SITE_URL)
    pieces = writer(entries) if request.method == "GET" else []
    response = StreamingHttpResponse(pieces, content_type=f"{content_type}; charset=utf-8")
    name = f"library-{timezone.localdate():%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store, private"
    return response
