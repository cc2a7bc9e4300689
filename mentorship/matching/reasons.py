"""Why somebody has this mentor or nobody, what another choice would cost, and whom the programme should look for.

Keys and numbers only: the words are made elsewhere, from what both agreed to share.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mentorship.fields import numbers
from mentorship.scoring import HOURS, LANGUAGE, LIVED, MOST, STEPS, THEIRS, TOPICS, Mentor, Newcomer, Score, score

from .pool import Pool, blocks
from .solving import Matching, solve

# So many mentors are named who would have suited better.
NAMED_AHEAD = 5


@dataclass(frozen=True)
class Ahead:
    """A mentor who would have suited better: how many newcomers have places there, and how few mentors one of them could have."""

    mentor: int
    holders: int
    fewest: int | None  # None: nobody has one; it was forbidden, or the newcomer is pinned to somebody else


@dataclass(frozen=True)
class Funnel:
    """Why nobody is left: how many mentors there are after each of `scoring.STEPS`, in that order.

    `opens` counts for each step the mentors whom it alone rules out; `relaxation` is the one of `scoring.THEIRS` that opens most.
    """

    left: Mapping[str, int]
    opens: Mapping[str, int]

    @property
    def relaxation(self) -> str | None:
        best = max(THEIRS, key=lambda step: self.opens[step])
        return best if self.opens[best] else None


@dataclass(frozen=True)
class Row:
    """One newcomer of a draft. `rank` is the mentor's among the `eligible` ones: “3rd of 31”; of two alike the lower key is first.

    `level` says why they came before others (`HARD`, `FLAGGED` and `WAITED` added up), `ahead` who would have suited better, the
    best first, and `next_in_line` which newcomer would take the place if it came free. The funnel is for those who have nobody.
    """

    newcomer: int
    mentor: int | None
    score: Score | None
    rank: int | None
    eligible: int
    level: int
    ahead: tuple[Ahead, ...]
    next_in_line: int | None
    funnel: Funnel | None


def explain(pool: Pool, matching: Matching) -> list[Row]:
    """The reasons of everybody in the pool, in the order of newcomers."""
    holders: dict[int, list[int]] = {}
    for row, column in enumerate(matching.columns.tolist()):
        if column >= 0:
            holders.setdefault(column, []).append(int(pool.eligible[row]))
    alone = [row for row, column in enumerate(matching.columns.tolist()) if column < 0]
    funnels = dict(zip(alone, funnel(pool, alone), strict=True))
    return [_row(pool, matching, row, holders, funnels.get(row)) for row in range(len(pool.newcomers))]


def _row(pool: Pool, matching: Matching, row: int, holders: Mapping[int, list[int]], why: Funnel | None) -> Row:
    first, end = pool.starts[row : row + 2].tolist()
    newcomer, column = pool.newcomers[row], int(matching.columns[row])
    mentor = pool.mentors[column] if column >= 0 else None
    columns = pool.columns[first:end]
    # Pairs are in the order of keys, so a stable sort leaves those alike in it.
    order = columns[np.argsort(-pool.totals[first:end].astype(np.int32), kind="stable")]
    rank = int(np.flatnonzero(order == column)[0]) + 1 if mentor else None
    before = order[: min(NAMED_AHEAD, rank - 1 if rank else NAMED_AHEAD)].tolist()
    return Row(
        newcomer=newcomer.key,
        mentor=mentor.key if mentor else None,
        score=score(newcomer, mentor, pool.rarity) if mentor else None,
        rank=rank,
        eligible=len(order),
        level=int(pool.levels[row]),
        ahead=tuple(
            Ahead(pool.mentors[other].key, len(holders.get(other, ())), min(holders.get(other, ()), default=None))
            for other in before
        ),
        next_in_line=matching.next_in_line.get(mentor.key) if mentor else None,
        funnel=why,
    )


def funnel(pool: Pool, rows: Iterable[int]) -> list[Funnel]:
    """The funnels of the newcomers at these places of the pool."""
    newcomers = [pool.newcomers[row] for row in rows]
    if not pool.mentors:
        return [Funnel(dict.fromkeys(STEPS, 0), dict.fromkeys(STEPS, 0)) for _newcomer in newcomers]
    found = []
    for block in blocks(newcomers, pool.mentors, pool.rarity):
        steps = block.steps()
        refusals = sum((~may).astype(np.int8) for may in steps.values())
        still = np.ones(block.hours.shape, dtype=bool)
        left, opens = {}, {}
        for step in STEPS:
            still = still & steps[step]
            left[step] = still.sum(axis=1).tolist()
            opens[step] = (~steps[step] & (refusals == 1)).sum(axis=1).tolist()
        for place in range(len(block.newcomers)):
            one, alone = ({step: counts[step][place] for step in STEPS} for counts in (left, opens))
            found.append(Funnel(one, alone))
    return found


@dataclass(frozen=True)
class Cost:
    """What a draft would lose or gain if one pair were held together: people served, points, and whose mentor would change.

    `moved` have another mentor then, `lost` had one and have nobody, `gained` had nobody and have one.
    """

    served: int
    points: int
    moved: tuple[int, ...]
    lost: tuple[int, ...]
    gained: tuple[int, ...]


def cost_of_pin(pool: Pool, matching: Matching, newcomer: int, mentor: int) -> Cost:
    """What it would cost others if these two were together: the draft is solved again with the pin. Raises CannotPin."""
    pins = dict(matching.pins) | {newcomer: mentor}
    other = solve(pool, aim=matching.aim, pins=pins, forbidden=matching.forbidden)
    before, after = ({pair.newcomer: pair.mentor for pair in one.pairs} for one in (matching, other))
    return Cost(
        served=other.certificate.served - matching.certificate.served,
        points=other.certificate.points - matching.certificate.points,
        moved=tuple(key for key in sorted(before.keys() & after.keys() - {newcomer}) if before[key] != after[key]),
        lost=tuple(sorted(before.keys() - after.keys())),
        gained=tuple(sorted(after.keys() - before.keys())),
    )


@dataclass(frozen=True)
class Sought:
    """One language, hour of the week in UTC, tag or kind of help (its bit number) that the programme is short of.

    `price` is what a place with it costs on average, from 0 to 1000, and 1000 if there is none; `places` are all that there were,
    `waiting` the newcomers left with nobody who ask for it.
    """

    number: int
    price: int
    places: int
    waiting: int


# What a newcomer asks for and a mentor brings, of each kind.
_KINDS: Mapping[str, tuple[Callable[[Newcomer], int], Callable[[Mentor], int]]] = {
    LANGUAGE: (lambda one: one.languages, lambda one: one.languages),
    HOURS: (lambda one: one.hours, lambda one: one.hours),
    LIVED: (lambda one: one.asked_lived, lambda one: one.lived),
    TOPICS: (lambda one: one.asked_topics, lambda one: one.topics),
}


def sought(pool: Pool, matching: Matching, most: int = 5) -> dict[str, tuple[Sought, ...]]:
    """What mentors to look for: of each kind (LANGUAGE, HOURS, LIVED, TOPICS) the scarcest, at most so many, of what is lacking."""
    alone = [one for one, column in zip(pool.newcomers, matching.columns.tolist(), strict=True) if column < 0]
    return {kind: _scarcest(pool, matching, alone, asks, brings, most) for kind, (asks, brings) in _KINDS.items()}


def _scarcest(pool: Pool, matching: Matching, alone: list[Newcomer], asks: Any, brings: Any, most: int) -> tuple[Sought, ...]:
    waiting: dict[int, int] = {}
    for newcomer in alone:
        for number in numbers(asks(newcomer)):
            waiting[number] = waiting.get(number, 0) + 1
    places, paid = dict.fromkeys(waiting, 0), dict.fromkeys(waiting, 0)
    for mentor in pool.mentors:
        for number in numbers(brings(mentor)) if mentor.free > 0 else ():
            if number in places:
                places[number] += mentor.free
                paid[number] += mentor.free * matching.prices[mentor.key]
    found = [
        Sought(number, paid[number] // places[number] if places[number] else MOST, places[number], count)
        for number, count in waiting.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.price, -one.waiting, one.number))[:most])
