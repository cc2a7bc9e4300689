"""CSV: a table whose first row names its columns, one of them that of the addresses."""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from resources.entries import FACTS, tags_of_a_line
from resources.exporting import unguarded

from .rows import LONGEST_FIELD, Row, row, unreadable

_DELIMITERS = ",;\t"
# A cell that goes on over more lines was never closed.
_LONGEST_ROW = 200
# How often a row is stepped over whose quotation marks are never closed.
_PATIENCE = 50

_COLUMNS = {
    "address": "address url link href uri weburl webaddress website site bookmark adresse lien enlace direccion",
    "title": "title name titel titre titulo titolo",
    "description": "description beschreibung descripcion descrizione descricao summary comment comments",
    "extended": "extended",
    "excerpt": "excerpt",
    "note": "note notes notiz",
    "tags": "tags tag labels keywords categories category schlagworte etiquettes etiquetas mots",
    "folder": "folder folders collection collections ordner dossier carpeta",
    "added": "addedat added timeadded created createdat date dateadded time timestamp savedat datum fecha",
    "private": "private",
    "shared": "shared",
}
_MEANING = {name: meaning for meaning, names in _COLUMNS.items() for name in names.split()}
_MEANING |= {name.replace("_", ""): name for name in FACTS}


def _columns(line: str, delimiter: str) -> list[str]:
    """What each column of this header means, “” for those that mean nothing to us."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    found: list[str] = []
    for cell in cells[:200]:
        meaning = _MEANING.get(re.sub(r"[\W_]+", "", cell.lower()), "")
        found.append("" if meaning in found else meaning)
    return found


def _header(beginning: str) -> tuple[str, str, list[str]]:
    """The header of a table, what stands between its cells, and what its columns mean; no columns if it is no table."""
    line = next((line for line in beginning[:LONGEST_FIELD].splitlines() if line.strip()), "")[:10_000]
    tried = [(_columns(line, delimiter), delimiter) for delimiter in _DELIMITERS]
    columns, delimiter = max(tried, key=lambda pair: sum(map(bool, pair[0])) if "address" in pair[0] else -1)
    return line, delimiter, columns if "address" in columns else []


def looks_like_a_table(beginning: str) -> bool:
    return bool(_header(beginning)[2])


def is_own(columns: list[str]) -> bool:
    """Did we write this table ourselves?"""
    return {"has_captions", "needs_account", "content_note"} <= set(columns)


def rows_of_table(text: str, left_out: set[str]) -> Iterator[Row]:
    """Every row below the header. Columns that we can't use are collected in `left_out`."""
    header, delimiter, columns = _header(text)
    cells = next(csv.reader([header], delimiter=delimiter))
    left_out.update(cell.strip()[:40] for cell, meaning in zip(cells, columns, strict=False) if not meaning and cell.strip())
    ends_in_time = text.endswith(("\n", "\r"))
    lines = io.StringIO(text, newline="").readlines()
    at = next(number for number, line in enumerate(lines) if line.strip()) + 1
    number, patience = 0, _PATIENCE
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        number += 1
        end, found = _record(lines, at, delimiter)
        raw = "".join(lines[at : min(end, at + 5)])
        line = at + 1
        is_last = end >= len(lines)
        if found is None:
            patience -= 1
            if patience <= 0:
                yield unreadable(number, line, raw, _("From here on the file can’t be read: its quotation marks don’t match."))
                return
            problem = (
                _("The file ends in the middle of this row.")
                if at + 1 == len(lines)
                else _("A quotation mark in this row is never closed.")
            )
            yield unreadable(number, line, lines[at], problem)
            at += 1
            continue
        at = end
        if is_last and not ends_in_time and len(found) < len(columns) and len(columns) > 1:
            yield unreadable(number, line, raw, _("The file ends in the middle of this row."))
            continue
        yield _row(number, line, raw, found, columns)


def _record(lines: list[str], at: int, delimiter: str) -> tuple[int, list[str] | None]:
    """Where the row ends that begins in this line, and its cells; None if a cell of it is never closed."""
    window = lines[at : at + _LONGEST_ROW]
    reader = csv.reader(window, delimiter=delimiter)
    try:
        cells = next(reader, [])
    except csv.Error:
        return at + reader.line_num, None
    is_open = (reader.line_num > 1 or len(window) == 1) and _is_open(window[: reader.line_num], delimiter)
    return at + reader.line_num, None if is_open else cells


def _is_open(written: list[str], delimiter: str) -> bool:
    """Does a cell begin with a quotation mark that nothing closes, or only one of another row?"""
    try:
        list(csv.reader(written, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return len(written) > 1 or "unexpected end" in str(error)
    return False


def _row(number: int, line: int, raw: str, found: list[str], columns: list[str]) -> Row:
    cells = {meaning: cell for meaning, cell in zip(columns, found, strict=False) if meaning}
    if is_own(columns):
        cells = {meaning: unguarded(cell) for meaning, cell in cells.items()}
    notes = []
    if any(cell.strip() for cell in found[len(columns) :]):
        notes.append(_("It has more cells than the first row has names; those at the end were left out."))
    title, parts = cells.get("title", ""), ["description", "note", "extended", "excerpt"]
    # Pinboard calls the title a description, and the description extended.
    is_pinboard = "extended" in columns and "title" not in columns
    if is_pinboard:
        title, parts = cells.get("description", ""), ["extended"]
    folders = [part for part in re.split(r"[/\\]", cells.get("folder", "")) if part.strip().lower() not in ("unsorted", "all")]
    return row(
        number,
        line,
        raw,
        address=cells.get("address", ""),
        title=title,
        description="\n\n".join(dict.fromkeys(part for name in parts if (part := cells.get(name, "").strip()))),
        tags=[*_tags(cells.get("tags", ""), is_pinboard=is_pinboard), *folders],
        added=cells.get("added"),
        facts={name: value for name, value in cells.items() if name in FACTS},
        is_private=cells.get("private", "").lower() in ("1", "true", "yes") or cells.get("shared", "").lower() == "no",
        notes=notes,
    )


def _tags(written: str, *, is_pinboard: bool) -> list[str]:
    """Pocket puts | between tags, Pinboard spaces, everybody else commas or semicolons."""
    if "|" in written and "," not in written:
        return written.split("|")
    if is_pinboard:
        return written.split()
    return written.split(";") if ";" in written and "," not in written else tags_of_a_line(written)
