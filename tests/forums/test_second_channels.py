"""What is not open to somebody does not come to them by another way: validators, lists of their own, filters, news."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connections
from django.urls import reverse

from community.contributions.models import MOST_CALLED, Quote
from community.decisions.models import Decision
from community.moderation.models import Appeal, Report
from community.notifications.models import Notification
from forums.models import Mode, Reply, Topic
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "a robin with one white feather"


@pytest.fixture
def still():
    """A minute that does not pass: what changes now has another cause than the clock."""
    with time_machine.travel("2026-11-25 10:00:05+00:00", tick=False):
        yield


@pytest.mark.parametrize("happens", ["start", "answer", "elsewhere"])
def test_a_guests_copy_does_not_tell_that_members_talk(client, still, author, happens):
    board, inside = make.board(audience="everyone"), make.board()
    narrow = make.topic(board, author, audience="members")
    pages = ("/", "/forums/", board.get_absolute_url())
    before = [client.get(url)["ETag"] for url in pages]
    match happens:
        case "start":
            make.topic(board, author, audience="members")
        case "answer":
            make.reply(narrow, author)
        case "elsewhere":
            make.topic(inside, author)
    assert [client.get(url)["ETag"] for url in pages] == before


def test_a_guests_copy_is_gone_when_what_it_shows_changes(client, still, author, moderator):
    board = make.board(audience="everyone")
    topic, newest = (make.topic(board, author, title=f"{CANARY} {n}", audience="everyone") for n in range(2))
    for happens in (
        lambda: make.reply(topic, author),
        lambda: topic.hide(by=moderator, reason="it names somebody"),
        lambda: newest.edit("Other words.", title="Another title"),
        lambda: newest.withdraw(),
    ):
        kept = {url: client.get(url)["ETag"] for url in ("/", board.get_absolute_url())}
        happens()
        assert {client.get(url, headers={"if-none-match": tag}).status_code for url, tag in kept.items()} == {200}
    assert CANARY not in client.get(board.get_absolute_url()).content.decode()


def test_a_sentence_for_somebody_is_not_kept_with_a_guests_page(sign_in, member):
    client = sign_in(member)
    client.post("/settings/", {"about": "Hello."})
    client.cookies.pop("session")
    answer = client.get("/forums/")
    assert "This is how others see you" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store, private"
    assert "ETag" not in answer
    assert client.get("/forums/")["ETag"]


@pytest.mark.parametrize("closed", ["hidden", "another circle"])
def test_ones_own_list_keeps_ones_words_and_not_somebody_elses_title(sign_in, member, author, moderator, closed):
    circle = Group.objects.create(name="circle")
    member.groups.add(circle)
    topic = make.topic(make.board(audience="group", audience_group=circle), author, title=CANARY)
    make.reply(topic, member, body="My own words.")
    assert CANARY in sign_in(member).get("/wrote/").content.decode()
    if closed == "hidden":
        topic.hide(by=moderator, reason="it names somebody")
    else:
        member.groups.clear()
    page = sign_in(member).get("/wrote/").content.decode()
    assert "My own words." in page
    assert "not open to you at the moment" in page
    assert CANARY not in page
    assert str(topic.public_id) not in page


def test_a_moderators_filters_name_no_board_that_is_not_open_to_them(sign_in, moderator):
    circle = Group.objects.create(name="circle")
    make.board(name=CANARY, audience="group", audience_group=circle)
    shown = [make.board() for _ in range(2)]
    page = sign_in(moderator).get(reverse("admin:forums_topic_changelist")).content.decode()
    assert all(board.name in page for board in shown)
    assert CANARY not in page


def test_an_edit_gets_around_no_limit_of_the_first_days(sign_in, newcomer, author):
    topic, client = make.topic(author=newcomer), sign_in(newcomer)
    reply = make.reply(topic, newcomer)
    links = " ".join(f"https://example.org/{n}" for n in range(3))
    words = {"title": "A title", "mode": Mode.ADVICE, "body": links}
    assert "3 links" in client.post(f"{topic.get_absolute_url()}edit/", words).content.decode()
    answer = client.post(f"{reply.get_absolute_url()}edit/", {"body": "@wren @sorrel @yarrow"})
    assert "3 people" in answer.content.decode()


def test_one_text_calls_ten_people_at_most(author):
    people = [make.user() for _ in range(MOST_CALLED + 2)]
    topic = make.topic(author=author, body=" ".join(f"@{user.username}" for user in people))
    assert topic.body_html.count('class="mention"') == MOST_CALLED
    assert Notification.objects.filter(kind="contributions.mentioned").count() == MOST_CALLED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("goes", ["reply", "topic"])
def test_words_that_go_while_somebody_quotes_them_are_gone(member, author, moderator, goes):
    for n in range(8):
        topic = make.topic(author=author, body=CANARY)
        words = topic if goes == "topic" else make.reply(topic, author, body=CANARY)
        together = Barrier(2)

        def quote(topic=topic, words=words, together=together):
            found, source = Topic.objects.get(pk=topic.pk), type(words).objects.get(pk=words.pk)
            together.wait()
            try:
                found.reply(member, "As you say.", quoting=[Quote(source, "")])
            finally:
                connections.close_all()

        def go(words=words, together=together, n=n):
            source = type(words).objects.get(pk=words.pk)
            together.wait()
            try:
                source.withdraw() if n % 2 else source.hide(by=moderator, reason="it names somebody")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(quote), pool.submit(go)]:
                done.result()
        quoting = Reply.objects.exclude(pk=words.pk) if goes == "reply" else Reply.objects
        assert CANARY not in "".join(quoting.filter(topic=topic).values_list("body_html", flat=True))


@pytest.mark.parametrize("act", ["hide", "remove", "redact"])
def test_whoever_reported_words_is_not_told_them_again_once_they_are_gone(sign_in, author, other, moderator, act):
    reply = make.reply(author=author, body=f"I met {CANARY} today.")
    report = Report.put(reply, by=other, reason="harmful")
    second = Report.put(make.reply(reply.topic, author, body=f"And {CANARY} again."), by=other, reason="harmful")
    passages = {"passages": [CANARY]} if act == "redact" else {}
    for words in (reply, second.target):
        getattr(words, act)(by=moderator, reason="It names somebody.", **passages)
    for told in (report, second):
        told.close(by=moderator, reason="We looked.")
    again = Appeal.ask(second)
    again.uphold(by=make.user(role="owner"), reason="We looked again.")
    client = sign_in(other)
    receipts = [each.get_absolute_url() for each in (report, second, again)]
    for page in ("/inbox/", "/reports/", "/decisions/", *receipts):
        response = client.get(page, follow=True)
        assert response.status_code == 200, page
        assert CANARY not in response.content.decode(), page
    # Whoever wrote them still has them.
    statement = Decision.objects.about(reply).get()
    assert CANARY in sign_in(author).get(statement.get_absolute_url()).content.decode()
