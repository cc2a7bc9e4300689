"""Which mentors are shown to somebody who looks: one SQL statement over bits, and its best fifty looked at again from the rows.

What rules a pair out stands in the statement, so it can't be forgotten by whoever shows the result. The score there is the one of
`scoring.py`, worked out in the same whole numbers; a part that either of the two does not share counts for nothing, so every point
can be told.

Nobody is to be everyone's top mentor (congestion). Shown are the best by `utility(score) - price - load - chance`:

* `Mentor.price` is what a place of theirs is worth to others, from the last cohort: to steer each arrival by such prices served
  over 98 % of what hindsight could, and less than 90 % without (Bansak & Paulson, arXiv 2007.03069; the Annie Moore software).
* the load is up to LOAD points for places that are held, or that a question is open for: mentors are brought only as often as they
  have room (the rule of Together's self-matching, help.togetherplatform.com 40469378522131), and the emptier ones first.
* up to CHANCE points differ for each pair, always the same for one pair: of mentors who suit about equally well, each newcomer is
  shown others first.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import F
from django.utils import timezone

from community.prepared import Prepared, key_array
from community.tags.models import Tag

from . import scoring
from .facts import APART, BLOCKED, Asked, asked_by, offered_by, shared
from .fields import HELPS, HOURS, LANGUAGES, TAGS, bits
from .models import Mentor, Request, Weight
from .scoring import FULL_HOURS

SHOWN, SURVIVORS = 4, 50
LOAD, CHANCE = 60, 24

# The ways in which somebody may be ruled out, in the order in which they are told. Each is a condition in SQL.
STEPS = ("language", "topics", "lived", "hours", "without", "limits", "gender", "wish", "training", "apart", "place")
# What whoever looks can change, if that opens more mentors.
RELAXED = ("topics", "lived", "hours", "without", "gender")


@dataclass(frozen=True)
class Suggestion:
    """A mentor for somebody, with the score and the place among all who could be shown."""

    asked: Asked
    mentor: Mentor
    offer: scoring.Mentor
    score: scoring.Score
    rank: int
    eligible: int
    is_saved: bool


@dataclass(frozen=True)
class Funnel:
    """How many mentors there are, and how many of them are left after each of STEPS."""

    mentors: int
    left: dict[str, int]
    # How many could be shown if this one thing were not asked for.
    without: dict[str, int]

    @property
    def eligible(self) -> int:
        return self.left[STEPS[-1]]

    @property
    def best_relaxation(self) -> str:
        """The one thing to ask less of that opens most mentors; empty if none does."""
        best = max(RELAXED, key=lambda step: self.without[step])
        return best if self.without[best] > self.eligible else ""


def suggestions(asked: Asked | Request, *, most: int = SHOWN) -> list[Suggestion]:
    """The best few, and those kept in mind, in the order of the congestion rule."""
    asked = whole(asked)
    found = _checked(asked, _survivors(asked))
    best = [each for each in found if not each.is_saved][:most]
    return [each for each in found if each.is_saved or each in best]


def whole(asked: Asked | Request) -> Asked:
    """What a request asks for, read from the rows unless that was done before."""
    return asked_by(asked) if isinstance(asked, Request) else asked


def suggestion_of(request: Request, mentor: Mentor) -> Suggestion | None:
    """The one with this mentor, if they could be shown."""
    asked = asked_by(request)
    return next(iter(_checked(asked, _survivors(asked, only=mentor.pk))), None)


def _survivors(asked: Asked, *, only: int | None = None) -> list[tuple[int, int, int, int]]:
    """Keys, ranks, how many there are and totals, the best first; one statement. Bits may have let through somebody too many."""
    conditions, values = _conditions(asked)
    total = _total(asked, values)
    values |= {"named": list(asked.named), "only": only, "survivors": SURVIVORS}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT user_id, place, eligible, total FROM (
                SELECT user_id, total, row_number() OVER (ORDER BY {_ORDER}, user_id) AS place, count(*) OVER () AS eligible FROM (
                    SELECT m.user_id, m.price, m.capacity, m.free, {total} AS total
                    FROM mentorship_mentor m WHERE {_APPROVED} AND {" AND ".join(f"({each})" for each in conditions.values())}
                ) AS may
            ) AS ranked
            WHERE (%(only)s::bigint IS NULL OR user_id = %(only)s)
            ORDER BY user_id = ANY(%(named)s::bigint[]) DESC, place LIMIT %(survivors)s
            """,  # noqa: S608
            values,
        )
        return cursor.fetchall()


