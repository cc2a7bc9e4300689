"""Drafting a cohort: everybody who waits and every mentor (`people.py`), matched, and written down as a draft.

Where more is asked for than there are bits, each drafted pair is looked at again from its rows.

It may be stopped and begun again anywhere: all rows of a draft are written in one transaction, and only if nobody has pressed
again meanwhile. The solver is for the worker alone.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from . import scoring
from .counted import unpinned
from .facts import asked_by, offered_by
from .models import Cohort, Mentor, Pairing, Request, Rule
from .people import People, read

_WRITTEN = ["mentor", "score", "parts", "rank", "eligible", "why", "stale"]
# What a draft tells of how it goes, in percent: before it is matched, and when that is done.
_READ, _MATCHED = 5, 90


def draft(cohort_id: int) -> None:
    """Work a draft out, and write it down; nothing if that is done already, or somebody has pressed again meanwhile."""
    from . import matching  # noqa: PLC0415 half a second and 50 MB, for the worker alone

    cohort = Cohort.objects.filter(pk=cohort_id, solving_at__isnull=False).first()
    if cohort is None:
        return
    tell = _Progress(cohort)
    people = read(cohort.requests())
    tell(_READ)
    pool = matching.gather(people.newcomers, people.mentors, people.rarity, progress=tell.between(_READ, 45))
    pins, forbidden = wishes(cohort)
    found, dropped = _solved(matching, people, pool, cohort.aim, pins, forbidden, tell.between(45, 70))
    other_aim = matching.FIT if cohort.aim == matching.MANY else matching.MANY
    other, _dropped = _solved(matching, people, pool, other_aim, pins, forbidden, tell.between(70, _MATCHED))
    rows = [_pairing(cohort, row, dropped) for row in matching.explain(pool, found)]
    certificate = {
        "aims": {each.aim: _figures(matching, pool, each) for each in (found, other)},
        "waiting": len(pool.newcomers),
        "mentors": len(pool.mentors),
        "places": sum(max(0, mentor.free) for mentor in pool.mentors),
        "prices": {str(key): price for key, price in found.prices.items() if price},
        "sought": _sought(people, matching.sought(pool, found)),
    }
    _write(cohort, rows, certificate)


def wishes(cohort: Cohort) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """The mentor whom each is to have, and pairs that are not to be."""
    rules = list(cohort.rules.values_list("kind", "request", "mentor"))
    pins = {request: mentor for kind, request, mentor in rules if kind == Rule.Kind.PIN}
    return pins, {(request, mentor) for kind, request, mentor in rules if kind == Rule.Kind.FORBID}


def _solved(
    matching: Any,
    people: People,
    pool: Any,
    aim: str,
    pins: Mapping[int, int],
    forbidden: Collection[tuple[int, int]],
    tell: Callable[[int], None] | None = None,
) -> tuple[Any, dict[int, str]]:
    """The best matching; and why pins can't be honoured any more, by their newcomers."""
    pins, forbidden, dropped = {key: to for key, to in pins.items() if key in pool.row_of}, set(forbidden), {}
    while True:
        try:
            found = matching.solve(pool, aim=aim, pins=pins, forbidden=forbidden, progress=tell)
        except matching.CannotPin as reason:
            for newcomer, _mentor, why in reason.pairs:
                dropped[newcomer] = why
                pins.pop(newcomer, None)
            continue
        wrong = set() if people.is_exact else _ruled_out(found.pairs)
        if not wrong:
            return found, dropped
        forbidden |= wrong
        pins = {key: to for key, to in pins.items() if (key, to) not in wrong}


def _ruled_out(pairs: Iterable[Any]) -> set[tuple[int, int]]:
    """Those of these pairs that only bits have let through."""
    found = set()
    for pair in pairs:
        asked = asked_by(Request.objects.get(pk=pair.newcomer))
        mentor = Mentor.objects.get(pk=pair.mentor)
        if scoring.obstacles(asked.newcomer, offered_by([mentor], asked)[mentor.pk]):
            found.add((pair.newcomer, pair.mentor))
    return found


