from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from community.pages import cursor, is_prefetch, keyset_page, page
from community.tags.models import Tag, Unmet
from resources import finding, searching, showing
from resources.facets import facets
from resources.models import Resource
from resources.permissions import can_submit_resource
from resources.searching import Wish


class Pages(NamedTuple):
    """The steps from one page of what was found to others, with what was asked for in their addresses."""

    next_url: str
    previous_url: str
    next_label: str = ""
    previous_label: str = ""


@transaction.non_atomic_requests
@require_safe
@login_not_required
def resource_list(request: HttpRequest) -> HttpResponse:
    """The library, or what of it somebody looks for. The words are in the address, and nowhere else."""
    template = "resources/resource_list.html"
    # A guest's copy of all that there is, page by page, is looked up by its numbers before anything else is.
    if not request.user.is_authenticated and not request.GET.keys() - {"from"}:
        numbers = finding.numbers(request.user, beyond=cursor(request))
        return page(request, template, lambda: _found(request)[0](), version=numbers)
    context, version = _found(request)
    return page(request, template, context, version=version)


def _found(request: HttpRequest) -> tuple[Callable[[], dict[str, Any]], object]:
    """What the page shows, to be worked out where it is needed, and what a guest's copy of it is checked by."""
    countries = finding.countries()
    wish = Wish.read(request.GET, countries=countries)
    tag = searching.tag_of(wish)
    if wish.tag and tag is None:
        rows, pages, is_cut = [], Pages("", ""), False
    else:
        rows, pages, is_cut = (_search if wish.words else _list)(request, wish, tag)
    if not rows and pages.previous_url == "" and not is_prefetch(request):
        _note_unmet(request, wish, tag)

    def context() -> dict[str, Any]:
        return {
            "cards": showing.cards(rows, countries),
            "pages": pages,
            "wish": wish,
            "tag": tag,
            "facets": facets(wish, countries),
            "is_cut": is_cut,
            "most": searching.NEWEST,
            "may_submit": can_submit_resource(request.user),
        }

    # What a guest could see is all that a guest's validator is made of.
    return context, ([(row.pk, row.version) for row in rows], pages, is_cut, tag and tag.name, list(countries))


def _list(request: HttpRequest, wish: Wish, tag: Tag | None) -> tuple[list[Resource], Pages, bool]:
    beyond = cursor(request)
    found = searching.listed(request.user, wish, tag, beyond=beyond)
    part = keyset_page(found, by="published_at", size=finding.PAGE, is_first=beyond is None)
    further = wish.address(**{"from": part.further}) if part.further else ""
    first = "" if part.is_first else wish.address()
    return list(part.items), Pages(further, first, part.next_label, part.previous_label), False


def _search(request: HttpRequest, wish: Wish, tag: Tag | None) -> tuple[list[Resource], Pages, bool]:
    number = _page_number(request)
    found = searching.search(request.user, wish, tag, page=number)
    further = wish.address(page=number + 1) if len(found.rows) > finding.PAGE else ""
    back = wish.address(page=number - 1 if number > 2 else "") if number > 1 else ""
    return found.rows[: finding.PAGE], Pages(further, back, _("More"), _("Back")), found.is_cut


def _page_number(request: HttpRequest) -> int:
    said = request.GET.get("page", "1")
    if not said.isascii() or not said.isdecimal() or len(said) > 3 or not 1 <= int(said) <= searching.NEWEST // finding.PAGE:
        raise Http404
    return int(said)


def _note_unmet(request: HttpRequest, wish: Wish, tag: Tag | None) -> None:
    """Who looks under nothing but a tag and finds nothing is counted, once; of other words nothing is kept."""
    if not request.user.is_authenticated or (wish.facets.keys() - {"tag"}) or (wish.words and wish.tag):
        return
    if meant := tag or searching.exactly(wish.words):
        Unmet.note(meant, request.user)