def _checked(asked: Asked, rows: list[tuple[int, int, int, int]]) -> list[Suggestion]:
    """Those of these that also the rows let through, with their exact scores, in order."""
    keys = [row[0] for row in rows]
    with_a_place = _with_a_place.rows(None, timezone.localdate(), keys=key_array(keys)) if keys else []
    mentors = {mentor.pk: mentor for mentor in with_a_place}
    offers = offered_by(mentors.values(), asked)
    found = []
    for key, rank, eligible, _points in rows:
        if key in mentors and not scoring.obstacles(asked.newcomer, offers[key]):
            score = shared(scoring.score(asked.scored, offers[key], asked.rarity), mentors[key])
            found.append(Suggestion(asked, mentors[key], offers[key], score, rank, eligible, key in asked.named))
    return sorted(found, key=lambda each: each.rank)


# What is only for finding, and long.
_BITS = ("tag_bits", "not_bits", "help_bits", "hours")
_with_a_place = Prepared(
    lambda _viewer, keys: (
        Mentor.objects.listed()
        .filter(pk__among=keys)
        .select_related("user__profile__avatar")
        .defer("user__profile__avatar__image", *_BITS)
    ),
    keys=list,
)

# The statement -----------------------------------------------------------------------------

_APPROVED = "m.approved_until >= %(today)s AND m.stood_down_at IS NULL"


def _conditions(asked: Asked) -> tuple[dict[str, str], dict[str, Any]]:
    """What a mentor has to be, by STEPS, and the values that it takes; what always holds is just TRUE."""
    newcomer, request = asked.newcomer, asked.request
    wanted, unwanted = _keys(asked, newcomer.lived), _keys(asked, newcomer.without)
    values = {
        "today": timezone.localdate(),
        "me": request.user_id,
        "request": request.pk,
        "languages": _set(newcomer.languages, LANGUAGES),
        "hours": _set(newcomer.hours, HOURS),
        "least_hours": newcomer.least_hours,
        "topics": _set(bits((asked.helps[n].pk for n in scoring.numbers(newcomer.asked_topics)), HELPS), HELPS),
        "lived": _set(bits(_keys(asked, newcomer.asked_lived), TAGS), TAGS),
        "gender": newcomer.gender,
        "wished_gender": newcomer.wished_gender,
        "kind": ContentType.objects.get_for_model(Mentor).pk,
    }
    must_topics = newcomer.weigh_topics == Weight.MUST and newcomer.asked_topics
    must_lived = newcomer.weigh_lived == Weight.MUST and newcomer.asked_lived
    conditions = {
        "language": "bit_count(m.language_bits & %(languages)s::bit(64)) > 0",
        "topics": "bit_count(m.help_bits & %(topics)s::bit(64)) > 0" if must_topics else "TRUE",
        "lived": "bit_count(m.tag_bits & %(lived)s::bit(1024)) > 0" if must_lived else "TRUE",
        "hours": "bit_count(m.utc_hours & %(hours)s::bit(168)) >= %(least_hours)s" if newcomer.least_hours else "TRUE",
        "without": _none_of("m.tag_bits", unwanted, "without", _CARRIES, values),
        "limits": _none_of("m.not_bits", wanted, "wanted", _IS_NOT_ABOUT, values),
        "gender": "m.gender = %(wished_gender)s" if newcomer.must_gender else "TRUE",
        "wish": "m.wished_gender IN ('', %(gender)s)",
        "training": "m.experienced_at IS NOT NULL" if newcomer.flagged else "TRUE",
        "apart": f"m.user_id <> %(me)s AND m.user_id NOT IN ({APART})",
        "place": "m.paused_at IS NULL AND m.free > 0",
    }
    return conditions, values


# The places among the bits of other tags, as far as they are these.
_others: Prepared[Any] = Prepared(
    lambda _viewer, keys, places: (
        Tag.objects.exclude(pk__among=keys).annotate(place=F("pk") % TAGS).filter(place__among=places).values_list("place")
    ),
    keys=list,
    places=list,
)
_CARRIES = "SELECT FROM tags_tagged WHERE content_type_id = %(kind)s AND object_id = m.user_id AND tag_id = ANY({})"
_IS_NOT_ABOUT = "SELECT FROM mentorship_notabout WHERE mentor_id = m.user_id AND tag_id = ANY({})"


def _none_of(column: str, keys: list[int], name: str, rows: str, values: dict[str, Any]) -> str:
    """That none of these tags is in a set. Where a bit stands for another tag as well, the rows say whether it is this one."""
    if not keys:
        return "TRUE"
    clashing = {place for (place,) in _others.rows(None, None, keys=key_array(keys), places=key_array(key % TAGS for key in keys))}
    values[name] = _set(bits((key for key in keys if key % TAGS not in clashing), TAGS), TAGS)
    condition = f"bit_count({column} & %({name})s::bit({TAGS})) = 0"
    if clashing:
        unsure = [key for key in keys if key % TAGS in clashing]
        values[f"{name}_unsure"], values[f"{name}_keys"] = _set(bits(unsure, TAGS), TAGS), unsure
        exists = rows.format(f"%({name}_keys)s")
        condition += f" AND (bit_count({column} & %({name}_unsure)s::bit({TAGS})) = 0 OR NOT EXISTS ({exists}))"
    return condition


