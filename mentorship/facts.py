"""Requests and mentors as the plain facts that `scoring.py` looks at.

The bits of `fields.py` are for finding and may let through too many. What is read here from the rows is numbered for one request
alone: its tags and its kinds of help are 0, 1, 2 and so on, whatever their keys, so no two of them share a bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, Func, IntegerField, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from community.prepared import Prepared, key_array
from community.tags.models import Tag, Tagged

from . import scoring
from .fields import TAGS, bits
from .models import Help, Mentor, NotAbout, Noted, Request, Without
from .scoring import Newcomer

# Across a block, whoever made it: to a newcomer these are not there at all.
BLOCKED = """
    SELECT blocked_id FROM members_block WHERE blocker_id = %(me)s AND blocked_id IS NOT NULL
    UNION ALL SELECT blocker_id FROM members_block WHERE blocked_id = %(me)s AND blocker_id IS NOT NULL
"""
# Who is never brought to a newcomer: across a block, ended before unless both asked to begin again (after an end for safety not
# even then), asked already, a question that was not answered with yes, noted as "not for me", or something between the two that a
# safeguarding lead looks at.
APART = f"""
    {BLOCKED}
    UNION ALL SELECT mentor_id FROM mentorship_match WHERE newcomer_id = %(me)s AND (
        ended_at IS NULL
        OR began_at IS NOT NULL AND (newcomer_asks_again_at IS NULL OR mentor_asks_again_at IS NULL OR ending = 'safety')
        OR request_id = %(request)s AND began_at IS NULL AND ending IN ('declined', 'expired'))
    UNION ALL SELECT mentor_id FROM mentorship_noted WHERE request_id = %(request)s AND how = 'not'
    UNION ALL SELECT m.mentor_id FROM mentorship_concern c JOIN mentorship_match m ON m.id = c.match_id
        WHERE m.newcomer_id = %(me)s AND c.closed_at IS NULL
