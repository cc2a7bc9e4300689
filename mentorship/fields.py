"""Sets of small numbers as bits: what PostgreSQL can compare for ten thousand mentors in a few milliseconds."""

from typing import Any

from django.db import models

HOURS = 168  # of a week, from Monday 00:00 on
LANGUAGES = 64
HELPS = 64
# Tags and helps are known by their key modulo the width. Two may share a bit, so whoever the bits let through is checked again
# from rows.
TAGS = 1024


class Bits(models.Field):
    """A set of numbers below `width` as PostgreSQL's bit(width), here an int: number n is the bit of value 2**n."""

    def __init__(self, width: int, **options: Any) -> None:
        self.width = width
        super().__init__(**({"default": 0, "editable": False} | options))

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, [self.width, *args], options

    def db_type(self, connection: Any) -> str:
        return f"bit({self.width})"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value, 2)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else f"{int(value):0{self.width}b}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return f"%s::bit({self.width})"


def bits(numbers: Any, width: int) -> int:
    """The set of these numbers, each modulo `width`."""
    found = 0
    for number in numbers:
        found |= 1 << (number % width)
    return found


def numbers(value: int) -> list[int]:
    """The numbers of a set, the smallest first."""
    return [number for number in range(value.bit_length()) if value >> number & 1]
