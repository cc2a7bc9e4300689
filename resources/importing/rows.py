"""`Row`: what became of one row of a file. Whatever had to be changed or could not be used is said in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community import text
from community.tags import applying
from resources.addresses import doi_of, isbn_of, phone_of, tidy
from resources.entries import FACTS, Entry, Fact
from resources.models import Audience, Cost, Kind, Level

LONGEST_TITLE = 200
LONGEST_RAW = 200
# Nothing that belongs to a row is longer; what is, was never meant to be read by people.
LONGEST_FIELD = 100_000

_ROOM = {"made_by": 120, "hours": 120, "content_note": 300, "file_name": 120, "file_alt": 300}
_CHOICES = {"kind": Kind, "cost": Cost, "level": Level, "audience": Audience}
_YES, _NO = {"yes", "true", "1", "y"}, {"no", "false", "0", "n"}


@dataclass(slots=True)
class Row:
    """One row of a file: what it holds, or why it can't be read.

    `number` counts the file's rows from 1, `line` its lines; `raw` is its beginning as it stood there. `notes` say what was
    changed on the way. `is_private`: it was only for whoever kept it.
    """

    number: int
    line: int
    raw: str
    entry: Entry = field(default_factory=Entry)
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    is_private: bool = False

    def __str__(self) -> str:
        return " ".join([_("Row %(number)s:") % {"number": self.number}, self.problem, *self.notes])

    @property
    def is_readable(self) -> bool:
        return not self.problem


def unreadable(number: int, line: int, raw: str, problem: str) -> Row:
    return Row(number, line, shortened(raw), problem=problem)


def row(
    number: int,
    line: int,
    raw: str,
    *,
    address: str,
    title: str = "",
    description: str = "",
    tags: Iterable[str] = (),
    added: Any = None,
    facts: Mapping[str, Any] | None = None,
    is_private: bool = False,
    notes: Iterable[str] = (),
) -> Row:
    """A row of these words as they stood in the file."""
    made = Row(number, line, shortened(raw), notes=list(notes), is_private=is_private)
    entry = made.entry
    entry.facts = dict(_facts(facts or {}, made.notes))
    entry.description = _description(description, made.notes)
    entry.tags = _tags(tags, made.notes)
    entry.added_at = _moment(added, made.notes)
    entry.title = line_of(title)
    try:
        entry.address = tidy(address) if address.strip() or not entry.stands_alone else ""
    except ValidationError as refused:
        made.problem = refused.messages[0] if address.strip() else _("There is no address in this row.")
    if not entry.title:
        entry.title = (entry.address.partition("://")[2] or str(entry.facts.get("phone") or entry.facts.get("isbn") or "")).rstrip(
            "/"
        )
        made.notes += [_("It has no title; its address stands for one.")] if entry.address else []
        if not entry.title and not made.problem:
            made.problem = _("There is neither a title nor an address in this row.")
    entry.title = _title(entry.title, made.notes)
    if is_private:
        made.notes.append(_("It was kept private where it comes from."))
    return made


def shortened(raw: str) -> str:
    """The beginning of a row for the report, on one line."""
    return text.clean(" ".join(raw[: LONGEST_RAW * 4].split()))[:LONGEST_RAW]


def line_of(words: str) -> str:
    return "" if text.is_blank(line := " ".join(text.clean(words[:LONGEST_FIELD]).split())) else line


def _title(title: str, notes: list[str]) -> str:
    if len(title) <= LONGEST_TITLE:
        return title
    length = len(title)
    notes.append(
        ngettext(
            "The title has %(length)s character, which is too long; it was cut after %(room)s.",
            "The title has %(length)s characters, which is too long; it was cut after %(room)s.",
            length,
        )
        % {"length": length, "room": LONGEST_TITLE}
    )
    return title[: LONGEST_TITLE - 1].rstrip() + "…"


def _description(words: str, notes: list[str]) -> str:
    words = text.clean(words[: LONGEST_FIELD * 2]).strip()
    if text.is_blank(words):
        return ""
    if len(words) > text.MAX_LENGTH:
        notes.append(_("The description is too long; it was cut after %(room)s characters.") % {"room": text.MAX_LENGTH})
        words = words[: text.MAX_LENGTH - 1].rstrip() + "…"
    return words


def _tags(tags: Iterable[str], notes: list[str]) -> list[str]:
    if not (tags := [tag[:200] for tag in tags if tag]):
        return []
    found = applying.tidied(tags)
    if len(found) > applying.MOST:
        left = ", ".join(found[applying.MOST : applying.MOST + 20])
        notes.append(_("It has more than %(most)s tags; these were left out: %(tags)s.") % {"most": applying.MOST, "tags": left})
    return found[: applying.MOST]


# Dates ------------------------------------------------------------------------------------------------------------------

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def _moment(added: Any, notes: list[str]) -> datetime | None:
    """The moment that is meant, if it can be told; seconds, thousandths or millionths since 1970, or a date of ISO 8601."""
    written = str(added if added is not None else "").strip()[:40]
    if not written or re.fullmatch(r"[0.]+", written):
        return None
    moment = moment_of(written)
    if moment is None or not _EARLIEST <= moment <= timezone.now() + timedelta(days=2):
        notes.append(_("Its date, “%(date)s”, was not understood and is left out.") % {"date": shortened(written)})
        return None
    return moment


def moment_of(written: str) -> datetime | None:
    try:
        if re.fullmatch(r"[0-9]{1,18}(?:\.[0-9]{1,9})?", written):
            seconds = float(written)
            while seconds > 1e11:
                seconds /= 1_000
            return datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(written)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


# Facts ------------------------------------------------------------------------------------------------------------------


def _facts(given: Mapping[str, Any], notes: list[str]) -> Iterable[tuple[str, Fact]]:
    for name, value in given.items():
        if name not in FACTS or value is None or value == "":
            continue
        fact = _fact(name, value)
        if fact is None:
            shown = shortened(str(value)[:400])[:60]
            notes.append(_("“%(value)s” was not understood as %(name)s and is left out.") % {"value": shown, "name": name})
        elif fact != "":
            yield name, fact


def _fact(name: str, value: Any) -> Fact | None:
    """The fact that is meant, or None if it can't be told."""
    if isinstance(value, (list, dict)):
        return None
    written = line_of(str(value)[:LONGEST_FIELD])
    lower = written.lower()
    if FACTS[name] is bool:
        return True if lower in _YES else False if lower in _NO else None
    if FACTS[name] is int:
        return int(written) if re.fullmatch("[0-9]{1,6}", written) and int(written) else None
    try:
        match name:
            case "isbn":
                return isbn_of(written)
            case "doi":
                return doi_of(written)
            case "phone":
                return written[:40] if phone_of(written) else None
            case "archive":
                return tidy(written)
            case "kind" | "cost" | "level" | "audience":
                return lower if lower in _CHOICES[name].values else None
            case "country":
                return written.upper() if re.fullmatch("[a-zA-Z]{2}", written) else None
            case "language":
                return lower if re.fullmatch("[a-z]{2,3}(?:-[a-z]{2,4})?", lower) else None
    except ValidationError:
        return None
    return written if len(written) <= _ROOM[name] else None
