"""Many rows at once: how large a community to fill in, and writing rows the way PostgreSQL takes them fastest."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Self

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import NOT_PROVIDED
from django.utils.module_loading import module_has_submodule

Rows = Sequence[models.Model]


@dataclass(frozen=True)
class Size:
    """How large a community to fill in. `posts` counts opening words and replies; `seed` draws everything in it.

    `anonymous` is the share of posts under aliases where that is more than a few; `blocks` and `filters` are what the member who
    looks at it all keeps away from.
    """

    members: int = 1_000
    topics: int = 20_000
    posts: int = 400_000
    seed: int = 1
    anonymous: float = 0.0
    blocks: int = 0
    filters: int = 0
    resources: int = 100_000

    def with_posts(self, posts: int) -> Self:
        """The same with that many posts: as many to a conversation, and fewer people and blocks where there are fewer posts."""
        share = posts / self.posts
        few = min(1, share)
        return replace(
            self,
            members=max(50, round(self.members * few)),
            topics=max(20, round(self.topics * share)),
            posts=posts,
            blocks=round(self.blocks * few),
            resources=max(20, round(self.resources * few)),
        )


PROFILES = {
    "usual": Size(),
    # Who sees what is hardest to find out here.
    "crowded": Size(members=100_000, anonymous=0.5, blocks=10_000, filters=200),
}


def seeds() -> list[ModuleType]:
    """What fills in an invented community, in the order in which it happens: `fill_demo(now=…)`, perhaps `fill(size, now=…)`.

    One that looks after what the others told says so by `LAST = True`.
    """
    found = [import_module(f"{app.name}.seed") for app in apps.get_app_configs() if module_has_submodule(app.module, "seed")]
    return sorted(found, key=lambda seed: getattr(seed, "LAST", False))


def reserve(model: type[models.Model], number: int) -> Iterator[int]:
    """That many keys of `model`, for rows that others must point to before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, number],
        )
        return iter([key for (key,) in cursor.fetchall()])


@cache
def _columns(model: type[models.Model], *, with_key: bool) -> tuple[list[str], list[str]]:
    """The columns that are ours to fill, and their attributes; what the database fills in by itself is left to it."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and field.db_default is NOT_PROVIDED and (with_key or not field.primary_key)
    ]
    return [field.column for field in fields], [field.attname for field in fields]


def write(*tables: Iterable[models.Model]) -> None:
    """Write new rows, table after table, in this transaction. Nothing of them is checked and no `save()` is called."""
    for rows in map(list, tables):
        if not rows:
            continue
        model = type(rows[0])
        columns, attributes = _columns(model, with_key=rows[0].pk is not None)
        quote = connection.ops.quote_name
        statement = f"COPY {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                values = row.__dict__
                copy.write_row([values[name] for name in attributes])


class Writer:
    """Writes batches in several connections at once, each batch in a transaction of its own; waits rather than pile them up."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.waiting: set[Future[None]] = set()

    def write(self, *tables: Rows) -> None:
        self.waiting.add(self.pool.submit(_write_apart, tables))
        if len(self.waiting) > 2:
            self._collect(wait(self.waiting, return_when=FIRST_COMPLETED).done)

    def finish(self) -> None:
        self._collect(wait(self.waiting).done)

    def _collect(self, done: set[Future[None]]) -> None:
        self.waiting -= done
        for future in done:
            future.result()


def _write_apart(tables: Sequence[Rows]) -> None:
    try:
        with transaction.atomic():
            write(*tables)
    finally:
        connection.close()


class _Here:
    """Writes at once, in the transaction that is going on."""

    write = staticmethod(write)


@contextmanager
def writer() -> Iterator[Writer | _Here]:
    """What to hand batches to: inside a transaction they are written in it, else one connection for each processor writes them."""
    if connection.in_atomic_block:
        yield _Here()
        return
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        apart = Writer(pool)
        yield apart
        apart.finish()


def tidy_up(models_filled: Iterable[type[models.Model]]) -> None:
    """Let the planner know what is there now; outside of a transaction, also what a first visitor would have to clean up."""
    with connection.cursor() as cursor:
        for model in models_filled:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"ANALYZE {table}" if connection.in_atomic_block else f"VACUUM (ANALYZE) {table}")
