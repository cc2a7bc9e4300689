"""What a file holds of one thing in the library: read by `importing`, written by `exporting`."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

Fact = str | int | bool

# What the library knows about a thing beside its title, words, tags and date, and how each is written in a file.
FACTS: dict[str, type] = {
    "kind": str,
    "made_by": str,
    "isbn": str,
    "doi": str,
    "phone": str,
    "hours": str,
    "country": str,
    "language": str,
    "minutes": int,
    "pages": int,
    "cost": str,
    "level": str,
    "has_captions": bool,
    "needs_account": bool,
    "content_note": str,
    "audience": str,
    "archive": str,
    # No list holds the file itself.
    "file_name": str,
    "file_alt": str,
}


@dataclass(slots=True, kw_only=True)
class Entry:
    """One thing as a file holds it. `page` is its page in this house, for programs that can keep nothing without an address."""

    address: str = ""
    title: str = ""
    description: str = ""
    tags: list[str] = field(default_factory=list)
    added_at: datetime | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    page: str = field(default="", compare=False)

    @property
    def stands_alone(self) -> bool:
        """Can others make use of it without an address?"""
        return any(self.facts.get(name) for name in ("isbn", "doi", "phone", "file_name")) or self.facts.get("kind") == "lived"

    @property
    def is_only_a_file(self) -> bool:
        """Is there no other way to it than its file?"""
        others = [self.address, *(self.facts.get(name) for name in ("isbn", "doi", "phone"))]
        return bool(self.facts.get("file_name")) and not any(others) and self.facts.get("kind") != "lived"


def tags_in_a_line(tags: Iterable[str]) -> str:
    """Tags as one line: commas between them, and quotation marks around one that has a comma itself."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(tags)
    return line.getvalue()


def tags_of_a_line(line: str) -> list[str]:
    try:
        return [tag.strip() for row in csv.reader([line.replace("\n", " ")], skipinitialspace=True) for tag in row]
    except csv.Error:
        return line.split(",")
