"""What a page may ask of the database: never more for a large community than for a small one, and within the budget."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.care.models import Country
from community.decisions.models import Decision
from community.moderation.models import Appeal, HandOver, MemberNote, Report
from community.tags import applying
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(member):
    """A board that guests may read, and how to make it larger."""
    member.groups.add(Group.objects.create(name="Some circle"))
    board = make.board(audience="everyone")
    people = [make.user() for _ in range(6)]
    topic = make.topic(board, people[0], audience="everyone")

    def grow(topics: int, replies: int) -> None:
        for n in range(topics):
            make.board(audience="everyone")
            made = make.topic(board, people[n % 6], audience="everyone")
            if n % 2:
                make.reply(made, people[(n + 1) % 6])
        for n in range(replies):
            make.reply(topic, people[n % 6], body=f"Answer {n}")

    grow(3, 3)
    return board, topic, grow


def queries(client: Client, url: str, data: dict | None = None) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(url, data) if data is not None else client.get(url)
    assert answer.status_code in (200, 302), answer.status_code
    return asked_in(captured)


def asked_in(captured: CaptureQueriesContext) -> list[str]:
    """The queries, without the savepoint that stands for a request's transaction inside a test's own."""
    asked = [query["sql"] for query in captured]
    outermost = [sql for sql in asked if sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))][:1]
    names = {sql.split()[-1] for sql in outermost}
    return [sql for sql in asked if sql.split()[-1] not in names]


BUDGETS = {"/": (6, 10), "/forums/": (4, 7), "board": (5, 8), "topic": (5, 9)}


@pytest.mark.parametrize("name", BUDGETS)
@pytest.mark.parametrize("who", ["guest", "member", "member where aliases may be taken"])
def test_page_asks_no_more_of_a_large_community(sign_in, member, place, name, who):
    board, topic, grow = place
    if who not in {"guest", "member"}:
        for _ in range(2):
            make.user(role="lead")
        board.allow_anonymous(by=make.user(role="owner"), reason="Members asked for it.")
    url = {"board": board.get_absolute_url(), "topic": topic.get_absolute_url()}.get(name, name)
    client = Client() if who == "guest" else sign_in(member)
    client.get(url)
    make.reply(topic)
    small = queries(client, url)
    grow(25, 25)
    last = f"{url}?page=2" if name == "topic" else url
    large = queries(client, last)
    budget = BUDGETS[name][who != "guest"]
    assert len(large) <= len(small), "\n".join(large)
    assert len(large) <= budget, "\n".join(large)


@pytest.mark.parametrize(
    "url", ["/inbox/", "/wrote/", "/forums/waiting/", "/inbox/settings/", "/settings/", "/members/wren/", "/agreements/"]
)
def test_own_page_asks_no_more_of_a_large_community(sign_in, member, place, url):
    board, _topic, grow = place
    client, mine = sign_in(member), make.topic(board, member)
    make.reply(mine)
    client.get(url)
    small = queries(client, url)
    grow(25, 5)
    for n in range(25):
        make.reply(make.topic(board, member), body=f"@wren {n}")
    assert len(queries(client, url)) <= max(len(small), 1)


def test_posting_a_reply_stays_within_its_budget(sign_in, member, place):
    _board, topic, _grow = place
    client, url = sign_in(member), f"{topic.get_absolute_url()}reply/"
    client.get(topic.get_absolute_url())
    asked = queries(client, url, {"body": "An answer with *some* words."})
    assert len(asked) <= 14, "\n".join(asked)


def test_kept_page_of_a_guest_costs_a_look_at_its_version(place):
    board, topic, _grow = place
    client = Client()
    for url in (topic.get_absolute_url(), board.get_absolute_url(), "/forums/", "/"):
        first = client.get(url)
        assert not first.cookies
        with CaptureQueriesContext(connection) as captured:
            again = client.get(url, headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304
        assert len(asked_in(captured)) <= 2
    make.reply(topic)
    assert client.get(topic.get_absolute_url(), headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("who", ["guest", "member"])
def test_board_far_back_costs_what_its_first_page_does(sign_in, member, place, who):
    board, _topic, grow = place
    grow(45, 0)
    client = Client() if who == "guest" else sign_in(member)
    url, first = board.get_absolute_url(), 0
    for _page in range(2):
        onward = re.search(r'href="(\?from=[^"]+)" rel="next"', client.get(url).content.decode())
        url = board.get_absolute_url() + onward[1]
        first = first or len(queries(client, board.get_absolute_url()))
    assert len(queries(client, url)) <= first <= BUDGETS["board"][who == "member"]


LOOKING = {
    "/resources/": (5, 8),
    "/resources/?kind=article": (5, 8),
    "/resources/?tag=sleep&plain=yes": (5, 8),
    "/resources/?q=quiet+sleep": (8, 8),
    "/resources/?q=qiet+slepe": (8, 10),
    "resource": (5, 10),
    "topic": (5, 9),
}


@pytest.mark.parametrize("who", ["guest", "member"])
def test_looking_into_the_library_asks_no_more_of_a_large_one(sign_in, member, author, who):
    """With all that can stand on a page: cards in a conversation, something beside it, conversations that show a thing."""
    librarian, board = make.user(role="librarian"), make.board(audience="everyone")
    applying.resolve(["sleep"], accept=True)
    Country.objects.get_or_create(code="GB", defaults={"name": "United Kingdom"})
    topic = make.topic(board, author, audience="everyone", mode="advice", tags=["sleep"])

    def grow(number: int) -> list:
        grown = [make.resource(author, title="Quiet sleep", tags=["sleep"], by=librarian, country="GB") for _ in range(number)]
        topic.reply(author, "This helped.", cards=grown[:3])
        return grown

    made = grow(4)[0]
    client = Client() if who == "guest" else sign_in(member)
    paths = {"resource": made.get_absolute_url(), "topic": topic.get_absolute_url()}
    urls = {name: paths.get(name, name) for name in LOOKING}
    for url in urls.values():
        client.get(url)
    small = {name: queries(client, url) for name, url in urls.items()}
    grow(30)
    make.topic(board, author, audience="everyone", mode="advice").reply(author, "And here.", cards=[made])
    for name, url in urls.items():
        # What is new there was read.
        client.get(url)
        large = queries(client, url)
        assert len(large) <= len(small[name]), "\n".join([name, *large])
        assert len(large) <= LOOKING[name][who == "member"], "\n".join([name, *large])


TOLD_AND_DECIDED = ["/decisions/", "/reports/", "/admin/audit/entry/"]
TOLD_AND_DECIDED += [f"/admin/moderation/{name}/" for name in ("report", "appeal", "membernote", "handover")]


def test_lists_of_what_was_told_and_decided_ask_no_more_where_there_is_more(sign_in, moderator, author):
    keeper = make.user(role="moderator")

    def grow(number: int) -> None:
        for _ in range(number):
            own, theirs, told = make.reply(author=moderator), make.reply(author=author), make.reply(author=author)
            for words in (own, theirs):
                words.hide(by=keeper, reason="It names somebody who is not here.")
            Report.put(told, by=moderator, reason="rule")
            Report.put(theirs, by=make.user(), reason="rule")
            Appeal.ask(Decision.objects.about(theirs).get())
            MemberNote.objects.create(member=author, by=make.user(role="moderator"), words="They wrote to us.")
            HandOver.objects.create(by=make.user(role="moderator"), words="A quiet night.")

    client = sign_in(moderator)
    grow(2)
    for url in TOLD_AND_DECIDED:
        client.get(url)
    small = {url: queries(client, url) for url in TOLD_AND_DECIDED}
    grow(12)
    for url in TOLD_AND_DECIDED:
        large = queries(client, url)
        assert len(large) <= len(small[url]), "\n".join([url, *large])


# What is done most at the desk, with what it may ask: who it is and what waits, the decision with all that follows, what is next.
DECIDING = {"claim/": 5, "do/close/": 10, "do/dismiss/": 10, "do/hide/": 12, "do/revise/": 12, "do/remove/": 13, "do/add_note/": 12}


@pytest.mark.parametrize("act", DECIDING)
def test_deciding_at_the_desk_asks_no_more_where_more_waits(sign_in, moderator, act):
    desk = sign_in(moderator)

    def grow(number: int) -> list[str]:
        made = [Report.put(make.reply(), by=make.user(), reason="rule") for _ in range(number)]
        return [f"/admin/desk/report-{report.pk}/{act}" for report in made]

    def decide(address: str) -> list[str]:
        upto = Report.objects.latest("pk").pk
        return queries(desk, address, {"reason": "It names somebody who is not here.", "note_words": "names", "upto": upto})

    first, second, _next = grow(3)
    decide(first)
    small = decide(second)
    for _ in range(2):
        # What was decided before takes no longer either.
        decide(grow(15)[0])
    large = decide(grow(1)[0])
    assert len(large) <= len(small), "\n".join(large)
    assert len(large) <= DECIDING[act], "\n".join(large)