def _keys(asked: Asked, tags: int) -> list[int]:
    return [asked.tags[number].pk for number in scoring.numbers(tags)]


def _set(numbers: int, width: int) -> str:
    """A set of bits as PostgreSQL writes it."""
    return f"{numbers:0{width}b}"


def _total(asked: Asked, values: dict[str, Any]) -> str:
    """The score of `scoring.score`, of what both share, in whole numbers as there."""
    scored = asked.scored
    most = scoring.weights(scored)
    lived, topics = scoring.numbers(scored.asked_lived), scored.asked_topics.bit_count()
    weights = [(asked.rarity[number], TAGS - 1 - asked.tags[number].pk % TAGS) for number in lived]
    wishes = {"user_id = ANY(%(named)s::bigint[])": scoring.NAMED if scored.asked_named else 0}
    wishes["m.gender = %(wished_gender)s"] = scoring.GENDER if scored.soft_gender else 0
    asked_wishes = {met: scoring.SHARES[wish] for met, wish in wishes.items() if wish}
    apart = f'abs({scored.offset} - m."offset") %% {scoring.DAY}'
    got = {
        scoring.TOPICS: ("bit_count(m.help_bits & %(topics)s::bit(64))", topics),
        scoring.LIVED: (
            " + ".join(f"{weight} * get_bit(m.tag_bits, {place})" for weight, place in weights),
            sum(weight for weight, _place in weights),
        ),
        scoring.HOURS: (f"least(bit_count(m.utc_hours & %(hours)s::bit(168)), {FULL_HOURS})", FULL_HOURS),
        scoring.WISH: (" + ".join(f"{n} * ({met})::int" for met, n in asked_wishes.items()), sum(asked_wishes.values())),
        scoring.NEARNESS: (f"greatest(0, {scoring.FAR} - least({apart}, {scoring.DAY} - {apart}))", scoring.FAR),
        scoring.LANGUAGE: ("(bit_count(m.language_bits & %(languages)s::bit(64)) > 1)::int", 1),
    }
    parts = [
        f"CASE WHEN '{part}' = ANY(m.shares) THEN {most[part]} * ({points}) / {of} ELSE 0 END"
        for part, (points, of) in got.items()
        if most[part] and of
    ]
    return " + ".join(parts) or "0"


_ORDER = f"""
    floor(sqrt(({scoring.MOST} * total)::float8)) - price - {LOAD} * greatest(0, capacity - free) / capacity
    - (hashint8extended(user_id, %(request)s) & 1023) %% {CHANCE} DESC"""


# Nobody fits -------------------------------------------------------------------------------


def funnel(asked: Asked | Request) -> Funnel:
    """How many are left after each step, and how many there would be without it; one statement after those for the request.

    Who is across a block counts nowhere: a step that they fell out at would tell of it.
    """
    conditions, values = _conditions(whole(asked))
    columns = ", ".join(f"({each}) AS {step}" for step, each in conditions.items())
    after = [" AND ".join(STEPS[: at + 1]) for at in range(len(STEPS))]
    but = [" AND ".join(each for each in STEPS if each != step) for step in RELAXED]
    counts = ", ".join(f"count(*) FILTER (WHERE {each})" for each in (*after, *but))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), {counts} FROM (
                SELECT {columns} FROM mentorship_mentor m WHERE {_APPROVED} AND m.user_id NOT IN ({BLOCKED}) OFFSET 0
            ) AS each
            """,  # noqa: S608
            values,
        )
        mentors, *numbers = cursor.fetchone()
    return Funnel(mentors, dict(zip(STEPS, numbers, strict=False)), dict(zip(RELAXED, numbers[len(STEPS) :], strict=True)))


def free_hours(request: Request) -> list[int]:
    """In how many mentors' weeks each hour of UTC is free, of those who would suit at another time; 168 numbers."""
    conditions, values = _conditions(asked_by(request))
    others = " AND ".join(f"({each})" for step, each in conditions.items() if step != "hours")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT utc_hours::text FROM mentorship_mentor m WHERE {_APPROVED} AND {others} LIMIT 1000",  # noqa: S608
            values,
        )
        weeks = [int(week, 2) for (week,) in cursor.fetchall()]
    return [sum(week >> hour & 1 for week in weeks) for hour in range(HOURS)]
