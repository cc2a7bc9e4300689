"""A copy of all that is a member's own, as a ZIP that is made while it is sent.

It is kept nowhere and no job is told of it: their account and their aliases meet in it alone, for whoever is signed in. Made piece
by piece, it needs the same little memory however much somebody wrote.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import connection, transaction

from community import copying
from community.copying import Own

from .export_page import written_out

# So many bytes are gathered before they are sent.
PIECE = 64 * 1024
# Whoever takes it more slowly keeps a transaction open no longer than this.
LONGEST = "10min"


class _Gathered(bytearray):
    """What a ZIP is written into: it cannot look back, so what is in here can be sent."""

    def write(self, piece: bytes) -> int:
        self.extend(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    close = flush

    def taken(self) -> bytes:
        piece = bytes(self)
        self.clear()
        return piece


def archive(user: Any) -> Iterator[bytes]:
    """The ZIP for the signed-in `user`, as it stands at one moment."""
    gathered = _Gathered()
    with _one_moment():
        with ZipFile(gathered, "w", ZIP_DEFLATED) as made:
            for name, pieces in _files(user):
                with made.open(name, "w") as file:
                    for piece in pieces:
                        file.write(piece)
                        if len(gathered) >= PIECE:
                            yield gathered.taken()
        yield gathered.taken()


@contextmanager
def _one_moment() -> Iterator[None]:
    """See the database as it is now until the end. In somebody's transaction it is theirs that says what is to be seen."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute(f"SET LOCAL transaction_timeout = '{LONGEST}'")
        yield


def _files(user: Any) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The names of what is in it, and the bytes of each. The page comes last: by then it is known what there is."""
    held: list[Own] = []
    for label, owns in copying.everything():
        yield f"data/{label}.json", _as_data(owns, user, held)
        for each in owns:
            for name, content in each.files(user):
                yield name, [content]
    yield "index.html", (piece.encode() for piece in written_out(held, user))


def _as_data(owns: Iterable[Own], user: Any, held: list[Own]) -> Iterator[bytes]:
    """An object with a list for each kind, one record a line; whatever has records is added to `held`."""
    before = "{\n"
    for each in owns:
        yield f"{before}{json.dumps(each.key)}: [".encode()
        comma = "\n"
        for record in each.records(user):
            yield (comma + json.dumps(record, ensure_ascii=False, default=_plain)).encode()
            comma = ",\n"
        if comma != "\n":
            held.append(each)
        yield b"]"
        before = ",\n"
    yield b"\n}\n"


def _plain(value: Any) -> str:
    """Times and days as ISO 8601 says, ids as they are written, and texts that wait for their language."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in the data.")
