"""Requests and mentors as the plain facts that `scoring.py` looks at.

The bits of `fields.py` are for finding and may let through too many. What is read here from the rows is numbered for one request
alone: its tags and its kinds of help are 0, 1, 2 and so on, whatever their keys, so no two of them share a bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count

from community.tags.models import Tag, Tagged

from . import scoring
from .fields import TAGS, bits
from .models import Help, Mentor, NotAbout, Noted, Request
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
        counts = [0] * TAGS
        if ours:
            kind = ContentType.objects.get_for_model(Mentor)
            carried = Tagged.objects.filter(tag__in=ours, content_type=kind).values_list("tag").annotate(Count("pk"))
            for tag, count in carried:
                counts[self.tag_numbers[tag]] = count
        return scoring.rarities_of(counts, Mentor.objects.approved().count() if ours else 0)


def asked_by(request: Request) -> Asked:
    """What is asked for, from the rows; five statements."""
    wanted = list(request.tags.order_by("pk"))
    without = [each.tag for each in request.without.select_related("tag").order_by("tag")]
    tags, helps = (*wanted, *(tag for tag in without if tag not in wanted)), tuple(request.helps.order_by("position", "pk"))
    tag_of = {tag.pk: number for number, tag in enumerate(tags)}
    help_of = {each.pk: number for number, each in enumerate(helps)}
    saved = Noted.objects.filter(request=request, how=Noted.How.SAVED).values_list("mentor", flat=True)
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
        struck=frozenset(_renumbered(request.struck, tag=tag_of, help=help_of)),
        flagged=request.flagged_at is not None,
    )
    return Asked(request, newcomer, tags, helps, len(wanted), named)


def _renumbered(struck: Iterable[str], **numbers_of: Mapping[int, int]) -> Iterable[str]:
    """Facts by the numbers of one request in place of keys; what it does not ask for any more is left out."""
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
    """What these mentors are, by their keys, as far as the request asks for it; three statements however many."""
    mentors = list(mentors)
    keys = [mentor.pk for mentor in mentors]
    kind = ContentType.objects.get_for_model(Mentor)
    tagged = Tagged.objects.filter(content_type=kind, object_id__in=keys, tag__in=asked.tags)
    lived = _by_mentor(tagged.values_list("object_id", "tag"), asked.tag_numbers)
    offering = Mentor.helps.through.objects.filter(mentor__in=keys, help__in=asked.helps)
    topics = _by_mentor(offering.values_list("mentor", "help"), asked.help_numbers)
    limits = NotAbout.objects.filter(mentor__in=keys, tag__in=asked.tags[: asked.asked_tags])
    not_about = _by_mentor(limits.values_list("mentor", "tag"), asked.tag_numbers)
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


def _by_mentor(rows: Iterable[tuple[Any, ...]], number_of: Mapping[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for mentor, key in rows:
        found[mentor] = found.get(mentor, 0) | 1 << number_of[key]
    return found


def shared(score: scoring.Score, mentor: Mentor) -> scoring.Score:
    """The same score without what the mentor keeps from others: nothing counts that may not be told."""
    return scoring.Score(tuple(part if part.name in mentor.shares else replace(part, points=0, facts=()) for part in score.parts))
