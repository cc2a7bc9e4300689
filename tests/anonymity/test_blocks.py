"""A block tells nothing of who is behind an alias: accounts and aliases are two worlds, and neither moves the other.

Somebody blocks and unblocks at random, accounts and aliases. The same is played without the one kind of block and without the
other: what they see of aliases depends on blocks on aliases alone, and what they see of accounts on blocks on accounts alone.
"""

import random
import re
from typing import Any, NamedTuple

import pytest

from tests.anonymity.looking import look
from tests.anonymity.world import NAMED, ONE, OTHERS, SILENT, TWO, Act, World

pytestmark = pytest.mark.django_db

HISTORIES, DEEP_HISTORIES = 3, 100
WATCHER, SPEAKERS = OTHERS[0], (ONE, TWO, SILENT, OTHERS[1])
OWN = 2
POST = re.compile(r'<article class="post" id="r-([0-9a-f-]{36})".*?</article>', re.DOTALL)
QUOTE = re.compile(r'<blockquote class="quote">.*?</blockquote>', re.DOTALL)


class Seen(NamedTuple):
    """What the watcher sees, by the voice it is said in: whole posts by their ids, and titles in lists."""

    aliases: dict[str, str]
    names: dict[str, str]
    open: set[int]
    has_news: bool
    should_have_news: bool


def a_history(number: int) -> list[Act]:
    """First everybody speaks; then the watcher blocks, and people go on speaking where the watcher did not begin."""
    chance = random.Random(number)
    history = [
        Act("start", TWO, 0),
        Act("start", OTHERS[1], 1, is_anonymous=chance.random() < 0.5),
        Act("start", WATCHER, 0),
        Act("start", ONE, NAMED),
        *(_reply(chance, chance.randrange(4)) for _ in range(9)),
    ]
    for _ in range(9):
        kind = chance.choice(["block", "block", "unblock", "block_alias", "block_alias", "unblock_alias", "reply"])
        if kind == "reply":
            history.append(_reply(chance, chance.randrange(2)))
        else:
            history.append(Act(kind, WATCHER, chance.randrange(16), more=chance.choice([ONE, TWO, SILENT, OTHERS[1]])))
    return [*history, Act("work", seconds=2000)]


def _reply(chance: random.Random, topic: int) -> Act:
    who = chance.choice(SPEAKERS[:2] + SPEAKERS[3:] if topic == 3 else SPEAKERS)
    return Act("reply", who, topic, more={"quote": chance.choice([None, 0, 1])}, is_anonymous=chance.random() < 0.5)


def seen_after(sign_in: Any, history: list[Act], *, without: tuple[str, ...] = ()) -> Seen:
    with World.made(sign_in=sign_in) as world:
        world.play([Act("pass", seconds=act.seconds) if act.kind in without else act for act in history])
        return _seen(world)


def _seen(world: World) -> Seen:
    pages = look(world, WATCHER, at="^/forums/[^/]+/([0-9a-f-]{36}/)?$|^/inbox/$")
    shown = {match[1]: match[0] for page in pages.values() for match in POST.finditer(page)}
    lists = "".join(page for url, page in pages.items() if url.count("/") == 3)
    aliases, names = {}, {}
    for post in world.posts:
        kept = aliases if post.persona else names
        if html := shown.get(str(post.words.public_id)):
            kept[f"{post.topic}: {post.words.public_id}"] = QUOTE.sub("", html)
            if post.quotes:
                # What is quoted is said by whoever said it.
                quoted = next(other for other in world.posts if str(other.words.public_id) == post.quotes)
                said_by = aliases if quoted.persona else names
                said_by[f"{post.topic}: quoted in {post.words.public_id}"] = QUOTE.search(html)[0]
        if (url := str(post.words.public_id)) in lists:
            kept[f"{post.topic}: {url} in a list"] = "listed"
    open_to_them = {n for n, topic in enumerate(world.topics) if pages[topic.get_absolute_url()].startswith("200")}
    answers = [post for post in world.posts if post.topic == OWN and post.who != WATCHER]
    return Seen(
        aliases,
        names,
        open_to_them,
        has_news="Conversation 2" in pages["/inbox/"],
        should_have_news=any(str(post.words.public_id) in shown for post in answers),
    )


def _differing(one: dict[str, str], other: dict[str, str], places: set[int]) -> list[str]:
    """What is seen in one and not so in the other, in these conversations; a quote, where the words around it are seen in both."""
    keys = {key for key in one.keys() | other.keys() if int(key.partition(":")[0]) in places}
    quotes = {key for key in keys if ": quoted in " in key}
    return sorted(key for key in keys - quotes | (quotes & one.keys() & other.keys()) if one.get(key) != other.get(key))


def test_what_a_block_hides_tells_nothing_of_the_other_world(sign_in, request):
    number_of = DEEP_HISTORIES if request.config.getoption("--deep") else HISTORIES
    hidden = 0
    for number in range(number_of):
        history = a_history(number)
        told = "\n".join(map(str, [f"history {number}:", *history]))
        both = seen_after(sign_in, history)
        on_aliases = seen_after(sign_in, history, without=("block", "unblock"))
        on_accounts = seen_after(sign_in, history, without=("block_alias", "unblock_alias"))
        # A conversation that somebody began by name is not there at all for whoever they are blocked with.
        here = both.open & on_aliases.open
        moved = _differing(both.aliases, on_aliases.aliases, here)
        assert not moved, f"a block on an account moves aliases: {moved}\n{told}"
        here = both.open & on_accounts.open
        assert both.open == on_accounts.open, f"a block on an alias closes a conversation\n{told}"
        moved = _differing(both.names, on_accounts.names, here)
        assert not moved, f"a block on an alias moves accounts: {moved}\n{told}"
        assert both.has_news == both.should_have_news, f"news do not follow what is shown\n{told}"
        hidden += len(on_accounts.aliases.keys() - both.aliases) + len(on_aliases.names.keys() - both.names)
    assert hidden > number_of, "these histories hide too little to show anything"
