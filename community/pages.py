"""What every page needs: keysets, numbered pages, "did htmx ask?", and kept copies for guests."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language

T = TypeVar("T")


# Lists by time: a keyset, so that the thousandth page costs what the first one does --


@dataclass(frozen=True)
class KeysetPage(Generic[T]):
    """One page of a list that is ordered by (time, random id), newest first."""

    items: Sequence[T]
    older: str
    is_first: bool


def keyset(request: HttpRequest, rows: QuerySet, *, by: str, size: int = 20) -> KeysetPage:
    """The page of `rows` that `?before=` names, newest first; `by` is the field of the time.

    Raises Http404 for a cursor that is none.
    """
    cursor = request.GET.get("before", "")
    if cursor:
        moment, public_id = _read_cursor(cursor)
        rows = rows.filter(Q(**{f"{by}__lte": moment}) & (Q(**{f"{by}__lt": moment}) | Q(public_id__lt=public_id)))
    items = list(rows.order_by(f"-{by}", "-public_id")[: size + 1])
    older = cursor_of(getattr(items[size - 1], by), items[size - 1].public_id) if len(items) > size else ""
    return KeysetPage(items=items[:size], older=older, is_first=not cursor)


def cursor_of(moment: datetime, public_id: UUID) -> str:
    return f"{int(moment.timestamp())}-{public_id.hex}"


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    seconds, _, hexadecimal = cursor.partition("-")
    try:
        return datetime.fromtimestamp(int(seconds[:12]), UTC), UUID(hex=hexadecimal)
    except (ValueError, OverflowError, OSError) as error:
        raise Http404 from error


# Numbered pages: a range of positions ------------------------------------------------


@dataclass(frozen=True)
class Numbered:
    """Where one is among numbered pages; `shown` holds the numbers to offer, None where some are left out."""

    number: int
    last: int

    @property
    def shown(self) -> list[int | None]:
        wanted = sorted({1, 2, self.number - 1, self.number, self.number + 1, self.last} & set(range(1, self.last + 1)))
        line: list[int | None] = []
        for number in wanted:
            if line and isinstance(line[-1], int) and number - line[-1] > 1:
                line.append(None)
            line.append(number)
        return line


def numbered(request: HttpRequest, *, last: int) -> Numbered:
    """The page that `?page=` names, among `last` pages. Raises Http404 for a page there is not."""
    wanted = request.GET.get("page", "1")
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 9 or not 1 <= int(wanted) <= last:
        raise Http404
    return Numbered(number=int(wanted), last=last)


# Answers -----------------------------------------------------------------------------


def wants_partial(request: HttpRequest) -> bool:
    """Did htmx ask for a piece of the page?"""
    return bool(getattr(request, "htmx", False)) and not request.htmx.boosted


def is_prefetch(request: HttpRequest) -> bool:
    """Does the browser only look ahead? Then nothing was read yet."""
    return "prefetch" in f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"


def answer(request: HttpRequest, to: str, *, said: str = "") -> HttpResponse:
    """After something was done: go to the page that shows it, with a sentence that says so."""
    if said:
        messages.success(request, said)
    return redirect(to)


def page(request: HttpRequest, template: str, context: dict[str, Any], *, version: object = None, status: int = 200) -> HttpResponse:
    """Render a page. A guest may keep a copy, checked at every look by `version`; a member's page is never stored."""
    if request.user.is_authenticated or version is None:
        response = render(request, template, context, status=status)
        patch_cache_control(response, no_store=True, private=True)
        return response
    etag = guest_etag(request, version)
    if request.headers.get("If-None-Match") == etag and "messages" not in request.COOKIES:
        unchanged: HttpResponse = HttpResponseNotModified()
        return _kept(unchanged, etag)
    return _kept(render(request, template, context, status=status), etag)


def guest_etag(request: HttpRequest, version: object) -> str:
    """The validator of a guest's copy: address, language, who asks for it, what the page is made of."""
    parts = (settings.RELEASE, request.get_full_path(), get_language(), wants_partial(request), version)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _kept(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
