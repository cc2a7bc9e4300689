"""The page in somebody's copy: everything of theirs to read, in one file that needs nothing else."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from community.copying import Own
from community.times import day, day_and_clock

_STYLE = Path(__file__).with_name("export.css").read_text()
# What is longer than this stands below what it is called, not beside it.
_LONG = 60


def written_out(owns: Iterable[Own], user: Any) -> Iterator[str]:
    """The page with all records of these, piece by piece."""
    held = list(owns)
    yield _head(user)
    ways = (f'<li><a href="#{each.key}">{escape(str(each.title))}</a></li>\n' for each in held)
    yield f'<nav aria-label="{escape(_("What is in here"))}"><ul>\n{"".join(ways)}</ul></nav>\n'
    for each in held:
        yield f'<section aria-labelledby="{each.key}">\n<h2 id="{each.key}">{escape(str(each.title))}</h2>\n'
        for record in each.records(user):
            yield _article(each, record)
        yield "</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _head(user: Any) -> str:
    """How it begins. Its own policy lets no script run, whatever somebody wrote."""
    names = {"place": settings.SITE_NAME, "name": user.username, "when": day_and_clock(timezone.now())}
    sentences = [
        _("Everything of yours at %(place)s, %(name)s, as it was on %(when)s.") % names,
        _(
            "What you said anonymously stands here beside your name, as it does nowhere else. Keep this where nobody else looks, "
            "and delete it when you don’t need it any more."
        ),
        _(
            "It has your own words and nobody else’s. Left out is what others wrote, what two of you keep together in a room, what "
            "was reported about you, and what you sign in with. Words that you have not sent yet wait in their place."
        ),
        _("The same stands in the folder “data” for programs. Files that you brought are in “files”."),
    ]
    return (
        f'<!doctype html>\n<html lang="{get_language()}" dir="{"rtl" if get_language_bidi() else "ltr"}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(_('A copy'))}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(_('What is yours'))}</h1>\n" + "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences)
    )


def _article(own: Own, record: dict[str, Any]) -> str:
    """One record: its title if it has one, whatever else there is of it, and the way to it."""
    title = f'<h3 dir="auto">{escape(record["title"])}</h3>\n' if record.get("title") else ""
    lines = "".join(
        _line(str(label), shown, is_address=name == "address")
        for name, label in own.labels.items()
        if name not in ("title", "public_id") and (shown := _shown(record[name], own.choices.get(name, {})))
    )
    there = ""
    if own.page:
        address = f"{settings.SITE_URL}{reverse(own.page, args=[record['public_id']])}"
        there = f'<p><a href="{escape(address)}">{escape(_("Where it stands"))}</a></p>\n'
    return f"<article>\n{title}<dl>\n{lines}</dl>\n{there}</article>\n"


def _line(label: str, shown: str, *, is_address: bool) -> str:
    if is_address and shown.startswith(("https://", "http://")):
        held = f'<dd><a href="{escape(shown)}">{escape(shown)}</a></dd>'
    elif len(shown) > _LONG or "\n" in shown:
        held = f'<dd class="words" dir="auto">{escape(shown)}</dd>'
    else:
        held = f'<dd dir="auto">{escape(shown)}</dd>'
    return f"<div><dt>{escape(label)}</dt>{held}</div>\n"


def _shown(value: Any, choices: dict[Any, Any]) -> str:
    """A value in words; nothing where there is nothing to say."""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (_shown(each, choices) for each in value)))
    if isinstance(value, dict):
        return "\n\n".join(filter(None, (_shown(each, choices) for each in value.values() if isinstance(each, str | list))))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return day_and_clock(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, UUID | int):
        return str(value)
    return str(choices.get(value, value)) if value else ""
