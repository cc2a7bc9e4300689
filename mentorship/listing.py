"""The list of mentors: who has a place, in an order of the day, and what can be chosen by. It counts nobody and ranks nobody."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, get_text_list
from django.utils.translation import gettext as _

from community import text
from community.members.languages import LANGUAGES
from community.members.models import Profile
from community.tags import showing
from community.tags.finding import called
from community.tags.models import Tag
from community.tags.naming import slug_of
from community.templatetags.community import face

from . import finding
from .explaining import times_in_words
from .finding import PAGE
from .forms.hours import PARTS, parts_of
from .models import Fact, Mentor
from .renewing import offset_of, utc_hours

# So much of a story stands in the list.
BEGINNING = 200
_CURSOR = re.compile(r"(\d{8})-([0-9a-f]{32})")


class Wish(NamedTuple):
    """What somebody chose to look by, as far as it makes sense."""

    tag: str = ""
    help: int = 0
    language: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> Self:
        help_key, language = asked.get("help", ""), asked.get("language", "")
        is_number = help_key.isascii() and help_key.isdecimal() and len(help_key) < 10
        return cls(
            tag=text.clean(asked.get("tag", "")[:80]).strip(),
            help=int(help_key) if is_number else 0,
            language=language if language in dict(LANGUAGES) else "",
        )

    def address(self, **more: Any) -> str:
        chosen = {name: value for name, value in {**self._asdict(), **more}.items() if value}
        return f"?{urlencode(chosen)}"

    @property
    def is_empty(self) -> bool:
        return not any(self)


class Option(NamedTuple):
    value: str
    label: str
    is_chosen: bool


class Row(NamedTuple):
    """One mentor in the list, for `{% each %}`. Their story is not shown where the reader chose to have it folded."""

    url: str
    face: SafeString
    name: str
    offers: str
    story: str
    is_folded: bool
    # Items of a list.
    tags: SafeString


class Facet(NamedTuple):
    """One thing to choose by; shut, its fold says what is chosen."""

    name: str
    label: str
    said: str
    options: Sequence[Option]
    # Too many for a list of choices.
    is_long: bool = False


class Pages(NamedTuple):
    next_url: str
    previous_url: str
    next_label: str
    previous_label: str


def facets(wish: Wish) -> list[Facet]:
    helps = ((str(key), name) for key, name in finding.helps_in_use())
    return [
        _facet("help", _("What you look for"), helps, str(wish.help or "")),
        _facet("language", _("Language"), LANGUAGES, wish.language, is_long=True),
    ]


def _facet(name: str, label: str, choices: Iterable[tuple[str, str]], chosen: str, *, is_long: bool = False) -> Facet:
    options = [Option(value, said, value == chosen) for value, said in choices]
    is_any = not any(option.is_chosen for option in options)
    options = [Option("", _("Any"), is_any), *options]
    return Facet(name, label, next(option.label for option in options if option.is_chosen), options, is_long)


def tag_of(wish: Wish) -> Tag | None:
    """The tag that is asked for, synonyms followed."""
    slug = slug_of(wish.tag) if wish.tag else ""
    found = called(slug) if slug else None
    return (found.alias_of or found) if found else None


def page_of(viewer: Any, wish: Wish, tag: Tag | None, cursor: str) -> tuple[list[Any], Pages]:
    """The mentors behind `cursor`, and the steps to others. With another day the order is another one, and begins anew.

    Raises Http404 for a cursor that is none.
    """
    day, turn = _read(cursor)
    found = finding.listed(viewer, day, tag=tag and tag.pk, help=wish.help, language=wish.language, turn=turn)
    further = f"{day:%Y%m%d}-{found[PAGE - 1].turn}" if len(found) > PAGE else ""
    onwards = wish.address(**{"from": further}) if further else ""
    return found[:PAGE], Pages(onwards, wish.address() if turn else "", _("Further"), _("Back to the beginning"))


def rows(mentors: Iterable[Any]) -> list[Row]:
    """What the list says of mentors whom `page_of` found, as far as they let others know; no query."""
    return [
        Row(
            url=mentor.get_absolute_url(),
            face=face(mentor.user, size="large"),
            name=mentor.user.username,
            offers=", ".join(mentor.offered) if mentor.tells(Fact.TOPICS) else "",
            story="" if mentor.is_folded else Truncator(mentor.story).chars(BEGINNING),
            is_folded=mentor.is_folded,
            tags=_as_links(mentor.tag_names if mentor.tells(Fact.LIVED) else []),
        )
        for mentor in mentors
    ]


def _as_links(names: list[str]) -> SafeString:
    return format_html_join("\n", '<li><a href="{}" dir="auto">{}</a></li>', ((tag.url, tag.name) for tag in showing.shown(names)))


def _read(cursor: str) -> tuple[date, str]:
    today = timezone.localdate()
    if not cursor:
        return today, ""
    if not (found := _CURSOR.fullmatch(cursor)):
        raise Http404
    try:
        day = datetime.strptime(found[1], "%Y%m%d").date()  # noqa: DTZ007 a day, and no moment
    except ValueError as error:
        raise Http404 from error
    # Whoever read until after midnight goes on where they were.
    return (day, found[2]) if today - timedelta(days=1) <= day <= today else (today, "")


# One mentor ----------------------------------------------------------------------------------


def told_of(mentor: Any, viewer: Any) -> dict[str, Any]:
    """What a mentor whom `finding.mentor` found lets others know of themselves, as `viewer` reads it; no query."""
    is_open = mentor.tells
    return {
        "tags": showing.shown(mentor.tag_names) if is_open(Fact.LIVED) else [],
        "helps": mentor.offered if is_open(Fact.TOPICS) else [],
        "not_about": mentor.unwanted,
        **(times_for(mentor, viewer) if is_open(Fact.HOURS) else {}),
    }


def times_for(mentor: Mentor, viewer: Any) -> dict[str, Any]:
    """About when they are free, by the viewer's clock; by UTC for whoever did not say where theirs hangs."""
    zone = Profile.of(viewer).time_zone
    hours = utc_hours(mentor.utc_hours, -offset_of(zone or "UTC"))
    clock = _("By your clock.") if zone else _("In UTC; you can choose your time zone in your settings.")
    return {"times": week_in_words(hours), "clock": clock}


def week_in_words(hours: int) -> list[str]:
    """These hours of a week, a line for each part of the day in which there are some: “Evening: Monday to Friday”."""
    chosen, lines = set(parts_of(hours)), []
    for part, (name, _clock, _hours) in enumerate(PARTS):
        days = [day for day in range(7) if f"{day}-{part}" in chosen]
        if days:
            lines.append(_("%(part)s: %(days)s") % {"part": name, "days": _days_in_words(days)})
    return lines or [times_in_words(hours)] if hours else []


def _days_in_words(days: list[int]) -> str:
    if len(days) == 7:
        return _("every day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("%(first)s to %(last)s") % {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]]}
    return get_text_list([str(WEEKDAYS[day]) for day in days], _("and"))
