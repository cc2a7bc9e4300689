"""`Gathering`: what would be written a row at a time is kept back for a while, and then written down at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

Row = TypeVar("Row")


class Gathering(Generic[Row]):
    """Rows that `write` writes down: as they are added, or all of a `together()` block at its end."""

    def __init__(self, write: Callable[[list[Row]], None]) -> None:
        self._write = write
        self._kept: ContextVar[list[Row] | None] = ContextVar("kept", default=None)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write at the end, in one statement, what is added meanwhile; nothing of it if that fails."""
        if self._kept.get() is not None:
            yield
            return
        kept: list[Row] = []
        token = self._kept.set(kept)
        try:
            yield
        finally:
            self._kept.reset(token)
        self._write(kept)

    def add(self, rows: list[Row]) -> None:
        kept = self._kept.get()
        if kept is None:
            self._write(rows)
        else:
            kept += rows
