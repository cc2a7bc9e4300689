"""Handing a file to whoever may have it: always as a download, never as something that a browser opens here."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header

from community.pages import guest_etag

from .models import Audience, ResourceFile


def download(request: HttpRequest, file: ResourceFile, *, is_public: bool | None = None) -> HttpResponse:
    """The file, or the word that a kept copy is still good. What is not for everybody is kept nowhere on the way."""
    if is_public is None:
        is_public = file.resource.audience == Audience.EVERYONE
    etag = guest_etag(request, ("file", file.pk))
    if is_public and request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        content = b"" if request.method == "HEAD" else bytes(file.content)
        response = HttpResponse(content, content_type=file.content_type)
        response["Content-Length"] = str(file.size)
        response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["ETag"] = etag
    # Whoever keeps a copy asks each time, so that what was taken back is gone at once.
    response["Cache-Control"] = "private, no-cache" if is_public else "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
