"""Told mentors, searches and pairs: rows as the application itself would have written them, each at its own time.

The verbs write at this moment, and nobody has waited in a community in which everybody asked at this moment. So the rows are made
here, for the demo and for a community of any size alike, and a test holds that the verbs make the same ones. What is told stands
as in `demo.toml`, whose head says what each field means.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from community import text
from community.audit.models import record
from community.members.models import COORDINATORS, MENTORS, User
from community.notifications.models import Notification
from community.seeding import reserve, write
from community.tags.models import Tag, Tagged
from community.times import in_steps

from . import scoring
from .along import DAYS, EVERY, FIRST_AFTER
from .fields import HELPS, TAGS, bits
from .forms.hours import hours_of
from .models import (
    AGREEMENT,
    APPROVED_FOR,
    ASKED_FOR,
    NUDGED_AFTER,
    OPEN_FOR,
    CheckIn,
    Goal,
    Help,
    Lesson,
    LessonDone,
    Match,
    Mentor,
    Message,
    NotAbout,
    Place,
    Request,
    Session,
    Side,
)
from .models.mentors import TOLD_BEFORE
from .models.requests import Without
from .renewing import language_bits, offset_of, utc_hours

# How long somebody writes at an application, and takes its last step before handing it in.
WRITTEN_FOR, TRAINED_BEFORE = timedelta(days=2), timedelta(hours=1)
# The tasks that look after pairs come round every few minutes, or once an hour.
LOOKED_AT_AFTER = timedelta(minutes=10)
THANKED_AFTER, SHOWN_AFTER = timedelta(hours=20), timedelta(days=2)
ANSWERED_AFTER, READ_BY_COORDINATOR_AFTER = timedelta(hours=9), timedelta(days=4)
# What is older than this has been read by everybody it concerns.
CAUGHT_UP, READ_AFTER = timedelta(days=3), timedelta(hours=9)
APPROVED_BECAUSE = "Warm, clear about limits, and has somebody to talk to."
TRUSTED_BECAUSE = "Has guided some through harder stories, and was trained for it."

Render = Callable[[str], str]
SIDES = {"newcomer": Side.NEWCOMER, "mentor": Side.MENTOR}


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


class Event(NamedTuple):
    """Something that somebody is told, or after which whoever did it has read what there is."""

    at: datetime
    thread: uuid.UUID
    by: User | None = None
    told: Sequence[User] = ()
    kind: str = ""
    target: Any = None


@dataclass
class Batch:
    """All rows, table after table in the order in which they can be written."""

    mentors: list[Mentor] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    lessons: list[LessonDone] = field(default_factory=list)
    limits: list[NotAbout] = field(default_factory=list)
    offered: list[models.Model] = field(default_factory=list)
    circle: list[models.Model] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    without: list[Without] = field(default_factory=list)
    wanted: list[models.Model] = field(default_factory=list)
    tagged: list[Tagged] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)
    news: list[Notification] = field(default_factory=list)

    def write(self) -> None:
        for each in fields(self):
            rows = getattr(self, each.name)
            if each.name in ("mentors", "requests", "matches"):
                # Sets of bits and scores are for the fields to write.
                type(rows[0])._default_manager.bulk_create(rows, batch_size=500) if rows else None
            else:
                write(rows)


class Teller:
    """Turns what is told into rows. `now` is the moment that `days_ago` counts back from."""

    def __init__(self, users: Iterable[User], now: datetime, drawn: Random, *, render: Render = text.render) -> None:
        self.now, self.drawn, self.render = now, drawn, render
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
        self.batch = Batch()
        self.events: list[Event] = []
        self.recorded: list[tuple[str, Mentor, str]] = []

    def tell(self, searches: Sequence[dict[str, Any]]) -> None:
        """Tell all that there is of these searches; their mentors were told before."""
        asked = sum(len(search.get("questions", ())) for search in searches)
        said = sum(len(each.get("messages", ())) for search in searches for each in search.get("questions", ()))
        keys = {Request: reserve(Request, len(searches)), Match: reserve(Match, asked), Message: reserve(Message, said)}
        told = [_Search(self, search, keys) for search in searches]
        # Places are given in the order in which pairs begin.
        begun_pairs = [pair for search in told for pair in search.pairs if pair.match.began_at]
        for pair in sorted(begun_pairs, key=lambda pair: pair.began):
            pair.take_place()
        checked = [pair for pair in begun_pairs for _moment in pair.check_in_times()]
        check_in_keys = reserve(CheckIn, 2 * len(checked))
        for pair in begun_pairs:
            pair.check_in(check_in_keys)

    def write(self) -> None:
        """Write everything down."""
        self._count_free()
        self._tell_news()
        self.batch.write()
        for action, mentor, reason in self.recorded:
            record(action, by=self.coordinator, target=mentor, reason=reason)

    def draw_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.drawn.getrandbits(128), version=4)

    # Mentors ----------------------------------------------------------------------

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

    # What mentors and searches have in common -------------------------------------------

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

    # The score ------------------------------------------------------------------------

    def _numbers(self, tags: Iterable[Tag]) -> int:
        return sum(1 << self.tag_numbers[tag.name] for tag in tags)

    def _offer(self, mentor: Mentor, tags: list[Tag], helps: list[Help], limits: list[Tag]) -> scoring.Mentor:
        return scoring.Mentor(
            key=mentor.pk,
            topics=bits((each.pk for each in helps), HELPS),
            lived=self._numbers(tags),
            not_about=self._numbers(limits),
            trained=mentor.experienced_at is not None,
            **_as_scored(mentor),
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
            **_as_scored(request),
        )
        return request, newcomer

    def fitting(self, newcomer: scoring.Newcomer, at: datetime, among: Iterable[Guide]) -> list[tuple[scoring.Score, Guide]]:
        """Which of these were mentors at that moment and can be brought, the best first."""
        there = [(guide.offer_at(at), guide) for guide in among if guide.was_there(at)]
        found = [
            (scoring.score(newcomer, offer, self.rarity), guide) for offer, guide in there if not scoring.obstacles(newcomer, offer)
        ]
        return sorted(found, key=lambda each: (-each[0].total, each[1].row.pk))

    # News --------------------------------------------------------------------------------

    def happen(self, at: datetime, thread: uuid.UUID, **what: Any) -> None:
        self.events.append(Event(at, thread, **what))

    def _tell_news(self) -> None:
        """Of each kind and thread there is one unread piece of news; whoever does something there has read what there was."""
        unread: dict[tuple[int, uuid.UUID], dict[str, Notification]] = defaultdict(dict)
        for event in sorted(self.events, key=lambda event: event.at):
            for user in sorted(event.told, key=lambda user: user.pk):
                waiting = unread[user.pk, event.thread]
                if event.kind not in waiting:
                    waiting[event.kind] = self._news(user, event)
            if event.by:
                for news in unread.pop((event.by.pk, event.thread), {}).values():
                    news.read_at = in_steps(event.at)
        for news in self.batch.news:
            if news.read_at is None and news.created_at < self.now - CAUGHT_UP:
                news.read_at = in_steps(news.created_at + READ_AFTER)

    def _news(self, user: User, event: Event) -> Notification:
        at = in_steps(event.at)
        news = Notification(
            public_id=self.draw_id(),
            recipient=user,
            kind=event.kind,
            target_type=ContentType.objects.get_for_model(event.target),
            target_id=event.target.pk,
            thread=event.thread,
            created_at=at,
            # Mailed then: the first mails of a fresh demo shall be about what its visitors do.
            mailed_at=at if user.email else None,
        )
        self.batch.news.append(news)
        return news


def _as_scored(item: Mentor | Request) -> dict[str, Any]:
    return {
        "languages": item.language_bits,
        "hours": item.utc_hours,
        "offset": item.offset,
        "gender": item.gender,
        "wished_gender": item.wished_gender,
    }


class _Search:
    """One search on its way into the batch, with everybody who was asked."""

    def __init__(self, teller: Teller, told: dict[str, Any], keys: dict[type[models.Model], Iterator[int]]) -> None:
        self.teller, self.told, self.keys = teller, told, keys
        self.begun = teller.now - timedelta(days=told["days_ago"])
        self.request, self.newcomer = teller.seeker(told)
        self.request.pk, self.request.public_id = next(keys[Request]), teller.draw_id()
        self.asked: set[int] = set()
        self.pairs = [_Pair(self, question) for question in told.get("questions", ())]
        self._end()
        self._write()

    def _end(self) -> None:
        """Found, taken back, run out, or open still; and what became of the questions that nobody had answered by then."""
        found = next((pair.began for pair in self.pairs if pair.match.began_at), None)
        if found:
            ended, ending = found, Request.Ending.FOUND
        elif "taken_back_after_days" in self.told:
            ended, ending = self.begun + timedelta(days=self.told["taken_back_after_days"]), Request.Ending.TAKEN_BACK
        else:
            ended, ending = self.begun + OPEN_FOR + timedelta(days=1), Request.Ending.RUN_OUT
        for pair in self.pairs:
            pair.go_unanswered(until=min(ended, self.teller.now))
        if ended >= self.teller.now:
            return
        self.request.closed_at, self.request.ending = in_steps(ended), ending
        if ending == Request.Ending.RUN_OUT:
            news = {"told": [self.request.user], "kind": "mentorship.request_ran_out", "target": self.request}
            self.teller.happen(ended, self.request.public_id, **news)

    def _write(self) -> None:
        batch, told, request = self.teller.batch, self.told, self.request
        # Clocks are put forward and back with the season for as long as somebody looks.
        request.offset = offset_of(request.time_zone, request.closed_at or self.teller.now)
        request.utc_hours = utc_hours(request.hours, request.offset)
        batch.requests.append(request)
        batch.without += [Without(request=request, tag=tag) for tag in self.teller._tags(told.get("without", ()))]
        batch.wanted += [Request.helps.through(request=request, help=each) for each in self.teller._helps(told)]
        self.teller._tag(request, self.teller._tags(told.get("tags", ())))
        batch.matches += [pair.match for pair in self.pairs]


class _Pair:
    """A question to a mentor, and what became of it."""

    def __init__(self, search: _Search, told: dict[str, Any]) -> None:
        self.search, self.told, self.teller = search, told, search.teller
        self.guide = self.teller.guides[told["mentor"]]
        self.people = {"newcomer": search.request.user, "mentor": self.guide.row.user}
        self.asked = search.begun + timedelta(days=told["after_days"])
        self.match = Match(
            pk=next(search.keys[Match]),
            public_id=self.teller.draw_id(),
            request=search.request,
            newcomer=search.request.user,
            mentor=self.guide.row,
            asked_at=in_steps(self.asked),
            hello=told.get("hello", "").strip(),
            answer_until=self.asked + ASKED_FOR,
            newcomer_accepted_at=in_steps(self.asked),
            **self._known(),
        )
        self.happen(self.asked, by="newcomer", told=["mentor"], kind="match_asked")
        if "answered_after_hours" in told:
            self._answer(self.asked + timedelta(hours=told["answered_after_hours"]))

    def _known(self) -> dict[str, Any]:
        """The score, and its place among those who could be brought then."""
        score = scoring.score(self.search.newcomer, self.guide.offer_at(self.asked), self.teller.rarity)
        known = {"score": score.total, "parts": score.points}
        if "rank" in self.told:
            return known | {"rank": self.told["rank"], "eligible": self.told["eligible"]}
        others = [guide for guide in self.teller.guides.values() if guide.row.pk not in self.search.asked]
        fitting = self.teller.fitting(self.search.newcomer, self.asked, others)
        self.search.asked.add(self.guide.row.pk)
        keys = [guide.row.pk for _score, guide in fitting]
        return known | {"rank": 1 + keys.index(self.guide.row.pk), "eligible": len(keys)}

    def happen(self, at: datetime, *, by: str = "", told: Iterable[str] = (), kind: str = "", target: Any = None) -> None:
        """Something happens between the two; `by` and `told` are sides."""
        self.teller.happen(
            at,
            self.match.public_id,
            by=self.people.get(by),
            told=[self.people[side] for side in told],
            kind=f"mentorship.{kind}" if kind else "",
            target=target or self.match,
        )

    # The answer -----------------------------------------------------------------------

    def _answer(self, at: datetime) -> None:
        if "declined" in self.told:
            self.match.decline_reason = self.told["declined"]
            self._end(at, Match.Ending.DECLINED, "mentor")
            self.happen(at, by="mentor", told=["newcomer"], kind="match_declined")
            return
        self.began = at
        self.match.mentor_accepted_at = self.match.began_at = in_steps(at)
        self.happen(at, by="mentor", told=["newcomer", "mentor"], kind="match_begun")
        self._together()
        if ended := self.told.get("ended"):
            self._part(ended)
        self._go_quiet()

    def go_unanswered(self, *, until: datetime) -> None:
        """Nobody has answered: it runs out after a week, or the search was over before."""
        if not self.match.is_open:
            return
        late = self.match.answer_until + LOOKED_AT_AFTER
        if late <= until:
            self._end(late, Match.Ending.EXPIRED, "")
            self.happen(late, told=["newcomer", "mentor"], kind="match_expired")
        elif until < self.teller.now:
            self._end(until, Match.Ending.TAKEN_BACK, "newcomer")
            self.happen(until, by="newcomer", told=["mentor"], kind="match_not_needed")

    def _end(self, at: datetime, ending: str, by: str) -> None:
        self.match.ended_at, self.match.ending = in_steps(at), ending
        self.match.ended_by = SIDES.get(by, Side.PROGRAMME)

    # Their room -------------------------------------------------------------------------

    def _after(self, told: dict[str, Any], name: str = "after_hours") -> datetime:
        return self.began + timedelta(hours=told[name])

    def _together(self) -> None:
        match, told, batch = self.match, self.told, self.teller.batch
        said = told.get("messages", ())
        for position, each in enumerate(said, start=1):
            self._say(each, position)
        match.last_position = len(said)
        match.spoke_at = in_steps(self._after(said[-1])) if said else None
        for number, each in enumerate(told.get("goals", ()), start=1):
            reached = self._after(each, "reached_after_hours") if "reached_after_hours" in each else None
            batch.goals.append(Goal(match=match, number=number, words=each["words"], reached_at=reached))
        for each in told.get("sessions", ()):
            day, own = timezone.localdate(self._after(each)), self.people[each["by"]]
            batch.sessions.append(Session(match=match, public_id=self.teller.draw_id(), user=own, on=day, words=each["words"]))
        if "notes" in told:
            match.notes, match.notes_version = told["notes"].strip(), 1
        if "agreement" in told:
            self._agree(told["agreement"])
        if "last_day" in told:
            self._plan(told["last_day"])

    def _say(self, told: dict[str, Any], position: int) -> None:
        at, body = self._after(told), told["body"].strip()
        message = Message(
            pk=next(self.search.keys[Message]),
            public_id=self.teller.draw_id(),
            match=self.match,
            position=position,
            author=self.people[told["by"]],
            body=body,
            body_html=self.teller.render(body),
            created_at=in_steps(at),
        )
        self.teller.batch.messages.append(message)
        self.happen(at, by=told["by"], told=[_other(told["by"])], kind="message_written", target=message)

    def _agree(self, told: dict[str, Any]) -> None:
        proposed, by = self._after(told), told["by"]
        for name in AGREEMENT:
            setattr(self.match, name, told.get(name, ""))
        self.match.lasts_until = timezone.localdate(proposed) + timedelta(days=told["lasts_days"]) if "lasts_days" in told else None
        setattr(self.match, f"{by}_agreed_at", in_steps(proposed))
        self.happen(proposed, by=by, told=[_other(by)], kind="agreement_changed")
        if "agreed_after_hours" in told:
            agreed = self._after(told, "agreed_after_hours")
            setattr(self.match, f"{_other(by)}_agreed_at", in_steps(agreed))
            self.happen(agreed, by=_other(by))

    def _plan(self, told: dict[str, Any]) -> None:
        at = self._after(told)
        self.match.ending_planned_for = timezone.localdate(at) + timedelta(days=told["in_days"])
        self.happen(at, by=told["by"], told=[_other(told["by"])], kind="ending_planned")

    def _go_quiet(self) -> None:
        """Whenever neither has said anything for two weeks, both are asked once."""
        begun, until = in_steps(self.began), self.match.ended_at or self.teller.now
        spoken = [in_steps(self._after(each)) for each in self.told.get("messages", ())]
        for since, then in zip([begun, *spoken], [*spoken, until], strict=True):
            asked = since + NUDGED_AFTER + LOOKED_AT_AFTER
            if asked < then:
                self.match.nudged_at = asked
                self.happen(asked, told=["newcomer", "mentor"], kind="match_nudged")

    # How it goes ---------------------------------------------------------------------------

    def check_in_times(self) -> list[datetime]:
        """When both are asked how it goes: after the first contact, and then by the calendar."""
        until = self.match.ended_at or self.teller.now
        said = self.told.get("messages", ())
        first = {each["by"]: self._after(each) for each in reversed(said)}
        by_then = self.began + timedelta(days=FIRST_AFTER)
        met = min(by_then, max(first.values())) if len(first) == len(SIDES) else by_then
        begun = in_steps(self.began)
        later = [*DAYS, *range(DAYS[-1] + EVERY, (until - begun).days + 1, EVERY)]
        return [at for at in (met, *(begun + timedelta(days=day) for day in later)) if at < until]

    def check_in(self, keys: Iterator[int]) -> None:
        said = self.told.get("answers", {})
        for number, at in enumerate(self.check_in_times(), start=1):
            kind = CheckIn.Kind.FIT if number == 1 else CheckIn.Kind.ALONG
            for side, user in self.people.items():
                asked = CheckIn(pk=next(keys), public_id=self.teller.draw_id(), match=self.match, user=user, kind=kind)
                asked.number, asked.asked_at = number, in_steps(at)
                news = {"told": [user], "kind": "mentorship.checkin_asked", "target": asked}
                self.teller.happen(at, asked.public_id, **news)
                if number <= len(said.get(side, ())):
                    self._answer_check_in(asked, said[side][number - 1], at + ANSWERED_AFTER)
                self.teller.batch.check_ins.append(asked)

    def _answer_check_in(self, asked: CheckIn, said: str, at: datetime) -> None:
        """An answer, and after a colon words for the coordinator; what is not new has been read."""
        asked.answer, _colon, words = said.partition(": ")
        asked.words, asked.answered_at = words, in_steps(at)
        if at + READ_BY_COORDINATOR_AFTER < self.teller.now:
            asked.seen_at = at + READ_BY_COORDINATOR_AFTER
        self.teller.happen(at, asked.public_id, by=asked.user)

    # The end ----------------------------------------------------------------------------------

    def take_place(self) -> None:
        """The first place that nobody holds when they begin, until they end."""
        held, ended = self.guide.held, self.match.ended_at
        number = next(n for n in range(1, self.guide.row.capacity + 1) if n not in held or held[n] <= in_steps(self.began))
        held[number] = ended or datetime.max.replace(tzinfo=self.began.tzinfo)
        self.match.place = None if ended else number

    def _part(self, told: dict[str, Any]) -> None:
        at, by = self._after(told), told.get("by", "")
        self._end(at, told["how"], by)
        if told["how"] == Match.Ending.QUIET:
            self.happen(at, told=["newcomer", "mentor"], kind="match_released")
        else:
            self.happen(at, by=by, told=[_other(by)] if by else ["newcomer", "mentor"], kind="match_ended")
        self._thank(told, at, by)

    def _thank(self, told: dict[str, Any], ended: datetime, by: str) -> None:
        """What each says at the end: whoever ends it in the same step, the other one a day later."""
        for side in sorted(SIDES, key=lambda side: side != by):
            thanks, at = told.get(f"{side}_thanks", ""), ended if side == by else ended + THANKED_AFTER
            setattr(self.match, f"{side}_thanks", thanks)
            if side == "newcomer" and "testimonial" in told:
                self.match.testimonial, self.match.testimonial_is_named = told["testimonial"], told.get("named", False)
                self.happen(at, by=side, told=["mentor"], kind="testimonial_written")
                if told.get("shown"):
                    self.match.testimonial_shown_at = in_steps(at + SHOWN_AFTER)
                    self.happen(at + SHOWN_AFTER, by="mentor", told=["newcomer"], kind="testimonial_shown")
            if thanks and side != by:
                self.happen(at, by=side, told=[_other(side)], kind="thanks_written")


def _other(side: str) -> str:
    return "mentor" if side == "newcomer" else "newcomer"
