"""How a tag is named: what is kept of what somebody wrote, and what makes two names one tag."""

import csv
import io
import re
from collections.abc import Iterable

from django.utils.text import slugify

from community import text

LONGEST = 40
# What people type between names, beside a comma.
_COMMAS = re.compile("[;,\uff0c\uff1b\u3001\u060c]")
# Addresses below the tags that are no tag's.
_TAKEN = {"suggest"}


def tidy(name: str) -> str:
    """A tag's name as it is kept: cleaned, with single spaces and without a leading #."""
    return " ".join(text.clean(name).split()).lstrip("#").strip()[:LONGEST].strip()


def slug_of(name: str) -> str:
    """What makes two names the same tag: “Self harm” and “self-harm” are one. Empty where no letter or digit is in it."""
    slug = slugify(name, allow_unicode=True)[:60]
    # No name ends in a hyphen of its own, so this one is free.
    return f"{slug}-" if slug in _TAKEN else slug


def tidied(names: Iterable[str]) -> list[str]:
    """These names as they are kept, each tag once, without those that name nothing."""
    found = {slug_of(name): name for name in reversed([tidy(name) for name in names]) if slug_of(name)}
    return list(reversed(found.values()))


def in_a_line(names: Iterable[str]) -> str:
    """Names as one line to be changed by hand: commas between them, and quotation marks around one that has a comma itself."""
    return ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' if re.search('[,;"]', name) else name for name in names)


def of_a_line(line: str) -> list[str]:
    """The names in such a line, as they were written there."""
    row = io.StringIO(_COMMAS.sub(",", line) if '"' not in line else line)
    try:
        return [name.strip() for names in csv.reader(row, skipinitialspace=True) for name in names if name.strip()]
    except csv.Error:
        return [name.strip() for name in _COMMAS.split(line) if name.strip()]
