"""The people of a draft: those who wait and every mentor, read from rows as `scoring.py` wants them.

Tags and kinds of help are numbered anew each time, by how many ask for them. As long as no more of them are asked for than there
are bits, no two share one, and what is ruled out is exact.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from community.tags.models import Tagged

from . import scoring
from .facts import APART, renumbered
from .fields import HELPS, TAGS
from .models import Mentor, NotAbout, Noted, Request
from .models.requests import Without
from .scoring import Newcomer

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
            struck=frozenset(renumbered(row["struck"], tag=tags, help=helps)),
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
