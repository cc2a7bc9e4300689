"""What the pages of the desk ask of the database, worked out once for all with the same roles (see `community.prepared`).

What somebody may see is said by the admin's own pages alone (`get_queryset`): here it is only kept as it was worked out.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest

from community.admin import HearthModelAdmin
from community.contributions.models import Contribution
from community.decisions.models import Decision
from community.prepared import Prepared, reach

from .models import HandOver, MemberNote
from .queue import Seat, roles_of

# So many notes of the last shifts stand on the front page, and so many things that were decided before about somebody.
NOTES, BEFORE = 3, 10


class Sought(NamedTuple):
    """What is looked for: its key, or type and key of what it is about."""

    pk: int
    thing: tuple[int, int]


Found = Callable[[QuerySet, Any], QuerySet]


def by_key(rows: QuerySet, sought: Sought) -> QuerySet:
    return rows.filter(pk=sought.pk)


def seen(page: HearthModelAdmin, request: HttpRequest, sought: Sought, found: Found = by_key, *, to_act: bool = False) -> list[Any]:
    """What is found among all that somebody may see on this page of the admin. `to_act`: words are held until the transaction
    ends, as their verbs would do first."""
    to_act = to_act and issubclass(page.model, Contribution)
    prepared = _prepared(page, found, roles_of(request.user), to_act)
    if prepared is None:
        rows = found(page.get_queryset(request), sought)
        things = list(_held(rows) if to_act else rows)
    else:
        kind, key = sought.thing
        things = prepared.rows(request.user, reach(request.user), pk=sought.pk, of=kind, thing=key)
    for thing in things if to_act else ():
        thing.is_held_here = True
    return things


def _held(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_for_update(of=(*rows.model.held_after, "self"), no_key=True)


@lru_cache(maxsize=256)
def _prepared(page: HearthModelAdmin, found: Found, roles: frozenset[str], to_act: bool) -> Prepared[Any] | None:
    """None for a page whose rows hang on the moment, bring others along, or are none: these are asked for anew each time."""

    def build(somebody: Any, pk: Any, of: Any, thing: Any) -> QuerySet:
        request = HttpRequest()
        request.user = Seat(roles, somebody)  # type: ignore[assignment]
        rows = found(page.get_queryset(request), Sought(pk, (of, thing)))
        return _held(rows) if to_act else rows

    rows: Any = build(None, 0, 0, 0)
    try:
        _sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    if rows._prefetch_related_lookups or any(isinstance(value, date) for value in values):
        return None
    return Prepared(build, pk=int, of=int, thing=int)


# What was decided before ------------------------------------------------------------------


@lru_cache(maxsize=16)
def _before(about: str, kinds: tuple[int, ...] | None) -> Prepared[Any]:
    def build(viewer: Any, voice: Any) -> QuerySet:
        decided = Decision.objects.filter(**{about: voice}).annotate(deed=Cast("act", TextField()))
        noted = MemberNote.objects.filter(**{about: voice}).annotate(deed=Value("", TextField()))
        if kinds is not None:
            decided, noted = decided.filter(target_type__in=kinds), noted.none()
        columns = ("at", "deed", "text", "by__username")
        rows = decided.annotate(text=Cast("reason", TextField())).order_by("-at").values_list(*columns)[:BEFORE]
        notes = noted.annotate(text=Cast("words", TextField())).order_by("-at").values_list(*columns)[:BEFORE]
        return rows.union(notes, all=True)

    return Prepared(build, voice=int)


def before(voice: Any, kinds: tuple[int, ...] | None) -> list[tuple[Any, ...]]:
    """When, what, in which words and by whom: what was decided about that very voice, and what volunteers noted of it.

    Of `kinds` of things alone, and without the notes, where those are given.
    """
    found = _before("persona" if voice.is_persona else "member", kinds).rows(None, None, voice=voice.pk)
    return sorted(found, reverse=True, key=lambda each: each[0])


_notes = Prepared(lambda viewer: HandOver.objects.select_related("by").only("words", "at", "by__username")[:NOTES])


def notes() -> list[HandOver]:
    """What the last shifts told the next."""
    return _notes.rows(None, None)
