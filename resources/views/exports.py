"""The library as a file, as far as the reader may see it: made piece by piece while it is sent."""

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from resources import exporting, taking_out
from resources.entries import Entry


@require_safe
def bookmarks(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, "html", "text/html", lambda entries: exporting.as_bookmarks(entries, title=settings.SITE_NAME))


@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, "csv", "text/csv", exporting.as_table)


@require_safe
def records(request: HttpRequest) -> StreamingHttpResponse:
    return _file(request, "json", "application/json", exporting.as_records)


def _file(
    request: HttpRequest, ending: str, content_type: str, writer: Callable[[Iterable[Entry]], Iterator[str]]
) -> StreamingHttpResponse:
    pieces = writer(taking_out.entries(request.user, home=settings.SITE_URL)) if request.method == "GET" else []
    response = StreamingHttpResponse(pieces, content_type=f"{content_type}; charset=utf-8")
    name = f"library-{timezone.localdate():%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store, private"
    return response
