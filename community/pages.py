"""What every page needs: keysets, numbered pages, and kept copies for guests."""

import hashlib
from collections.abc import Callable, Sequence
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
from django.utils.translation import gettext as _

T = TypeVar("T")


# Lists by time: a keyset, so that the thousandth page costs what the first one does --


@dataclass(frozen=True)
class KeysetPage(Generic[T]):
    """One page of a list that is ordered by (time, random id); `next_url` leads on, `first_url` back to its beginning."""

    items: Sequence[T]
    further: str = ""
    is_first: bool = True
    next_label: str = ""

    @property
    def next_url(self) -> str:
        return f"?from={self.further}" if self.further else ""

    @property
    def previous_url(self) -> str:
        return "" if self.is_first else "?"

    @property
    def previous_label(self) -> str:
        return _("Back to the beginning")


def keyset(request: HttpRequest, rows: QuerySet, *, by: str, size: int = 20, oldest_first: bool = False) -> KeysetPage:
    """The page of `rows` that `?from=` names, newest first unless asked otherwise; `by` is the field of the time.

    Raises Http404 for a cursor that is none.
    """
    sign, beyond = ("", "gt") if oldest_first else ("-", "lt")
    place = cursor(request)
    if place:
        moment, public_id = place
        rows = rows.filter(
            Q(**{f"{by}__{beyond}e": moment}) & (Q(**{f"{by}__{beyond}": moment}) | Q(**{f"public_id__{beyond}": public_id}))
        )
    items = list(rows.order_by(f"{sign}{by}", f"{sign}public_id")[: size + 1])
    return keyset_page(items, by=by, size=size, is_first=place is None, next_label=_("Newer") if oldest_first else "")


def keyset_page(items: Sequence[T], *, by: str, size: int = 20, is_first: bool, next_label: str = "") -> KeysetPage[T]:
    """The page that these items make, of which there is one more if the list goes on."""
    further = cursor_of(getattr(items[size - 1], by), items[size - 1].public_id) if len(items) > size else ""  # type: ignore[attr-defined]
    return KeysetPage(items=items[:size], further=further, is_first=is_first, next_label=next_label or _("Older"))


def cursor(request: HttpRequest) -> tuple[datetime, UUID] | None:
    """The place in a list that `?from=` names, behind which the page begins. Raises Http404 for a cursor that is none."""
    named = request.GET.get("from", "")
    return _read_cursor(named) if named else None


def cursor_of(moment: datetime, public_id: UUID) -> str:
    return f"{int(moment.timestamp())}-{public_id.hex}"


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    seconds, _dash, hexadecimal = cursor.partition("-")
    try:
        return datetime.fromtimestamp(int(seconds[:12]), UTC), UUID(hex=hexadecimal)
    except (ValueError, OverflowError, OSError) as error:
        raise Http404 from error


# Numbered pages: a range of positions ------------------------------------------------


@dataclass(frozen=True)
class PageNumber:
    number: int
    is_current: bool

    @property
    def url(self) -> str:
        return f"?page={self.number}" if self.number > 1 else "?"


@dataclass(frozen=True)
class Numbered:
    """Where one is among numbered pages."""

    number: int
    last: int

    @property
    def numbers(self) -> list[PageNumber | None]:
        """The numbers to offer, None where some are left out; none at all for a single page."""
        if self.last == 1:
            return []
        wanted = sorted({1, 2, self.number - 1, self.number, self.number + 1, self.last} & set(range(1, self.last + 1)))
        line: list[PageNumber | None] = []
        for before, number in zip([0, *wanted], wanted, strict=False):
            if number - before > 1:
                line.append(None)
            line.append(PageNumber(number, number == self.number))
        return line

    @property
    def is_last(self) -> bool:
        return self.number == self.last

    @property
    def newest_url(self) -> str:
        return "" if self.is_last else f"?page={self.last}"


def numbered(request: HttpRequest, *, last: int) -> Numbered:
    """The page that `?page=` names, among `last` pages. Raises Http404 for a page there is not."""
    wanted = request.GET.get("page", "1")
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 9 or not 1 <= int(wanted) <= last:
        raise Http404
    return Numbered(number=int(wanted), last=last)


# Answers -----------------------------------------------------------------------------


def is_prefetch(request: HttpRequest) -> bool:
    """Does the browser only look ahead? Then nothing was read yet."""
    return "prefetch" in f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"


def answer(request: HttpRequest, to: str, *, said: str = "") -> HttpResponse:
    """After something was done: go to the page that shows it, with a sentence that says so."""
    if said:
        messages.success(request, said)
    return redirect(to)


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | Callable[[], dict[str, Any]],
    *,
    version: object = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page. A guest may keep a copy, checked at every look by `version`; a member's page is never stored.

    A context that is a function is only worked out when the page has to be made.
    """
    # A page with a sentence for somebody, such as whoever just signed out, is for that one look.
    may_keep = version is not None and not request.user.is_authenticated and not request.COOKIES.get("messages")
    etag = guest_etag(request, version) if may_keep else ""
    if may_keep and request.headers.get("If-None-Match") == etag:
        unchanged: HttpResponse = HttpResponseNotModified()
        return _kept(unchanged, etag)
    response = render(request, template, context() if callable(context) else context, status=status)
    if may_keep:
        return _kept(response, etag)
    patch_cache_control(response, no_store=True, private=True)
    return response


def unchanged(request: HttpRequest, version: Callable[[], object]) -> HttpResponse | None:
    """For a guest whose copy is still good, the answer that says so, before anything else is worked out."""
    if request.user.is_authenticated or "messages" in request.COOKIES or not (kept := request.headers.get("If-None-Match")):
        return None
    return _kept(HttpResponseNotModified(), kept) if guest_etag(request, version()) == kept else None


def guest_etag(request: HttpRequest, version: object) -> str:
    """The validator of a guest's copy: address, language, what the page is made of."""
    parts = (settings.RELEASE, request.get_full_path(), get_language(), version)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _kept(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
