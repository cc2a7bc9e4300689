"""What is not for somebody does not exist for them: a denied address and one that leads to nothing answer byte for byte alike.

With --deep, everybody tries all of it, and `test_how_long_a_no_takes` prints how long each takes.
"""

import re
import statistics
import time
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from zeal import zeal_ignore

from community.care import pages
from community.notifications.models import Notification
from forums.models import Reply
from resources.models import Collection, Resource
from tests.addresses import NOBODYS, PARAMETER, routes
from tests.leaks.channels import ROUTES
from tests.leaks.house import House
from tests.leaks.table import APART, CIRCLE, row

pytestmark = pytest.mark.django_db

VIEWERS = (
    "guest",
    "member",
    "outsider",
    "left",
    "blocked",
    "blocker",
    "recipient",
    "doubter",
    "masked",
    "shunned",
    "author",
    "moderator",
    "librarian",
    "owner",
)
WORDS = {"body": "As you say.", "title": "A title", "mode": "advice", "act": "hide", "until": "", "until_choice": "always"}
# Like the ones that are there, but nobody's.
NO_HANDLE, NO_BOARD, NO_TAG = "zqxbbbbbbbbbbbb", "zqxcccccccccccc", "zqxdddddddddddd"
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=)"[^"]+"')
# Another key for each form.
KEY = re.compile(r'(name="(?:key|payload)" value=)"[^"]+"')


@pytest.fixture
def house(settings, tmp_path, db) -> Iterator[House]:
    settings.STATE_DIR = tmp_path
    pages.write()
    with zeal_ignore():
        yield House()


@pytest.fixture
def clients(house, sign_in) -> dict[str, Client]:
    return {name: Client() if name == "guest" else sign_in(house.people[name]) for name in VIEWERS}


def is_closed_to(viewer: str, words: Any) -> bool:
    """By the table: is there no address at which `viewer` may meet these words?"""
    rule = row(f"{words.kind}: id") if hasattr(words, "kind") else None
    return rule is not None and not (rule.allows(viewer, "conversation") or rule.allows(viewer, "forms"))


def pairs(house: House, viewer: str) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Each address that leads to something `viewer` may not know of, and the same one leading to nothing."""
    topics = [topic for topic in house.topics if is_closed_to(viewer, topic)]
    replies = [reply for reply in house.replies if is_closed_to(viewer, reply)]
    others = [item for item in house.news if item.recipient and item.recipient != house.people.get(viewer)][:2]
    apart = viewer in APART - {"blocker"}
    # Who took something back knows of it, and is told that it is gone.
    library = [words for words in house.library if is_closed_to(viewer, words) and words.author != house.people.get(viewer)]
    for route in ROUTES:
        names = frozenset(PARAMETER.findall(route))
        if names == {"board"} and viewer not in CIRCLE:
            yield route, {"board": house.inner_board.slug}, {"board": NO_BOARD}
        elif names == {"board", "public_id"}:
            for topic in topics:
                board = topic.board.slug
                yield route, {"board": board, "public_id": topic.public_id}, {"board": board, "public_id": NOBODYS}
        elif names == {"board", "public_id", "reply_id"}:
            for reply in replies:
                place = {"board": reply.topic.board.slug, "public_id": reply.topic.public_id}
                yield route, {**place, "reply_id": reply.public_id}, {**place, "reply_id": NOBODYS}
        elif names == {"slug"}:
            yield route, {"slug": house.proposed}, {"slug": NO_TAG}
        elif route.startswith("resources/import/") and names and viewer != "librarian":
            yield route, {"public_id": house.brought.public_id}, {"public_id": NOBODYS}
        elif route.startswith(("resources/", "collections/")) and names:
            model = Resource if route.startswith("resources/") else Collection
            beside = {name: house.of("resource for members").public_id for name in names - {"public_id"}}
            for words in library:
                if type(words) is model:
                    yield route, {**beside, "public_id": words.public_id}, {**beside, "public_id": NOBODYS}
        elif names == {"handle"} and apart:
            yield route, {"handle": house.author.username}, {"handle": NO_HANDLE}
        elif names == {"alias"}:
            yield route, {"alias": house.of("reply of an alias").voice.public_id}, {"alias": NOBODYS}
        elif route.startswith("avatars/") and (apart or viewer == "guest"):
            yield route, {"public_id": house.author.profile.avatar.public_id}, {"public_id": NOBODYS}
        elif route.startswith("inbox/") and names:
            yield from ((route, {"public_id": item.public_id}, {"public_id": NOBODYS}) for item in others)
        elif route.startswith("wrote/") and names:
            foreign = [words for words in (house.of("reply hidden"), house.of("topic for a circle")) if viewer != "author"]
            yield from ((route, {"public_id": words.public_id}, {"public_id": NOBODYS}) for words in foreign)


def plain(response: Any, values: dict[str, str], url: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, page and headers, without the random and without the address itself."""

    def without(text: str) -> str:
        for known in (url, *map(str, values.values())):
            for written in (known, quote(known), quote(known, safe="")):
                text = text.replace(written, "…")
        return KEY.sub(r'\1""', TOKEN.sub(r'\1""', text))

    headers = [(name, without(value)) for name, value in sorted(response.items()) if name not in {"Date", "Content-Length", "ETag"}]
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, without(body.decode(errors="replace")), [*headers, ("cookies", " ".join(sorted(response.cookies)))]


