"""The demo's boards and conversations: rows as the application itself would have written them, each at its own time.

The verbs write at this moment, and a demo in which everything was said at this moment would be none. So the rows are made
here, and a test holds that the verbs make the same ones.
"""

import tomllib
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from community import text
from community.contributions.models import Contribution, Reference, Revision
from community.members.handles import skeleton
from community.members.models import User
from community.notifications.models import Notification
from community.times import in_steps

from .models import Board, ReadMark, Reply, Topic

TALKS = Path(__file__).with_name("demo.toml")
REGRETTED_AFTER = timedelta(minutes=25)
CLOSED_AFTER = timedelta(hours=2)
# What is older than this has been read by everybody it concerns.
CAUGHT_UP = timedelta(days=3)


def fill_demo(*, now: datetime | None = None) -> None:
    """Let the invented people talk; does nothing where there is a board already."""
    if not Board.objects.exists():
        with transaction.atomic():
            Telling(tomllib.loads(TALKS.read_text()), now or timezone.now()).tell()


class Telling:
    """Everything the demo says, told once. `now` is the moment that `age_hours` counts back from."""

    def __init__(self, demo: dict[str, Any], now: datetime) -> None:
        self.demo = demo
        self.now = now
        self.users = {user.username: user for user in User.objects.all()}
        self.by_key = {user.handle_key: user for user in self.users.values()}
        # The same addresses in every demo: nobody's safety hangs on them.
        self.drawn = Random(2)  # noqa: S311
        self.marks: dict[tuple[int, int], ReadMark] = {}
        self.news: list[Notification] = []
        self.references: list[Reference] = []
        self.revisions: list[Revision] = []
        self.to_render: list[Contribution] = []

    def tell(self) -> None:
        boards = self._boards()
        told = list(self._topics(boards))
        Topic.objects.bulk_create(topic for topic, _ in told)
        replies = {topic.pk: self._replies(topic, talk) for topic, talk in told}
        Reply.objects.bulk_create(reply for those in replies.values() for reply in those)
        for topic, talk in told:
            self._happen(topic, replies[topic.pk], talk)
        Reference.objects.bulk_create(self.references)
        Revision.objects.bulk_create(self.revisions)
        for quoting in self.to_render:
            quoting.render()
            quoting.save(update_fields=["body_html", "renderer"])
        self._catch_up(told)
        ReadMark.objects.bulk_create(self.marks.values())
        Notification.objects.bulk_create(self.news)

    # Boards, conversations, replies ----------------------------------------------

    def _boards(self) -> dict[str, Board]:
        boards = {}
        for position, fields in enumerate(self.demo["boards"], 1):
            boards[fields["slug"]] = Board(position=position, **fields | {"guidelines": fields["guidelines"].strip()})
            boards[fields["slug"]].save()
        return boards

    def _topics(self, boards: dict[str, Board]) -> Iterator[tuple[Topic, dict[str, Any]]]:
        # Oldest first, so that numbers grow with time as they do in life.
        for talk in sorted(self.demo["topics"], key=lambda talk: -talk["age_hours"]):
            begun = self.now - timedelta(hours=talk["age_hours"])
            replies = talk.get("replies", [])
            latest = begun + timedelta(hours=replies[-1]["after_hours"]) if replies else begun
            board = boards[talk["board"]]
            topic = Topic(
                public_id=self._public_id(),
                board=board,
                author=self.users[talk["author"]],
                title=talk["title"],
                mode=talk["mode"],
                audience=talk["audience"] or board.audience,
                created_at=in_steps(begun),
                active_at=in_steps(latest),
                last_position=len(replies),
                **self._words(talk["body"]),
            )
            if talk.get("closed"):
                topic.locked_at, topic.lock_reason = in_steps(latest + CLOSED_AFTER), talk["closed_reason"]
            yield topic, talk

    def _replies(self, topic: Topic, talk: dict[str, Any]) -> list[Reply]:
        return [self._reply(topic, position, said, talk) for position, said in enumerate(talk.get("replies", []), 1)]

    def _reply(self, topic: Topic, position: int, said: dict[str, Any], talk: dict[str, Any]) -> Reply:
        begun = self.now - timedelta(hours=talk["age_hours"])
        at = begun + timedelta(hours=said["after_hours"])
        reply = Reply(
            public_id=self._public_id(),
            topic=topic,
            author=self.users[said["author"]],
            position=position,
            created_at=in_steps(at),
            **self._words(said["body"]),
        )
        if "edited_after_hours" in said:
            reply.edited_at = in_steps(begun + timedelta(hours=said["edited_after_hours"]))
        if said.get("withdrawn"):
            reply.withdrawn_at = in_steps(at + REGRETTED_AFTER)
            reply.body = reply.body_html = ""
        return reply

    def _words(self, body: str) -> dict[str, str]:
        """The columns of a text that quotes nothing."""

        def mention(names: set[str]) -> dict[str, str]:
            return {name: self.by_key[skeleton(name)].get_absolute_url() for name in names if skeleton(name) in self.by_key}

        return {"body": body.strip(), "body_html": text.render(body.strip(), mention=mention)}

    def _public_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.drawn.getrandbits(128), version=4)

    # What each of them led to ----------------------------------------------------

    def _happen(self, topic: Topic, replies: list[Reply], talk: dict[str, Any]) -> None:
        """Read marks, references, revisions and news of one conversation, reply by reply."""
        waiting: dict[tuple[int, str], Notification] = {}
        self._read(topic, topic.author, 0, topic.created_at)
        for user in self._mention(topic):
            self._news(waiting, user, "contributions.mentioned", topic, by=topic.author)
        for reply, said in zip(replies, talk.get("replies", []), strict=True):
            author = reply.author
            self._read(topic, author, reply.position, reply.created_at)
            for (reader, _kind), news in list(waiting.items()):
                if reader == author.pk:
                    news.read_at = reply.created_at
                    del waiting[reader, _kind]
            self._news(waiting, topic.author, "forums.reply", reply, by=author)
            if "quotes" in said:
                quoted = topic if said["quotes"] < 0 else replies[said["quotes"]]
                self._quote(reply, quoted, said["excerpt"])
                self._news(waiting, quoted.author, "forums.quote", reply, by=author)
            for user in self._mention(reply):
                self._news(waiting, user, "contributions.mentioned", reply, by=author)
            if reply.edited_at:
                self.revisions.append(Revision(target=reply, body=said["before_edit"].strip(), replaced_at=reply.edited_at))
            if reply.withdrawn_at:
                self.revisions.append(Revision(target=reply, body=said["body"].strip(), replaced_at=reply.withdrawn_at))

    def _read(self, topic: Topic, reader: User, position: int, at: datetime) -> None:
        self.marks[topic.pk, reader.pk] = ReadMark(topic=topic, user=reader, position=position, at=at)

    def _mention(self, source: Contribution) -> list[User]:
        named = [self.by_key[key] for key in map(skeleton, text.mentions(source.body)) if key in self.by_key]
        self.references += [Reference(kind=Reference.Kind.MENTION, source=source, to=user) for user in named]
        return named

    def _quote(self, source: Reply, quoted: Contribution, excerpt: str) -> None:
        self.references.append(Reference(kind=Reference.Kind.QUOTE, source=source, to=quoted, excerpt=excerpt))
        self.to_render.append(source)

    def _news(self, waiting: dict[tuple[int, str], Notification], to: User, kind: str, about: Contribution, *, by: User) -> None:
        """News for `to`, unless some of this kind and conversation is still unread or it is their own doing."""
        if to.pk == by.pk or (to.pk, kind) in waiting:
            return
        waiting[to.pk, kind] = Notification(
            public_id=self._public_id(),
            recipient=to,
            kind=kind,
            target_type=ContentType.objects.get_for_model(about),
            target_id=about.pk,
            thread=about.thread,
            created_at=about.created_at,
            # Mailed then: the demo's first mails shall be about what its visitors do.
            mailed_at=about.created_at if to.email else None,
        )
        self.news.append(waiting[to.pk, kind])

    def _catch_up(self, told: list[tuple[Topic, dict[str, Any]]]) -> None:
        """What is older than three days has been read: by everybody in it, and by the accounts that visitors sign in as."""
        old = self.now - CAUGHT_UP
        for news in self.news:
            if news.read_at is None and news.created_at < old:
                news.read_at = in_steps(news.created_at + timedelta(hours=9))
        regulars = {user.pk for user in self.users.values() if user.email and user.is_settled}
        for topic, _talk in told:
            if topic.active_at < old:
                there = {reader for of, reader in self.marks if of == topic.pk}
                for reader in sorted(there | regulars):
                    at = in_steps(topic.active_at + timedelta(hours=9))
                    self.marks[topic.pk, reader] = ReadMark(topic=topic, user_id=reader, position=topic.last_position, at=at)
