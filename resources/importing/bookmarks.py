"""Bookmarks as browsers write them: `<DL>` is a folder, `<DT><A>` a bookmark, `<DD>` what is said of it.

No browser closes all it opens, so this goes from tag to tag and never looks for a tree. Tags are found by a scanner of our own:
that of the standard library takes time that grows with the square of what is left open.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

from community.tags import applying
from resources.entries import FACTS, tags_of_a_line

from .rows import Row, line_of, row

_LOOKS = re.compile(r"<!doctype\s+netscape-bookmark-file|<dt>\s{0,20}<(?:a|h3)\s", re.IGNORECASE)
_OPENING = re.compile(r"<(/?)([a-zA-Z!?][a-zA-Z0-9]{0,20})")
_REST = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+(?=>)""")
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([a-zA-Z_][\w:-]*+)\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++)""")
# How often the end of a tag with an open quotation mark is looked for.
_PATIENCE = 50
# No tag is longer; the pictures that browsers keep in them are far shorter.
_LONGEST_TAG = 1_000_000
# Folders that every browser has, which say nothing about what lies in them.
_OF_THE_BROWSER = ("personal_toolbar_folder", "unfiled_bookmarks_folder")
_BREAKS = {"BR", "P", "LI", "DIV"}


def looks_like_bookmarks(beginning: str) -> bool:
    return _LOOKS.search(beginning) is not None


@dataclass(slots=True)
class _Tag:
    name: str
    closes: bool
    attributes: str
    at: int

    def read(self) -> dict[str, str]:
        """The attributes by small names, the first of each."""
        found: dict[str, str] = {}
        for name, value in _ATTRIBUTE.findall(self.attributes):
            value = value[1:-1] if value[0] in "\"'" else value
            found.setdefault(name.lower(), unescape(value))
        return found


def _pieces(text: str) -> Iterator[str | _Tag]:
    """The file as words and tags, in order."""
    at = shown = 0
    closing, patience, has_comment_end = -1, _PATIENCE, True
    while (at := text.find("<", at)) >= 0:
        if text.startswith("<!--", at) and has_comment_end:
            end = text.find("-->", at + 4)
            has_comment_end = end >= 0
            if has_comment_end:
                yield text[shown:at]
                shown = at = end + 3
                continue
        if closing < at and (closing := text.find(">", at)) < 0:
            break
        opening = _OPENING.match(text, at)
        if not opening or closing - at > _LONGEST_TAG:
            at += 1
            continue
        end = closing
        if patience and (whole := _REST.match(text, opening.end(), at + _LONGEST_TAG)):
            end = whole.end()
        elif patience:
            patience -= 1
        yield text[shown:at]
        yield _Tag(opening[2].upper(), bool(opening[1]), text[opening.end() : end], at)
        shown = at = end + 1
    yield text[shown:]


@dataclass(slots=True)
class _Bookmark:
    line: int
    raw: str
    attributes: dict[str, str]
    folders: list[str]
    title: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)


def bookmarks(text: str) -> Iterator[Row]:
    """Every bookmark of the file as a row; folders become tags, the innermost last."""
    for number, found in enumerate(_found(text), 1):
        yield _row(number, found)


def _found(text: str) -> Iterator[_Bookmark]:
    folders: list[str] = []
    coming, name = "", []
    current: _Bookmark | None = None
    # Where words go that stand between tags.
    into: list[str] | None = None
    line, counted = 1, 0
    for piece in _pieces(text):
        if isinstance(piece, str):
            if into is not None:
                into.append(piece)
            continue
        if piece.name in ("A", "DT", "DL", "H3", "HR") and not (piece.name == "A" and piece.closes):
            if current is not None:
                yield current
            current = into = None
        match piece.name, piece.closes:
            case "A", False:
                line, counted = line + text.count("\n", counted, piece.at), piece.at
                raw = text[piece.at : piece.at + 400]
                current = _Bookmark(line, raw, piece.read(), [folder for folder in folders[-applying.MOST :] if folder])
                into = current.title
            case "A", True:
                into = None
            case "H3", False:
                name = into = []
                coming = "own" if any(piece.read().get(mark, "").lower() == "true" for mark in _OF_THE_BROWSER) else ""
            case "H3", True:
                into = None
                coming = "" if coming else line_of(unescape("".join(name)))
            case "DL", False:
                folders.append(coming)
                coming = ""
            case "DL", True:
                del folders[-1:]
            case "DD", False:
                into = current.about if current is not None else None
            case other, _closes:
                if into is not None and current is not None and into is current.about and other in _BREAKS:
                    into.append("\n")
    if current is not None:
        yield current


def _row(number: int, found: _Bookmark) -> Row:
    given = found.attributes
    address = given.get("href", "")
    own = _own(given.get("data-facts", ""))
    own_tags = tags_of_a_line(given.get("tags", ""))
    notes = []
    if shortcut := line_of(given.get("shortcuturl", "")):
        notes.append(_("Its shortcut in the browser, “%(word)s”, was left out.") % {"word": shortcut[:40]})
    return row(
        number,
        found.line,
        found.raw,
        address=str(own["address"]) if "address" in own else address,
        title=unescape("".join(found.title)),
        description=unescape("".join(found.about)),
        tags=[*own_tags, *found.folders],
        added=given.get("add_date"),
        facts=own,
        is_private=given.get("private", "0").lower() in ("1", "true"),
        notes=notes,
    )


def _own(written: str) -> dict[str, Any]:
    """What we wrote into our own files beside what every program knows."""
    if not written or len(written) > 20_000:
        return {}
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in found.items() if name in FACTS or name == "address"} if isinstance(found, dict) else {}
