"""Every row that is told, and everything that somebody hears of."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import models

from community.members.models import User
from community.notifications.models import Notification
from community.seeding import write
from community.tags.models import Tagged
from community.times import in_steps
from mentorship.models import CheckIn, Goal, LessonDone, Match, Mentor, Message, NotAbout, Place, Request, Session
from mentorship.models.requests import Without

# What is older than this has been read by everybody it concerns.
CAUGHT_UP, READ_AFTER = timedelta(days=3), timedelta(hours=9)


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


class Rows:
    """Where all that is told is put down until it is written. `now` is the moment that `days_ago` counts back from."""

    def __init__(self, now: datetime, drawn: Random) -> None:
        self.now, self.drawn = now, drawn
        self.batch = Batch()
        self.events: list[Event] = []

    def draw_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.drawn.getrandbits(128), version=4)

    # News

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
