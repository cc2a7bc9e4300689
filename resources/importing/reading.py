"""Bytes in, rows out: which kind of file it is, told from what is in it and not from its name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .bookmarks import bookmarks, looks_like_bookmarks
from .files import MOST_BYTES, text_of
from .lists import MOST_CHARACTERS, MOST_LINES, Aside, looks_like_a_list, rows_of_list
from .records import looks_like_records, records
from .rows import Row, line_of
from .tables import looks_like_a_table, rows_of_table

__all__ = ["MOST_BYTES", "MOST_ROWS", "Format", "Reading", "read"]

MOST_ROWS = 100_000
_BEGINNING = 200_000


class Format(TextChoices):
    HTML = "html", gettext_lazy("Bookmarks (HTML)")
    CSV = "csv", gettext_lazy("Table (CSV)")
    JSON = "json", gettext_lazy("JSON")
    MARKDOWN = "markdown", gettext_lazy("List (Markdown)")


@dataclass(slots=True)
class Reading:
    """What a file holds: its rows, readable or not, and what is to be said of the file as a whole."""

    format: Format
    rows: list[Row]
    notes: list[str]


def read(content: bytes) -> Reading:
    """Read a file. Raises ValidationError, with a sentence for whoever chose it, if there is nothing to read in it at all."""
    text = text_of(content)
    format_ = format_of(text.words)
    left_out: set[str] = set()
    aside = Aside()
    found = _readers(left_out, aside)[format_](text.words)
    rows = list(islice(found, MOST_ROWS))
    notes = text.notes
    if len(rows) == MOST_ROWS and next(found, None) is not None:
        notes.append(_("The file has more than 100,000 rows; only those were read. Bring in the rest from a second file."))
    if left_out:
        names = ", ".join(f"“{line_of(name)}”" for name in sorted(left_out)[:20])
        notes.append(_("There is no place here for what stands under %(names)s; it was left out.") % {"names": names})
    notes += aside.notes()
    if not rows:
        raise ValidationError(_("There is not one bookmark in this file."), code="no_rows")
    return Reading(format_, rows, notes)


def _readers(left_out: set[str], aside: Aside) -> dict[Format, Callable[[str], Iterator[Row]]]:
    return {
        Format.HTML: bookmarks,
        Format.CSV: lambda words: rows_of_table(words, left_out),
        Format.JSON: lambda words: records(words, left_out),
        Format.MARKDOWN: lambda words: rows_of_list(words, aside),
    }


def format_of(words: str) -> Format:
    """Which kind of file this is. Raises ValidationError."""
    beginning = words[:_BEGINNING]
    if looks_like_records(beginning):
        return Format.JSON
    if looks_like_bookmarks(beginning):
        return Format.HTML
    if looks_like_a_table(beginning):
        return Format.CSV
    if looks_like_a_list(beginning):
        if len(words) > MOST_CHARACTERS or words.count("\n") > MOST_LINES:
            raise ValidationError(_("This list is very long. Bring it in in parts of no more than 2 megabytes."), code="size")
        return Format.MARKDOWN
    if "<html" in beginning[:5_000].lower() or beginning.lstrip()[:9].lower() == "<!doctype":
        raise ValidationError(
            _("This is a page of the web, not a file of bookmarks. Export the bookmarks from the browser."), code="page"
        )
    raise ValidationError(
        _(
            "This file could not be made out. It can be a browser’s bookmarks (HTML), a table with a column of addresses (CSV), "
            "JSON, or a list in Markdown."
        ),
        code="format",
    )
