"""The queue: everything that waits to be looked at, whichever room it is from, in the order in which it is wanted.

Each app that has something to look at names it in `<app>.desk.SOURCES`; the queue knows none of them by name.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache, cached_property, lru_cache, partial
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from community.members.models import COORDINATORS, LEADS, LIBRARIANS, MODERATORS, User
from community.prepared import Prepared, reach

from .models import Claim, DeskSettings, Duty, Sitting
from .sources import COLUMNS, DANGER, HARM, MOST, Item, sources, waiting

ROLE_OF = {MODERATORS: "is_moderator", LEADS: "is_lead", LIBRARIANS: "is_librarian", COORDINATORS: "is_coordinator"}
ROLES = (*ROLE_OF.values(), "is_owner")
_NUMBER, _KEY = re.compile(r"\d+"), re.compile(r"\d{1,18}")


class Seat:
    """Stands for everybody with the same roles and groups while the SQL is worked out."""

    def __init__(self, roles: Iterable[str], somebody: Any = None) -> None:
        self.is_authenticated = True
        self.pk, self.persona_keys = getattr(somebody, "pk", 0), getattr(somebody, "persona_keys", [])
        self.group_ids = getattr(somebody, "group_ids", frozenset())
        for role in ROLES:
            setattr(self, role, role in roles)


def roles_of(user: Any) -> frozenset[str]:
    """Those that what one may see at the desk depends on."""
    return frozenset(role for role in ROLES if getattr(user, role))


def _rows(somebody: Any, now: datetime, *, roles: frozenset[str]) -> QuerySet:
    """What waits, from all sources at once: one query however many rooms there are."""
    seat = Seat(roles, somebody)
    given = {source.key: source.rows(seat, now) for source in sources().values()}
    told = (_of(key, rows, now) for key, rows in given.items() if rows is not None)
    return _of("", _seated(seat), now).union(*told, all=True)


def _seated(seat: Any) -> QuerySet:
    """Whoever sits there, as one more row: what is known of them is told in its line."""
    return waiting(User.objects.filter(pk=seat.pk), since="date_joined", line=Sitting.told())


def _of(source: str, rows: QuerySet, now: datetime) -> QuerySet:
    held = Claim.objects.filter(target_type=OuterRef("desk_kind"), target_id=OuterRef("desk_thing"), until__gte=now)
    told = rows.annotate(
        desk_source=Value(source, TextField()),
        desk_due=_due(),
        desk_by=Subquery(held.values("by")[:1]),
        desk_name=Subquery(held.values("by__username")[:1]),
        desk_until=Subquery(held.values("until")[:1]),
    )
    return told.values_list("desk_source", *COLUMNS, "desk_due", "desk_by", "desk_name", "desk_until")[:MOST]


def _due() -> ExpressionWrapper:
    """By when somebody is to look: the time that the house gives itself for what is that harmful."""

    def hours(name: str) -> Coalesce:
        shipped = DeskSettings._meta.get_field(name).default
        return Coalesce(Subquery(DeskSettings.objects.filter(pk=1).values(name)[:1]), Value(shipped), output_field=IntegerField())

    first, second = When(desk_harm=DANGER, then=hours("worried_hours")), When(desk_harm=HARM, then=hours("harm_hours"))
    many = Case(first, second, default=hours("other_hours"), output_field=IntegerField())
    time = ExpressionWrapper(many * Value(timedelta(hours=1)), DurationField())
    return ExpressionWrapper(F("desk_since") + time, DateTimeField())


@cache
def roles_for(source: str) -> frozenset[str]:
    """The roles that look after such things."""
    moment = timezone.now()
    return frozenset(role for role in ROLES if sources()[source].rows(Seat([role]), moment) is not None)


def overdue(now: datetime) -> dict[str, tuple[str, int]]:
    """What is late, whoever it is for and whoever is on it: source and harm, by what stands for it while it is that harmful."""
    seat = Seat(ROLES)
    seat.group_ids = frozenset(Group.objects.values_list("pk", flat=True))
    found: dict[str, tuple[str, int]] = {}
    for source in sources().values():
        if (rows := source.rows(seat, now)) is not None:
            late = rows.annotate(desk_due=_due()).filter(desk_due__lte=now).order_by("desk_harm", "desk_since", "desk_key")
            for kind, thing, harm in late.values_list("desk_kind", "desk_thing", "desk_harm")[:MOST]:
                found[f"{source.key} {kind} {thing} {harm}"] = (source.key, harm)
    return found


def _one(somebody: Any, now: datetime, pk: int, *, roles: frozenset[str], source: str) -> QuerySet:
    """One thing from one source, if it waits."""
    seat = Seat(roles, somebody)
    rows, seated = sources()[source].rows(seat, now), _of("", _seated(seat), now)
    return seated.union(_of(source, sources()[source].one(rows, pk), now), all=True) if rows is not None else seated


# There are few sets of roles, and few sources.
_prepared = lru_cache(maxsize=32)(lambda roles: Prepared(partial(_rows, roles=roles), now=datetime))
_prepared_one = lru_cache(maxsize=64)(
    lambda roles, source: Prepared(partial(_one, roles=roles, source=source), now=datetime, pk=int)
)


# The whole queue ------------------------------------------------------------------------


class Queue:
    """What waits for one volunteer: what they are to take, what somebody else is on, and what they leave to others."""

    def __init__(self, user: Any, *, is_whole: bool = False) -> None:
        """`is_whole`: all of it will be asked for, so one thing is looked for in it."""
        self.user, self.is_whole = user, is_whole

    @cached_property
    def sitting(self) -> Sitting:
        """Found with whatever was asked for first."""
        _ = self.everything
        return self.__dict__["sitting"]

    @property
    def settings(self) -> DeskSettings:
        return self.sitting.settings

    @property
    def duty(self) -> Duty:
        return self.sitting.duty

    @cached_property
    def everything(self) -> list[Item]:
        """All of it, what is wanted first at the top."""
        rows = _prepared(roles_of(self.user)).rows(self.user, reach(self.user), now=timezone.now())
        return sorted(self._items(rows), key=lambda item: item.order)

    def _items(self, rows: Iterable[tuple[Any, ...]]) -> Iterable[Item]:
        for source, *row in rows:
            if source:
                yield self._item(source, *row)
            else:
                # As the columns stand, what is told is the seventh of them.
                self.__dict__["sitting"] = Sitting.heard(self.user, row[COLUMNS.index("desk_line")])

    def _item(
        self,
        source: str,
        key: int,
        kind: int,
        thing: int,
        harm: int,
        since: datetime,
        severe: bool,
        line: str,
        notes: str | None,
        times: int,
        due: datetime,
        by: int | None,
        name: str | None,
        until: datetime | None,
    ) -> Item:
        themes = frozenset(map(int, _NUMBER.findall(notes or "")))
        known = sources()[source]
        return Item(known, key, (kind, thing), harm, since, due, severe, line, themes, times, by, name or "", until)

    def find(self, key: str) -> Item | None:
        """The one of this key, if it waits for them (still). Asks for that one alone, unless it is there with all others."""
        if self.is_whole and (there := next((item for item in self.everything if item.key == key), None)):
            return there
        source, _, number = key.rpartition("-")
        if source not in sources() or not _KEY.fullmatch(number):
            return None
        prepared = _prepared_one(roles_of(self.user), source)
        rows = prepared.rows(self.user, reach(self.user), now=timezone.now(), pk=int(number))
        return next((item for item in list(self._items(rows)) if item.key == key), None)

    # What one does not take

    @cached_property
    def left(self) -> list[Item]:
        """What is about themes that they leave to others, as long as there are others."""
        return [item for item in self.everything if self.is_left(item)]

    @property
    def items(self) -> list[Item]:
        """What is shown to them."""
        return [item for item in self.everything if not self.is_left(item)]

    def is_left(self, item: Item) -> bool:
        """Is it about a theme of theirs, and somebody else here who takes it?"""
        return bool(item.notes & self._themes) and self._is_taken_by_others(item)

    def is_warned_of(self, item: Item) -> bool:
        """Is it about a theme of theirs, with nobody else here who would take it?"""
        return bool(item.notes & self._themes) and not self._is_taken_by_others(item)

    def _is_taken_by_others(self, item: Item) -> bool:
        roles = roles_for(item.source.key)
        return any(role in roles and item.notes.isdisjoint(themes) for role, themes in self._others)

    @cached_property
    def _themes(self) -> frozenset[int]:
        return frozenset(self.duty.themes_left)

    @cached_property
    def _others(self) -> list[tuple[str, list[int]]]:
        """Role and left themes of each of the other volunteers who have not stepped away; a role they have twice, twice."""
        staff = User.objects.filter(Q(groups__name__in=ROLE_OF) | Q(is_superuser=True), is_active=True, is_staff=True)
        here = staff.exclude(pk=self.user.pk).exclude(duty__away_until__gt=timezone.now())
        found = here.values_list("groups__name", "is_superuser", "duty__themes_left")
        return [("is_owner" if owner else ROLE_OF.get(group, ""), themes or []) for group, owner, themes in found]

    # What comes next

    def next(self, *, but: Iterable[tuple[int, int]] = (), after_severe: bool = False) -> Item | None:
        """What to take now: nothing of somebody else's, nothing heavy beyond one's measure, and something light after that."""
        free = [item for item in self.items if item.thing not in but and not item.is_somebody_elses(self.user)]
        lighter = [item for item in free if not item.is_severe]
        if self.has_enough:
            return next(iter(lighter), None)
        return next(iter((lighter if after_severe else []) or free), None)

    def take_next(self, *, leaving: Item | None = None, after_severe: bool = False) -> Item | None:
        """Claim what comes next, and leave what one had to others. Somebody else may be quicker; then it is what follows."""
        tried = [leaving.thing] if leaving else []
        while item := self.next(but=tried, after_severe=after_severe):
            if self.take(item, leaving=leaving):
                return item
            tried.append(item.thing)
            leaving = None
        if leaving:
            Claim.drop(leaving.thing, by=self.user)
        return None

    def take(self, item: Item, *, leaving: Item | None = None) -> bool:
        """Claim it, and count what is heavy; False while it is somebody else's."""
        if not Claim.hold(item.thing, by=self.user, leaving=leaving.thing if leaving else None):
            return False
        self.took(item)
        return True

    def took(self, item: Item) -> None:
        """Count what is heavy, unless they had it already."""
        if item.is_severe and item.claimed_by != self.user.pk:
            self.duty.count_severe()

    @property
    def most_severe(self) -> int:
        own = self.duty.severe_a_day
        return self.settings.severe_a_day if own is None else own

    @property
    def has_enough(self) -> bool:
        """Did they take as many heavy things today as they want to, or should?"""
        return self.duty.severe_today >= self.most_severe
