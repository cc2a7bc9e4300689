"""A small community, and how a history is played into it.

A history is a list of `Act`s: plain data, so that the same one can be played again with one thing changed. Topics and posts are
named by the order in which they were made.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from community.contributions.models import Contribution
from community.members.models import User
from community.notifications import tasks
from forums.models import Mode, Reply, Topic
from forums.permissions import can_reply
from tests import make
from tests.addresses import forms_in
from tests.anonymity.chance import Chance, repeatable

# Names that no other word on a page holds. The first two are those who are swapped; the third speaks under aliases alone.
ONE, TWO, SILENT = "quillmoss", "tarnbeck", "brindlecote"
OTHERS = ("ossolow", "felhurst")
MEMBERS = (ONE, TWO, SILENT, *OTHERS)
MODERATOR, OWNER, LEADS = "marlgate", "cindermoor", ("hollinmere", "larchgill")
EVERYBODY = (*MEMBERS, MODERATOR, OWNER, *LEADS)
ROLES = {MODERATOR: "moderator", OWNER: "owner"} | dict.fromkeys(LEADS, "lead")
# On the last board everybody speaks by name; on the others the first three speak under aliases, and the others as they like.
BOARDS = ("everyone", "members", "named")
NAMED = 2
BEGAN = datetime(2026, 11, 25, 9, 2, 17, tzinfo=UTC)
MADE = re.compile(r"/([0-9a-f-]{36})/$")
# Keys that no other number on a page looks like.
FIRST_KEYS = {
    "members_user_id_seq": 7_310_000,
    "identity_persona_id_seq": 6_420_000,
    "forums_topic_id_seq": 8_530_000,
    "forums_reply_id_seq": 9_640_000,
}


@dataclass(frozen=True)
class Act:
    """Something that somebody does. `what` names a board, a conversation or a post by its number, `more` whatever goes with it."""

    kind: str
    who: str = ""
    what: int = 0
    more: Any = None
    is_anonymous: bool = False
    seconds: int = 60

    def __str__(self) -> str:
        parts = [self.who, self.kind, f"#{self.what}", "" if self.more is None else repr(self.more)]
        return " ".join(filter(None, [*parts, "anonymously" if self.is_anonymous else "", f"after {self.seconds} s"]))


@dataclass
class Post:
    """What was written: by whom in truth, and in which voice."""

    words: Any
    topic: int
    who: str
    persona: int | None
    mentions: tuple[str, ...] = ()
    quotes: str = ""


@dataclass
class World:
    """Who and what there is. Make one with `World.made()`."""

    chance: Chance
    sign_in: Callable[[User], Client]
    # Who speaks for whom: those who are swapped wherever they speak under an alias.
    instead: dict[str, str] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    boards: list[Any] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    # (who, topic): did they speak under an alias there?
    voices: dict[tuple[str, int], bool] = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)
    clock: Any = None

    @classmethod
    @contextmanager
    def made(cls, **options: Any) -> Iterator["World"]:
        """A world that is gone afterwards, always the same one at the beginning."""
        with ExitStack() as stack:
            stack.callback(mail.outbox.clear)
            stack.enter_context(_undone())
            _set_first_keys()
            clock = stack.enter_context(time_machine.travel(BEGAN, tick=False))
            world = cls(chance=stack.enter_context(repeatable("world")), clock=clock, **options)
            world._settle()
            yield world

    def _settle(self) -> None:
        for handle in EVERYBODY:
            self.users[handle] = make.user(handle, role=ROLES.get(handle, "member"), avatar_seed=len(self.users)).pk
        for number, kind in enumerate(BOARDS):
            fields: dict[str, Any] = {"slug": f"board-{kind}", "name": f"The {kind} board", "position": number}
            if number != NAMED:
                fields["anonymous_at"] = BEGAN - timedelta(days=30)
            self.boards.append(make.board(audience="everyone" if kind == "everyone" else "members", **fields))

    def user(self, handle: str) -> User:
        """The member, as in a request of theirs."""
        user = User.objects.get(pk=self.users[handle])
        user.is_here = True
        return user

    # Playing -----------------------------------------------------------------------------------------------------

    def play(self, history: list[Act]) -> None:
        for act in history:
            self.do(act)

    def do(self, act: Act) -> None:
        """Do it, and keep what came of it; what is not possible does not happen."""
        self.clock.shift(act.seconds)
        self.chance.seed(len(self.outcomes), act.kind)
        with transaction.atomic():
            outcome = getattr(self, f"_{act.kind}")(self._cast(act))
        self.outcomes.append(outcome or "nothing")

    def _cast(self, act: Act) -> Act:
        """With the other one of the two on the stage, where they are swapped."""
        board = self._board_of(act)
        if board is None or board == NAMED or act.kind in {"block", "unblock", "filter"}:
            return act
        return replace(act, who=self.instead.get(act.who, act.who))

    def _board_of(self, act: Act) -> int | None:
        if act.kind == "start":
            return act.what % len(self.boards)
        if act.kind in {"reply", "read", "draft"} and self.topics:
            return self._number(self.topics[act.what % len(self.topics)].board)
        if act.kind in {"edit", "withdraw", "block_alias", "unblock_alias"} and self.posts:
            return self._number(self.topics[self.posts[act.what % len(self.posts)].topic].board)
        return None

    def _number(self, board: Any) -> int:
        return next(number for number, each in enumerate(self.boards) if each.pk == board.pk)

    def _those_who_might(self, who: str) -> list[User]:
        """Whoever does it, and whoever would if the two were swapped: what only one of them can do happens in neither world."""
        pair = (ONE, TWO) if who in (ONE, TWO) else (who,)
        return [self.user(handle) for handle in pair]

    def _voice(self, who: str, topic: int, board: int, is_anonymous: bool) -> bool:
        """Under an alias? The first words in a conversation decide it."""
        wanted = board != NAMED and (is_anonymous or who in (ONE, TWO, SILENT))
        return self.voices.get((who, topic), wanted)

    def _start(self, act: Act) -> str:
        number = act.what % len(self.boards)
        as_alias = self._voice(act.who, len(self.topics), number, act.is_anonymous)
        board = self.boards[number]
        words = {"title": f"Conversation {len(self.topics)}", "mode": Mode.LISTENING, "body": self._words(act)}
        answer = self._post(act.who, f"{board.get_absolute_url()}new/", as_alias, audience=board.audience, **words)
        if made := MADE.search(answer.headers.get("Location", "")):
            self.topics.append(Topic.objects.with_place().get(public_id=made[1]))
            self._keep(self.topics[-1], act, as_alias)
        return f"started: {answer.status_code}"

    def _reply(self, act: Act) -> str:
        if not self.topics:
            return ""
        number = act.what % len(self.topics)
        topic = Topic.objects.select_related("board").get(pk=self.topics[number].pk)
        if not all(topic.is_visible_to(user) and can_reply(user, topic) for user in self._those_who_might(act.who)):
            return "not open"
        as_alias = self._voice(act.who, number, self._number(topic.board), act.is_anonymous)
        words = {"body": self._words(act), "quote": self._quoted(act, number)}
        answer = self._post(act.who, f"{topic.get_absolute_url()}reply/", as_alias, **words)
        if made := MADE.search(answer.headers.get("Location", "")):
            self._keep(Reply.objects.with_place().get(public_id=made[1]), act, as_alias, number)
            self.posts[-1].quotes = words["quote"]
        return f"replied: {answer.status_code}"

    def _post(self, who: str, url: str, as_alias: bool, **words: str) -> Any:
        """Fill the form in and send it, with the choice of a name where there is one."""
        form = self.client(who).get(url).content.decode()
        voice = {"voice": "alias" if as_alias else "name"} if 'name="voice"' in form else {}
        # What was drawn until now, such as for a session, is told by nothing that is drawn from here on.
        self.chance.seed(len(self.outcomes), "posted")
        return self.client(who).post(url, {"key": f"key-{len(self.outcomes)}", **words, **voice})

    def _words(self, act: Act) -> str:
        mentioned = (act.more or {}).get("mention")
        return f"Words {len(self.posts)}, quiet ones.{f' And @{mentioned}, too.' if mentioned else ''}"

    def _quoted(self, act: Act, topic: int) -> str:
        wanted = (act.more or {}).get("quote")
        among = [post.words for post in self.posts if post.topic == topic]
        if wanted is None or not among:
            return ""
        words = self._fresh(among[wanted % len(among)])
        is_open = all(words.is_visible_to(user) for user in self._those_who_might(act.who))
        return str(words.public_id) if is_open and not words.is_withdrawn else ""

    def _fresh(self, words: Any) -> Any:
        return type(words).objects.with_place().get(pk=words.pk)

    def _keep(self, words: Contribution, act: Act, as_alias: bool, topic: int | None = None) -> None:
        number = len(self.topics) - 1 if topic is None else topic
        self.voices[act.who, number] = as_alias
        mentioned = (act.more or {}).get("mention")
        self.posts.append(Post(words, number, act.who, words.persona_id, (mentioned,) if mentioned else ()))

    def _owner_of(self, act: Act) -> Post | None:
        return self.posts[act.what % len(self.posts)] if self.posts else None

    def _edit(self, act: Act) -> str:
        if not (post := self._owner_of(act)) or not self._may_change(post):
            return "not theirs any more"
        words = {"title": "Another title", "mode": Mode.STORIES, "body": f"Other words {len(self.outcomes)}, also quiet."}
        answer = self.client(post.who).post(f"{post.words.get_absolute_url()}edit/", words)
        post.mentions = ()
        return f"edited: {answer.status_code}"

    def _withdraw(self, act: Act) -> str:
        if not (post := self._owner_of(act)) or not self._may_change(post):
            return "not theirs any more"
        answer = self.client(post.who).post(f"{post.words.get_absolute_url()}withdraw/")
        return f"withdrawn: {answer.status_code}"

    def _close(self, act: Act) -> str:
        """Whoever began it closes it, or opens it again."""
        if not self.topics:
            return ""
        number = act.what % len(self.topics)
        post = next(post for post in self.posts if post.topic == number)
        if not self._may_change(post):
            return "not theirs any more"
        answer = self.client(post.who).post(f"{post.words.get_absolute_url()}lock/{'delete/' if act.more else ''}")
        return f"closed: {answer.status_code}"

    def _may_change(self, post: Post) -> bool:
        words = self._fresh(post.words)
        return not words.is_withdrawn and all(words.is_visible_to(user) for user in self._those_who_might(post.who))

    def _hide(self, act: Act) -> str:
        return self._as_moderator(act, "hide")

    def _restore(self, act: Act) -> str:
        return self._as_moderator(act, "restore")

    def _as_moderator(self, act: Act, verb: str) -> str:
        if not (post := self._owner_of(act)):
            return ""
        getattr(self._fresh(post.words), verb)(by=self.user(MODERATOR), reason="It names somebody who is not here.")
        return verb

    def _lock(self, act: Act) -> str:
        return self._turn_key(act, "lock")

    def _unlock(self, act: Act) -> str:
        return self._turn_key(act, "unlock")

    def _turn_key(self, act: Act, verb: str) -> str:
        if not self.topics:
            return ""
        topic = Topic.objects.select_related("board").get(pk=self.topics[act.what % len(self.topics)].pk)
        getattr(topic, verb)(by=self.user(MODERATOR), reason="The evening is over for this one.")
        return verb

    def _pass(self, _act: Act) -> str:
        """Nothing but time."""
        return ""

    # Keeping away ------------------------------------------------------------------------------------------------

    def _block(self, act: Act) -> str:
        return f"blocked: {self.client(act.who).post(f'/members/{act.more}/block/').status_code}"

    def _unblock(self, act: Act) -> str:
        return f"unblocked: {self.client(act.who).post(f'/members/{act.more}/block/delete/').status_code}"

    def _block_alias(self, act: Act) -> str:
        if not (post := self._alias_for(act)):
            return "not open"
        answer = self.client(act.who).post(f"{post.words.get_absolute_url()}person/block/")
        return f"blocked: {answer.status_code}"

    def _unblock_alias(self, act: Act) -> str:
        if not (post := self._alias_for(act)):
            return "not open"
        alias = self._fresh(post.words).persona.public_id
        return f"unblocked: {self.client(act.who).post(f'/settings/blocks/{alias}/delete/').status_code}"

    def _alias_for(self, act: Act) -> Post | None:
        """Words of an alias that is not their own, as far as they can see it, and the other one of the pair."""
        post = self._owner_of(act)
        if not post or not post.persona or post.who == act.who:
            return None
        words = self._fresh(post.words)
        return post if all(words.is_visible_to(each) for each in self._those_who_might(act.who)) else None

    def _filter(self, act: Act) -> str:
        words = {"by": "words", "words": f"words {act.what}", "act": act.more, "lasts": "always"}
        return f"filtered: {self.client(act.who).post('/settings/filters/', words).status_code}"

    def _draft(self, act: Act) -> str:
        """Begin to write, and keep it for later."""
        if not self.topics:
            return ""
        url = f"{self.topics[act.what % len(self.topics)].get_absolute_url()}reply/"
        form = next((form for form in forms_in(self.client(act.who).get(url).text) if "draft" in form.fields), None)
        if form is None:
            return "not open"
        kept = {name: form.fields[name].values[0] for name in ("member", "draft")}
        return f"kept: {self.client(act.who).post('/write/draft/', {**kept, 'body': 'Half a sentence'}).status_code}"

    # Looking around ----------------------------------------------------------------------------------------------

    def client(self, who: str) -> Client:
        if who not in self.clients:
            self.clients[who] = self.sign_in(self.user(who))
        return self.clients[who]

    def _read(self, act: Act) -> str:
        """Where one of the two reads, the other one does, too: each is somebody by name there, as well."""
        if not self.topics:
            return ""
        topic = self.topics[act.what % len(self.topics)]
        both = [self.instead.get(name, name) for name in (ONE, TWO)]
        readers = both if act.who in both and self._number(topic.board) != NAMED else [act.who]
        if not all(topic.is_visible_to(self.user(who)) for who in readers):
            return "not open"
        answers = [self.client(who).get(topic.get_absolute_url()) for who in readers]
        return f"read: {[answer.status_code for answer in answers]}"

    def _inbox(self, act: Act) -> str:
        return f"inbox: {self.client(act.who).get('/inbox/').status_code}"

    def _sign_again(self, act: Act) -> str:
        self.client(act.who).post("/accounts/logout/")
        del self.clients[act.who]
        self.client(act.who)
        return "signed in again"

    def _work(self, act: Act) -> str:
        """What the worker would do by now."""
        for name, arguments in due_jobs():
            getattr(tasks, name)(**arguments)
        tasks.send_due(0)
        return "worked"


def due_jobs() -> list[tuple[str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE coalesce(scheduled_at, '-infinity') <= %s RETURNING id, task_name, args",
            [timezone.now()],
        )
        return [
            (name.rpartition(".")[2], json.loads(arguments))
            for _id, name, arguments in sorted(cursor.fetchall(), key=itemgetter(0))
        ]


@contextmanager
def _undone() -> Iterator[None]:
    """Nothing of it stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _set_first_keys() -> None:
    """Keys are counted outside transactions; begin again where they began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
        for (name,) in cursor.fetchall():
            cursor.execute("SELECT setval(%s, %s)", [name, FIRST_KEYS.get(name, 1_000)])
