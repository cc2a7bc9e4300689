"""One told conversation: who speaks in it, what they say, and what that led to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType

from community.contributions.models import Contribution, Reference, Revision, Voice
from community.identity.models import Persona, Sealed
from community.identity.seal import made_up, read_tags
from community.members.models import User
from community.notifications.models import Notification
from community.tags.models import Tagged
from community.times import in_steps
from forums.models import Board, ReadMark, Reply, Topic

from .people import People

REGRETTED_AFTER = timedelta(minutes=25)
HIDDEN_AFTER = timedelta(hours=5)
CLOSED_AFTER = timedelta(hours=2)
# What is older than this has been read by everybody it concerns.
CAUGHT_UP = timedelta(days=3)
READ_AFTER = timedelta(hours=9)


@dataclass
class Batch:
    """The rows of some conversations, table after table in the order in which they can be written."""

    personas: list[Persona] = field(default_factory=list)
    seals: list[Sealed] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    marks: list[ReadMark] = field(default_factory=list)
    news: list[Notification] = field(default_factory=list)
    tagged: list[Tagged] = field(default_factory=list)
    hidden: list[Contribution] = field(default_factory=list)

    @property
    def tables(self) -> Sequence[Sequence[Any]]:
        return (
            *(self.personas, self.seals, self.topics, self.replies),
            *(self.references, self.revisions, self.marks, self.news, self.tagged),
        )


class Conversation:
    """One conversation on its way into a batch."""

    def __init__(self, teller: People, batch: Batch, talk: dict[str, Any], board: Board, persona_ids: Any) -> None:
        self.teller, self.batch, self.talk, self.board = teller, batch, talk, board
        self.begun = teller.now - timedelta(hours=talk["age_hours"])
        self.public_id = teller.draw_id()
        self.voices = {handle: self._alias(handle, alias, persona_ids) for handle, alias in talk.get("anonymous", {}).items()}
        self.behind = {persona.pk: teller.users[handle] for handle, persona in self.voices.items()}
        # How far each member has read, and when.
        self.read: dict[User, tuple[int, datetime]] = {}
        self.news: list[Notification] = []
        self.unread: dict[tuple[bool, int, str], Notification] = {}

    def tell(self, key: int, reply_ids: Any) -> None:
        said = self.talk.get("replies", ())
        topic = self._topic(key)
        replies = [self._reply(next(reply_ids), topic, position, each) for position, each in enumerate(said, 1)]
        self.batch.topics.append(topic)
        self.batch.replies += replies
        self._tag(topic)
        self._happen(topic, replies)
        self._catch_up(topic)
        self.batch.marks += self._marks(topic)
        self.batch.news += self.news

    # Who speaks, and what they say ------------------------------------------------

    def _alias(self, handle: str, alias: str, persona_ids: Any) -> Persona:
        user = self.teller.users[handle]
        persona, seal = made_up(user, self.public_id, self.teller.slots[user.pk])
        self.teller.slots[user.pk] += 1
        persona.pk, persona.public_id, persona.alias = next(persona_ids), self.teller.draw_id(), alias
        persona.avatar_seed, seal.persona_id = self.teller.drawn.getrandbits(31), persona.pk
        self.batch.personas.append(persona)
        self.batch.seals.append(seal)
        return persona

    def _voice(self, handle: str) -> dict[str, Any]:
        persona = self.voices.get(handle)
        return {"persona": persona} if persona else {"author": self.teller.users[handle]}

    def _topic(self, key: int) -> Topic:
        talk = self.talk
        replies = talk.get("replies", ())
        latest = self.begun + timedelta(hours=replies[-1]["after_hours"]) if replies else self.begun
        topic = Topic(
            pk=key,
            public_id=self.public_id,
            board=self.board,
            title=talk["title"],
            mode=talk["mode"],
            audience=talk["audience"] or self.board.audience,
            created_at=in_steps(self.begun),
            active_at=in_steps(latest),
            last_position=len(replies),
            **self._voice(talk["author"]),
        )
        if talk.get("closed"):
            topic.locked_at, topic.lock_reason = in_steps(latest + CLOSED_AFTER), talk["closed_reason"]
        self._put(topic, talk, self.begun)
        return topic

    def _reply(self, key: int, topic: Topic, position: int, said: dict[str, Any]) -> Reply:
        at = self.begun + timedelta(hours=said["after_hours"])
        reply = Reply(
            pk=key,
            public_id=self.teller.draw_id(),
            topic=topic,
            position=position,
            created_at=in_steps(at),
            **self._voice(said["author"]),
        )
        self._put(reply, said, at)
        return reply

    def _put(self, words: Contribution, said: dict[str, Any], at: datetime) -> None:
        """Set words and what became of them; a quote is set above them later, when what it quotes is there."""
        words.body = said["body"].strip()
        words.set_note([self.teller.notes[name] for name in said.get("notes", ())], said.get("note_words", ""))
        if "edited_after_hours" in said:
            words.edited_at = in_steps(self.begun + timedelta(hours=said["edited_after_hours"]))
            before = Revision(target=words, body=said["before_edit"].strip(), note=words.note, replaced_at=words.edited_at)
            self.batch.revisions.append(before)
            if isinstance(words, Topic):
                self.batch.revisions[-1].title = words.title
        if said.get("hidden"):
            words.hidden_at = in_steps(at + HIDDEN_AFTER)
            self.batch.hidden.append(words)
        if said.get("withdrawn"):
            words.withdrawn_at = in_steps(at + REGRETTED_AFTER)
            self.batch.revisions.append(words.revision())
            self.batch.revisions[-1].replaced_at = words.withdrawn_at
            words.body = ""
            words.set_note()
            words.empty()
        else:
            words.body_html = self.teller.html(words.body)

    def _tag(self, topic: Topic) -> None:
        """Let it carry those of its tags that are in the vocabulary; taken back, none."""
        names = [] if topic.is_withdrawn else self.talk.get("tags", ())
        topics = ContentType.objects.get_for_model(Topic)
        known = (self.teller.tags[name] for name in names if name in self.teller.tags)
        self.batch.tagged += [Tagged(tag=tag, content_type=topics, object_id=topic.pk) for tag in known]

    # What each of them led to -----------------------------------------------------

    def _happen(self, topic: Topic, replies: list[Reply]) -> None:
        """Read marks, references and news, reply by reply."""
        self._read(topic.voice, 0, topic.created_at)
        self._mention(topic, self.talk)
        for reply, said in zip(replies, self.talk.get("replies", ()), strict=True):
            voice = reply.voice
            self._read(voice, reply.position or 0, reply.created_at)
            for (is_persona, pk, kind), news in list(self.unread.items()):
                if (is_persona, pk) == (voice.is_persona, voice.pk):
                    news.read_at = reply.created_at
                    del self.unread[is_persona, pk, kind]
            self._tell(topic.voice, "forums.reply", reply, by=voice)
            if "quotes" in said:
                self._quote(reply, topic if said["quotes"] < 0 else replies[said["quotes"]], said["excerpt"])
            self._mention(reply, said)

    def _read(self, voice: Voice, position: int, at: datetime) -> None:
        """A mark belongs to the member, whatever their name is here."""
        self.read[voice if isinstance(voice, User) else self.behind[voice.pk]] = (position, at)

    def _marks(self, topic: Topic) -> Iterator[ReadMark]:
        for user, (position, at) in self.read.items():
            (reader,), shelf = read_tags(user, [self.public_id]), self.teller.place(user, at)
            yield ReadMark(topic=topic, reader=reader, shelf=shelf, position=position, at=at)

    def _mention(self, source: Contribution, said: dict[str, Any]) -> None:
        for user in self.teller.named(said["body"]):
            if not source.is_withdrawn:
                self.batch.references.append(Reference(kind=Reference.Kind.MENTION.value, source=source, to=user))
            self._tell(user, "contributions.mentioned", source, by=source.voice)

    def _quote(self, source: Reply, quoted: Contribution, excerpt: str) -> None:
        reference = Reference(kind=Reference.Kind.QUOTE.value, source=source, to=quoted, excerpt=excerpt)
        self._tell(quoted.voice, "forums.quote", source, by=source.voice)
        if not source.is_withdrawn:
            self.batch.references.append(reference)
            source.body_html = reference.as_quote(in_fold=bool(source.note)) + source.body_html

    def _tell(self, to: Voice, kind: str, about: Contribution, *, by: Voice | None = None) -> None:
        """News for `to`, unless some of this kind is still unread or it is their own doing."""
        reader = (to.is_persona, to.pk)
        if (by is not None and reader == (by.is_persona, by.pk)) or (*reader, kind) in self.unread:
            return
        at = about.created_at
        news = Notification(
            public_id=self.teller.draw_id(),
            kind=kind,
            target_type=ContentType.objects.get_for_model(about),
            target_id=about.pk,
            thread=self.public_id,
            created_at=at,
            # Mailed then: the first mails of a fresh demo shall be about what its visitors do.
            mailed_at=at if to.is_persona or to.email else None,
            **({"persona": to} if to.is_persona else {"recipient": to}),
        )
        self.unread[(*reader, kind)] = news
        self.news.append(news)

    def _catch_up(self, topic: Topic) -> None:
        """What is older than three days has been read: by everybody in it, and by those who miss nothing."""
        old = self.teller.now - CAUGHT_UP
        for news in self.news:
            if news.read_at is None and news.created_at < old:
                news.read_at = in_steps(news.created_at + READ_AFTER)
        active_at = topic.active_at or topic.created_at
        if active_at >= old:
            return
        at = in_steps(active_at + READ_AFTER)
        for user in [*self.read, *self.teller.regulars]:
            self._read(user, topic.last_position, at)
