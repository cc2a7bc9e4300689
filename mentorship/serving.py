"""Whom else a mentor's place would serve: what a coordinator weighs before they bring one newcomer to it."""

from collections.abc import Collection
from typing import Any, NamedTuple

from . import scoring
from .models import Mentor, Request, waiting
from .people import read

# A mentor is among the best for somebody with such a rank; so many are named for each mentor.
AMONG_BEST, NAMED = 5, 5
# About so many pairs are looked at, those of whoever has waited longest; at least so many of those who wait, and at most.
_PAIRS, _MOST, _LEAST = 20_000, 60, 3


class Served(NamedTuple):
    """Somebody else who waits, and the place that this mentor has among all whom they could have."""

    name: str
    rank: int
    eligible: int


def others_served(request: Request, mentors: Collection[int], *, viewer: Any) -> dict[int, list[Served]]:
    """By the keys of these mentors: others who wait and for whom they are among the best, the hardest to match first.

    Of all who wait, those who have waited longest, so that it takes its time and no more. Nobody is told of their own.
    """
    there = max(1, Mentor.objects.approved().count())
    most = max(_LEAST, min(_MOST, _PAIRS // there))
    others = waiting().exclude(pk=request.pk).exclude(user=viewer.pk)
    names = dict(others.longest_waiting().values_list("pk", "user__username")[:most])
    if not names or not mentors:
        return {}
    people = read(Request.objects.filter(pk__in=names))
    found: dict[int, list[Served]] = {key: [] for key in mentors if key != viewer.pk}
    for newcomer in people.newcomers:
        for mentor, rank, eligible in _best(newcomer, people.mentors, people.rarity):
            if mentor in found:
                found[mentor].append(Served(names[newcomer.key], rank, eligible))
    order = {name: number for number, name in enumerate(names.values())}
    return {key: sorted(served, key=lambda one: (one.eligible, order[one.name]))[:NAMED] for key, served in found.items()}


def _best(newcomer: scoring.Newcomer, mentors: Collection[scoring.Mentor], rarity: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """The keys of the best for somebody, with the rank and how many there are in all; ranked as in a draft."""
    totals = [
        (-scoring.score(newcomer, mentor, rarity).total, mentor.key)
        for mentor in mentors
        if not scoring.obstacles(newcomer, mentor)
    ]
    best = sorted(totals)[:AMONG_BEST]
    return [(key, rank, len(totals)) for rank, (_total, key) in enumerate(best, 1)]
