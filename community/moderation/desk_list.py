"""The front page of the desk: what waits, line by line. Words are shown for nothing in it but its kind."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from community.contributions.admin import ABOUT_WRITERS

from . import finding
from .models import Watch
from .queue import Queue
from .sources import DANGER, HARM, Item, sources

# So many rows stand on the front page.
SHOWN = 50
_FIRST, _NOTHING = format_html(' class="{}"', "is-first"), format_html("{}", "")
WARNING = gettext_lazy("It is about something that you leave to others. Nobody else is here just now.")
# Harm, how many say so, whether it is heavy, and whether it carries a content note.
Kind = tuple[int, int, bool, bool]


class When(NamedTuple):
    """By when somebody is to look, as they say it where they are; the time of day where that matters."""

    day: date
    days: int
    clock: str
    is_overdue: bool


def front(request: HttpRequest) -> dict[str, Any]:
    """What waits, the way a volunteer takes it."""
    queue = Queue(request.user)
    attend(request, queue)
    items, now = queue.items, timezone.localtime()
    return {
        "lines": [line(queue, item, now) for item in items[:SHOWN]],
        "further": len(items) - SHOWN,
        "left": [left(item) for item in queue.left],
        "has_next": queue.next() is not None,
        "has_enough": queue.has_enough and any(item.is_severe for item in items),
        "duty": queue.duty,
        "settings": queue.settings,
        "notes": finding.notes(),
    }


def attend(request: HttpRequest, queue: Queue) -> None:
    """Somebody who looks after what others write is at the desk. A browser that fetches a page ahead of time is nobody."""
    if (request.user.is_moderator or request.user.is_owner) and not request.headers.get("Sec-Purpose"):
        Watch.attend(queue.sitting.attended_at)


def line(queue: Queue, item: Item, now: datetime) -> SafeString:
    """One line of the list, with everything in words. Made here: a template takes five times as long for fifty of them."""
    who = _who(queue, item) if item.claimed_by else _NOTHING
    return format_html(
        '<li{}><a href="/admin/desk/{}/">{}</li>',
        _FIRST if item.harm == DANGER else _NOTHING,
        item.key,
        _rest(item.source.key, item.line, _kind(item), _due(item, now), who, queue.is_warned_of(item), get_language()),
    )


# Many lines say the same.
@lru_cache(maxsize=256)
def _rest(source: str, told: str, kind: Kind, when: When, who: str, is_warned: bool, language: str | None) -> SafeString:
    due = _in_words(when, language)
    known = sources()[source]
    return format_html(
        '<b>{}</b>{}</a><p class="desk-meta">{}{}{}</p>{}',
        known.name,
        format_html(" <bdi>{}</bdi>", known.told(told)) if told else "",
        "".join(f"{mark} · " for mark in _known(kind, language)),
        format_html("<strong>{}</strong>", due) if when.is_overdue else due,
        who,
        format_html('<p class="desk-meta">{}</p>', WARNING) if is_warned else "",
    )


def offers(item: Item, does: Iterable[Any]) -> list[tuple[str, list[SafeString]]]:
    """What can be done (desk_page.Does), a button each, under what it is done to: the words, whoever wrote them, the report."""
    found: dict[str, list[SafeString]] = {}
    for place, can in enumerate(sorted(does, key=lambda can: (not can.settles, can.verb in ABOUT_WRITERS))):
        found.setdefault(_done_to(item, can), []).append(_offer(item, place, can))
    return list(found.items())


def _done_to(item: Item, can: Any) -> str:
    if can.verb in ABOUT_WRITERS:
        return _("Whoever wrote it")
    return _("The report") if item.source.settle and not can.settles else _("What it is about")


def _offer(item: Item, place: int, can: Any) -> SafeString:
    """A button, the `place`-th of all, or why there is none."""
    if not can.verdict:
        return format_html('<li><span class="desk-meta"><b>{}:</b> {}</span></li>', can.verb.label, can.verdict)
    key, number = _KEYS[place] if place < len(_KEYS) else (_NOTHING, _NOTHING)
    return format_html(
        '<li><a class="button" href="/admin/desk/{}/do/{}/"{}>{}{}</a></li>', item.key, can.verb.name, key, can.verb.label, number
    )


# The number of a button does the same as a press; it is shown to those who have a keyboard.
_KEYS = [
    (format_html(' accesskey="{}"', number), format_html('<span class="desk-key" aria-hidden="true">{}</span>', number))
    for number in range(1, 10)
]


def past(at: datetime, what: str, words: str, by: str) -> SafeString:
    """What was decided, or noted, about somebody."""
    return format_html(
        '<p class="desk-meta">{} · {} · {}</p><p dir="auto">{}</p>',
        *(_day(timezone.localtime(at).date(), get_language()), by or "–", what, linebreaksbr(words)),
    )


@lru_cache(maxsize=256)
def _day(day: date, language: str | None) -> str:
    return date_format(day, "j F Y")


def left(item: Item) -> SafeString:
    """A line of what they leave to others: no more than that there is something."""
    return format_html(
        '<li><a href="/admin/desk/{}/"><b>{}</b></a><p class="desk-meta">{}</p></li>',
        *(item.key, item.source.name, " · ".join(marks(item))),
    )


def _who(queue: Queue, item: Item) -> SafeString:
    if item.claimed_by == queue.user.pk:
        return format_html(" · <strong>{}</strong>", _("Yours just now"))
    return format_html(" · {}", claimed(item))


def marks(item: Item) -> list[str]:
    """What one knows of it before one opens it; by when somebody is to look stands last."""
    language = get_language()
    return [*_known(_kind(item), language), _in_words(_due(item, timezone.localtime()), language)]


def _kind(item: Item) -> Kind:
    return item.harm, item.times, item.is_severe, bool(item.notes)


@lru_cache(maxsize=64)
def _known(kind: Kind, language: str | None) -> list[str]:
    harm, times, is_severe, is_noted = kind
    found = []
    if harm == DANGER:
        found.append(_("Somebody may be in danger"))
    elif harm == HARM:
        found.append(_("It may do harm"))
    if times > 1:
        found.append(_("%(number)s people say so") % {"number": times})
    if is_severe:
        found.append(_("Heavy"))
    if is_noted:
        found.append(_("With a content note"))
    return found


def _due(item: Item, now: datetime) -> When:
    moment = timezone.localtime(item.due)
    days = (moment.date() - now.date()).days
    return When(moment.date(), days, f"{moment:%H:%M}" if days in (0, 1) else "", item.due < now)


@lru_cache(maxsize=256)
def _in_words(when: When, language: str | None) -> str:
    """By when somebody is to look, in words one says."""
    day = date_format(when.day, "j F")
    if when.is_overdue:
        return _("Late since %(when)s") % {"when": when.clock if when.days == 0 else day}
    if when.days == 0:
        return _("By %(clock)s today") % {"clock": when.clock}
    return _("By tomorrow, %(clock)s") % {"clock": when.clock} if when.days == 1 else _("By %(day)s") % {"day": day}


def claimed(item: Item) -> str:
    """Who is on it."""
    until = date_format(timezone.localtime(item.claimed_until), "H:i")
    return _("%(name)s is looking at this until %(clock)s.") % {"name": item.claimed_name, "clock": until}
