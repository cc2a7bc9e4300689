"""Whatever happens, and in whatever order: who is behind an alias shows in nothing that anybody else can see or receive.

A machine draws histories. Each is played, looked at by everybody, and played again with the two who speak under aliases swapped:
then everything that anybody else can see must be the same to the byte.
"""

import logging
import re
from contextlib import ExitStack
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from community.identity.models import Persona
from community.identity.seal import open_seal
from community.members.models import User
from forums.models import Reply, Topic
from tests.anonymity.looking import GUEST, differences, letters_to, look
from tests.anonymity.world import (
    BOARDS,
    EVERYBODY,
    FIRST_KEYS,
    MEMBERS,
    MODERATOR,
    NAMED,
    ONE,
    OTHERS,
    OWNER,
    SILENT,
    TWO,
    Act,
    World,
)

pytestmark = pytest.mark.django_db

HISTORIES, DEEP_HISTORIES = 4, 200
STEPS, DEEP_STEPS = 16, 30
# Everybody but the two who are swapped, and where they look. Both kinds of staff see the same words.
VIEWERS = {
    GUEST: r"^/(?!.*/(edit|withdraw|lock|delete|reply|new|settings|person|block)/$)",
    OTHERS[0]: r"^/(?!.*/(edit|withdraw|lock|delete|settings|person|block)/$|wrote|write)",
    MODERATOR: "^/admin/(forums|members)",
    OWNER: "^/admin/(notifications/|$)",
}
EVERYWHERE = dict.fromkeys(VIEWERS, "")
# Pages of somebody whom the address names already.
OF_THE_SILENT = f"^/(members|report/member)/{SILENT}/"
SWAPPED = {ONE: TWO, TWO: ONE}

numbers = st.integers(0, 11)
members = st.sampled_from(MEMBERS)
others = st.sampled_from(OTHERS)
pauses = st.sampled_from([7, 61, 290, 1500])
mentioned = st.sampled_from([None, None, None, ONE, TWO, *OTHERS])


