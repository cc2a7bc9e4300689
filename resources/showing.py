"""What a card and the page of a resource say, in words, worked out before the template runs."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.formats import date_format, number_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from community import text
from community.members import languages

from . import finding
from .models import Fault, Kind, LinkState, Resource, ResourceFile


class Card(NamedTuple):
    """One resource in a list. Its beginning is not shown where there is a note, or where the reader chose to have it folded."""

    url: str
    title: str
    icon: str
    kind: str
    beginning: str
    note: str
    is_folded: bool
    # Items of a list.
    facts: SafeString


def cards(resources: Iterable[Resource], countries: dict[str, str] | None = None) -> list[Card]:
    """The names of countries are looked up where they are needed, unless they are given."""
    resources = list(resources)
    if countries is None:
        countries = finding.countries() if any(resource.country for resource in resources) else {}
    language = get_language()
    return [_kept_card(resource, countries.get(resource.country, resource.country), language) for resource in resources]


_MOST_KEPT = 4096
_kept: dict[tuple[Any, ...], Card] = {}


def _kept_card(resource: Resource, country: str, language: str | None) -> Card:
    """The card of one resource, worked out once for each version of it: reading Markdown for its beginning takes a while."""
    key = (resource.public_id, resource.version, getattr(resource, "is_folded", False), country, language)
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = _card(resource, {resource.country: country})
    return _kept[key]


def _card(resource: Resource, countries: dict[str, str]) -> Card:
    kind, is_folded = Kind(resource.kind), getattr(resource, "is_folded", False)
    return Card(
        url=resource.get_absolute_url(),
        title=resource.title,
        icon=kind.icon,
        kind=str(kind.label),
        beginning="" if resource.note or is_folded else text.excerpt(resource.body, 140),
        note=resource.note,
        is_folded=is_folded,
        facts=_items(facts(resource, countries)),
    )


def _items(known: dict[str, str]) -> SafeString:
    return format_html_join("", "<li>{}</li>", ((fact,) for fact in known.values() if fact))


def line(resource: Resource) -> SafeString:
    """The facts of one resource as items of a list, as its card has them."""
    return _items(facts(resource, finding.countries() if resource.country else {}))


def further(resource: Resource) -> list[tuple[str, str]]:
    """What is known beside those facts; the hours of a telephone stand below its number."""
    hours = "" if resource.phone else resource.hours
    lines = [(_("By"), resource.made_by), (_("Hours"), hours), (_("ISBN"), resource.isbn), (_("DOI"), resource.doi)]
    return [(name, value) for name, value in lines if value]


def facts(resource: Resource, countries: dict[str, str]) -> dict[str, str]:
    """What a tired person wants to know before they open it, by name; empty where nobody said."""
    return {
        "length": length(resource),
        "language": ", ".join(languages.names([resource.language])) or resource.language,
        "level": str(resource.get_level_display()) if resource.level else "",
        "cost": str(resource.get_cost_display()) if resource.cost else "",
        "account": {True: _("Sign-up needed"), False: _("No sign-up"), None: ""}[resource.needs_account],
        "captions": {True: _("Captions or a transcript"), False: _("No captions"), None: ""}[resource.has_captions],
        "country": countries.get(resource.country, resource.country),
    }


def length(resource: Resource) -> str:
    if resource.minutes:
        return ngettext("%(number)s minute", "%(number)s minutes", resource.minutes) % {"number": resource.minutes}
    if resource.pages:
        return ngettext("%(number)s page", "%(number)s pages", resource.pages) % {"number": resource.pages}
    return ""


def sheet(resource: Resource) -> list[tuple[str, str]]:
    """All that is known, for those behind the scenes: names and what is known, in order."""
    known = facts(resource, finding.countries() if resource.country else {})
    lines = [
        (_("Kind"), str(resource.get_kind_display())),
        (_("By"), resource.made_by),
        (_("Takes"), known["length"]),
        (_("Language"), known["language"]),
        (_("To read"), known["level"]),
        (_("Costs"), known["cost"]),
        (_("Account"), known["account"]),
        (_("To hear"), known["captions"]),
        (_("Country"), known["country"] or (_("Anywhere") if resource.kind != Kind.SERVICE else "")),
        (_("Hours"), resource.hours),
        (_("ISBN"), resource.isbn),
        (_("DOI"), resource.doi),
    ]
    return [(name, value) for name, value in lines if value]


def way_there(resource: Resource) -> dict[str, Any]:
    """Where the button leads and what it says, and what is known of the address. A kept copy stands in for a dead one."""
    if not resource.address:
        return {}
    is_broken = resource.link_state == LinkState.BROKEN
    copy_instead = is_broken and bool(resource.archive)
    return {
        "url": resource.archive if copy_instead else resource.address,
        "label": _("Open the kept copy") if copy_instead else _invitation(resource) % {"host": resource.host},
        "is_broken": is_broken,
        "state": state_of(resource),
        "copy": "" if copy_instead else resource.archive,
    }


def _invitation(resource: Resource) -> str:
    return {
        Kind.ARTICLE: _("Read it at %(host)s"),
        Kind.LIVED: _("Read it at %(host)s"),
        Kind.VIDEO: _("Watch it at %(host)s"),
        Kind.AUDIO: _("Listen to it at %(host)s"),
        Kind.BOOK: _("See it at %(host)s"),
        Kind.TOOL: _("Go to it at %(host)s"),
        Kind.SERVICE: _("Go to %(host)s"),
    }[Kind(resource.kind)]


def state_of(resource: Resource) -> str:
    """What was found at its address when somebody looked last, unless it was as it should be."""
    day = date_format(resource.looked_at, "j F") if resource.looked_at else ""
    return {
        LinkState.MOVED: _("It has moved; the old address leads on."),
        LinkState.LOCKED: _("It did not let us look; it may open for you, or ask you to sign in.")
        if resource.fault == Fault.BARRED
        else _("One has to sign in there."),
        LinkState.FAILING: _("It did not open lately. That may pass."),
        LinkState.BROKEN: (_("It does not open any more, as of %(day)s.") % {"day": day})
        if day
        else _("It does not open any more."),
    }.get(LinkState(resource.link_state), "")


def file_words(file: ResourceFile) -> str:
    """What it is and how large."""
    kinds = {"application/pdf": _("PDF"), "image/png": _("picture, PNG"), "image/jpeg": _("picture, JPEG")}
    kind = kinds.get(file.content_type, _("picture, WebP"))
    if file.size < 995_000:
        return _("%(kind)s, %(number)s KB") % {"kind": kind, "number": max(1, round(file.size / 1000))}
    number = round(file.size / 1_000_000, 1)
    return _("%(kind)s, %(number)s MB") % {"kind": kind, "number": number_format(int(number) if number % 1 == 0 else number)}


def tending(resource: Resource) -> dict[str, Any]:
    """Who looks after it, unless the reader may not meet them, and whether somebody should look again."""
    keeper = resource.keeper if resource.is_keeper_met else None  # type: ignore[attr-defined]
    return {"keeper": keeper, "review_by": resource.review_by, "is_overdue": resource.is_overdue}
