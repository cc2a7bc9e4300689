"""The front page of the desk: what waits, line by line. Words are shown for nothing in it but its kind."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from . import finding
from .models import Watch
from .queue import Queue
from .sources import DANGER, HARM, Item

# So many rows stand on the front page.
SHOWN = 50
_FIRST = format_html(' class="{}"', "is-first")
WARNING = gettext_lazy("It is about something that you leave to others. Nobody else is here just now.")


def front(request: HttpRequest) -> dict[str, Any]:
    """What waits, the way a volunteer takes it."""
    attend(request)
    queue = Queue(request.user)
    items = queue.items
    return {
        "lines": [line(queue, item) for item in items[:SHOWN]],
        "further": len(items) - SHOWN,
        "left": [left(item) for item in queue.left],
        "has_next": queue.next() is not None,
        "has_enough": queue.has_enough and any(item.is_severe for item in items),
        "duty": queue.duty,
        "settings": queue.settings,
        "notes": finding.notes(),
    }


def attend(request: HttpRequest) -> None:
    """Somebody who looks after what others write is at the desk. A browser that fetches a page ahead of time is nobody."""
    if (request.user.is_moderator or request.user.is_owner) and not request.headers.get("Sec-Purpose"):
        Watch.attend()


def line(queue: Queue, item: Item) -> SafeString:
    """One line of the list, with everything in words. Made here: a template takes five times as long for fifty of them."""
    *known, when = marks(item)
    told = item.source.told(item.line) if item.line else ""
    return format_html(
        '<li{}><a href="/admin/desk/{}/"><b>{}</b>{}</a><p class="desk-meta">{}{}{}</p>{}</li>',
        _FIRST if item.harm == DANGER else "",
        item.key,
        item.source.name,
        format_html(" <bdi>{}</bdi>", told) if told else "",
        "".join(f"{mark} · " for mark in known),
        format_html("<strong>{}</strong>", when) if item.is_overdue else when,
        _who(queue, item) if item.claimed_by else "",
        format_html('<p class="desk-meta">{}</p>', WARNING) if queue.is_warned_of(item) else "",
    )


def left(item: Item) -> SafeString:
    """A line of what they leave to others: no more than that there is something."""
    return format_html(
        '<li><a href="/admin/desk/{}/"><b>{}</b></a><p class="desk-meta">{}</p></li>',
        *(item.key, item.source.name, " · ".join(marks(item))),
    )


def _who(queue: Queue, item: Item) -> SafeString | str:
    if item.claimed_by == queue.user.pk:
        return format_html(" · <strong>{}</strong>", _("Yours just now"))
    return f" · {claimed(item)}"


def marks(item: Item) -> list[str]:
    """What one knows of it before one opens it."""
    found = []
    if item.harm == DANGER:
        found.append(_("Somebody may be in danger"))
    elif item.harm == HARM:
        found.append(_("It may do harm"))
    if item.times > 1:
        found.append(_("%(number)s people say so") % {"number": item.times})
    if item.is_severe:
        found.append(_("Heavy"))
    if item.notes:
        found.append(_("With a content note"))
    return [*found, due(item)]


def due(item: Item) -> str:
    """By when somebody is to look, in words one says."""
    moment = timezone.localtime(item.due)
    days = (moment.date() - timezone.localdate()).days
    clock, day = f"{moment:%H:%M}", _day(moment.date(), get_language())
    if item.is_overdue:
        return _("Late since %(when)s") % {"when": clock if days == 0 else day}
    if days == 0:
        return _("By %(clock)s today") % {"clock": clock}
    return _("By tomorrow, %(clock)s") % {"clock": clock} if days == 1 else _("By %(day)s") % {"day": day}


@lru_cache(maxsize=64)
def _day(day: date, language: str | None) -> str:
    """Many rows say the same day."""
    return date_format(day, "j F")


def claimed(item: Item) -> str:
    """Who is on it."""
    until = date_format(timezone.localtime(item.claimed_until), "H:i")
    return _("%(name)s is looking at this until %(clock)s.") % {"name": item.claimed_name, "clock": until}
