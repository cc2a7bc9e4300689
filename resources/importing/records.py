"""JSON: a list of objects with an address each, as Pinboard and we ourselves write it.

The list is read object by object, so what is broken in one of them, or cut off at the end, costs nothing else.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from resources.entries import FACTS, tags_of_a_line

from .rows import LONGEST_FIELD, Row, row, unreadable

_LIST = re.compile(r'"(?:resources|bookmarks|items|links|posts|data|results)"\s{0,20}:\s{0,20}\[')
_BETWEEN = re.compile(r"[\s,]*+")
_NEXT = re.compile(r"\}\s*+,\s*+(?=\{)")
# How often a broken object is stepped over.
_PATIENCE = 100

_ADDRESS = ("address", "href", "url", "link", "uri")
_DATE = ("added_at", "time", "created", "created_at", "time_added", "date_added", "date")
_LABELS = ("tags", "tag_names", "labels")
_KNOWN = {*_ADDRESS, *_DATE, *_LABELS, "title", "description", "extended", "excerpt", "note", "notes", "shared", "private", *FACTS}


def looks_like_records(beginning: str) -> bool:
    return beginning.lstrip()[:1] in ("[", "{") and re.match(r'\s*+(?:\[\s*+(?:[{\]]|$)|\{\s*+(?:["}]|$))', beginning) is not None


def records(text: str, left_out: set[str]) -> Iterator[Row]:
    """Every object of the list as a row. What other programs keep and we can't use is collected in `left_out`."""
    at = _beginning(text)
    decoder = json.JSONDecoder()
    number, line, counted, patience = 0, 1, 0, _PATIENCE
    while True:
        at = _BETWEEN.match(text, at).end()
        if at < len(text) and text[at] == "]":
            return
        number += 1
        line, counted = line + text.count("\n", counted, at), at
        if at >= len(text):
            yield unreadable(number, line, text[-200:], _("The file ends too early: its last part is missing."))
            return
        start = at
        try:
            found, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            patience -= 1
            skipped = _NEXT.search(text, at)
            if not skipped or not patience:
                problem = _("From here on the file can’t be read: it is damaged, or its end is missing.")
                yield unreadable(number, line, text[start : start + 400], problem)
                return
            at = skipped.end()
            yield unreadable(number, line, text[start : start + 400], _("This part is damaged and can’t be read."))
            continue
        yield _row(number, line, text[start : min(at, start + 400)], found, at - start, left_out)


def _beginning(text: str) -> int:
    """Where the first object of the list stands. Raises ValidationError."""
    start = len(text) - len(text.lstrip())
    if text[start] == "[":
        return start + 1
    if found := _LIST.search(text, 0, LONGEST_FIELD):
        return found.end()
    raise ValidationError(
        _("There is no list of bookmarks in this file. If a browser made it, export the bookmarks as HTML instead."), code="no_list"
    )


def _row(number: int, line: int, raw: str, found: Any, length: int, left_out: set[str]) -> Row:
    if not isinstance(found, Mapping):
        return unreadable(number, line, raw, _("This is no bookmark, but something else."))
    if length > LONGEST_FIELD * 2:
        return unreadable(number, line, raw, _("This is far too long for a bookmark."))
    left_out.update(name[:40] for name in found if name not in _KNOWN and len(left_out) < 50)
    is_pinboard = "extended" in found
    title = _words(found, "description") if is_pinboard and "title" not in found else _words(found, "title")
    description = _words(found, "extended") if is_pinboard else _words(found, "description", "excerpt", "notes", "note")
    return row(
        number,
        line,
        raw,
        address=_words(found, *_ADDRESS),
        title=title,
        description=description,
        tags=_tags(found, is_pinboard=is_pinboard),
        added=_words(found, *_DATE),
        facts=found,
        is_private=str(found.get("shared", "")).lower() == "no" or str(found.get("private", "")).lower() in ("true", "1", "yes"),
    )


def _words(found: Mapping[str, Any], *names: str) -> str:
    """What stands under the first of these names that says anything."""
    for name in names:
        if isinstance(value := found.get(name), (str, int, float)) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""


def _tags(found: Mapping[str, Any], *, is_pinboard: bool) -> list[str]:
    for name in _LABELS:
        value = found.get(name)
        if isinstance(value, list):
            return [tag for tag in value[:1_000] if isinstance(tag, str)]
        if isinstance(value, str):
            return value.split() if is_pinboard else tags_of_a_line(value)
    return []
