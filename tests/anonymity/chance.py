"""Chance that can be repeated: the one place where tests decide what is drawn.

Ids, aliases, keys and tokens all come from the system's random bytes, through `uuid4` and `secrets`.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager


class Chance:
    """Draws what a seed says; whoever sets a seed again draws the same again."""

    def __init__(self) -> None:
        self._source = random.Random()

    def seed(self, *parts: object) -> None:
        self._source.seed(repr(parts))

    def bytes(self, size: int) -> bytes:
        return self._source.randbytes(size)


@contextmanager
def repeatable(*parts: object) -> Iterator[Chance]:
    """Draw from a seed instead of from the system, inside."""
    chance, before = Chance(), (os.urandom, random._urandom)
    chance.seed(*parts)
    os.urandom = random._urandom = chance.bytes
    try:
        yield chance
    finally:
        os.urandom, random._urandom = before