class Histories(RuleBasedStateMachine):
    """What may happen, in any order; `sign_in` comes from the test."""

    sign_in: Any = None
    viewers = VIEWERS

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Act] = []
        self.stack = ExitStack()
        self.lines = self.stack.enter_context(_logged())
        self.world = self.stack.enter_context(World.made(sign_in=self.sign_in))
        self.names: dict[tuple[str, int], str] = {}
        self.at_first = {who: look(self.world, who, at=OF_THE_SILENT) for who in VIEWERS}

    def act(self, kind: str, who: str = "", what: int = 0, **more: Any) -> None:
        self.history.append(Act(kind, who, what, **more))
        self.world.do(self.history[-1])

    # What happens ------------------------------------------------------------------------------------------------

    @rule(who=members, board=st.integers(0, len(BOARDS) - 1), is_anonymous=st.booleans(), mention=mentioned, seconds=pauses)
    def start(self, who, board, is_anonymous, mention, seconds):
        if who == SILENT and board == NAMED:
            return
        more = {"mention": mention if who != SILENT else None}
        self.act("start", who, board, more=more, is_anonymous=is_anonymous, seconds=seconds)

    @precondition(lambda self: self.world.topics)
    @rule(who=members, topic=numbers, is_anonymous=st.booleans(), quote=st.none() | numbers, mention=mentioned, seconds=pauses)
    def reply(self, who, topic, is_anonymous, quote, mention, seconds):
        if who == SILENT and self.world.topics[topic % len(self.world.topics)].board.slug == self.world.boards[NAMED].slug:
            return
        more = {"quote": quote, "mention": mention}
        self.act("reply", who, topic, more=more, is_anonymous=is_anonymous, seconds=seconds)

    @precondition(lambda self: self.world.posts)
    @rule(kind=st.sampled_from(["edit", "edit", "withdraw", "hide", "restore"]), post=numbers, seconds=pauses)
    def change(self, kind, post, seconds):
        self.act(kind, what=post, seconds=seconds)

    @precondition(lambda self: self.world.topics)
    @rule(kind=st.sampled_from(["lock", "unlock", "close"]), topic=numbers, again=st.booleans())
    def turn_key(self, kind, topic, again):
        self.act(kind, what=topic, more=again)

    @rule(kind=st.sampled_from(["block", "unblock"]), who=others, whom=st.sampled_from([ONE, TWO, OTHERS[1]]))
    def block(self, kind, who, whom):
        self.act(kind, who, more=whom)

    @rule(who=st.sampled_from([ONE, TWO]), whom=others)
    def block_back(self, who, whom):
        self.act("block", who, more=whom)

    @precondition(lambda self: self.world.posts)
    @rule(kind=st.sampled_from(["block_alias", "unblock_alias"]), who=members, post=numbers)
    def block_alias(self, kind, who, post):
        self.act(kind, who, post)

    @rule(who=members, words=numbers, act=st.sampled_from(["fold", "hide"]))
    def filter(self, who, words, act):
        self.act("filter", who, words, more=act)

    @rule(kind=st.sampled_from(["read", "inbox", "draft", "read", "sign_again"]), who=members, topic=numbers, seconds=pauses)
    def look_in(self, kind, who, topic, seconds):
        self.act(kind, who, topic, seconds=seconds)

    @rule(seconds=st.sampled_from([30, 400, 1300]))
    def work(self, seconds):
        self.act("work", seconds=seconds)

    # What holds after each step ----------------------------------------------------------------------------------

    @invariant()
    def everybody_keeps_one_alias_of_their_own_in_a_conversation(self):
        aliases = dict(Persona.objects.values_list("pk", "alias"))
        for post in self.world.posts:
            if post.persona:
                name = self.names.setdefault((post.who, post.topic), aliases[post.persona])
                assert name == aliases[post.persona], f"{post.who} was “{name}” here and is “{aliases[post.persona]}” now"
        taken = [(topic, name) for (_who, topic), name in self.names.items()]
        assert len(taken) == len(set(taken)), f"two members have one alias in a conversation: {self.names}"

    @invariant()
    def nobody_changes_their_voice(self):
        for model in (Topic, Reply):
            voices = {key: (author, persona) for key, author, persona in model.objects.values_list("pk", "author", "persona")}
            for post in self.world.posts:
                if isinstance(post.words, model):
                    author = None if post.persona else self.world.users[post.who]
                    assert voices[post.words.pk] == (author, post.persona), f"the words of {post.who} are somebody else’s now"
        for post in self.world.posts:
            assert (post.persona is not None) == self.world.voices[post.who, post.topic], f"{post.who} did not get their wish"

    # What holds in the end ---------------------------------------------------------------------------------------

    def teardown(self) -> None:
        with self.stack:
            if not self.history:
                return
            seen = self.what_others_see(self.world)
            check_names(self.world, seen)
            check_profile(self.at_first, {who: look(self.world, who, at=OF_THE_SILENT) for who in VIEWERS})
            check_own_pages(self.world)
            check_mail(self.world)
            check_rows()
            check_log(self.lines, self.world)
            outcomes = self.world.outcomes
        with World.made(sign_in=self.sign_in, instead=SWAPPED) as other:
            other.play(self.history)
            assert other.outcomes == outcomes, f"what happened tells who is who:\n{self.told(outcomes, other.outcomes)}"
            differing = differences(_without_mail_counts(seen), _without_mail_counts(self.what_others_see(other)))
        assert not differing, "\n".join(
            ["with the two who speak under aliases swapped, others see a difference:", *differing[:120], *map(str, self.history)]
        )

    def what_others_see(self, world: World) -> dict[str, str]:
        return {
            f"{who or 'a guest'}: {key}": page
            for who, at in self.viewers.items()
            for key, page in (look(world, who, at=at) | letters_to(who)).items()
        }

    def told(self, outcomes: list[str], others: list[str]) -> str:
        rows = zip(self.history, outcomes, others, strict=True)
        return "\n".join(f"{act}: {one}{'' if one == other else f' / {other}'}" for act, one, other in rows)


