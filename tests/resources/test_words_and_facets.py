"""Looking through a small library: by words, however they are spelt, by facets, and by words that are none."""

import logging
from random import Random

import pytest
from django.db import connection
from django.test import Client

from community.care.models import Country
from community.contributions.models import Note
from community.tags import applying
from tests import make
from tests.resources.looking import found

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shelves(module_db):
    """A few things, for everybody to look through; nothing here changes them."""
    librarian = make.user(role="librarian")
    make.resource(title="A breathing exercise for the night", tags=["panic attacks"], by=librarian, cost="free", language="en")
    make.resource(title="Ten soups", body="One pot, and *kindness*.", made_by="The Kettle Press", kind="book", by=librarian)
    make.resource(title="Grief, month by month", kind="video", language="de", by=librarian)
    make.resource(title="A line that listens", kind="service", phone="0800 123", address="", country="GB", by=librarian)
    noted = make.resource(title="The hardest week", by=librarian)
    noted.add_note(by=librarian, reason="It is.", notes=[Note.objects.create(name="illness at its worst")])
    applying.resolve(["panic attacks"], accept=True)[0].add_synonym(name="PA", by=librarian, reason="The same.")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("breathing", "A breathing exercise for the night"),
        ("brething exercize", "A breathing exercise for the night"),
        ("nigth", "A breathing exercise for the night"),
        ("panic attacks", "A breathing exercise for the night"),
        ("panick atacks", "A breathing exercise for the night"),
        ("PA", "A breathing exercise for the night"),
        ("kindness", "Ten soups"),
        ("kettle press", "Ten soups"),
        ("souos", "Ten soups"),
        ("greif", "Grief, month by month"),
        ("illness", "The hardest week"),
        ("LISTENS", "A line that listens"),
    ],
)
def test_words_find_it_however_they_are_spelt(shelves, words, title):
    assert title in found(Client(), q=words)


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"kind": "book"}, ["Ten soups"]),
        ({"language": "de"}, ["Grief, month by month"]),
        ({"cost": "free"}, ["A breathing exercise for the night"]),
        ({"country": "GB"}, ["A line that listens"]),
        ({"tag": "panic-attacks"}, ["A breathing exercise for the night"]),
        ({"tag": "Panic Attacks"}, ["A breathing exercise for the night"]),
        ({"tag": "pa"}, ["A breathing exercise for the night"]),
        ({"tag": "no-such-tag"}, []),
        ({"kind": "book", "language": "de"}, []),
        ({"q": "night", "kind": "book"}, []),
        ({"q": "night", "cost": "free", "tag": "pa"}, ["A breathing exercise for the night"]),
    ],
)
def test_facets_narrow_it(shelves, asked, titles):
    Country.objects.get_or_create(code="GB", defaults={"name": "United Kingdom"})
    assert found(Client(), **asked) == titles


def test_what_has_a_note_can_be_left_out(shelves):
    assert "The hardest week" in found(Client())
    assert "The hardest week" not in found(Client(), plain="yes")
    assert len(found(Client(), plain="yes")) == 4


ODD = [
    "\x00",
    "a\x00b",
    "\ud800",
    "'\"<script>",
    "%",
    "((((",
    "a & | ! b",
    "-a -b",
    '"',
    "x" * 5_000,
    "\u202e",
    "٣",
    "(a) <-> b:*",
    "🫖",
    " ",
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["q", "kind", "tag", "language", "cost", "country", "plain", "from", "page"])
def test_odd_words_find_nothing_and_break_nothing(shelves, name, odd):
    value = odd.encode("utf-8", "surrogatepass")
    for more in ({}, {"q": "night"}):
        assert Client().get("/resources/", {**more, name: value}).status_code in (200, 404)


@pytest.mark.parametrize("seed", range(6))
def test_any_words_at_all_are_an_answer(shelves, seed):
    drawn = Random(seed)
    for _ in range(15):
        words = "".join(
            chr(drawn.choice([drawn.randrange(1, 128), drawn.randrange(1, 0x2FFF)])) for _ in range(drawn.randrange(1, 60))
        )
        assert Client().get("/resources/", {"q": words}).status_code == 200


def test_what_was_looked_for_is_kept_nowhere(shelves, member, sign_in, caplog):
    caplog.set_level(logging.DEBUG)
    client = sign_in(member)
    for words in ("zqxplover night", "zqxplover"):
        found(client, q=words)
    assert "zqxplover" not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE row(t.*)::text ILIKE %s', ["%zqxplover%"])
            assert cursor.fetchone() == (0,), table
