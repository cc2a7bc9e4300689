"""The best matching of a pool, exactly: who gets which mentor's place, with the proof that no better one exists."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from mentorship.scoring import MOST, PLACE, obstacles, utility

from .pool import Pool, Progress
from .proof import NotOptimal, Problem, bound, lowest_prices, missed, most_served, next_in_line

# What for; the same words as `models.Cohort.Aim`. MANY serves as many as can be served, then whoever comes first, then fits best.
# FIT serves whoever comes first, and then fits best, even if that leaves somebody out who could have been served.
MANY, FIT = "many", "fit"
UTILITIES = np.array([utility(total) for total in range(MOST + 1)], dtype=np.int64)
# With more pairs than this, the solver is first given the best of each newcomer and of each mentor only.
ALL_UP_TO = 250_000
BEST = 50


class CannotPin(Exception):
    """Pairs that can't be held together: `pairs` has (newcomer, mentor, why).

    Why is one of `scoring.STEPS` (“place”: more pins than places), “gone” (one of them is not in the pool), or “forbidden”.
    """

    def __init__(self, pairs: list[tuple[int, int, str]]) -> None:
        super().__init__(f"These can't be held together: {pairs}")
        self.pairs = pairs


@dataclass(frozen=True)
class Pair:
    """A newcomer with a mentor, by their keys, and the points of their score."""

    newcomer: int
    mentor: int
    total: int


@dataclass(frozen=True)
class Certificate:
    """The proof in numbers: with MANY, `served` is `served_bound`; `worth` is `worth_bound` always.

    `served` counts pins, too. `worth` adds up what the other pairs are worth: the root of each score, and so much more for
    everybody who is served or comes first that no scores outweigh it. `points` adds up the scores of all pairs.
    """

    served: int
    served_bound: int
    worth: int
    worth_bound: int
    points: int

    @property
    def gap(self) -> int:
        """How much better another matching could be: 0."""
        return self.worth_bound - self.worth


@dataclass(frozen=True)
class Matching:
    """Who is with whom, in the order of newcomers; the same for the same people, whatever order they came in.

    `prices` has for each mentor from 0 to 1000 how sought after a place is, on the scale of `scoring.utility`. `next_in_line` has
    for some the newcomer who would take one more place, or one that came free. `columns` has for each newcomer the place of their
    mentor in the pool, −1 for nobody.
    """

    aim: str
    pairs: tuple[Pair, ...]
    unmatched: tuple[int, ...]
    certificate: Certificate
    prices: Mapping[int, int]
    next_in_line: Mapping[int, int]
    pins: Mapping[int, int]
    forbidden: frozenset[tuple[int, int]]
    columns: np.ndarray = field(compare=False, repr=False)


def solve(
    pool: Pool,
    *,
    aim: str = MANY,
    pins: Mapping[int, int] | None = None,
    forbidden: Collection[tuple[int, int]] = (),
    progress: Progress | None = None,
) -> Matching:
    """The best matching there is. `pins` has the mentor that newcomers are to have, `forbidden` pairs that are not to be; by keys.

    `progress` hears percents. Raises CannotPin for pins that can't be honoured, and NotOptimal if the proof fails, which is a
    defect.
    """
    if aim not in (MANY, FIT):
        raise ValueError(f"There is no aim “{aim}”.")
    tell = progress or (lambda percent: None)
    pinned = _pinned(pool, dict(pins or {}), set(forbidden))
    problem, points = _problem(pool, aim, pinned, forbidden)
    tell(10)
    chosen, prices = _best(problem, tell)
    limit = bound(problem, chosen, prices)
    served_limit = most_served(problem) + len(pinned)
    tell(90)
    shown = np.minimum(lowest_prices(problem, chosen, points), MOST)
    shown[np.bincount(chosen[chosen >= 0], minlength=len(shown)) < problem.capacity] = 0
    worth = int(problem.worth_of(chosen).sum())
    columns = chosen.copy()
    for row, column in pinned:
        columns[row] = column
    pairs = tuple(_pair(pool, row, int(columns[row])) for row in np.flatnonzero(columns >= 0).tolist())
    certificate = Certificate(len(pairs), served_limit, worth, limit, sum(pair.total for pair in pairs))
    if certificate.gap or (aim == MANY and certificate.served != served_limit):
        raise NotOptimal(f"The proof does not hold: {certificate}")
    tell(100)
    return Matching(
        aim=aim,
        pairs=pairs,
        unmatched=tuple(pool.newcomers[row].key for row in np.flatnonzero(columns < 0).tolist()),
        certificate=certificate,
        prices={one.key: int(price) for one, price in zip(pool.mentors, shown, strict=True)},
        next_in_line={
            pool.mentors[column].key: pool.newcomers[row].key for column, row in next_in_line(problem, chosen, prices).items()
        },
        pins=dict(sorted((pins or {}).items())),
        forbidden=frozenset(forbidden),
        columns=columns,
    )


def _pair(pool: Pool, row: int, column: int) -> Pair:
    number = pool.pair(row, column)
    assert number is not None  # noqa: S101 the solver knows no other pairs
    return Pair(pool.newcomers[row].key, pool.mentors[column].key, int(pool.totals[number]))


def _pinned(pool: Pool, pins: dict[int, int], forbidden: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places in the pool of pairs that are held together."""
    wrong = []
    wanted = Counter(pins.values())
    for newcomer, mentor in sorted(pins.items()):
        if newcomer not in pool.row_of or mentor not in pool.column_of:
            wrong.append((newcomer, mentor, "gone"))
            continue
        other = pool.mentors[pool.column_of[mentor]]
        found = obstacles(pool.newcomers[pool.row_of[newcomer]], other)
        if found:
            wrong.append((newcomer, mentor, found[0]))
        elif (newcomer, mentor) in forbidden:
            wrong.append((newcomer, mentor, "forbidden"))
        elif wanted[mentor] > other.free:
            wrong.append((newcomer, mentor, PLACE))
    if wrong:
        raise CannotPin(wrong)
    return [(pool.row_of[newcomer], pool.column_of[mentor]) for newcomer, mentor in sorted(pins.items())]


