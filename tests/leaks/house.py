"""A house full of secrets: a cast that stands in every relation to them, and of each kind of hidden thing at least one.

What members write is found in the models: each subclass of `Contribution` meets each fate, and needs a maker here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from community.contributions.models import Change, Contribution, Draft, Filter, Quote
from community.decisions.models import Decision, ReasonTemplate
from community.identity.models import Persona
from community.identity.seal import speak_as
from community.members.models import Block, User
from community.moderation import unmasking
from community.moderation.models import Appeal, Claim, Demand, DeskSettings, HandOver, MemberNote, Report, Unmasking
from community.notifications.models import Notification, Outgoing
from community.tags import applying
from community.tags.models import Following, Tag, Unmet
from forums.models import Mode, Reply, Topic
from mentorship import becoming, seeking
from mentorship.models import CheckIn, Concern, Goal, Lesson, Match, Mentor, Message, Session
from resources import taking_in
from resources.importing import read
from resources.models import Audience, Collection, Import, Resource, ResourceFile, Review, Saved
from tests import make

from .canaries import FIRST_KEY, Canaries

TEXTS = [model for model in apps.get_models() if issubclass(model, Contribution)]
# Everybody who looks, beside a guest, and what they are to the secrets.
CAST = {
    "newcomer": "in the first days",
    "member": "has nothing to do with any of it",
    "insider": "in the circle that some things are for",
    "outsider": "in another circle",
    "left": "was in the circle, with a session that is still open",
    "blocked": "blocked by `author`",
    "blocker": "has blocked `author`",
    "doubter": "has blocked the alias of `shunned`, by name",
    "masked": "speaks under an alias, which has blocked the alias of `shunned`",
    "shunned": "speaks under an alias, which two others have blocked",
    "ghost": "wrote under an alias, and never by name",
    "author": "wrote most of it, by name",
    "participant": "started the conversation that all can read, and answered elsewhere",
    "recipient": "was told of things, and lost them since: the circle, and by a block all of `author`",
    "quoter": "quoted everything while it could be quoted",
    "moderator": "looks after what others write, in no circle",
    "librarian": "looks after the library and its vocabulary, in no circle",
    "lead": "in charge of safety, in no circle",
    "owner": "runs the place, in no circle",
}


class House:
    """`people`, by what they are; `canaries`, which know every secret; `topics`, `replies` and `boards` with something in them."""

    def __init__(self) -> None:
        self.canaries = Canaries()
        self.topics: list[Topic] = []
        self.replies: list[Reply] = []
        self.library: list[Resource | Review | Collection] = []
        self.said: list[Message] = []
        with known_keys(User, Persona):
            self._move_in()
            self._open_boards()
            self._talk()
        self._fill_shelves()
        self._pair_up()
        self._let_go()
        self._keep_to_themselves()

    # People ----------------------------------------------------------------------

    def _move_in(self) -> None:
        self.people: dict[str, User] = {}
        self.circle = Group.objects.create(name=self.canaries.word("name of a circle"))
        others = Group.objects.create(name="Early birds")
        groups = dict.fromkeys(("insider", "author", "left", "recipient", "quoter"), (self.circle,)) | {"outsider": (others,)}
        for name in CAST:
            handle = self.canaries.word(f"name of {name}") if name in {"author", "ghost"} else ""
            role = name if name in {"newcomer", "moderator", "librarian", "lead", "owner"} else "member"
            self.people[name] = user = make.user(
                handle,
                role=role,
                email=f"{self.canaries.word(f'address of {name}')}@example.org",
                groups=groups.get(name, ()),
                about=self.canaries.word(f"about {name}"),
            )
            user.is_here = True
            self.canaries.mark(f"key of {name}", user.pk)
            self.canaries.mark(f"picture of {name}", user.profile.hang(b"no picture, but nobody looks").public_id)
        self.__dict__.update(self.people)
        self.second_lead = make.user(role="lead")

    def alias_of(self, name: str, topic: Any) -> Persona:
        """How somebody speaks there, under a name that is known again."""
        persona = speak_as(self.people[name], getattr(topic, "public_id", topic))
        if persona.alias not in self.canaries.kinds:
            persona.alias = self.canaries.word(f"alias of {name}")
            persona.save()
            self.canaries.mark(f"key of the alias of {name}", persona.pk)
        self.people[name].forget_personas()
        return persona

    # Boards and words --------------------------------------------------------------

    def _open_boards(self) -> None:
        self.board = make.board(audience="everyone", anonymous_at=timezone.now())
        word = lambda: self.canaries.word("board for a circle")  # noqa: E731
        self.inner_board = make.board(
            slug=word(), name=word(), purpose=word(), guidelines=word(), audience="group", audience_group=self.circle
        )
        self.boards = [self.board, self.inner_board]

    def _talk(self) -> None:
        """A conversation that all can read, with every kind of reply in it; and one of every kind beside it."""
        self.talk = self.board.start(self.participant, title="Open to all", body="Welcome.", mode=Mode.LISTENING)
        self.members_talk = self._topic("topic for members", self.author, audience="members")
        self.circle_talk = self._topic("topic for a circle", self.author, audience="group", group=self.circle)
        self._topic("topic on a board for a circle", self.author, board=self.inner_board)
        self._topic("topic across a block", self.author, audience="members")
        self.topics.append(self.talk)
        for fate in _FATES:
            self._topic(f"topic {fate}", self.author)
        self._topic("topic of an alias", "ghost")
        self._topic("topic of a blocked alias", "shunned")
        for fate in (*_FATES, "across a block"):
            self._reply(f"reply {fate}", self.talk, self.author)
        self._reply("reply for members", self.members_talk, self.author)
        self._reply("reply for a circle", self.circle_talk, self.author)
        self._reply("reply under something hidden", self.of("topic hidden"), self.participant)
        self._reply("reply under somebody across a block", self.of("topic across a block"), self.participant)
        self._reply("reply of an alias", self.talk, self.alias_of("ghost", self.talk))
        self._reply("reply of a blocked alias", self.talk, self.alias_of("shunned", self.talk))
        self._reply("reply of an alias that blocked", self.talk, self.alias_of("masked", self.talk))
        self._reply("reply of a member who blocked an alias", self.talk, self.doubter)
        self._wait()
        self._tag()

    def _wait(self) -> None:
        """What a volunteer looks at first, and what went back to its author, before and after others saw it."""
        careful = make.board(audience="everyone", anonymous_at=timezone.now(), held_first_at=timezone.now())
        talk = Topic.objects.get(pk=self.talk.pk)
        talk.held_first_at = timezone.now()
        for kind, voice in (("held", "author"), ("sent back", "author"), ("of an alias held", "ghost")):
            public_id = uuid4()
            words = {part: self.canaries.word(f"topic {kind}: {part}") for part in ("title", "words")}
            speaker = self.alias_of(voice, public_id) if voice == "ghost" else self.author
            held = careful.start(
                speaker, title=words["title"], body=words["words"], mode=Mode.LISTENING, public_id=public_id, tags=["sleep"]
            )
            self._keep_waiting(f"topic {kind}", held)
            self.topics.append(held)
            speaker = self.alias_of(voice, talk) if voice == "ghost" else self.author
            body = f"@{self.recipient.username} {self.canaries.word(f'reply {kind}: words')}"
            answer = talk.reply(speaker, body, quoting=[Quote(self.of("reply for members"), "")])
            self._keep_waiting(f"reply {kind}", answer)
            self.replies.append(answer)
        self.boards.append(careful)

    def _keep_waiting(self, kind: str, words: Contribution) -> None:
        words.set_note((), self.canaries.word(f"{kind}: note"))
        words.save()
        words.kind = kind
        self.canaries.mark(f"{kind}: id", words.public_id)
        if kind.endswith("sent back"):
            words.revise(by=self.moderator, reason=f"Because of {self.canaries.word('reason of a volunteer')}.")

    def _tag(self) -> None:
        """Everything stands under one tag, and one conversation carries a word that nobody has looked at yet."""
        for topic in self.topics:
            applying.apply(topic, ["sleep"], accept=True)
        self.proposed = self.canaries.word("proposed tag")
        applying.apply(self.members_talk, ["sleep", self.proposed])
        self.tag = Tag.objects.get(name="sleep")
        Following.objects.create(tag=self.tag, user=self.author)
        Unmet.note(self.tag, self.author)

    def _topic(self, kind: str, voice: Any, **place: Any) -> Topic:
        public_id, word = uuid4(), lambda part: self.canaries.word(f"{kind}: {part}")
        if isinstance(voice, str):
            voice = self.alias_of(voice, public_id)
        board = place.pop("board", self.board)
        topic = board.start(voice, title=word("title"), body=word("words"), mode=Mode.LISTENING, public_id=public_id, **place)
        self._finish(kind, topic)
        self.topics.append(topic)
        return topic

    def _reply(self, kind: str, topic: Topic, voice: Any) -> Reply:
        body = f"@{self.recipient.username} {self.canaries.word(f'{kind}: words')}"
        reply = topic.reply(voice, body)
        self._finish(kind, reply)
        self.replies.append(reply)
        return reply

    def _finish(self, kind: str, words: Contribution) -> None:
        """A note, and somebody who quotes it."""
        words.set_note((), self.canaries.word(f"{kind}: note"))
        words.save()
        words.kind = kind
        self.canaries.mark(f"{kind}: id", words.public_id)
        topic = words if isinstance(words, Topic) else words.topic
        quoted = words.body.split()[-1]
        topic.reply(self.quoter, "As you say.", quoting=[Quote(words, quoted)])

    @property
    def texts(self) -> list[Any]:
        return [*self.topics, *self.replies, *self.library, *self.said]

    def of(self, kind: str) -> Any:
        """The words of that kind."""
        return next(words for words in self.texts if getattr(words, "kind", "") == kind)

    # The library -----------------------------------------------------------------

    def _fill_shelves(self) -> None:
        """Things in every state, words about them, and collections for everybody, for members and for their maker alone."""
        for fate in _FATES:
            self._thing(f"resource {fate}", self.author)
        self._thing("resource across a block", self.author)
        self._thing("resource waiting", self.author, publish=False)
        refused = self._thing("resource turned down", self.author, publish=False)
        Resource.objects.get(pk=refused.pk).refuse(
            by=self.owner, reason=f"Because of {self.canaries.word('resource turned down: why')}."
        )
        inner = self._thing("resource for members", self.author, audience=Audience.MEMBERS)
        gone = self._thing("resource hidden", self.participant, is_named=False)
        for fate in (*_FATES, "across a block"):
            self._word(f"review {fate}", make.resource(self.participant, by=self.owner))
        self._word("review of something for members", make.resource(self.participant, by=self.owner, audience=Audience.MEMBERS))
        self._word("review of something hidden", gone)
        gone.hide(by=self.moderator, reason="So that nobody sees what was said of it.")
        for fate in (*_FATES, "across a block"):
            self._path(f"collection {fate}", inner, shared="everyone")
        self._path("collection for members", inner, shared="members")
        self._path("collection private", inner, shared="private")
        Saved.keep(inner, self.author, self.canaries.word("note of something kept"))
        applying.apply(inner, ["sleep", self.proposed])
        self._tend(inner)
        self._bring_files()

    def _tend(self, thing: Resource) -> None:
        """What volunteers do with it: look where it leads by now, hear what is wrong with it, and say who works on it."""
        word, thing = self.canaries.word, Resource.objects.get(pk=thing.pk)
        Resource.objects.filter(pk=thing.pk).update(moved_to=f"https://example.org/{word('where something moved to')}")
        Report.put(thing, by=self.member, reason="stale", rule=word("words of a report"), words=word("words of a report"))
        Report.put(thing, by=self.insider, reason="other", words=word("words of a report"))
        Report.objects.get(reporter=self.insider).close(by=self.owner, reason=f"Because of {word('what came of a report')}.")
        worker = make.user(word("name of who works on something"), role="librarian")
        for claimed in (thing, Report.objects.get(reporter=self.member)):
            Claim.take(claimed, by=worker)

    def _bring_files(self) -> None:
        """A file of bookmarks, looked at and not brought in yet: a new one, one that is here already, and one that is none."""
        word = lambda: self.canaries.word("row of a file")  # noqa: E731
        here = self.of("resource for members").address
        rows = f"url,title\nhttps://example.org/{word()},{word()}\n{here},{word()}\n{word()},nothing\n"
        self.brought: Import = taking_in.preview(
            read(rows.encode()), by=self.librarian, name=f"{self.canaries.word('name of a file')}.csv"
        )
        self.canaries.mark("id of an import", self.brought.public_id)

    def _thing(self, kind: str, brought_by: User, *, is_named: bool = True, **fields: Any) -> Resource:
        word = lambda part: self.canaries.word(f"{kind}: {part}") if is_named else "Something"  # noqa: E731
        if is_named:
            fact = self.canaries.word(f"{kind}: facts")
            fields |= {
                "address": f"https://example.org/{fact}",
                "made_by": fact,
                "phone": fact,
                "hours": fact,
                "doi": f"10.1/{fact}",
            }
            fields["archive"] = f"https://example.org/kept/{fact}"
        made = make.resource(brought_by, title=word("title"), body=word("words"), tags=["sleep"], by=self.owner, **fields)
        if is_named:
            self._mark(kind, made)
            name, alt, content = (self.canaries.word(f"{kind}: file") for _ in range(3))
            ResourceFile.put(made, name=f"{name}.pdf", content_type="application/pdf", content=content.encode(), alt=alt)
        return made

    def _word(self, kind: str, thing: Resource) -> None:
        self._mark(kind, make.review(thing, self.author, body=self.canaries.word(f"{kind}: words")))

    def _path(self, kind: str, thing: Resource, *, shared: str) -> None:
        word = lambda part: self.canaries.word(f"{kind}: {part}")  # noqa: E731
        made = make.collection(self.author, things=[thing], title=word("title"), body=word("words"), shared=shared)
        made.say_before(thing, word("words between"))
        self._mark(kind, made)

    def _mark(self, kind: str, words: Any) -> None:
        words.set_note((), self.canaries.word(f"{kind}: note"))
        words.save()
        words.kind = kind
        self.canaries.mark(f"{kind}: id", words.public_id)
        (self.said if isinstance(words, Message) else self.library).append(words)

    # Two and two ---------------------------------------------------------------------

    def _pair_up(self) -> None:
        """A room of `author` and `participant` with all that two can keep there, and one in which something is reported."""
        word = self.canaries.word
        before = self._speak_well_of_somebody()
        mentor = make.mentor(self.participant, capacity=3)
        match, second = [make.match(who, mentor) for who in (self.author, self.outsider)]
        for each in (match, second):
            self.canaries.mark("id of a match", each.public_id)
        mentor.refresh_from_db()
        self.matches = [match, second, before]
        for fate in (*_FATES, "in a room"):
            self._mark(f"message {fate}", make.message(match, self.author, word(f"message {fate}: words")))
        reported = make.message(second, self.outsider, word("message reported: words"))
        self._mark("message reported", reported)
        Report.put(reported, by=self.participant, reason="harmful", words=word("words of a report"))
        kept = (
            "hello",
            "rhythm",
            "channel",
            "between_us",
            "how_to_stop",
            "notes",
            "newcomer_thanks",
            "mentor_thanks",
            "testimonial",
        )
        values = {name: word("words of a room") for name in kept} | {"decline_reason": word("what a coordinator is told")}
        values |= {"newcomer_feedback": word("feedback of author"), "mentor_feedback": word("feedback of participant")}
        Match.objects.filter(pk=match.pk).update(**values, parts={"told": word("what a coordinator is told")})
        Goal.add(match, word("words of a room"))
        Session.keep(match, by=self.author, on=timezone.localdate(), words=word("line of a log"))
        self.lines = list(Session.objects.select_related("match"))
        concern = Concern.call(match, by=self.author, words=word("words of a call"), shown=self.said[3:4])
        concern.close(by=self.lead, reason=f"Because of {word('words of a call')}.")
        self._ask_and_part(match, second)
        self._look_for_a_mentor(mentor)

    def _speak_well_of_somebody(self) -> Match:
        """What members read on the page of `shunned`: words of `author`, and once those of two others."""
        self.praised = make.mentor(self.shunned, **{name: self.canaries.word("words of a mentor") for name in _OWN_WORDS})
        leaving = make.user()
        by = {"on": self.author, "taken off": make.user(), "of somebody gone from": leaving}
        self.told = [self._praise(who, f"words {fate} a mentor's page", is_named=True) for fate, who in by.items()]
        before, taken_off, _left = self.told
        self.told.append(self._praise(make.user(), "words without a name on a mentor's page", is_named=False))
        taken_off.take_down_testimonial(by=self.owner, reason="They name somebody.")
        User.objects.filter(pk=leaving.pk).update(is_active=False)
        self.canaries.mark("id of a match of before", before.public_id)
        return before

    def _praise(self, newcomer: User, kind: str, *, is_named: bool) -> Match:
        self.praised.refresh_from_db()
        match = make.match(newcomer, self.praised)
        match.part(by=newcomer, testimonial=self.canaries.word(kind), is_named=is_named)
        match.show_testimonial(seen=match.testimonial_stamp)
        return match

    def _ask_and_part(self, match: Match, second: Match) -> None:
        """The two of a room are asked how it goes, and those of the other one say goodbye."""
        word = self.canaries.word
        CheckIn.ask(match, 1, kind=CheckIn.Kind.FIT)
        self.check_ins = list(CheckIn.objects.order_by("pk"))
        for asked in self.check_ins:
            asked.say("not", word("answer to a coordinator" if asked.user_id == self.author.pk else "answer of the other"))
        told = {name: word("words at an end") for name in ("thanks", "testimonial")}
        second.part(by=self.outsider, feedback=word("feedback of outsider"), is_named=True, **told)

    def _look_for_a_mentor(self, mentor: Any) -> None:
        """`insider` looks for a mentor and has asked one, and set another aside."""
        word = self.canaries.word
        search = make.request(self.insider, need=word("words of a search"), hopes=word("words of a search"))
        search.set_without(applying.resolve([self.tag.name]))
        aside = self.praised
        self._apply_as_mentors()
        seeking.note(search, aside, "not")
        self.guides = [mentor, aside]
        mentor.refresh_from_db()
        question = Match.ask(search, mentor, hello=word("words of a search"))
        self.matches.append(question)

    def _apply_as_mentors(self) -> None:
        """`member` handed an application in, which was turned down; `doubter` has only begun."""
        for user, kind in ((self.member, "words of an application"), (self.doubter, "words of a beginning")):
            told = {name: self.canaries.word(kind) for name in _OWN_WORDS}
            begun = Mentor.objects.create(user=user, languages=["en"], hours=make.EVENINGS, **told)
            becoming.take(begun, Lesson.objects.get(is_case=True), self.canaries.word(kind))
        applied = Mentor.objects.get(user=self.member)
        applied.apply()
        applied.refuse(by=self.owner, reason=f"Because of {self.canaries.word('words of an application')}.")

    # What became of it ---------------------------------------------------------------

    def _let_go(self) -> None:
        for model in TEXTS:
            name = model._meta.model_name
            hidden, gone, edited, removed, folded = (model.objects.get(pk=self.of(f"{name} {fate}").pk) for fate in _FATES)
            because = {part: f"Because of {self.canaries.word('reason of a volunteer')}." for part in ("reason", "rule")}
            hidden.hide(by=self.moderator, **because)
            removed.remove(by=self.moderator, **because)
            folded.fold(by=self.moderator, **because)
            gone.withdraw()
            edited.edit("Other words.", **({"title": "Another title"} if hasattr(edited, "title") else {}))
            if waits := edited.waiting_change:
                waits.show(by=self.owner)
                edited.refresh_from_db()
            edited.set_note((), "")
            edited.save()
        Block.put(self.author, self.blocked)
        Block.put(self.blocker, self.author)
        Block.put(self.author, self.recipient)
        for topic in (self.talk, self.of("topic of a blocked alias")):
            shunned = self.alias_of("shunned", topic)
            Block.put(self.doubter, shunned)
            Block.put(self.alias_of("masked", topic), shunned)
        for name in ("left", "recipient"):
            self.people[name].groups.remove(self.circle)

    def _keep_to_themselves(self) -> None:
        """What is for one person alone, or for nobody."""
        author, word = self.author, self.canaries.word
        for form in (f"forums.topic:{self.board.slug}", f"forums.reply:{self.talk.public_id}"):
            Draft.keep(author, form, {"body": word("draft"), "title": word("draft")})
        Change.objects.create(target=self.of("reply for members"), words={"body": word("words of a change")})
        Filter.objects.create(user=author, act="fold", words=(words := word("words of a filter")), query=f"'{words}'")
        Outgoing.put(
            to=f"{word('mail')}@example.org", sender=f"{word('mail')}@example.org", subject=word("mail"), body=word("mail")
        )
        self._use_power()
        self._sit_at_the_desk()
        self.second_lead.dismiss("lead", by=self.owner, reason="They asked for a rest.")
        reason = f"Because of {word('words of the record')}."
        self.second_lead.appoint("lead", by=self.owner, reason=reason, is_trained=True)
        self.news = list(Notification.objects.order_by("pk"))

    def _sit_at_the_desk(self) -> None:
        """What volunteers say to each other, and keep ready to say."""
        word = self.canaries.word
        Demand.objects.create(what=word("what an authority asked for"))
        HandOver.objects.create(by=self.moderator, words=word("words to the next shift"))
        ReasonTemplate.objects.create(name=word("reason kept ready"), words=f"Because of {word('reason kept ready')}.")
        DeskSettings.objects.update_or_create(pk=1, defaults={"debrief": word("where volunteers talk about it")})

    def _use_power(self) -> None:
        """Two looks again at what was decided, a note each on a member and on an alias, and two aliases found out."""
        word, hidden = self.canaries.word, Decision.objects.filter(member=self.author).order_by("pk")
        Appeal.ask(hidden[0], words=word("words of an appeal"))
        Appeal.ask(hidden[1]).uphold(by=self.owner, reason=f"Because of {word('answer to an appeal')}.")
        ghost, masked = (self.alias_of(name, self.talk) for name in ("ghost", "masked"))
        for voice in ({"member": self.author}, {"persona": ghost}):
            MemberNote.objects.create(by=self.owner, words=word("note on a member"), **voice)
        for alias, untold in ((ghost, ""), (masked, word("reason not to tell"))):
            found = Unmasking.ask(alias, by=self.lead, reason=word("reason to find out"), untold_because=untold)
            found.approve(by=self.second_lead, reason=f"Because of {word('words of the record')}.")
            unmasking.carry_out(found.pk)


_FATES = ("hidden", "taken back", "edited away", "removed", "folded")
_OWN_WORDS = ("story", "offers", "limits")  # of a mentor


@contextmanager
def known_keys(*models: Any) -> Iterator[None]:
    """Meanwhile the keys of these models have ten digits, another range for each, so that they can be told from other numbers."""
    with connection.cursor() as cursor:
        names = [(f"{model._meta.db_table}_id_seq", FIRST_KEY + 1_000_000 * number) for number, model in enumerate(models)]
        before = {}
        for name, first in names:
            cursor.execute(f"SELECT last_value, is_called FROM {name}")
            before[name] = cursor.fetchone()
            cursor.execute("SELECT setval(%s, %s)", [name, first])
        yield
        for name, (last, is_called) in before.items():
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last, is_called])
