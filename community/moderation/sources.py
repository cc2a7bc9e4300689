"""What each app names that waits to be looked at (`<app>.desk.SOURCES`), and one thing of it as the queue shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import BooleanField, F, IntegerField, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

# So many rows each source gives at most: more than anybody works through before they look again.
MOST = 50
# What comes first, and what a volunteer takes few of in a day.
DANGER, HARM, REST = 0, 1, 2


# What an app names ----------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Things of one kind that wait. `rows(seat, now)` answers with `waiting(…)`, or None for whoever does not look after them.

    `seat` stands for whoever looks: their roles, groups, and the keys of them and their aliases, as far as a query needs them.
    The query is worked out once for all of a kind, so the moment may come into it by `now` alone.

    `one(rows, pk)` leaves of what `rows` answered the thing with that key, and what is told together with it.

    A thing is shown with the page that the admin has for its model. `found(rows, item)` picks it, and others that say the same,
    from the rows of that page. `about(item)` gives model and key of what it is about, where that is another thing; what is
    decided there settles this one by `settle(item, target, act, upto=…, by=…, reason=…)`, which does `act` and answers whether it
    still waited; `upto` is the key of the newest that was read. `told(line)` says the few words of the list as one reads them.
    """

    key: str
    model: type[Model]
    name: str | Promise
    rows: Callable[[Any, datetime], QuerySet | None]
    one: Callable[[QuerySet, Any], QuerySet] = lambda rows, pk: rows.filter(pk=pk)
    found: Callable[[QuerySet, "Item"], QuerySet] = lambda rows, item: rows.filter(pk=item.pk)
    about: Callable[["Item"], tuple[type[Model], int] | None] = lambda item: None
    settle: Callable[..., bool] | None = None
    told: Callable[[str], str] = str


def waiting(
    rows: QuerySet,
    *,
    since: Any,
    key: Any = "pk",
    thing: tuple[Any, Any] | None = None,
    harm: Any = REST,
    is_severe: Any = False,
    line: Any = "",
    notes: Any = None,
    times: Any = 1,
) -> QuerySet:
    """At most fifty of `rows`, the most pressing first, in the columns that the queue reads; values and expressions alike.

    `thing`: type and key of what is claimed, the row itself unless given. `line`: a few words for the list, where nothing may
    stand that is hard to read; `notes`: the keys of content notes, an array; `times`: how many say so.
    """
    kind, number = thing or (Value(ContentType.objects.get_for_model(rows.model).pk), F("pk"))
    given = rows.annotate(
        desk_key=F(key) if isinstance(key, str) else key,
        desk_kind=kind,
        desk_thing=number,
        desk_harm=_valued(harm, IntegerField()),
        desk_since=F(since) if isinstance(since, str) else since,
        desk_severe=_valued(is_severe, BooleanField()),
        desk_line=Cast(_valued(line, TextField()), TextField()),
        desk_notes=Value("", TextField()) if notes is None else Cast(notes, TextField()),
        desk_times=_valued(times, IntegerField()),
    )
    return given.order_by("desk_harm", "-desk_severe", "desk_since", "desk_key").values(*COLUMNS)


COLUMNS = [f"desk_{name}" for name in ("key", "kind", "thing", "harm", "since", "severe", "line", "notes", "times")]


def _valued(given: Any, field: Any) -> Any:
    return given if hasattr(given, "resolve_expression") else Value(given, field)


@cache
def sources() -> dict[str, Source]:
    """All that there are, by their keys."""
    found: dict[str, Source] = {}
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "desk"):
            found |= {source.key: source for source in import_module(f"{app.name}.desk").SOURCES}
    return found


# One thing that waits -------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One thing that waits, as the list shows it."""

    source: Source
    pk: int
    thing: tuple[int, int]
    harm: int
    since: datetime
    due: datetime
    is_severe: bool
    line: str
    notes: frozenset[int]
    times: int
    claimed_by: int | None
    claimed_name: str
    claimed_until: datetime | None

    @property
    def key(self) -> str:
        return f"{self.source.key}-{self.pk}"

    @property
    def is_overdue(self) -> bool:
        return self.due < timezone.now()

    @property
    def order(self) -> tuple[int, bool, datetime, str]:
        """By harm, what was said to be heavy before what is only urgent, then by age."""
        return (self.harm, not self.is_severe, self.due, self.key)

    def is_somebody_elses(self, user: Any) -> bool:
        return self.claimed_by not in (None, user.pk)