def _problem(
    pool: Pool, aim: str, pinned: list[tuple[int, int]], forbidden: Collection[tuple[int, int]]
) -> tuple[Problem, np.ndarray]:
    """What is left to solve beside the pins, and for each pair of it what its score is worth alone.

    One step more of coming first outweighs all the scores there can be: at most 80 million for 10,000 people, so that sums stay
    far below 2**53, where the solver's floating numbers are exact.
    """
    capacity = np.array([min(max(0, one.free), len(pool.newcomers)) for one in pool.mentors], dtype=np.int64)
    may = np.ones(len(pool.rows), dtype=bool)
    for row, column in pinned:
        capacity[column] -= 1
        may[pool.starts[row] : pool.starts[row + 1]] = False
    for newcomer, mentor in forbidden:
        number = pool.pair_of(newcomer, mentor)
        if number is not None:
            may[number] = False
    may &= capacity[pool.columns] > 0
    rows, points = pool.rows[may], UTILITIES[pool.totals[may]]
    step = 1 + len(pool.newcomers) * int(UTILITIES[-1])
    steps = pool.levels[rows].astype(np.int64) + (aim == MANY)
    return Problem(len(pool.newcomers), rows, pool.columns[may], points + step * steps, capacity), points


def _best(problem: Problem, tell: Progress) -> tuple[np.ndarray, np.ndarray]:
    """The best column of each row, or −1, and prices that prove it.

    Of many pairs only the promising ones are tried; the prices then tell which of the others somebody would rather have, and these
    join until there is none. So leaving pairs out costs nobody anything (column generation, Gilmore & Gomory 1961).
    """
    trying = _promising(problem)
    percent = 10
    while True:
        part = problem.only(trying)
        chosen = _assign(part)
        prices = lowest_prices(part, chosen)
        better = missed(problem, chosen, prices)
        percent += (80 - percent) // 2
        tell(percent)
        if not better.any():
            return chosen, prices
        trying |= better


def _promising(problem: Problem) -> np.ndarray:
    """The pairs to begin with: all of them, or the best of each row and of each column. One side alone would lose people."""
    if len(problem.rows) <= ALL_UP_TO:
        return np.ones(len(problem.rows), dtype=bool)
    found = np.zeros(len(problem.rows), dtype=bool)
    for side in (problem.rows, problem.columns):
        order = np.lexsort((-problem.worth, side))
        sides = side[order]
        rank = np.arange(len(order)) - np.searchsorted(sides, sides)
        found[order[rank < BEST]] = True
    return found


def _assign(problem: Problem) -> np.ndarray:
    """The column of each row, or −1, by shortest augmenting paths (Jonker & Volgenant 1987, as SciPy has it for sparse matrices).

    Each place is a column of its own, and each row has one more that stands for nobody, so that there always is a full matching.
    Costs are whole numbers from 1 on: an explicit 0 would count as no pair.
    """
    chosen = np.full(problem.count, -1)
    if not len(problem.rows):
        return chosen
    people, rows = np.unique(problem.rows, return_inverse=True)
    places = np.minimum(problem.capacity, np.bincount(problem.columns, minlength=len(problem.capacity)))
    ends = np.cumsum(places)
    times = places[problem.columns]
    pairs = np.repeat(np.arange(len(rows)), times)
    nth = np.arange(len(pairs)) - np.repeat(np.cumsum(times) - times, times)
    slots = (ends - places)[problem.columns[pairs]] + nth
    nobody = np.arange(len(people))
    dearest = int(problem.worth.max()) + 1
    costs = np.concatenate([dearest - problem.worth[pairs], np.full(len(people), dearest)]).astype(np.float64)
    where = (np.concatenate([rows[pairs], nobody]), np.concatenate([slots, ends[-1] + nobody]))
    taken, slot = min_weight_full_bipartite_matching(csr_array((costs, where), shape=(len(people), int(ends[-1]) + len(people))))
    real = slot < ends[-1]
    chosen[people[taken[real]]] = np.searchsorted(ends, slot[real], side="right")
    return chosen