def answer(client: Client, method: str, route: str, values: dict[str, str]) -> tuple[int, str, list[tuple[str, str]]]:
    url = "/" + PARAMETER.sub(lambda match: str(values[match[1]]), route)
    with transaction.atomic():
        response = client.get(url) if method == "GET" else client.post(url, WORDS)
        transaction.set_rollback(True)
    return plain(response, values, url)


def some_pairs(house: House, viewer: str, turn: int) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Of each address a third of what could stand in it, the next viewer the next third."""
    for _route, same in groupby(pairs(house, viewer), key=itemgetter(0)):
        found = list(same)
        yield from found[turn % min(3, len(found)) :: 3]


def test_denied_and_nonexistent_answer_alike(house, clients, request):
    different, deep = {}, request.config.getoption("--deep")
    for turn, (viewer, client) in enumerate(clients.items()):
        tried = 0
        # Many lead to the same nothing, and nothing that is tried here lasts.
        known: dict[tuple[str, str, str], Any] = {}
        for route, denied, nothing in pairs(house, viewer) if deep else some_pairs(house, viewer, turn):
            for method in ("GET", "POST"):
                nowhere = (method, route, str(nothing))
                if nowhere not in known:
                    known[nowhere] = answer(client, method, route, nothing)
                first, second = answer(client, method, route, denied), known[nowhere]
                tried += 1
                if first != second:
                    how = [each for each in zip(first, second, strict=True) if each[0] != each[1]]
                    different[f"{viewer}: {method} {route} {denied}"] = how
        assert tried > 15, viewer
    assert different == {}


def test_words_that_name_something_hidden_are_like_words_that_name_nothing(house, sign_in):
    """Quoting, linking and asking with an id: what comes of it is the same as for an id that there never was."""
    talk = house.talk
    hidden = [words for words in [*house.topics, *house.replies] if is_closed_to("blocked", words)]
    client, url = sign_in(house.blocked), talk.get_absolute_url()
    gone = [house.of("reply taken back"), house.of("reply hidden")]
    assert len(hidden) > 6

    def results(words: Any) -> list[Any]:
        public_id = getattr(words, "public_id", NOBODYS)
        address = f"http://testserver{url}r/{public_id}/"
        asked = f"{url}reply/?{urlencode({'quote': public_id, 'excerpt': 'As you say'})}"
        values = {"public_id": public_id}
        found = [plain(client.get(asked), values, asked)]
        for body in (f"See {address}", f"@{house.author.username if words else NO_HANDLE} is here"):
            found.append(plain(client.post("/write/preview/", {"body": body}), values, address))
        with transaction.atomic():
            client.post(f"{url}reply/", {"body": f"See {address}", "quote": str(public_id), "excerpt": "As you say"})
            made = Reply.objects.latest("pk")
            news = Notification.objects.filter(target_id=made.pk, kind="forums.quote").count()
            found += [made.author_id, news, made.body_html.replace(str(public_id), "…")]
            transaction.set_rollback(True)
        found[2] = (found[2][0], found[2][1].replace(house.author.username, "…").replace(NO_HANDLE, "…"), found[2][2])
        return found

    nothing = results(None)
    assert {words.kind: results(words) for words in [*hidden, *gone] if results(words) != nothing} == {}


def test_addresses_hold_ids_that_cannot_be_counted(house):
    """What members make is found under a random id; numbers stand for texts of the house, for keys of one's own, and for which of
    the three goals of a room it is."""
    counted = {route for route in routes() if re.search(r"<(?:int|path):", route) and not route.startswith("admin/")}
    of_the_house = {"agreements/", "mentorship/apply/training/", "settings/roles/"}
    assert {route.partition("<")[0] for route in counted} == of_the_house | {"accounts/2fa/webauthn/keys/", "mentorship/matches/"}
    for model in apps.get_models():
        if any(field.name == "public_id" for field in model._meta.concrete_fields):
            versions = {public_id.version for public_id in model._default_manager.values_list("public_id", flat=True)}
            assert versions == {4}, model


@pytest.mark.deep
def test_how_long_a_no_takes(house, clients, capsys):
    """A report, no measure: medians of 200 tries each, by turns."""
    url = "/forums/{}/{}/"
    secret = house.of("topic hidden")
    took: dict[str, list[float]] = {"denied": [], "nonexistent": []}
    for _ in range(200):
        for what, public_id in (("denied", secret.public_id), ("nonexistent", NOBODYS)):
            start = time.perf_counter()
            assert clients["member"].get(url.format(house.board.slug, public_id)).status_code == 404
            took[what].append(time.perf_counter() - start)
    with capsys.disabled():
        medians = {what: f"{statistics.median(times) * 1000:.2f} ms" for what, times in took.items()}
        print(f"\nA no takes: {medians}")  # noqa: T201 a report
