"""Everybody who waits against every mentor: who may meet whom, and how well they suit each other, for thousands at once.

Sets become matrices of 0 and 1, so that “how many have they in common” is a matrix product. All that is added up stays below 2**24,
where float32 is exact, and everything else is whole numbers: totals are those of `scoring.score`, to the last point.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mentorship import scoring
from mentorship.fields import HELPS, HOURS, LANGUAGES, TAGS
from mentorship.scoring import Mentor, Newcomer

Progress = Callable[[int], None]
# Newcomers compared with every mentor at once: a few MB of whole numbers for 2,000 mentors.
AT_ONCE = 512
LONG = 30  # days of waiting
# What somebody can say of themselves; the same words as `models.Gender`.
GENDERS = ("", "woman", "man", "other")
UNSAID = 0

# Who comes before others when there is not a place for everybody. Each outweighs all below it: served in this order nobody fewer is
# served, since the sets of people who can all be served are a transversal matroid (Edmonds & Fulkerson 1965). The order is a
# judgement.
HARD, FLAGGED, WAITED = 4, 2, 1


@dataclass(frozen=True, eq=False)
class Pool:
    """Newcomers and mentors in the order of their keys, and the pairs that may meet.

    Pair e is newcomer `rows[e]` with mentor `columns[e]`, in that order, with a score of `totals[e]` points; `eligible[r]` counts
    the pairs of newcomer r, and `levels[r]` says why they come before others (`HARD`, `FLAGGED` and `WAITED` added up).
    """

    newcomers: tuple[Newcomer, ...]
    mentors: tuple[Mentor, ...]
    rarity: Sequence[int]
    rows: np.ndarray  # int32
    columns: np.ndarray  # int32
    totals: np.ndarray  # int16
    starts: np.ndarray  # int64: the pairs of newcomer r are those from starts[r] to starts[r + 1]
    eligible: np.ndarray  # int32
    levels: np.ndarray  # int8
    row_of: Mapping[int, int]
    column_of: Mapping[int, int]

    def pair_of(self, newcomer: int, mentor: int) -> int | None:
        """The number of the pair with these keys, None if one is not here or something rules it out."""
        if newcomer not in self.row_of or mentor not in self.column_of:
            return None
        return self.pair(self.row_of[newcomer], self.column_of[mentor])

    def pair(self, row: int, column: int) -> int | None:
        """The number of the pair at these places, None if something rules it out."""
        first, end = self.starts[row : row + 2].tolist()
        number = first + int(self.columns[first:end].searchsorted(np.int32(column)))
        return number if number < end and self.columns[number] == column else None


def gather(
    newcomers: Iterable[Newcomer],
    mentors: Iterable[Mentor],
    rarity: Sequence[int] | None = None,
    *,
    progress: Progress | None = None,
) -> Pool:
    """Score everybody against everybody. `rarity` is counted from these mentors if it is not given; `progress` hears 0 to 100.

    Raises ValueError if two newcomers or two mentors have the same key.
    """
    rows, columns = tuple(sorted(newcomers, key=lambda one: one.key)), tuple(sorted(mentors, key=lambda one: one.key))
    row_of = {one.key: place for place, one in enumerate(rows)}
    column_of = {one.key: place for place, one in enumerate(columns)}
    if len(row_of) < len(rows) or len(column_of) < len(columns):
        raise ValueError("Everybody has a key of their own.")
    rarity = scoring.rarities(one.lived for one in columns) if rarity is None else rarity
    found: list[tuple[Any, Any, Any]] = []
    for block in blocks(rows, columns, rarity):
        may = block.may()
        one, other = np.nonzero(may)
        found.append(((one + block.first).astype(np.int32), other.astype(np.int32), block.totals()[may].astype(np.int16)))
        if progress:
            progress(100 * (block.first + len(may)) // len(rows))
    first, second, totals = (
        np.concatenate([np.empty(0, kind), *(part[place] for part in found)]).astype(kind)
        for place, kind in enumerate((np.int32, np.int32, np.int16))
    )
    eligible = np.bincount(first, minlength=len(rows)).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(eligible)])
    return Pool(rows, columns, rarity, first, second, totals, starts, eligible, _levels(rows, eligible), row_of, column_of)


def _levels(newcomers: Sequence[Newcomer], eligible: np.ndarray) -> np.ndarray:
    """Hard to match is the tenth with the fewest mentors, of those who have any; of two alike, who waits longer."""
    levels = np.array([FLAGGED * one.flagged + WAITED * (one.waited > LONG) for one in newcomers], dtype=np.int8)
    some = [row for row in range(len(newcomers)) if eligible[row]]
    some.sort(key=lambda row: (eligible[row], -newcomers[row].waited, newcomers[row].key))
    for row in some[: -(-len(some) // 10)]:
        levels[row] += HARD
    return levels


def blocks(newcomers: Sequence[Newcomer], mentors: Sequence[Mentor], rarity: Sequence[int]) -> "Iterator[Block]":
    """These newcomers against these mentors, `AT_ONCE` of them at a time."""
    if mentors:
        sides = _Mentors(mentors)
        for first in range(0, len(newcomers), AT_ONCE):
            yield Block(newcomers[first : first + AT_ONCE], sides, rarity, first)


def bit_matrix(sets: Sequence[int], width: int) -> np.ndarray:
    """Sets as float32 of shape (sets, width), 1 where the bit is there."""
    packed = b"".join(one.to_bytes(width // 8, "little") for one in sets)
    matrix = np.frombuffer(packed, np.uint8).reshape(len(sets), width // 8)
    return np.unpackbits(matrix, axis=1, bitorder="little").astype(np.float32)


def _code(gender: str) -> int:
    """A small number for each thing that can be said; raises ValueError for anything else."""
    return GENDERS.index(gender)


class _Mentors:
    """The mentors as matrices, made once; of the tags only those that any mentor carries or does not want to be brought for."""

    def __init__(self, mentors: Sequence[Mentor]) -> None:
        self.column_of = {one.key: place for place, one in enumerate(mentors)}
        lived, not_about = (bit_matrix([one.lived for one in mentors], TAGS), bit_matrix([one.not_about for one in mentors], TAGS))
        self.known = np.flatnonzero(lived.any(axis=0) | not_about.any(axis=0))
        self.lived, self.not_about = lived[:, self.known].T, not_about[:, self.known].T
        self.topics = bit_matrix([one.topics for one in mentors], HELPS).T
        self.languages = bit_matrix([one.languages for one in mentors], LANGUAGES).T
        self.hours = bit_matrix([one.hours for one in mentors], HOURS).T
        self.offset = np.array([one.offset for one in mentors], dtype=np.int32)
        self.gender = np.array([_code(one.gender) for one in mentors], dtype=np.int8)
        self.wished_gender = np.array([_code(one.wished_gender) for one in mentors], dtype=np.int8)
        self.trained = np.array([one.trained for one in mentors], dtype=bool)
        self.free = np.array([one.free > 0 for one in mentors], dtype=bool)
        self.tells = {part: np.array([part not in one.kept for one in mentors], dtype=bool) for part in scoring.PARTS}


class Block:
    """Some newcomers against all mentors; every matrix has the shape (newcomers, mentors)."""

    def __init__(self, newcomers: Sequence[Newcomer], mentors: _Mentors, rarity: Sequence[int], first: int) -> None:
        self.newcomers, self.mentors, self.first = newcomers, mentors, first
        self.rarity = np.array(rarity, dtype=np.float32)
        self.topics = self._common([one.asked_topics for one in newcomers], HELPS, mentors.topics)
        self.languages = self._common([one.languages for one in newcomers], LANGUAGES, mentors.languages)
        self.hours = self._common([one.hours for one in newcomers], HOURS, mentors.hours)
        self.asked_lived = bit_matrix([one.asked_lived for one in newcomers], TAGS) * self.rarity
        self.lived = (self.asked_lived[:, mentors.known] @ mentors.lived).astype(np.int32)

    @staticmethod
    def _common(sets: Sequence[int], width: int, others: np.ndarray) -> np.ndarray:
        return (bit_matrix(sets, width) @ others).astype(np.int32)

    def _column(self, values: Iterable[Any], kind: Any = np.int32) -> np.ndarray:
        return np.array(list(values), dtype=kind)[:, None]

    def _named(self, names: Iterable[Iterable[int]]) -> np.ndarray:
        """Where a newcomer names a mentor."""
        found = np.zeros(self.hours.shape, dtype=bool)
        for row, keys in enumerate(names):
            for key in keys:
                if (column := self.mentors.column_of.get(key)) is not None:
                    found[row, column] = True
        return found

    def steps(self) -> dict[str, np.ndarray]:
        """For each of `scoring.STEPS` whether it lets the pair through; what `scoring.obstacles` says of one pair."""
        people, mentors = self.newcomers, self.mentors
        must = scoring.MUST
        free_topics = self._column((one.weigh_topics != must or not one.asked_topics for one in people), bool)
        free_lived = self._column((one.weigh_lived != must or not one.asked_lived for one in people), bool)
        without = bit_matrix([one.without for one in people], TAGS)[:, mentors.known] @ mentors.lived
        brought = bit_matrix([one.lived for one in people], TAGS)[:, mentors.known] @ mentors.not_about
        wished = self._column(_code(one.wished_gender if one.must_gender else "") for one in people)
        said = self._column(_code(one.gender) for one in people)
        return {
            scoring.APART: ~self._named({*one.apart, one.person} for one in people),
            scoring.LANGUAGE: self.languages > 0,
            scoring.TOPICS: free_topics | (self.topics > 0),
            scoring.LIVED: free_lived | (self.lived > 0),
            scoring.HOURS: self.hours >= self._column(one.least_hours for one in people),
            scoring.WISHES: (without == 0) & ((wished == UNSAID) | (wished == mentors.gender)),
            scoring.LIMITS: (brought == 0) & ((mentors.wished_gender == UNSAID) | (mentors.wished_gender == said)),
            scoring.TRAINING: mentors.trained | ~self._column((one.flagged for one in people), bool),
            scoring.PLACE: np.broadcast_to(mentors.free, self.hours.shape),
        }

    def may(self) -> np.ndarray:
        """Whether nothing rules the pair out."""
        return np.logical_and.reduce(list(self.steps().values()))

    def totals(self) -> np.ndarray:
        """The score of each pair, as `scoring.score` has it."""
        people, mentors = self.newcomers, self.mentors
        most = [scoring.weights(one) for one in people]
        shares = scoring.SHARES
        soft = self._column(_code(one.wished_gender if one.soft_gender else "") for one in people)
        named = self._column(bool(one.asked_named) for one in people)
        wishes = named * shares[scoring.NAMED] + (soft != UNSAID) * shares[scoring.GENDER]
        met = self._named(one.asked_named for one in people) * shares[scoring.NAMED]
        met = met + ((soft != UNSAID) & (soft == mentors.gender)) * shares[scoring.GENDER]
        apart = np.abs(self._column(one.offset for one in people) - mentors.offset) % scoring.DAY
        near = np.maximum(0, scoring.FAR - np.minimum(apart, scoring.DAY - apart))
        parts = {
            scoring.TOPICS: (self.topics, self._column(one.asked_topics.bit_count() for one in people)),
            scoring.LIVED: (self.lived, self.asked_lived.sum(axis=1, dtype=np.float64).astype(np.int32)[:, None]),
            scoring.HOURS: (np.minimum(self.hours, scoring.FULL_HOURS), scoring.FULL_HOURS),
            scoring.WISH: (met, wishes),
            scoring.NEARNESS: (near, scoring.FAR),
            scoring.LANGUAGE: (self.languages > 1, 1),
        }
        found = np.zeros(self.hours.shape, dtype=np.int32)
        for part, (got, of) in parts.items():
            points = (self._column(one[part] for one in most) * got // np.maximum(of, 1)).astype(np.int32)
            found += points * mentors.tells[part]
        return found