def test_nothing_tells_who_is_behind_an_alias(sign_in, request):
    deep = request.config.getoption("--deep")

    class Drawn(Histories):
        viewers = EVERYWHERE if deep else VIEWERS

    Drawn.sign_in = staticmethod(sign_in)
    run_state_machine_as_test(
        Drawn,
        settings=settings(
            max_examples=DEEP_HISTORIES if deep else HISTORIES,
            stateful_step_count=DEEP_STEPS if deep else STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            # A shorter history would take minutes to find; the failure shows what was done.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


def _without_mail_counts(seen: dict[str, str]) -> dict[str, str]:
    """How many mails went out depends on what was read before, and whoever is called by name reads by name or not."""
    return {key: page for key, page in seen.items() if "/admin/notifications/outgoing/" not in key}


# The promises about one history -----------------------------------------------------------------------------------------

IN_STEPS = re.compile(r"T\d\d:[0-5][05](:00)?(Z|[+-]\d|$)")
KEYS = re.compile(r"\b(?:{})\d{{4}}\b".format("|".join(str(first)[:3] for first in FIRST_KEYS.values())))


def check_names(world: World, seen: dict[str, str]) -> None:
    """Others find nothing of whoever speaks under aliases alone, and in a conversation nothing of whoever is an alias there."""
    silent = (SILENT, str(world.users[SILENT]))
    by_alias = {(who, topic) for (who, topic), is_alias in world.voices.items() if is_alias}
    called = {(name, post.topic) for post in world.posts for name in post.mentions}
    for key, page in seen.items():
        who, _colon, url = key.partition(": ")
        if not (url.startswith("/admin/members/") or re.match(OF_THE_SILENT, url) or url.endswith(f"?q={SILENT}")):
            for token in silent:
                assert token not in page, f"{key} names who speaks under aliases alone:\n{_around(page, token)}"
        if url.endswith(f"?q={SILENT}") and re.match("/admin/forums/(topic|reply)/", url):
            assert not re.search(r'href="/admin/forums/\w+/\d+/change/', page), f"{key} finds words by who wrote them"
        if not url.startswith("/admin/"):
            assert not KEYS.search(page), f"{key} shows a key: {KEYS.search(page)}"
            assert not (odd := _odd_times(page)), f"{key} shows a time to the minute: {odd}"
        for number, topic in enumerate(world.topics):
            if str(topic.public_id) in url or f"/admin/forums/topic/{topic.pk}/" in url:
                for name in {name for name, place in by_alias - called if place == number and name != who}:
                    assert name not in page, f"{key} names {name}, who is an alias there:\n{_around(page, name)}"


def _around(page: str, token: str) -> str:
    at = page.index(token)
    return page[max(0, at - 300) : at + 200]


def _odd_times(page: str) -> list[str]:
    return [
        moment for moment in re.findall(r'datetime="([^"]+)"', page) if not re.search(r"T\d\d:[0-5][05](:00)?(Z|[+-]\d|$)", moment)
    ]


def check_profile(before: Any, after: Any) -> None:
    """Speaking under an alias moves nothing on one's own page."""
    for who in before:
        assert not (differing := differences(before[who], after[who])), "\n".join(differing)


def check_own_pages(world: World) -> None:
    """One's own pages are never kept, and their addresses tell a guest nothing more afterwards."""
    pages = look(world, SILENT, at="^/(forums|wrote|inbox)")
    for url, page in pages.items():
        assert "Cache-Control: no-store, private" in page or page.startswith("30"), f"{url} may be kept:\n{page[:600]}"


def check_mail(world: World) -> None:
    """Mail about news names nobody, and one looks like the other."""
    letters = {f"{who} {n}": letter for who in EVERYBODY for n, letter in letters_to(who).items()}
    subjects = {line for letter in letters.values() for line in letter.splitlines() if line.startswith("Subject:")}
    assert len(subjects) <= 1, f"subjects differ: {subjects}"
    for key, letter in letters.items():
        named = [name for name in EVERYBODY if name in letter.replace(f"{key.split()[0]}@example.org", "")]
        assert not named, f"a mail to {key} names {named}:\n{letter}"
        assert re.search(r"^Date: .*:[0-5][05]:00 GMT$", letter, re.MULTILINE), f"a mail to {key} tells the minute:\n{letter}"


def check_rows() -> None:
    """No row holds a member together with an alias of theirs."""
    for model in apps.get_models():
        keys = [field for field in model._meta.concrete_fields if field.related_model in (User, Persona)]
        members = [field.attname for field in keys if field.related_model is User]
        personas = [field.attname for field in keys if field.related_model is Persona]
        if members and personas:
            for row in model._default_manager.values(*members, *personas):
                behind = {open_seal(Persona.objects.get(pk=row[name])) for name in personas if row[name]}
                assert not behind & {row[name] for name in members}, f"a row of {model.__name__} says who an alias is: {row}"


def check_log(lines: list[str], world: World) -> None:
    """The log names nobody."""
    for line in lines:
        assert not [name for name in MEMBERS if name in line or str(world.users[name]) in line], line


class _logged(logging.Handler):
    """What is written into the log inside, as the log has it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self) -> list[str]:
        for name in ("", "django.request"):
            logging.getLogger(name).addHandler(self)
        return self.lines

    def __exit__(self, *_problem: object) -> None:
        for name in ("", "django.request"):
            logging.getLogger(name).removeHandler(self)
