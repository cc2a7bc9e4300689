"""A library that never was: as many things as are wanted, drawn from a seed, the same for each."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from community import text
from community.contributions.models import Note
from community.members.models import User
from community.times import in_steps

from .models import Audience, Kind, LinkState, Resource

YEARS = 3
BODIES = 400
# Of all that was brought.
WAITING, REFUSED, WITHDRAWN, HIDDEN, FOR_MEMBERS, NOTED, BROKEN = 0.002, 0.005, 0.005, 0.002, 0.1, 0.08, 0.01
_KINDS = {
    Kind.ARTICLE: 45,
    Kind.VIDEO: 15,
    Kind.AUDIO: 10,
    Kind.BOOK: 10,
    Kind.TOOL: 6,
    Kind.SERVICE: 6,
    Kind.LIVED: 8,
}
_LANGUAGES = {"en": 78, "de": 6, "": 5, "es": 4, "fr": 3, "ar": 2, "cy": 1, "uk": 1}
_COUNTRIES = {"GB": 40, "IE": 15, "US": 20, "DE": 15, "AU": 8, "NZ": 2}
_COSTS = {"free": 70, "": 15, "partly": 9, "paid": 6}
_TITLES = [
    "A {how} guide to {tag}",
    "{tag}, {how} and in plain words",
    "What nobody told me about {tag}",
    "Ten minutes about {tag} for the {when}",
    "{what} on {tag}, for the {when}",
    "{what}: {tag} for {who}",
    "How {who} live with {tag}",
    "{tag} and the {when}",
    "When {tag} will not wait",
    "{who} talk about {tag}",
]
_HOW = "short slow honest gentle long first careful quiet patient practical kind plain small".split()
_WHEN = "night morning evening winter weekend waiting room train kitchen holidays".replace("waiting room", "waiting-room").split()
_WHAT = "notes letters exercises questions lists talks stories breathing walking drawing writing listening".split()
_WHO = "carers beginners parents friends neighbours families students grandparents brothers people".split()
_BODY = [
    "It is {how}, and it does not tell you what to feel.",
    "I came back to it in the {when} more than once.",
    "The part with the {what} is what stayed with me.",
    "Made with {who} in mind, and it shows.",
    "You can stop anywhere and begin again in the {when}.",
    "There is a page of {what} at the end that you can print.",
    "Nothing is sold, and nobody asks for an address.",
    "Some of it is {how}; leave out what is not yours.",
]
_MAKERS = ["Lantern House", "The Kettle Press", "Harbour Radio", "Two Sisters", "", "", "A hospital’s own team", "Plain Words"]


class Shelf(NamedTuple):
    """Things for the library with the keys of the tags that each carries."""

    resources: list[Resource]
    tags: list[list[int]]


def _one_of(drawn: Random, among: Mapping[Any, int]) -> str:
    return drawn.choices(list(among), list(among.values()))[0]


def shelves(
    number: int,
    users: Sequence[User],
    tags: Sequence[tuple[int, str]],
    notes: Sequence[Note],
    now: datetime,
    drawn: Random,
    *,
    batch: int,
) -> Iterator[Shelf]:
    """So many things, oldest first, in batches; a few tags stand on very many of them, most on a few."""
    bodies = [_fill(" ".join(drawn.sample(_BODY, 3)), drawn) for _ in range(BODIES)]
    rendered: list[tuple[str, str]] = [(body, text.render(body)) for body in bodies]
    step = timedelta(days=YEARS * 365) / max(1, number)
    for begin in range(0, number, batch):
        shelf = Shelf([], [])
        for n in range(begin, min(begin + batch, number)):
            carried = {int(len(tags) * drawn.random() ** 2.5) for _ in range(drawn.randint(1, 4))} if tags else set()
            named = [tags[at] for at in sorted(carried)]
            subject = named[0][1] if named else "rest"
            shelf.resources.append(_resource(n, subject, users, notes, rendered, now - step * (number - n), drawn))
            shelf.tags.append([key for key, _name in named])
        yield shelf


def _fill(pattern: str, drawn: Random, tag: str = "") -> str:
    words = {name: drawn.choice(some) for name, some in (("how", _HOW), ("when", _WHEN), ("what", _WHAT), ("who", _WHO))}
    return pattern.format(tag=tag, **words)


def _resource(
    n: int, subject: str, users: Sequence[User], notes: Sequence[Note], bodies: list[tuple[str, str]], at: datetime, drawn: Random
) -> Resource:
    kind, title = _one_of(drawn, _KINDS), _fill(drawn.choice(_TITLES), drawn, subject)
    body, html = drawn.choice(bodies)
    brought_at, fate = in_steps(at), drawn.random()
    made = Resource(
        public_id=uuid.UUID(int=drawn.getrandbits(128), version=4),
        author=drawn.choice(users),
        kind=kind,
        title=title[0].upper() + title[1:],
        body=body,
        body_html=html,
        created_at=brought_at,
        made_by=drawn.choice(_MAKERS),
        language=_one_of(drawn, _LANGUAGES),
        cost=_one_of(drawn, _COSTS),
        country=_one_of(drawn, _COUNTRIES) if kind == Kind.SERVICE or drawn.random() < 0.03 else "",
        audience=Audience.MEMBERS if drawn.random() < FOR_MEMBERS else Audience.EVERYONE,
        link_state=LinkState.BROKEN if drawn.random() < BROKEN else LinkState.FINE,
    )
    if kind != Kind.LIVED:
        made.address = f"https://example.org/shelf/{n}"
        made.address_key = f"example.org/shelf/{n}"
    if kind in (Kind.ARTICLE, Kind.VIDEO, Kind.AUDIO):
        made.minutes = drawn.randint(2, 40)
    if notes and drawn.random() < NOTED:
        made.set_note([drawn.choice(notes)])
    _decide(made, fate, min(brought_at + timedelta(hours=20), in_steps(at + timedelta(hours=20))))
    return made


def _decide(made: Resource, fate: float, at: datetime) -> None:
    """What became of it; nearly everything is up."""
    if fate < WAITING:
        return
    if fate < WAITING + REFUSED:
        made.refused_at, made.refusal = at, "It is here already, under another address."
        return
    made.published_at = at
    if fate < WAITING + REFUSED + WITHDRAWN:
        made.withdrawn_at, made.title, made.body, made.body_html, made.address, made.address_key = at, "", "", "", "", ""
    elif fate < WAITING + REFUSED + WITHDRAWN + HIDDEN:
        made.hidden_at = at