def _pairing(cohort: Cohort, row: Any, dropped: Mapping[int, str]) -> Pairing:
    why: dict[str, Any] = {
        "level": row.level,
        "next": row.next_in_line,
        "ahead": [[each.mentor, each.holders, each.fewest] for each in row.ahead],
    }
    if row.funnel:
        why |= {"left": dict(row.funnel.left), "opens": dict(row.funnel.opens), "relaxation": row.funnel.relaxation}
    return Pairing(
        cohort=cohort,
        request_id=row.newcomer,
        mentor_id=row.mentor,
        score=row.score.total if row.score else None,
        parts=row.score.points if row.score else {},
        rank=row.rank,
        eligible=row.eligible,
        why=why,
        stale=unpinned(dropped[row.newcomer]) if row.newcomer in dropped else "",
    )


def _figures(matching: Any, pool: Any, found: Any) -> dict[str, Any]:
    """What one aim comes to."""
    served = found.columns >= 0
    groups = {"hard": matching.HARD, "waited": matching.WAITED, "flagged": matching.FLAGGED}
    of = {name: (pool.levels & level) > 0 for name, level in groups.items()}
    certificate = found.certificate
    return {
        "served": certificate.served,
        "served_bound": certificate.served_bound,
        "points": certificate.points,
        "gap": certificate.gap,
        **{name: [int(served[rows].sum()), int(rows.sum())] for name, rows in of.items()},
    }


def _sought(people: People, found: Mapping[str, Any]) -> dict[str, list[list[int]]]:
    """Whom to look for, by the keys of tags and kinds of help; numbers only."""
    keys = {scoring.LIVED: people.tags, scoring.TOPICS: people.helps}
    return {
        kind: [
            [keys[kind][each.number] if kind in keys else each.number, each.price, each.places, each.waiting] for each in scarcest
        ]
        for kind, scarcest in found.items()
    }


@transaction.atomic
def _write(cohort: Cohort, rows: list[Pairing], certificate: dict[str, Any]) -> None:
    fresh = Cohort.objects.select_for_update(of=("self",)).filter(pk=cohort.pk).first()
    if fresh is None or fresh.solving_at != cohort.solving_at:
        return
    Pairing.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["cohort", "request"], update_fields=_WRITTEN
    )
    gone = fresh.pairings.filter(match=None, left_out_at=None)
    gone.exclude(request__in=[row.request_id for row in rows]).delete()
    fresh.certificate, fresh.solved_at, fresh.solving_at, fresh.progress = certificate, timezone.now(), None, 100
    fresh.save(update_fields=["certificate", "solved_at", "solving_at", "progress"])


class _Progress:
    """How far a draft is, told every few percent, and only while it is wanted."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort, self.told = cohort, 0

    def __call__(self, percent: int) -> None:
        if percent >= self.told + 5:
            self.told = percent
            Cohort.objects.filter(pk=self.cohort.pk, solving_at=self.cohort.solving_at).update(progress=percent)

    def between(self, first: int, last: int) -> Callable[[int], None]:
        return lambda percent: self(first + (last - first) * percent // 100)


def weigh(pairing_id: int, mentor_id: int) -> None:
    """What it would cost others if these two were together, kept with the row."""
    from . import matching  # noqa: PLC0415 half a second and 50 MB, for the worker alone

    pairing = Pairing.objects.filter(pk=pairing_id, match=None).select_related("cohort").first()
    if pairing is None:
        return
    people = read(pairing.cohort.requests())
    pool = matching.gather(people.newcomers, people.mentors, people.rarity)
    pins, forbidden = wishes(pairing.cohort)
    found, _dropped = _solved(matching, people, pool, pairing.cohort.aim, pins, forbidden - {(pairing.request_id, mentor_id)})
    try:
        cost = matching.cost_of_pin(pool, found, pairing.request_id, mentor_id)
    except matching.CannotPin as reason:
        told: dict[str, Any] = {"cannot": reason.pairs[0][2]}
    else:
        told = {"served": cost.served, "points": cost.points}
        told |= {"moved": list(cost.moved), "lost": list(cost.lost), "gained": list(cost.gained)}
    with transaction.atomic():
        fresh = Pairing.objects.select_for_update(of=("self",)).filter(pk=pairing_id).first()
        if fresh is None:
            return
        fresh.why = fresh.why | {"costs": fresh.why.get("costs", {}) | {str(mentor_id): told}}
        fresh.save(update_fields=["why"])
