"""Folding: what is noted, and what a reader asked to have folded, stands in one closed fold; lists and quotes say the note only."""

from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.contributions.models import Filter, Note, Quote
from community.contributions.references import unfolded
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "a robin with one white feather"


class Reading(HTMLParser):
    """What stands open on a page, what lies in folds, and how deep."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.depth = self.deepest = 0
        self.is_open, self.summary = False, False
        self.outside, self.inside, self.summaries = "", "", []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "details":
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
            self.is_open = self.is_open or "open" in dict(attrs)
        elif tag == "summary":
            self.summary = True
            self.summaries.append("")

    def handle_endtag(self, tag):
        if tag == "details":
            self.depth -= 1
        elif tag == "summary":
            self.summary = False

    def handle_data(self, data):
        if self.summary:
            self.summaries[-1] += data
        elif self.depth:
            self.inside += data
        else:
            self.outside += data

    @property
    def folds(self) -> list[str]:
        said = (" ".join(each.split()) for each in self.summaries)
        return [each for each in said if not each.startswith("Add a content note")]


def read(client, url) -> Reading:
    answer = client.get(url)
    assert answer.status_code == 200
    found = Reading(answer.content.decode())
    assert found.deepest < 2, "a fold lies in a fold"
    assert not found.is_open
    return found


def note(name="A death"):
    return Note.objects.get(name=name)


def fold(user, **about):
    Filter.keep(user, act=Filter.Act.FOLD, until=None, **about)


@pytest.fixture
def board(db):
    return make.board(audience="everyone")


# In a conversation ----------------------------------------------------------------------------------------------------


def test_noted_words_stand_in_a_fold_and_nowhere_else(client, sign_in, member, author, board):
    topic = make.topic(board, author, body=CANARY, notes=[note()], note_words="hospital")
    make.reply(topic, author, body=f"{CANARY}, again", notes=[note()])
    make.reply(topic, author, body="In the open.")
    for reader in (client, sign_in(member), sign_in(author)):
        page = read(reader, topic.get_absolute_url())
        assert page.folds == ["Content note: A death, hospital. Read the opening words", "Content note: A death. Read this reply"]
        assert CANARY in page.inside
        assert CANARY not in page.outside
        assert "In the open." in page.outside


def test_what_a_reader_folds_is_folded_for_them_alone(sign_in, member, author, other, board):
    topic = make.topic(board, author, body="It was long.")
    reply = make.reply(topic, author, body=CANARY)
    fold(member, words="white feather")
    page = read(sign_in(member), topic.get_absolute_url())
    assert page.folds == ["Folded, as you asked. Read this reply"]
    assert CANARY in page.inside
    assert CANARY not in page.outside
    assert read(sign_in(other), topic.get_absolute_url()).folds == []
    reply.edit(CANARY, note_words="a bird", notes=[])
    assert read(sign_in(member), topic.get_absolute_url()).folds == ["Content note: a bird. Read this reply"]


@pytest.mark.parametrize("about", ["note", "words", "person"])
def test_every_kind_of_filter_folds(sign_in, member, author, board, about):
    topic = make.topic(board, make.user())
    make.reply(topic, author, body=CANARY, notes=[note()] if about == "note" else [])
    fold(member, **{"note": {"note": note()}, "words": {"words": "robin"}, "person": {"person": author}}[about])
    page = read(sign_in(member), topic.get_absolute_url())
    assert CANARY not in page.outside
    assert len(page.folds) == 1


def test_the_list_of_a_board_and_every_other_show_note_and_wish(client, sign_in, member, other, board):
    somebody = make.user("zephyr")
    noted = make.topic(board, somebody, title="Of birds", body=CANARY, notes=[note()])
    folded = make.topic(board, somebody, title="Feathers everywhere", body=CANARY)
    fold(member, words="feathers everywhere")
    reader = sign_in(member)
    for url in (board.get_absolute_url(), "/", "/forums/waiting/"):
        page = read(reader, url)
        assert "Of birds" in page.outside
        assert "Content note: A death" in page.outside
        assert "Feathers everywhere" not in page.outside
        assert "Folded" in page.outside
        assert folded.get_absolute_url() in reader.get(url).content.decode()
        assert noted.get_absolute_url() in reader.get(url).content.decode()
    for url in (board.get_absolute_url(), "/"):
        page = read(client, url)
        assert "Content note: A death" in page.outside
        assert "Feathers everywhere" in page.outside
        assert CANARY not in page.outside + page.inside


def test_what_is_new_for_somebody_is_folded_too(sign_in, member, author, board):
    topic = make.topic(board, author, title="Feathers everywhere", notes=[note()])
    reader = sign_in(member)
    reader.get(topic.get_absolute_url())
    make.reply(topic, author)
    assert "Feathers everywhere" in read(reader, "/").outside
    fold(member, note=note())
    page = read(reader, "/")
    assert "Feathers everywhere" not in page.outside
    assert "Folded" in page.outside


def test_ones_own_list_shows_the_note_above_a_fold(sign_in, member, author, board):
    make.reply(make.topic(board, author), member, body=CANARY, notes=[note()])
    page = read(sign_in(member), "/wrote/")
    assert page.folds == ["Content note: A death. Read how it begins"]
    assert CANARY in page.inside
    assert CANARY not in page.outside


def test_the_inbox_shows_no_noted_words(sign_in, member, author, board):
    topic = make.topic(board, member)
    make.reply(topic, author, body=f"{CANARY}, @{member.username}", notes=[note()])
    for url in ("/inbox/", "/"):
        page = read(sign_in(member), url)
        assert CANARY not in page.outside + page.inside


# Quoted ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def quoted(board, author, member):
    """A conversation, a noted reply in it, and a reply that quotes it."""
    topic = make.topic(board, author)
    source = make.reply(topic, author, body=f"{CANARY} sat there.", notes=[note()])
    return topic, source, topic.reply(member, "As you say.", quoting=[Quote(source, CANARY)])


def test_a_quote_of_noted_words_is_folded_behind_their_note(client, quoted):
    page = read(client, quoted[0].get_absolute_url())
    assert page.folds == ["Content note: A death. Read this reply", "Content note: A death. Read the quoted words"]
    assert CANARY not in page.outside
    assert "As you say." in page.outside


def test_in_noted_words_a_noted_quote_has_a_line_and_no_fold_of_its_own(client, quoted):
    topic, _source, quoting = quoted
    quoting.edit("As you say.", notes=[], note_words="birds")
    page = read(client, topic.get_absolute_url())
    assert page.folds == ["Content note: A death. Read this reply", "Content note: birds. Read this reply"]
    assert page.inside.count("Content note: A death.") == 1
    assert CANARY not in page.outside
    quoting.edit("As you say.", notes=[])
    assert read(client, topic.get_absolute_url()).folds[1] == "Content note: A death. Read the quoted words"


def test_in_a_readers_fold_a_noted_quote_has_a_line_and_no_fold_of_its_own(sign_in, other, member, quoted):
    fold(other, person=member)
    page = read(sign_in(other), quoted[0].get_absolute_url())
    assert page.folds == ["Content note: A death. Read this reply", "Folded, as you asked. Read this reply"]
    assert page.inside.count(CANARY) == 2


@pytest.mark.parametrize("page", [1, 2])
def test_words_that_a_reader_folds_are_folded_in_quotes_too_and_never_twice(sign_in, member, author, other, board, page):
    topic = make.topic(board, other)
    said = make.reply(topic, author, f"{CANARY} sat there.")
    for _number in range(20 if page == 2 else 0):
        make.reply(topic, other, "Go on.")
    make.reply(topic, other, "So did I.", quoting=[Quote(said, CANARY)])
    make.reply(topic, other, "And I.", quoting=[Quote(said, CANARY)], note_words="birds")
    fold(member, person=author)
    shown = read(sign_in(member), f"{topic.get_absolute_url()}?page={page}")
    assert shown.folds[-2:] == ["Folded, as you asked. Read the quoted words", "Content note: birds. Read this reply"]
    assert shown.inside.count("Folded, as you asked.") == 1
    assert CANARY not in shown.outside
    assert CANARY in read(sign_in(other), f"{topic.get_absolute_url()}?page={page}").outside


def test_a_quote_follows_the_note_of_its_words(client, quoted):
    topic, source, _quoting = quoted
    source.edit(source.body, notes=[note("Abuse")])
    assert read(client, topic.get_absolute_url()).folds[1] == "Content note: Abuse. Read the quoted words"
    source.edit(source.body, notes=[])
    assert read(client, topic.get_absolute_url()).folds == []


def test_a_moderators_note_comes_to_a_guests_kept_page(client, quoted, moderator):
    topic, source, _quoting = quoted
    url = topic.get_absolute_url()
    tag = client.get(url)["ETag"]
    source.add_note(by=moderator, reason="It is heavy for some.", notes=[note("Abuse")])
    answer = client.get(url, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert "Content note: <bdi>Abuse, A death</bdi>" in answer.content.decode()


def test_the_reply_form_folds_what_will_stand_above_the_words(sign_in, other, quoted):
    topic, source, _quoting = quoted
    page = read(sign_in(other), f"{topic.get_absolute_url()}reply/?quote={source.public_id}&excerpt={CANARY}")
    assert page.folds == ["Content note: A death. Read the quoted words"]
    assert CANARY not in page.outside


def test_nobody_can_write_a_fold_themselves():
    html = unfolded(make.reply(body='<details class="fold"><summary><span>x</span> <b>y</b></summary>z</details>').body_html)
    assert "&lt;details" in html
    assert "<details" not in html


# What it costs --------------------------------------------------------------------------------------------------------


def test_notes_and_folds_ask_nothing_more_of_the_database(sign_in, member, author, board):
    plain, noted = (make.topic(board, author) for _ in range(2))
    for _ in range(3):
        make.reply(plain, author)
        make.reply(noted, author, notes=[note()], note_words="birds")
    client, counted = sign_in(member), []
    for topic in (plain, noted):
        client.get(topic.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            client.get(topic.get_absolute_url())
        counted.append(len(asked))
    assert counted[0] == counted[1]
