"""The library as a file: bookmarks that every browser reads, a table, or everything as JSON.

Each writer takes entries one by one and gives text piece by piece, so a library of any size passes through in little memory.
What `importing` reads of such a file is what was written, as far as that kind of file can hold it; JSON holds everything.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from html import escape
from typing import Any

from .entries import FACTS, Entry, Fact, tags_in_a_line

FORMAT = "hearth library"
VERSION = 1

# A cell that begins like this is worked out by a spreadsheet, not shown; full-width signs too, where Japanese is written.
# Whoever opens the file with another sign between cells in mind makes new cells begin after it, so those are guarded as well.
_FORMULA = r"=+\-@\t\r\uff1d\uff0b\uff0d\uff20\u2212"
_BEFORE = r"(?:(?<=[,;|\t\r\n])|\A)([ \u00a0\u3000\"]*+)"
_GUARD = re.compile(rf"{_BEFORE}(?='*+[{_FORMULA}])")
_GUARDED = re.compile(rf"{_BEFORE}'(?='*+[{_FORMULA}])")

COLUMNS = ["address", "title", "description", "tags", "added_at", *FACTS]


def guarded(cell: str) -> str:
    """The cell with an apostrophe before whatever a spreadsheet would take for a formula."""
    return _GUARD.sub(r"\1'", cell)


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return _GUARDED.sub(r"\1", cell)


def as_table(entries: Iterable[Entry]) -> Iterator[str]:
    """CSV, with the mark by which spreadsheets know UTF-8."""
    yield "\ufeff" + _line(COLUMNS)
    for entry in entries:
        facts = [_cell(entry.facts.get(name)) for name in FACTS]
        added = entry.added_at.isoformat() if entry.added_at else ""
        yield _line(map(guarded, [entry.address, entry.title, entry.description, tags_in_a_line(entry.tags), added, *facts]))


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _cell(fact: Fact | None) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return "" if fact is None else str(fact)


def as_records(entries: Iterable[Entry]) -> Iterator[str]:
    """JSON: one object a line, so that a file that was cut off still has all lines before the cut."""
    yield f'{{"format": "{FORMAT}", "version": {VERSION}, "resources": ['
    before = "\n"
    for entry in entries:
        yield before + json.dumps(_record(entry), ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def _record(entry: Entry) -> dict[str, Any]:
    record = asdict(entry)
    del record["page"], record["facts"]
    record["added_at"] = entry.added_at.isoformat() if entry.added_at else None
    return record | entry.facts


def as_bookmarks(entries: Iterable[Entry], *, title: str) -> Iterator[str]:
    """Bookmark HTML. What has no address of its own is kept under its page in this house, or its telephone number."""
    yield (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n"
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">\n'
        f"<TITLE>{escape(title)}</TITLE>\n<H1>{escape(title)}</H1>\n<DL><p>\n"
    )
    for entry in entries:
        yield _bookmark(entry)
    yield "</DL><p>\n"


def _bookmark(entry: Entry) -> str:
    facts: dict[str, Fact] = dict(entry.facts)
    phone = entry.facts.get("phone")
    address = entry.address or entry.page or (f"tel:{phone}" if phone else "")
    if address != entry.address or not address:
        facts["address"] = entry.address
    attributes = {"HREF": address}
    if entry.added_at:
        attributes["ADD_DATE"] = str(int(entry.added_at.timestamp()))
    if entry.tags:
        attributes["TAGS"] = tags_in_a_line(entry.tags)
    if facts:
        attributes["DATA-FACTS"] = json.dumps(facts, ensure_ascii=False)
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    about = f"<DD>{escape(entry.description)}\n" if entry.description else ""
    return f"    <DT><A{written}>{escape(entry.title)}</A>\n{about}"
