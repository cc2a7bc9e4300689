"""The people who are told of: mentors, and those who look for one, with what the score wants to know of either."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from community import text
from community.members.models import COORDINATORS, MENTORS, User
from community.tags.models import Tag, Tagged
from community.times import in_steps
from mentorship import scoring
from mentorship.fields import HELPS, TAGS, bits
from mentorship.forms.hours import hours_of
from mentorship.models import APPROVED_FOR, OPEN_FOR, Help, Lesson, LessonDone, Mentor, NotAbout, Place, Request
from mentorship.models.approval import TOLD_BEFORE
from mentorship.renewing import language_bits, offset_of, utc_hours

from .rows import Rows

# How long somebody writes at an application, and takes its last step before handing it in.
WRITTEN_FOR, TRAINED_BEFORE = timedelta(days=2), timedelta(hours=1)
APPROVED_BECAUSE = "Warm, clear about limits, and has somebody to talk to."
TRUSTED_BECAUSE = "Has guided some through harder stories, and was trained for it."

Render = Callable[[str], str]


class Guide(NamedTuple):
    """A mentor who is told of, and what the score knows of them; `held` are places with the moment until when they are."""

    row: Mentor
    offer: scoring.Mentor
    held: dict[int, datetime]
    # The same offer by other clocks: those of summer, and of winter.
    by_offset: dict[int, scoring.Mentor]

    def was_there(self, moment: datetime) -> bool:
        """Were they approved by then, and not resting?"""
        begun, rests = self.row.approved_at, self.row.paused_at
        return begun is not None and begun <= moment and (rests is None or rests > moment)

    def offer_at(self, moment: datetime) -> scoring.Mentor:
        offset = offset_of(self.row.time_zone, moment)
        if offset not in self.by_offset:
            self.by_offset[offset] = replace(self.offer, offset=offset, hours=utc_hours(self.row.hours, offset))
        return self.by_offset[offset]


class People(Rows):
    """Everybody in the community by their handle, and the mentors who were told by now."""

    def __init__(self, users: Iterable[User], now: datetime, drawn: Random, *, render: Render = text.render) -> None:
        super().__init__(now, drawn)
        self.render = render
        self.users = {user.username: user for user in users}
        self.tags = {tag.name: tag for tag in Tag.objects.accepted().of_their_own().order_by("pk")}
        self.tag_numbers = {name: number for number, name in enumerate(self.tags)}
        self.helps = {each.name: each for each in Help.objects.in_use()}
        self.lessons = list(Lesson.objects.in_use())
        staff = [user for user in self.users.values() if user.is_staff]
        in_charge = set(User.objects.filter(groups__name=COORDINATORS).values_list("pk", flat=True))
        self.coordinator = next((user for user in staff if user.pk in in_charge), staff[0] if staff else None)
        self.circle = Group.objects.get_or_create(name=MENTORS)[0]
        self.guides: dict[str, Guide] = {}
        self.rarity: tuple[int, ...] = ()
        self.recorded: list[tuple[str, Mentor, str]] = []

    def mentors(self, told: Iterable[dict[str, Any]]) -> None:
        for each in told:
            self._mentor(each)
        offers = [guide.offer for guide in self.guides.values() if guide.row.approved_at]
        counts = [0] * len(self.tags)
        for offer in offers:
            for number in scoring.numbers(offer.lived):
                counts[number] += 1
        self.rarity = scoring.rarities_of(counts, len(offers))

    def _mentor(self, told: dict[str, Any]) -> None:
        user, applied = self.users[told["handle"]], self.now - timedelta(days=told["days_ago"])
        mentor = Mentor(
            user=user,
            public_id=self.draw_id(),
            begun_at=in_steps(applied - WRITTEN_FOR),
            applied_at=in_steps(applied),
            capacity=told.get("capacity", 1),
            **{name: told.get(name, "").strip() for name in ("story", "offers", "limits", "gender", "wished_gender")},
        )
        tags, helps, limits = self._asked(mentor, told, self.now), self._helps(told), self._tags(told.get("not_about", ()))
        mentor.not_bits = bits((tag.pk for tag in limits), TAGS)
        if "approved_after_days" in told:
            self._approve(mentor, applied + timedelta(days=told["approved_after_days"]))
            if "trusted_after_days" in told:
                mentor.experienced_at = applied + timedelta(days=told["trusted_after_days"])
                self.recorded.append(("mentorship.mentor_trusted", mentor, TRUSTED_BECAUSE))
        if "rests_since_days" in told:
            mentor.paused_at = self.now - timedelta(days=told["rests_since_days"])
        done = in_steps(applied - TRAINED_BEFORE)
        said = told.get("case", "").strip()
        self.batch.mentors.append(mentor)
        self.batch.lessons += [
            LessonDone(mentor=mentor, lesson=lesson, words=said if lesson.is_case else "", at=done) for lesson in self.lessons
        ]
        self.batch.limits += [NotAbout(mentor=mentor, tag=tag) for tag in limits]
        self.batch.offered += [Mentor.helps.through(mentor=mentor, help=each) for each in helps]
        self._tag(mentor, tags)
        self.guides[user.username] = Guide(mentor, self._offer(mentor, tags, helps, limits), {}, {})

    def _approve(self, mentor: Mentor, at: datetime) -> None:
        mentor.approved_at, mentor.approved_until = at, timezone.localdate(at) + APPROVED_FOR
        self.batch.circle.append(User.groups.through(user=mentor.user, group=self.circle))
        self.batch.places += [Place(mentor=mentor, number=number) for number in range(1, mentor.capacity + 1)]
        self.recorded.append(("mentorship.mentor_approved", mentor, APPROVED_BECAUSE))
        self.happen(at, mentor.public_id, told=[mentor.user], kind="mentorship.mentor_approved", target=mentor)
        told_at = at + APPROVED_FOR - TOLD_BEFORE
        if told_at < self.now:
            mentor.lapse_told_at = told_at
            self.happen(told_at, mentor.public_id, told=[mentor.user], kind="mentorship.mentor_lapsing", target=mentor)

    def _count_free(self) -> None:
        """What is free at the end of it all: places nobody holds, less the open questions."""
        asked: dict[int, int] = defaultdict(int)
        for match in self.batch.matches:
            if match.ended_at is None:
                asked[match.mentor_id] += 1
        for guide in self.guides.values():
            places = guide.row.capacity if guide.row.approved_at else 0
            guide.row.free = max(0, places - asked[guide.row.pk])

    # What mentors and searches have in common

    def _asked(self, item: Mentor | Request, told: dict[str, Any], at: datetime) -> list[Tag]:
        """Languages, hours and tags, and what is kept ready of them; clocks as they stood at that moment."""
        profile = item.user.profile
        item.languages = told.get("languages") or profile.languages or ["en"]
        item.time_zone = told.get("time_zone") or profile.time_zone or "UTC"
        item.hours = hours_of(told["free"])
        item.offset = offset_of(item.time_zone, at)
        item.utc_hours = utc_hours(item.hours, item.offset)
        item.language_bits = language_bits(item.languages)
        item.help_bits = bits((each.pk for each in self._helps(told)), HELPS)
        tags = self._tags(told.get("tags", ()))
        item.tag_bits = bits((tag.pk for tag in tags), TAGS)
        return tags

    def _tags(self, names: Iterable[str]) -> list[Tag]:
        """Those of these tags that are in the vocabulary."""
        return [self.tags[name] for name in names if name in self.tags]

    def _helps(self, told: dict[str, Any]) -> list[Help]:
        return [self.helps[name] for name in told.get("helps", ())]

    def _tag(self, item: Mentor | Request, tags: Iterable[Tag]) -> None:
        kind = ContentType.objects.get_for_model(item)
        self.batch.tagged += [Tagged(tag=tag, content_type=kind, object_id=item.pk) for tag in tags]

    # The score

    def _numbers(self, tags: Iterable[Tag]) -> int:
        return sum(1 << self.tag_numbers[tag.name] for tag in tags)

    def _offer(self, mentor: Mentor, tags: list[Tag], helps: list[Help], limits: list[Tag]) -> scoring.Mentor:
        return scoring.Mentor(
            key=mentor.pk,
            topics=bits((each.pk for each in helps), HELPS),
            lived=self._numbers(tags),
            not_about=self._numbers(limits),
            trained=mentor.experienced_at is not None,
            **as_scored(mentor),
        )

    def seeker(self, told: dict[str, Any]) -> tuple[Request, scoring.Newcomer]:
        """The request of a told search, and what the score knows of it; to be asked before it is told, too."""
        begun = self.now - timedelta(days=told["days_ago"])
        request = Request(
            user=self.users[told["handle"]],
            need=told["need"].strip(),
            hopes=told.get("hopes", "").strip(),
            created_at=in_steps(begun),
            changed_at=in_steps(begun),
            waiting_since=in_steps(begun),
            open_until=timezone.localdate(begun) + OPEN_FOR,
            **{name: told[name] for name in ("gender", "wished_gender", "most_important") if name in told},
            **{f"weigh_{part}": weight for part, weight in told.get("weigh", {}).items()},
        )
        tags, without = self._asked(request, told, begun), self._tags(told.get("without", ()))
        request.without_bits = bits((tag.pk for tag in without), TAGS)
        newcomer = scoring.Newcomer(
            key=0,
            person=request.user_id,
            topics=request.help_bits,
            lived=self._numbers(tags),
            without=self._numbers(without),
            most_important=request.most_important,
            **{name: getattr(request, name) for name in ("weigh_topics", "weigh_lived", "weigh_hours", "weigh_gender")},
            **as_scored(request),
        )
        return request, newcomer

    def fitting(self, newcomer: scoring.Newcomer, at: datetime, among: Iterable[Guide]) -> list[tuple[scoring.Score, Guide]]:
        """Which of these were mentors at that moment and can be brought, the best first."""
        there = [(guide.offer_at(at), guide) for guide in among if guide.was_there(at)]
        found = [
            (scoring.score(newcomer, offer, self.rarity), guide) for offer, guide in there if not scoring.obstacles(newcomer, offer)
        ]
        return sorted(found, key=lambda each: (-each[0].total, each[1].row.pk))


def as_scored(item: Mentor | Request) -> dict[str, Any]:
    return {
        "languages": item.language_bits,
        "hours": item.utc_hours,
        "offset": item.offset,
        "gender": item.gender,
        "wished_gender": item.wished_gender,
    }
