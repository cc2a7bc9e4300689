"""Drafting a cohort: everybody who waits and every mentor, read from rows for `scoring.py`, matched, and written down as a draft.

Tags and kinds of help are numbered anew for each draft, by how many ask for them. As long as no more of them are asked for than
there are bits, no two share one, and what is ruled out is exact; beyond that each drafted pair is looked at again from its rows.

It may be stopped and begun again anywhere: all rows of a draft are written in one transaction, and only if nobody has pressed
again meanwhile. The solver is for the worker alone.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from community.tags.models import Tagged

from . import scoring
from .facts import APART, asked_by, offered_by
from .fields import HELPS, TAGS
from .models import Cohort, Mentor, NotAbout, Noted, Pairing, Request, Rule
from .models.requests import Without
from .scoring import Newcomer, Score

_PARTS = frozenset(scoring.PARTS)
_OF_A_REQUEST = ("pk", "user", "language_bits", "utc_hours", "struck", "shares", "flagged_at", "waiting_since")
_AS_IT_STANDS = (
    *("offset", "gender", "wished_gender", "most_important"),
    *("weigh_topics", "weigh_lived", "weigh_hours", "weigh_gender"),
)
_OF_A_MENTOR = (
    "pk",
    "language_bits",
    "utc_hours",
    "offset",
    "gender",
    "wished_gender",
    "free",
    "paused_at",
    "experienced_at",
    "shares",
)
_WRITTEN = ["mentor", "score", "parts", "rank", "eligible", "why", "stale"]
# What a draft tells of how it goes, in percent: before it is matched, and when that is done.
_READ, _MATCHED = 5, 90

Sets = dict[int, int]


@dataclass(frozen=True)
class People:
    """Newcomers and approved mentors as `scoring.py` wants them. Bit n stands for the n-th of `tags`, and of `helps`."""

    newcomers: tuple[Newcomer, ...]
    mentors: tuple[scoring.Mentor, ...]
    rarity: tuple[int, ...]
    tags: tuple[int, ...]
    helps: tuple[int, ...]

    @property
    def is_exact(self) -> bool:
        return len(self.tags) <= TAGS and len(self.helps) <= HELPS


def read(requests: QuerySet[Request]) -> People:
    """These requests, and everybody approved; those who rest have no place. Ten statements, whatever the number of people."""
    rows = list(requests.order_by("pk").values(*_OF_A_REQUEST, *_AS_IT_STANDS))
    keys = [row["pk"] for row in rows]
    asked = _pairs(Tagged.objects.filter(content_type=_kind(Request), object_id__in=keys), "object_id", "tag")
    unwanted = _pairs(Without.objects.filter(request__in=keys), "request", "tag")
    wanted = _pairs(Request.helps.through.objects.filter(request__in=keys), "request", "help")
    tags, helps = _numbered([*asked, *unwanted]), _numbered(wanted)
    lived, without, topics = _sets(asked, tags, TAGS), _sets(unwanted, tags, TAGS), _sets(wanted, helps, HELPS)
    named = _groups(_pairs(Noted.objects.filter(request__in=keys, how=Noted.How.SAVED), "request", "mentor"))
    apart, now = _groups(_apart(keys)), timezone.now()
    newcomers = tuple(
        Newcomer(
            key=(key := row["pk"]),
            person=row["user"],
            topics=topics.get(key, 0),
            lived=lived.get(key, 0),
            without=without.get(key, 0),
            languages=row["language_bits"],
            hours=row["utc_hours"],
            **{name: row[name] for name in _AS_IT_STANDS},
            named=named.get(key, frozenset()),
            apart=apart.get(key, frozenset()),
            struck=frozenset(_renumbered(row["struck"], tag=tags, help=helps)),
            kept=_PARTS - set(row["shares"]),
            flagged=row["flagged_at"] is not None,
            waited=max(0, (now - row["waiting_since"]).days),
        )
        for row in rows
    )
    return People(newcomers, _mentors(tags, helps), _rarity(tags), tuple(tags), tuple(helps))


def _mentors(tags: Mapping[int, int], helps: Mapping[int, int]) -> tuple[scoring.Mentor, ...]:
    """Everybody approved, as far as it is asked for."""
    rows = list(Mentor.objects.approved().order_by("pk").values(*_OF_A_MENTOR))
    keys = [row["pk"] for row in rows]
    carried = Tagged.objects.filter(content_type=_kind(Mentor), object_id__in=keys, tag__in=list(tags))
    lived = _sets(_pairs(carried, "object_id", "tag"), tags, TAGS)
    limits = NotAbout.objects.filter(mentor__in=keys, tag__in=list(tags))
    not_about = _sets(_pairs(limits, "mentor", "tag"), tags, TAGS)
    offered = Mentor.helps.through.objects.filter(mentor__in=keys, help__in=list(helps))
    topics = _sets(_pairs(offered, "mentor", "help"), helps, HELPS)
    return tuple(
        scoring.Mentor(
            key=(key := row["pk"]),
            topics=topics.get(key, 0),
            lived=lived.get(key, 0),
            not_about=not_about.get(key, 0),
            languages=row["language_bits"],
            hours=row["utc_hours"],
            offset=row["offset"],
            gender=row["gender"],
            wished_gender=row["wished_gender"],
            free=0 if row["paused_at"] else row["free"],
            trained=row["experienced_at"] is not None,
            kept=_PARTS - set(row["shares"]),
        )
        for row in rows
    )


def _rarity(tags: Mapping[int, int]) -> tuple[int, ...]:
    """What each tag weighs, counted among all mentors, as for somebody who looks alone."""
    counts = [0] * TAGS
    if tags:
        carried = Tagged.objects.filter(tag__in=list(tags), content_type=_kind(Mentor))
        for tag, count in carried.values_list("tag").annotate(Count("pk")):
            counts[tags[tag] % TAGS] += count
    return scoring.rarities_of(counts, Mentor.objects.approved().count() if tags else 0)


def _apart(keys: list[int]) -> list[tuple[int, int]]:
    """Who is never brought to whom."""
    apart = APART % {"me": "r.user_id", "request": "r.id"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, a.* FROM mentorship_request r CROSS JOIN LATERAL ({apart}) AS a WHERE r.id = ANY(%s)",  # noqa: S608
            [keys],
        )
        return cursor.fetchall()


def _kind(model: type) -> ContentType:
    return ContentType.objects.get_for_model(model)


def _pairs(rows: QuerySet, *names: str) -> list[tuple[int, int]]:
    return list(rows.order_by().values_list(*names))


def _numbered(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """A number for each key, those that most ask for first: if any have to share a bit, it is the rare ones."""
    counts = Counter(key for _owner, key in pairs)
    return {key: number for number, (key, _count) in enumerate(sorted(counts.items(), key=lambda one: (-one[1], one[0])))}


def _sets(pairs: Iterable[tuple[int, int]], number_of: Mapping[int, int], width: int) -> Sets:
    found: Sets = {}
    for owner, key in pairs:
        found[owner] = found.get(owner, 0) | 1 << (number_of[key] % width)
    return found


def _groups(pairs: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for owner, key in pairs:
        found.setdefault(owner, set()).add(key)
    return {owner: frozenset(keys) for owner, keys in found.items()}


def _renumbered(struck: Iterable[str], **numbers_of: Mapping[int, int]) -> Iterable[str]:
    """Facts by the numbers of this draft in place of keys; what nobody asks for any more is left out."""
    for fact in struck:
        kind, _colon, key = fact.partition(":")
        if not key:
            yield fact
        elif key.isascii() and key.isdecimal() and int(key) in numbers_of.get(kind, {}):
            yield f"{kind}:{numbers_of[kind][int(key)]}"


# One newcomer, in the web process: no solver ---------------------------------------------------


@dataclass(frozen=True)
class Option:
    """A mentor who could be brought to somebody, and the place among all of them."""

    mentor: int
    score: Score
    rank: int


@dataclass(frozen=True)
class Options:
    """Everybody who could be brought to somebody, the best first; and how many mentors are left after each of `scoring.STEPS`."""

    found: tuple[Option, ...]
    mentors: int
    left: dict[str, int]
    opens: dict[str, int]

    def of(self, mentor: int) -> Option | None:
        return next((option for option in self.found if option.mentor == mentor), None)


def options(request: Request) -> Options:
    """Whom this newcomer could have, as a draft ranks them."""
    people = read(Request.objects.filter(pk=request.pk))
    newcomer = people.newcomers[0]
    scored, left, opens = [], dict.fromkeys(scoring.STEPS, 0), dict.fromkeys(scoring.STEPS, 0)
    for mentor in people.mentors:
        against = scoring.obstacles(newcomer, mentor)
        for step in scoring.STEPS:
            if step in against:
                opens[step] += len(against) == 1
                break
            left[step] += 1
        if not against:
            scored.append((mentor.key, scoring.score(newcomer, mentor, people.rarity)))
    # Of two alike the lower key is first.
    scored.sort(key=lambda one: (-one[1].total, one[0]))
    return Options(tuple(Option(key, score, rank) for rank, (key, score) in enumerate(scored, 1)), len(people.mentors), left, opens)


# A draft, in the worker ------------------------------------------------------------------------


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


# Why it can't be, in words for coordinators -------------------------------------------------------


def against(step: str) -> str:
    """Why two can't be brought together. What is between two people is theirs, so nothing is said of it."""
    return {
        "gone": _("One of the two is not to be had any more: the search is over, a question is open, or the mentor has stopped."),
        "forbidden": _("You don’t want them together."),
        scoring.APART: _("These two can’t be brought together."),
        scoring.LANGUAGE: _("They share no language."),
        scoring.TOPICS: _("The mentor does not offer the help that it has to be."),
        scoring.LIVED: _("The mentor has not been through what it has to be."),
        scoring.HOURS: _("They are not free at the same time often enough."),
        scoring.WISHES: _("Something that the newcomer wishes for rules it out."),
        scoring.LIMITS: _("Something that the mentor wishes for rules it out."),
        scoring.TRAINING: _("The newcomer needs somebody who is trained for harder stories."),
        scoring.PLACE: _("The mentor rests, or has no place free just now."),
    }[step]


def unpinned(step: str) -> str:
    return _("You wanted somebody else for them, and that can’t be: %(why)s") % {"why": against(step)}
