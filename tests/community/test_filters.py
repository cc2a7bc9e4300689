"""What somebody would rather not see: by note, by words, by person; folded or left out; for a while or always; for them alone."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.contributions.filters import MOST, Filter
from community.contributions.models import Note, Quote
from community.contributions.tasks import sweep
from community.identity.seal import speak_as
from community.members.models import Block
from community.notifications import activity, mail
from community.notifications.models import Notification, Outgoing
from forums import finding, listing
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "a robin with one white feather"
GAP = "One reply is not shown to you."
PAGE = "/settings/filters/"


def seen(client, url: str) -> str:
    return client.get(url, follow=True).content.decode()


@pytest.fixture
def note(db):
    return Note.objects.create(name="Hospital stays", position=1)


@pytest.fixture
def reader(member):
    """Whoever filters, as in a request of theirs."""
    member.is_here = True
    return member


def add(client, **fields):
    return client.post(PAGE, {"act": "hide", "lasts": "always"} | fields, follow=True)


# Choosing ------------------------------------------------------------------------------------------------------------


def test_somebody_without_filters_is_told_so_kindly(sign_in, member):
    page = seen(sign_in(member), PAGE)
    assert "You leave nothing out." in page
    assert "You have blocked nobody." in page
    assert "Look for a name" not in page


@pytest.mark.parametrize("by", ["note", "words", "person"])
def test_a_filter_is_added_listed_and_removed(sign_in, member, author, note, by):
    client = sign_in(member)
    value = {"note": note.pk, "words": "hospital corridors", "person": "Sorrel"}[by]
    shown = {"note": "Hospital stays", "words": "“hospital corridors”", "person": "<bdi>sorrel</bdi>"}[by]
    page = add(client, by=by, **{by: value}, act="fold", lasts="week").content.decode()
    assert shown in page.split("<h2")[1]
    assert "Folded, so that you can open it" in page
    kept = Filter.objects.get()
    assert timedelta(days=6.9) < kept.until - timezone.now() <= timedelta(days=7)
    named = {"note": note.pk, "words": "hospital corridors", "person": "sorrel"}[by]
    page = client.post(f"{PAGE}delete/", {by: named}, follow=True).content.decode()
    assert "You leave nothing out." in page
    assert not Filter.objects.exists()


@pytest.mark.parametrize(("lasts", "days"), [("day", 1), ("week", 7), ("month", 30), ("always", None)])
def test_a_filter_lasts_as_long_as_was_chosen(sign_in, member, lasts, days):
    add(sign_in(member), by="words", words="hospital", lasts=lasts)
    until = Filter.objects.get().until
    assert (until and round((until - timezone.now()) / timedelta(days=1))) == days


def test_the_same_thing_again_replaces_what_was(sign_in, member, author, note):
    client = sign_in(member)
    for act in ("hide", "fold"):
        add(client, by="words", words="Hospital" if act == "fold" else "hospital", act=act)
        add(client, by="note", note=note.pk, act=act)
        add(client, by="person", person="sorrel", act=act)
    assert list(Filter.objects.values_list("act", flat=True)) == ["fold"] * 3


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"by": "words", "words": ""}, "A few words are enough here."),
        ({"by": "words", "words": "…!?"}, "There is no word in this"),
        ({"by": "words", "words": "long " * 20}, "there is room for 60"),
        ({"by": "person", "person": "nobody-here"}, "Nobody whom you can meet here has this name."),
        ({"by": "person", "person": "\0" * 500}, "A few words are enough here."),
        ({"by": "person", "person": "x" * 90}, "Nobody whom you can meet here has this name."),
        ({"by": "person", "person": "wren"}, "This is you."),
        ({"by": "note", "note": ""}, "Choose a content note first."),
        ({"by": "note", "note": "9" * 30}, "That note is not in the list any more."),
        ({"by": "words", "words": "hospital", "lasts": "century"}, "century"),
    ],
)
def test_what_cannot_be_looked_for_is_said(sign_in, member, fields, says):
    page = add(sign_in(member), **fields).content.decode()
    assert says in page
    assert page.count("data-error-summary") == 1
    assert not Filter.objects.exists()


def test_a_note_that_is_not_offered_any_more_cannot_be_chosen_and_stays_where_it_was(sign_in, member, note):
    client = sign_in(member)
    add(client, by="note", note=note.pk)
    note.retired_at = timezone.now()
    note.save()
    assert "not in the list any more" in add(client, by="note", note=note.pk, act="fold").content.decode()
    assert "Hospital stays" in seen(client, PAGE)


def test_across_a_block_a_name_is_as_unknown_as_any(sign_in, member, author):
    Block.put(author, member)
    client = sign_in(member)
    pages = [add(client, by="person", person=name).content.decode() for name in ("sorrel", "swards")]
    assert "has this name" in pages[0]
    assert pages[0].count("sorrel") == pages[1].count("swards") == 1
    assert not Filter.objects.exists()


def test_there_is_room_for_two_hundred(sign_in, member):
    Filter.objects.bulk_create(Filter(user=member, act="fold", words=f"word{n}", query=f"'word{n}'") for n in range(MOST))
    client = sign_in(member)
    assert f"You have {MOST} filters" in add(client, by="words", words="one more").content.decode()
    add(client, by="words", words="word7", act="hide")
    assert Filter.objects.get(words="word7").act == "hide"
    Filter.objects.filter(words="word9").update(until=timezone.now() - timedelta(minutes=1))
    add(client, by="words", words="one more")
    assert Filter.objects.filter(words="one more").exists()


def test_nobody_removes_or_sees_the_filter_of_somebody_else(sign_in, member, author, other, note):
    for thing in ({"note": note}, {"words": "hospital"}, {"person": other}):
        Filter.keep(member, act="fold", until=None, **thing)
    client = sign_in(author)
    for fields in ({"note": note.pk}, {"words": "hospital"}, {"person": other.username}, {"note": "x"}, {"words": "\0"}, {}):
        client.post(f"{PAGE}delete/", fields)
    assert Filter.objects.count() == 3
    assert "You leave nothing out." in seen(client, PAGE)


def test_the_page_about_a_person_says_what_is_so_and_changes_it(sign_in, member, author):
    client, url = sign_in(member), "/members/sorrel/person/"
    assert url in seen(client, "/members/sorrel/")
    assert "/members/wren/person/" not in seen(client, "/members/wren/")
    client.post(url, {"act": "hide", "lasts": "day"})
    assert "At the moment it is left out for you," in seen(client, url)
    client.post(url, {"act": "fold", "lasts": "always"})
    assert "At the moment it is folded for you," in seen(client, url)
    assert Filter.objects.count() == 1
    assert "What should happen?" in client.post(url, {"act": "burn"}).content.decode()


# What follows --------------------------------------------------------------------------------------------------------


def filters(reader, author, note, by: str, act: str, **more) -> None:
    thing = {"note": {"note": note}, "words": {"words": "White, feather!"}, "person": {"person": author}}[by]
    Filter.keep(reader, **thing, act=act, **({"until": None} | more))


def noted(words, note):
    words.set_note([note])
    words.save()
    return words


@pytest.mark.parametrize("by", ["note", "words", "person"])
def test_what_is_left_out_is_left_out_everywhere_and_for_nobody_else(sign_in, reader, author, other, note, settings, by):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    board = make.board()
    noted(make.topic(board, author, title=CANARY, body=CANARY), note)
    mine = make.topic(board, reader, title="My own")
    said = noted(make.reply(mine, author, body=CANARY), note)
    news = Notification.objects.get(recipient=reader)
    activity.consider(news.public_id)
    waiting = Outgoing.objects.get(notification=news)
    client = sign_in(reader)
    urls = ("/", "/forums/waiting/", board.get_absolute_url())
    assert all(CANARY in seen(client, url) for url in urls)
    assert "There is an answer" in seen(client, "/inbox/")
    filters(reader, author, note, by, "hide")
    assert not any(CANARY in seen(client, url) for url in urls)
    assert "There is an answer" not in seen(client, "/inbox/")
    page = seen(client, mine.get_absolute_url())
    assert CANARY not in page
    assert GAP in page
    assert mail.deliver(waiting.pk)
    assert not Outgoing.objects.filter(pk=waiting.pk).exists()
    # A filter is nobody else's business, not the author's either.
    for somebody in (author, other):
        assert CANARY in seen(sign_in(somebody), board.get_absolute_url())
        assert CANARY in seen(sign_in(somebody), mine.get_absolute_url())
    assert client.get(said.get_absolute_url(), follow=True).status_code == 200


@pytest.mark.parametrize("act", ["fold", "hide"])
@pytest.mark.parametrize("by", ["note", "words", "person"])
def test_a_conversation_opened_by_its_address_is_shown_and_folded(sign_in, reader, author, note, by, act):
    topic = noted(make.topic(author=author, title=CANARY, body=CANARY), note)
    filters(reader, author, note, by, act)
    assert finding.topic(reader, topic.board.slug, topic.public_id).is_folded
    assert CANARY in seen(sign_in(reader), topic.get_absolute_url())


@pytest.mark.parametrize("by", ["note", "words", "person"])
def test_what_is_folded_stays_in_lists_and_news(sign_in, reader, author, note, by):
    board = make.board()
    topic = noted(make.topic(board, author, title=CANARY), note)
    reply = noted(make.reply(topic, author, body=CANARY), note)
    plain = make.reply(topic, make.user(), body="Nothing of the kind.")
    filters(reader, author, note, by, "fold")
    assert [found.is_folded for found in listing.topics_of_board(reader, board, beyond=None)] == [True]
    found = finding.topic(reader, board.slug, topic.public_id)
    assert {words.pk: words.is_folded for words in finding.replies(reader, found, 1)} == {reply.pk: True, plain.pk: False}


@pytest.mark.parametrize("act", ["fold", "hide"])
@pytest.mark.parametrize("by", ["note", "words"])
def test_ones_own_words_are_never_filtered_under_any_name(reader, author, note, by, act):
    topic = noted(make.topic(author=reader, title=CANARY, body=CANARY), note)
    reply = noted(make.reply(topic, reader, body=CANARY), note)
    elsewhere = make.topic(author=author)
    aside = noted(make.reply(elsewhere, speak_as(reader, elsewhere.public_id), body=CANARY), note)
    reader.forget_personas()
    filters(reader, author, note, by, act)
    found = finding.topic(reader, topic.board.slug, topic.public_id)
    assert not found.is_folded
    assert [(words.pk, words.is_folded) for words in finding.replies(reader, found, 1)] == [(reply.pk, False)]
    assert [(words.pk, words.is_folded) for words in finding.replies(reader, elsewhere, 1)] == [(aside.pk, False)]
    assert topic.pk in {found.pk for found in listing.topics_of_board(reader, topic.board, beyond=None)}


def test_a_person_is_found_by_name_only(sign_in, reader, author):
    topic = make.topic()
    author.is_here = True
    make.reply(topic, speak_as(author, topic.public_id), body=CANARY)
    Filter.keep(reader, person=author, act="hide", until=None)
    assert CANARY in seen(sign_in(reader), topic.get_absolute_url())


def test_words_that_are_left_out_are_not_shown_in_a_quote(sign_in, reader, author, other):
    topic = make.topic(author=other)
    said = make.reply(topic, author, body=CANARY)
    make.reply(topic, other, body="As was said.", quoting=[Quote(said, "a robin")])
    Filter.keep(reader, person=author, act="hide", until=None)
    page = seen(sign_in(reader), topic.get_absolute_url())
    assert "The words quoted here are not shown to you." in page
    assert "a robin" not in page
    assert "a robin" in seen(sign_in(other), topic.get_absolute_url())


def test_words_are_found_together_and_in_their_order(sign_in, reader, author):
    board = make.board()
    for title in ("White feathers", "A white feather", "A feather, white", "WHITE  FEATHER?"):
        make.topic(board, author, title=title)
    Filter.keep(reader, words="white feather", act="hide", until=None)
    page = seen(sign_in(reader), board.get_absolute_url())
    shown = {title for title in ("White feathers", "A white feather", "A feather, white", "WHITE  FEATHER?") if title in page}
    assert shown == {"White feathers", "A feather, white"}


# For a while ---------------------------------------------------------------------------------------------------------


def test_a_filter_that_is_over_does_nothing_and_is_swept(sign_in, reader, author, note):
    topic = make.topic(author=author, title=CANARY)
    filters(reader, author, note, "person", "hide", until=timezone.now() + timedelta(days=1))
    filters(reader, author, note, "words", "hide", until=timezone.now() - timedelta(seconds=1))
    filters(reader, author, note, "note", "fold")
    client, board = sign_in(reader), topic.board.get_absolute_url()
    assert CANARY not in seen(client, board)
    assert "feather" not in seen(client, PAGE)
    Filter.objects.filter(person=author).update(until=timezone.now() - timedelta(seconds=1))
    assert CANARY in seen(client, board)
    for _twice in range(2):
        sweep(0)
    assert list(Filter.objects.values_list("note", flat=True)) == [note.pk]


def test_the_form_counts_from_now(sign_in, member):
    with time_machine.travel("2026-03-01 09:03:21+00:00", tick=False):
        add(sign_in(member), by="words", words="hospital", lasts="month")
        assert f"{Filter.objects.get().until:%d %B %H:%M:%S}" == "31 March 09:00:00", "the moment tells when somebody was here"


# Cost ----------------------------------------------------------------------------------------------------------------


def test_pages_ask_no_more_with_many_filters_and_blocks(sign_in, reader, author, other, note):
    topic = make.topic(author=author)
    for n in range(5):
        make.reply(topic, (author, other)[n % 2])
    client = sign_in(reader)
    urls = ("/", PAGE, topic.get_absolute_url(), topic.board.get_absolute_url(), "/inbox/", "/members/sorrel/person/")

    def asked() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counts.append(len(captured))
        return counts

    make.topic(author=other)
    Filter.keep(reader, note=note, act="fold", until=None)
    Block.put(reader, make.user())
    asked()
    few = asked()
    Filter.objects.bulk_create(Filter(user=reader, act="hide", words=f"word{n}", query=f"'word{n}'") for n in range(MOST - 1))
    crowd = [type(reader)(username=f"crowd{n}", handle_key=f"crowd-{n}", email=f"crowd{n}@example.org") for n in range(300)]
    Block.objects.bulk_create(Block(blocker=reader, blocked=somebody) for somebody in type(reader).objects.bulk_create(crowd))
    assert asked() == few
