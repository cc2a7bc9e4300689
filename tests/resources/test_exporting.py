"""The library as a file: what is written is read again, as far as that kind of file can hold it, and no cell becomes a formula."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community import text
from community.tags import applying
from resources.entries import Entry
from resources.exporting import as_bookmarks, as_records, as_table, guarded, unguarded
from resources.importing import read

SIGNS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20\u2212"
words = st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@'\",;|<>&\n\t \\/*_[]()#éü🫖\u200f\uff1d"), max_size=60)
lines = words.map(lambda value: " ".join(text.clean(value).split())).filter(lambda value: not text.is_blank(value))
bodies = words.map(lambda value: text.clean(value).strip()).map(lambda value: "" if text.is_blank(value) else value)
moments = st.datetimes(datetime(1990, 1, 2), datetime(2026, 1, 1), timezones=st.just(UTC))
facts = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["article", "video", "book"]),
        "made_by": lines,
        "isbn": st.just("9780306406157"),
        "doi": st.just("10.1000/182"),
        "phone": st.sampled_from(["116 123", "+44 20 7946 0000", "13 YARN"]),
        "hours": lines,
        "country": st.sampled_from(["GB", "DE"]),
        "language": st.sampled_from(["en", "pt-br"]),
        "minutes": st.integers(1, 9_999),
        "pages": st.integers(1, 9_999),
        "cost": st.sampled_from(["free", "paid"]),
        "level": st.just("plain"),
        "has_captions": st.booleans(),
        "needs_account": st.booleans(),
        "content_note": lines,
        "audience": st.sampled_from(["everyone", "members"]),
        "archive": st.just("https://archive.example/1"),
        "file_name": lines,
        "file_alt": lines,
    },
)
tags = st.lists(lines, max_size=8).map(applying.tidied)
entries = st.lists(
    st.one_of(
        st.builds(
            Entry,
            address=st.sampled_from(["https://a.example/", "http://b.example/?x=1&y=%22", "https://c.example/#!/d"]),
            title=lines,
            description=bodies,
            tags=tags,
            added_at=st.none() | moments,
            facts=facts,
        ),
        st.builds(Entry, title=lines, description=bodies, facts=facts.map(lambda found: found | {"kind": "lived"})),
        st.builds(Entry, title=lines, tags=tags, facts=facts.map(lambda found: found | {"file_name": "Breathing.pdf"})),
    ),
    min_size=1,
    max_size=4,
)


def again(pieces) -> list[Entry]:
    found = read("".join(pieces).encode())
    assert [str(row) for row in found.rows if row.problem or row.notes] == []
    assert found.notes == []
    return [row.entry for row in found.rows]


@given(entries)
def test_nothing_is_lost_through_json(given_):
    assert again(as_records(given_)) == given_


@given(entries)
def test_nothing_is_lost_through_a_table(given_):
    assert again(as_table(given_)) == given_


@given(entries)
def test_nothing_but_parts_of_a_second_is_lost_through_bookmarks(given_):
    for entry in given_:
        entry.page = "https://hearth.example/resources/1/"
        entry.added_at = entry.added_at and entry.added_at.replace(microsecond=0)
    assert again(as_bookmarks(given_, title="The <library>")) == given_


def test_every_program_finds_an_address_in_bookmarks():
    helpline = Entry(title="A line", facts={"phone": "116 123"})
    story = Entry(title="A story", page="https://hearth.example/resources/1/", facts={"kind": "lived"})
    written = "".join(as_bookmarks([helpline, story], title="Library"))
    assert re.findall('HREF="([^"]*)"', written) == ["tel:116 123", "https://hearth.example/resources/1/"]
    assert again([written]) == [helpline, story]


# Formulas ---------------------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "−1", " =1", '"=1', "'=1", "''=1"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("before", ["", "x,", "x;", "x\t", "x\n", "x\r\n", 'x"; "', "x|"])
def test_no_cell_becomes_a_formula_whatever_stands_between_cells(before, formula):
    cell = before + formula
    written = "".join(as_table([Entry(address="https://a.example/", title=cell, description=cell)]))
    # As a spreadsheet reads it that was told the right sign, and ones that were told another.
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter):
            assert not [part for part in row if part.lstrip(' "\ufeff').startswith(tuple(SIGNS))]


@given(st.text(st.sampled_from("=+-@\t\r\n'\",;| a\uff1d"), max_size=30) | words)
def test_the_guard_comes_off_again(cell):
    assert unguarded(guarded(cell)) == cell


def test_ordinary_words_are_not_touched():
    assert guarded("Rest, then 2 + 2 = 4 – a well-known @home e-mail") == "Rest, then 2 + 2 = 4 – a well-known @home e-mail"


@given(st.text(st.sampled_from("=+-@'\" \t"), max_size=3).map(lambda part: part * 2_000))
def test_guarding_takes_no_time(cell):
    assert len(guarded(cell)) <= 2 * len(cell) + 1


def test_a_library_of_any_size_passes_piece_by_piece():
    taken = 0

    def one_by_one():
        nonlocal taken
        while True:
            taken += 1
            yield Entry(address="https://a.example/", title="One")

    for writer in (as_table, as_records, lambda found: as_bookmarks(found, title="Library")):
        taken, pieces = 0, writer(one_by_one())
        for _piece in range(5):
            next(pieces)
        assert taken <= 5
