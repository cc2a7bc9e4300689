"""A thief of the whole database, without the keys, finds who is behind an alias no better than by guessing.

A few members read and write for some hours, at once; now and then one of them writes under an alias. Then all rows are laid open,
in the order in which they lie on the disk and with the numbers of the transactions that wrote them, and everything that may link
two rows is tried: times, keys, places, transactions, what is missing.
"""

import base64
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from community.identity.models import Persona
from community.identity.seal import open_seal
from community.members.models import NewMemberLimits
from community.notifications import tasks
from forums.models import Reply, Topic
from tests import make
from tests.addresses import forms_in
from tests.anonymity.world import due_jobs

pytestmark = pytest.mark.django_db(transaction=True)

SUSPECTS = 5
EVENINGS, DEEP_EVENINGS = 20, 25
# How much better than guessing counts as found.
LUCK = 0.05


# The community --------------------------------------------------------------------------------------------------------


@dataclass
class Member:
    key: int
    name: str
    client: Client
    to_do: list[tuple[str, int]] = field(default_factory=list)


class Evening:
    """Two hours in which everybody reads, some write by name, and some under an alias."""

    def __init__(self, members: list[Member], board: Any, chance: random.Random, clock: Any) -> None:
        self.members, self.board, self.chance, self.clock = members, board, chance, clock

    def pass_by(self, number: int) -> None:
        """One thing after the other, by whoever's turn it is. In the long run everybody hides as often as everybody else."""
        hiding = {number % SUSPECTS, (number + 1 + number // SUSPECTS) % SUSPECTS}
        for place, member in enumerate(self.members):
            visits = [self._visit(self.chance.choice(["", "", "answer", "begin_again"])) for _visit in range(2)]
            if place in hiding:
                visits[self.chance.randrange(2)] = self._visit(
                    self.chance.choice(["answer_hidden", "answer_hidden", "start_hidden"])
                )
            member.to_do = [step for visit in visits for step in visit]
        while busy := [member for member in self.members if member.to_do]:
            member = self._next(busy)
            kind, which = member.to_do.pop(0)
            self.clock.shift(self.chance.randrange(5, 150))
            getattr(self, f"_{kind}")(member, which)

    def _next(self, busy: list[Member]) -> Member:
        return self.chance.choice(busy)

    def _visit(self, says: str) -> list[tuple[str, int]]:
        """What somebody does who comes by: they look, read, perhaps say something, and read on."""
        here, there, elsewhere = (self.chance.randrange(6) for _ in range(3))
        return [("look", 0), ("read", there), ("read", here), *([(says, here)] if says else []), ("read", elsewhere)]

    def _topic(self, number: int) -> Topic:
        newest = Topic.objects.with_place().order_by("-active_at", "-public_id")
        return newest[number % min(6, newest.count())]

    def _look(self, member: Member, _number: int) -> None:
        member.client.get("/")

    def _read(self, member: Member, number: int) -> None:
        member.client.get(self._topic(number).get_absolute_url())

    def _answer(self, member: Member, number: int) -> None:
        self._post(member, f"{self._topic(number).get_absolute_url()}reply/", "name")

    def _answer_hidden(self, member: Member, number: int) -> None:
        self._post(member, f"{self._topic(number).get_absolute_url()}reply/", "alias")

    def _start_hidden(self, member: Member, _number: int) -> None:
        self._post(member, f"{self.board.get_absolute_url()}new/", "alias", title="Some title", mode="advice")

    def _begin_again(self, member: Member, _number: int) -> None:
        """Sign out, and in again."""
        user = member.client.session["_auth_user_id"]
        member.client.post("/accounts/logout/")
        member.client.force_login(make.User.objects.get(pk=user))

    def _post(self, member: Member, url: str, voice: str, **more: str) -> None:
        """Where somebody has a voice already, they go on in it."""
        words = {"body": f"Some words, number {self.chance.random()}.", "key": str(self.chance.random()), **more}
        if member.client.post(url, words | {"voice": voice}).status_code != 302:
            member.client.post(url, words)


class OneByOne(Evening):
    """The same where nobody else is there while somebody looks in."""

    def _next(self, busy: list[Member]) -> Member:
        here = [member for member in busy if member.to_do[0][0] != "look"]
        return here[0] if here else self.chance.choice(busy)


def work() -> None:
    for name, arguments in due_jobs():
        getattr(tasks, name)(**arguments)
    tasks.send_due(0)


# What a thief has -----------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """One row: its values, who it names, its key, its place on the disk, and the transaction that wrote it."""

    table: str
    values: dict[str, Any]
    member: int | None
    place: int
    written: int


def dump(members: Iterable[Member]) -> dict[str, list[Row]]:
    """All tables, as they lie on the disk."""
    names = {str(value): member.key for member in members for value in (member.key, member.name, f"{member.name}@example.org")}
    tables: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for table, columns in _tables(cursor).items():
            cursor.execute(f'SELECT xmin::text::bigint, row_to_json(t) FROM "{table}" AS t ORDER BY ctid')
            rows = [(written, json.loads(row) if isinstance(row, str) else row) for written, row in cursor.fetchall()]
            tables[table] = [
                Row(table, values, _named(values, columns, names), place, written) for place, (written, values) in enumerate(rows)
            ]
    return tables


def _tables(cursor: Any) -> dict[str, set[str]]:
    """Each table, with the columns that lead to a member."""
    cursor.execute(
        "SELECT c.relname, a.attname FROM pg_class c LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' "
        "AND k.confrelid = 'members_user'::regclass LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(k.conkey) "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    found: dict[str, set[str]] = defaultdict(set)
    for table, column in cursor.fetchall():
        found[table] |= {column} if column else set()
    return found


def _named(values: dict[str, Any], columns: set[str], names: dict[str, int]) -> int | None:
    """The member that a row is about: by a key, by a name or an address in it, or by what a session holds."""
    for column in sorted(columns):
        if str(values[column]) in names:
            return names[str(values[column])]
    if "session_data" in values:
        return names.get(str(_session(values["session_data"]).get("_auth_user_id")))
    texts = [json.dumps(value) for value in values.values() if isinstance(value, str | dict | list)]
    return next((key for name, key in names.items() if not name.isdigit() and any(name in text for text in texts)), None)


def _session(data: str) -> dict[str, Any]:
    """A session is signed, not locked."""
    part = data.split(":")[0]
    raw = base64.urlsafe_b64decode(part.lstrip(".") + "==")
    return json.loads(zlib.decompress(raw) if part.startswith(".") else raw)


# How a thief looks for who it was -------------------------------------------------------------------------------------

# The smaller, the more likely; a member who is missing is the least likely of all.
Scores = dict[int, float]
FAR = float("inf")


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 18 else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _nearest(pairs: Iterable[tuple[int | None, float]]) -> Scores:
    scores: Scores = {}
    for member, distance in pairs:
        if member is not None:
            scores[member] = min(distance, scores.get(member, FAR))
    return scores


def attacks(tables: dict[str, list[Row]], post: Row) -> Iterator[tuple[str, Scores]]:
    """Every way to the author of `post` that a look at the rows gives, and how likely it makes each member."""
    when = _moment(post.values["created_at"])
    persona = post.values["persona_id"]
    traces = {"the words": post}
    for table in ("identity_persona", "identity_sealed", "notifications_notification"):
        for row in tables[table]:
            if row.values.get("persona_id", row.values["id"] if table == "identity_persona" else None) == persona:
                traces[table] = row
    for table, rows in tables.items():
        named = [row for row in rows if row.member is not None]
        if not named:
            continue
        for column in named[0].values:
            if any(_moment(row.values[column]) for row in named):
                times = [(row.member, _moment(row.values[column])) for row in named]
                yield (
                    f"time of {table}.{column}",
                    _nearest((member, abs((moment - when).total_seconds())) for member, moment in times if moment and when),
                )
        for what, trace in traces.items():
            for side, sign in (("", 0), (" before", -1), (" after", 1)):
                yield (
                    f"transaction of {table}{side} that of {what}",
                    _nearest(
                        (row.member, abs(row.written - trace.written)) for row in named if sign * (row.written - trace.written) >= 0
                    ),
                )
            if trace.table == table:
                yield f"place in {table} beside {what}", _nearest((row.member, abs(row.place - trace.place)) for row in named)
                yield (
                    f"key in {table} beside {what}",
                    _nearest((row.member, abs(row.values["id"] - trace.values["id"])) for row in named if "id" in row.values),
                )
    yield from _by_reading(tables, post)


def _by_reading(tables: dict[str, list[Row]], post: Row) -> Iterator[tuple[str, Scores]]:
    """Whoever writes has read. Marks name nobody, but one that was written together with what a member said by name is theirs."""
    marks = tables["forums_readmark"]
    by_name = {row.written: row.member for table, rows in tables.items() for row in rows if row.member is not None}
    theirs = [(by_name[mark.written], mark) for mark in marks if mark.written in by_name]
    topic = post.values.get("topic_id", post.values["id"])
    here = [mark for mark in marks if mark.values["topic_id"] == topic]
    read = {member for member, mark in theirs if mark in here}
    everybody = {member for member, _mark in theirs}
    yield "no mark of theirs there", {member: float(member in read) for member in everybody}
    yield "a mark of theirs there", {member: float(member not in read) for member in everybody}
    # The mark of whoever wrote it: of the same transaction, or else the one there that ends nearest to it.
    position = post.values.get("position", 0)
    if here:
        own = min(here, key=lambda mark: (mark.written != post.written, abs(mark.values["position"] - position)))
        for name, distance in _distances(own).items():
            yield f"{name} of a mark of theirs beside the author's", _nearest((member, distance(mark)) for member, mark in theirs)


def _distances(own: Row) -> dict[str, Callable[[Row], float]]:
    """What may bring another read mark near to this one."""

    def apart(other: Row) -> float:
        here, there = _moment(own.values["at"]), _moment(other.values["at"])
        assert here
        assert there
        return abs((here - there).total_seconds())

    return {
        "shelf": lambda other: float(other.values["shelf"] != own.values["shelf"]),
        "place": lambda other: abs(other.place - own.place),
        "key": lambda other: abs(other.values["id"] - own.values["id"]),
        "transaction": lambda other: abs(other.written - own.written),
        "time": apart,
    }


def altogether(each: list[Scores], suspects: Iterable[int]) -> Scores:
    """All of them, each by the place it gives to a suspect."""
    total: Scores = dict.fromkeys(suspects, 0.0)
    for scores in each:
        for member in total:
            total[member] += sum(scores.get(other, FAR) < scores.get(member, FAR) for other in total)
    return total


def chance_of(scores: Scores, suspects: list[int], author: int) -> float:
    """How likely is it to name `author`, if whoever is equally likely is named by lot?"""
    best = min(scores.get(member, FAR) for member in suspects)
    named = [member for member in suspects if scores.get(member, FAR) == best]
    return (author in named) / len(named)


# The trial ------------------------------------------------------------------------------------------------------------


def trial(sign_in: Callable[..., Client], evenings: int, kind: type[Evening]) -> tuple[dict[str, float], int]:
    """How often each attack names the author, and of how many anonymous posts."""
    hits: dict[str, float] = defaultdict(float)
    seen: set[tuple[str, int]] = set()
    NewMemberLimits.objects.update_or_create(pk=1, defaults={"topics_a_day": 500, "replies_a_day": 500})
    with time_machine.travel(datetime(2026, 11, 25, 18, 0, 11, tzinfo=UTC), tick=False) as clock:
        for _lead in range(2):
            make.user(role="lead")
        board = make.board(anonymous_at=datetime(2026, 11, 1, tzinfo=UTC))
        for _number in range(6):
            make.topic(board)
        members = [_member(sign_in, f"suspect{number}") for number in range(SUSPECTS)]
        chance = random.Random(7)
        for number in range(evenings):
            kind(members, board, chance, clock).pass_by(number)
            if number % 2:
                work()
            tables = dump(members)
            suspects = [member.key for member in members]
            for table in ("forums_topic", "forums_reply"):
                for post in tables[table]:
                    if post.values["persona_id"] and (table, post.values["id"]) not in seen:
                        seen.add((table, post.values["id"]))
                        author = open_seal(Persona.objects.get(pk=post.values["persona_id"]))
                        found = dict(attacks(tables, post))
                        found["altogether"] = altogether(list(found.values()), suspects)
                        for name, scores in found.items():
                            hits[name] += chance_of(scores, suspects, author)
            clock.shift(timedelta(hours=22))
    return hits, len(seen)


def _member(sign_in: Callable[..., Client], name: str) -> Member:
    user = make.user(name)
    return Member(user.pk, name, sign_in(user))


def check(sign_in: Callable[..., Client], evenings: int, kind: type[Evening]) -> None:
    hits, posts = trial(sign_in, evenings, kind)
    guess = 1 / SUSPECTS
    # Guessing is better than that once in two hundred times.
    limit = guess + LUCK + 2.6 * (guess * (1 - guess) / posts) ** 0.5
    found = [
        f"{hits[name] / posts:.0%} {name}" for name in sorted(hits, key=lambda name: -hits[name]) if hits[name] / posts > limit
    ]
    assert not found, "\n".join([f"who wrote anonymously is found, of {posts} posts (guessing: {guess:.0%}), by:", *found])


def test_a_stolen_database_names_nobody(sign_in):
    check(sign_in, EVENINGS, Evening)


@pytest.mark.deep
def test_a_stolen_database_names_nobody_in_many_evenings(sign_in):
    check(sign_in, DEEP_EVENINGS, Evening)


@pytest.mark.deep
def test_a_stolen_database_names_nobody_who_came_when_nobody_else_did(sign_in):
    check(sign_in, DEEP_EVENINGS, OneByOne)


# One post -------------------------------------------------------------------------------------------------------------


def test_nothing_that_is_written_with_anonymous_words_names_who_wrote_them(sign_in):
    """Not a row, from the half sentence kept for later to the last look at what became of it."""
    for _lead in range(2):
        make.user(role="lead")
    board = make.board(anonymous_at=datetime(2026, 11, 1, tzinfo=UTC))
    topic = make.topic(board)
    author = _member(sign_in, "quillmoss")
    client, url = author.client, topic.get_absolute_url()
    client.get(url)
    form = next(form for form in forms_in(client.get(f"{url}reply/").text) if "draft" in form.fields)
    kept = {name: form.fields[name].values[0] for name in ("member", "draft")}
    steps: list[Callable[[], Any]] = [
        lambda: client.post("/write/draft/", kept | {"body": "Half a sentence"}),
        lambda: client.post(f"{url}reply/", {"body": "Quiet words.", "voice": "alias"}),
        lambda: client.get(url),
        lambda: make.reply(topic, body="Good to hear."),
        lambda: client.get(url),
        lambda: client.get("/inbox/"),
        lambda: client.get("/wrote/"),
        lambda: client.post(f"{Reply.objects.get(author=None).get_absolute_url()}edit/", {"body": "Other quiet words."}),
        lambda: client.post(f"{Reply.objects.get(author=None).get_absolute_url()}withdraw/"),
        lambda: client.post(f"{board.get_absolute_url()}new/", {"title": "T", "mode": "advice", "body": "B", "voice": "alias"}),
        lambda: client.post(f"{Topic.objects.get(author=None).get_absolute_url()}lock/"),
        work,
    ]
    for number, step in enumerate(steps):
        named = _named_by(step, author)
        assert not named, "\n".join([f"step {number} writes down who it was:", *named])
    assert Reply.objects.filter(author=None).count() == Topic.objects.filter(author=None).count() == 1
    assert _named_by(lambda: client.post(f"{make.topic(board).get_absolute_url()}reply/", {"body": "By name."}), author)


def _named_by(step: Callable[[], Any], member: Member) -> list[str]:
    """The rows that name `member` among those that are written by that step."""
    before = {(row.table, row.written, repr(row.values)) for rows in dump([member]).values() for row in rows}
    answer = step()
    assert getattr(answer, "status_code", 200) in (200, 204, 302), answer.status_code
    after = [row for rows in dump([member]).values() for row in rows]
    written = [row for row in after if (row.table, row.written, repr(row.values)) not in before]
    return [f"{row.table}: {row.values}" for row in written if row.member is not None]
