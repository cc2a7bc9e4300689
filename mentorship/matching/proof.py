"""What a place costs, and the proof that no better matching exists: prices that leave nobody and no mentor wanting another pair.

A matching and a set of prices that fit each other prove each other best (linear programming duality; for matchings Kuhn 1955,
Egerváry 1931): the worth of any matching is at most what all places and all gains add up to, and this one reaches it. Everything is
whole numbers, so “reaches” means equal. The proof does not know how the matching was found.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow


class NotOptimal(Exception):
    """The matching can't be proven best; it is not to be used."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Pairs that may be made: row r with column c is worth `worth`, a whole number above 0; column c has `capacity[c]` places.

    `rows`, `columns` and `worth` have one entry for each pair, in the order of (row, column).
    """

    count: int  # of rows
    rows: np.ndarray
    columns: np.ndarray
    worth: np.ndarray  # int64
    capacity: np.ndarray  # int64

    def only(self, pairs: np.ndarray) -> "Problem":
        """The same people with some of the pairs; `pairs` is a mask."""
        return Problem(self.count, self.rows[pairs], self.columns[pairs], self.worth[pairs], self.capacity)

    def worth_of(self, chosen: np.ndarray) -> np.ndarray:
        """What each row has: the worth of its pair with column `chosen[row]`, 0 for −1."""
        found = np.zeros(self.count, dtype=np.int64)
        theirs = chosen[self.rows] == self.columns
        found[self.rows[theirs]] = self.worth[theirs]
        return found


def lowest_prices(problem: Problem, chosen: np.ndarray, first_bids: np.ndarray | None = None) -> np.ndarray:
    """The lowest price of each column at which nobody would rather have another one: what one more place there would bring.

    `chosen` is the column of each row, or −1; whoever has none bids the whole worth of a pair, or `first_bids` (one for each pair).
    Longest paths by Bellman and Ford, all pairs at a time. Raises NotOptimal if prices rise for ever: then some can swap and gain.
    """
    has = problem.worth_of(chosen)
    served = chosen[problem.rows] >= 0
    bids = problem.worth if first_bids is None else first_bids
    prices = np.zeros(len(problem.capacity), dtype=np.int64)
    np.maximum.at(prices, problem.columns[~served], bids[~served])
    # Whoever leaves column a for b gains so much, and can bid that on top of what a costs.
    moving = np.flatnonzero(served & (chosen[problem.rows] != problem.columns))
    moving = moving[np.argsort(problem.columns[moving], kind="stable")]
    rows, targets = problem.rows[moving], problem.columns[moving]
    sources, gains = chosen[rows], problem.worth[moving] - has[rows]
    if not len(moving):
        return prices
    wanted, starts = np.unique(targets, return_index=True)
    for _round in range(len(prices) + 1):
        bid = np.maximum.reduceat(prices[sources] + gains, starts)
        if (bid <= prices[wanted]).all():
            return prices
        prices[wanted] = np.maximum(prices[wanted], bid)
    raise NotOptimal("Some could swap their mentors and all be better off.")


def gains_at(problem: Problem, chosen: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """What each row has beyond the price of its place."""
    served = chosen >= 0
    gains = problem.worth_of(chosen)
    gains[served] -= prices[chosen[served]]
    return gains


def missed(problem: Problem, chosen: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """Which pairs somebody would rather have at these prices: none, if the matching is the best of all these pairs."""
    return problem.worth - prices[problem.columns] > gains_at(problem, chosen, prices)[problem.rows]


def bound(problem: Problem, chosen: np.ndarray, prices: np.ndarray) -> int:
    """What no matching can exceed: all gains and the price of all places.

    Raises NotOptimal if the prices prove nothing: a pair somebody would rather have, a gain or a price below nothing, or a price
    for a place that nobody took; and if a column has more than its places.
    """
    gains = gains_at(problem, chosen, prices)
    taken = np.bincount(chosen[chosen >= 0], minlength=len(prices))
    if missed(problem, chosen, prices).any():
        raise NotOptimal("There is a pair that would be better.")
    if (gains < 0).any() or (prices < 0).any() or prices[taken < problem.capacity].any():
        raise NotOptimal("Somebody would rather have nobody, or a place is left that somebody wants.")
    if (taken > problem.capacity).any() or (problem.worth_of(chosen)[chosen >= 0] <= 0).any():
        raise NotOptimal("A mentor has more than they have places, or somebody whom something rules out.")
    return int(gains.sum() + (prices * problem.capacity).sum())


def most_served(problem: Problem) -> int:
    """How many could have a place if nothing but that counted: a maximum flow (Dinic), which knows nothing of worth or prices."""
    rows, columns = problem.count, len(problem.capacity)
    source, sink = 0, rows + columns + 1
    people, mentors = np.arange(1, rows + 1), np.arange(rows + 1, sink)
    tails = np.concatenate([np.zeros(rows, np.int32), problem.rows + 1, mentors])
    heads = np.concatenate([people, problem.columns + rows + 1, np.full(columns, sink)])
    ones = np.ones(rows + len(problem.rows), dtype=np.int32)
    widths = np.concatenate([ones, problem.capacity.astype(np.int32)])
    network = csr_array((widths, (tails, heads)), shape=(sink + 1, sink + 1), dtype=np.int32)
    return int(maximum_flow(network, source, sink).flow_value)


def next_in_line(problem: Problem, chosen: np.ndarray, prices: np.ndarray) -> dict[int, int]:
    """For each column that somebody waits for, the first row that would take one more place of it."""
    would_bid = problem.worth - gains_at(problem, chosen, prices)[problem.rows]
    price = prices[problem.columns]
    waits = np.flatnonzero((chosen[problem.rows] != problem.columns) & (price > 0) & (would_bid == price))
    columns, firsts = np.unique(problem.columns[waits], return_index=True)
    return dict(zip(columns.tolist(), problem.rows[waits[firsts]].tolist(), strict=True))