"""  # noqa: S608


_TOLD = JSONObject(key="pk", name="name")
_asked: Prepared[Any] = Prepared(
    lambda _viewer, request: Request.objects.filter(pk=request).values_list(
        ArraySubquery(Tag.objects.filter(pk__in=_carried_by(Request, OuterRef(OuterRef("pk")))).order_by("pk").values(told=_TOLD)),
        ArraySubquery(Tag.objects.filter(pk__in=_kept_out()).order_by("pk").values(told=_TOLD)),
        ArraySubquery(Help.objects.filter(request=OuterRef("pk")).order_by("position", "pk").values(told=_TOLD)),
        ArraySubquery(Noted.objects.filter(request=OuterRef("pk"), how=Noted.How.SAVED).values("mentor")),
    ),
    request=int,
)
_offering: Prepared[Any] = Prepared(
    lambda _viewer, mentors, tags, helps, wanted: Mentor.objects.filter(pk__among=mentors).values_list(
        "pk",
        ArraySubquery(_carried_by(Mentor, OuterRef("pk")).filter(tag__among=tags)),
        ArraySubquery(Mentor.helps.through.objects.filter(mentor=OuterRef("pk"), help__among=helps).values("help")),
        ArraySubquery(NotAbout.objects.filter(mentor=OuterRef("pk"), tag__among=wanted).values("tag")),
    ),
    mentors=list,
    tags=list,
    helps=list,
    wanted=list,
)
_carried: Prepared[Any] = Prepared(
    lambda _viewer, tags: (
        Tagged.objects.filter(tag__among=tags, content_type=ContentType.objects.get_for_model(Mentor))
        .values_list("tag")
        .annotate(Count("pk"))
    ),
    tags=list,
)
_approved: Prepared[Any] = Prepared(
    lambda _viewer: Mentor.objects.approved().values_list(Func("pk", function="count", output_field=IntegerField()))
)


def _kept_out() -> Any:
    return Without.objects.filter(request=OuterRef(OuterRef("pk"))).values("tag")


def _carried_by(model: Any, key: OuterRef) -> Any:
    return Tagged.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id=key).values("tag")


@dataclass(frozen=True)
class Asked:
    """A request, whole: as `scoring.py` wants it, and what its numbers stand for."""

    request: Request
    newcomer: Newcomer
    # What the bits stand for: number n is the n-th of these. The tags asked for come before those that must not be.
    tags: tuple[Tag, ...]
    helps: tuple[Help, ...]
    asked_tags: int
    # The mentors kept in mind.
    named: frozenset[int]

    @cached_property
    def tag_numbers(self) -> dict[int, int]:
        return {tag.pk: number for number, tag in enumerate(self.tags)}

    @cached_property
    def help_numbers(self) -> dict[int, int]:
        return {each.pk: number for number, each in enumerate(self.helps)}

    @property
    def scored(self) -> Newcomer:
        """The same, for the score: what the newcomer keeps from others counts for nothing, but a must on it is still one."""
        kept = frozenset(scoring.PARTS) - set(self.request.shares)
        return replace(self.newcomer, struck=self.newcomer.struck | kept)

    @cached_property
    def rarity(self) -> tuple[int, ...]:
        """What each of its tags weighs, counted among all mentors."""
        ours = [tag.pk for tag in self.tags[: self.asked_tags]]
        counts, mentors = [0] * TAGS, 0
        if ours:
            for tag, count in _carried.rows(None, None, tags=key_array(ours)):
                counts[self.tag_numbers[tag]] = count
            ((mentors,),) = _approved.rows(None, timezone.localdate())
        return scoring.rarities_of(counts, mentors)


def asked_by(request: Request) -> Asked:
    """What is asked for, from the rows; two statements. Tags and kinds of help come with their keys and names."""
    ((carried, kept_out, looked_for, saved),) = _asked.rows(None, None, request=request.pk)
    wanted, without, helps = _named(Tag, carried), _named(Tag, kept_out), tuple(_named(Help, looked_for))
    tags = (*wanted, *(tag for tag in without if tag not in wanted))
    tag_of = {tag.pk: number for number, tag in enumerate(tags)}
    help_of = {each.pk: number for number, each in enumerate(helps)}
    newcomer = Newcomer(
        key=request.pk,
        person=request.user_id,
        topics=(1 << len(helps)) - 1,
        lived=(1 << len(wanted)) - 1,
        without=bits((tag_of[tag.pk] for tag in without), TAGS),
        languages=request.language_bits,
        hours=request.utc_hours,
        offset=request.offset,
        gender=request.gender,
        wished_gender=request.wished_gender,
        named=(named := frozenset(saved)),
        apart=apart_from(request),
        weigh_topics=request.weigh_topics,
        weigh_lived=request.weigh_lived,
        weigh_hours=request.weigh_hours,
        weigh_gender=request.weigh_gender,
        most_important=request.most_important,
        struck=frozenset(renumbered(request.struck, tag=tag_of, help=help_of)),
        flagged=request.flagged_at is not None,
    )
    return Asked(request, newcomer, tags, helps, len(wanted), named)


def _named(model: type[Any], told: Iterable[Mapping[str, Any]]) -> list[Any]:
    return [model.from_db("default", ["id", "name"], [each["key"], each["name"]]) for each in told]


def renumbered(struck: Iterable[str], **numbers_of: Mapping[int, int]) -> Iterable[str]:
    """Facts by these numbers in place of keys; what is not asked for any more is left out."""
    for fact in struck:
        kind, _colon, key = fact.partition(":")
        if not key:
            yield fact
        elif key.isascii() and key.isdecimal() and int(key) in numbers_of.get(kind, {}):
            yield f"{kind}:{numbers_of[kind][int(key)]}"


def apart_from(request: Request) -> frozenset[int]:
    """The keys of those who are never brought to whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute(APART, {"me": request.user_id, "request": request.pk})
        return frozenset(key for (key,) in cursor.fetchall())


def offered_by(mentors: Iterable[Mentor], asked: Asked) -> dict[int, scoring.Mentor]:
    """What these mentors are, by their keys, as far as the request asks for it; one statement however many."""
    mentors, tags = list(mentors), [tag.pk for tag in asked.tags]
    keys = {"mentors": [mentor.pk for mentor in mentors], "tags": tags, "helps": [each.pk for each in asked.helps]}
    keys["wanted"] = tags[: asked.asked_tags]
    lived, topics, not_about = {}, {}, {}
    for key, carried, offered, unwanted in _offering.rows(None, None, **{name: key_array(each) for name, each in keys.items()}):
        lived[key], not_about[key] = _set(carried, asked.tag_numbers), _set(unwanted, asked.tag_numbers)
        topics[key] = _set(offered, asked.help_numbers)
    return {
        mentor.pk: scoring.Mentor(
            key=mentor.pk,
            topics=topics.get(mentor.pk, 0),
            lived=lived.get(mentor.pk, 0),
            not_about=not_about.get(mentor.pk, 0),
            languages=mentor.language_bits,
            hours=mentor.utc_hours,
            offset=mentor.offset,
            gender=mentor.gender,
            wished_gender=mentor.wished_gender,
            free=mentor.free,
            trained=mentor.experienced_at is not None,
        )
        for mentor in mentors
    }


def _set(keys: Iterable[int], number_of: Mapping[int, int]) -> int:
    found = 0
    for key in keys:
        found |= 1 << number_of[key]
    return found


def shared(score: scoring.Score, mentor: Mentor) -> scoring.Score:
    """The same score without what the mentor keeps from others: nothing counts that may not be told."""
    return scoring.Score(tuple(part if part.name in mentor.shares else replace(part, points=0, facts=()) for part in score.parts))
