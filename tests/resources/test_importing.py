"""Files of other programs, read into rows: nothing is dropped without a word, and no row sinks a file."""

import io
import json
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from resources.importing import Format, read, reading

FILES = Path(__file__).parent / "files"


def of_file(name: str):
    return read((FILES / name).read_bytes())


def of_text(text: str):
    return read(text.encode())


def entry(reading, address: str):
    return next(row.entry for row in reading.rows if row.entry.address == address)


# The files of other programs --------------------------------------------------------------------------------------------


def test_bookmarks_of_firefox():
    found = of_file("bookmarks-firefox-nested.html")
    assert found.format == Format.HTML
    assert len(found.rows) == (FILES / "bookmarks-firefox-nested.html").read_text().count("<A HREF") == 24
    broken = [row for row in found.rows if not row.is_readable]
    assert [row.entry.title for row in broken] == ["Recently saved", "Recent tags", "Most visited"]
    assert all("“place:”" in row.problem for row in broken)
    assert str(broken[0]).startswith("Row 1: Only addresses that begin with http")
    prism = entry(found, "https://prism-break.org/en/")
    assert prism.tags[-1] == "FLOSS"
    assert prism.description.startswith("Opt out of global data surveillance")
    parser = entry(found, "https://github.com/kafene/netscape-bookmark-parser")
    assert parser.tags[-2:] == ["Dev", "PHP"]
    assert parser.added_at == datetime(2016, 5, 19, 19, 31, 19, tzinfo=UTC)
    nautilus = next(row.entry for row in found.rows if "nautil.us" in row.entry.address)
    assert nautilus.description.endswith("figure out&#8230;"), "as it was written, entity and all"
    assert entry(found, "https://www.mozilla.org/en-US/firefox/central/").tags == [], "a browser's own folder says nothing"


def test_bookmarks_of_chromium():
    found = of_file("bookmarks-chromium-nested.html")
    assert len(found.rows) == 18
    assert all(row.is_readable and not row.notes for row in found.rows)
    assert entry(found, "https://www.kernel.org/").tags == ["Linux, Unix OS,Other stuff"]
    assert entry(found, "https://tox.readthedocs.io/en/latest/").tags == ["Dev", "Python"]


def test_bookmarks_of_shaarli():
    found = of_file("bookmarks-shaarli.html")
    assert len(found.rows) == 6
    assert [row.number for row in found.rows if row.is_private] == [3, 6]
    assert not found.rows[0].is_readable, "a page of that house's own"
    welcome = entry(found, "https://github.com/shaarli/Shaarli/wiki")
    assert welcome.title == "Shaarli: the personal, minimalist, super-fast, no-database delicious clone"
    assert welcome.description.count("\n") == 4
    assert welcome.tags == ["opensource", "software"]


def test_a_table_of_pocket():
    found = of_file("pocket.csv")
    assert found.format == Format.CSV
    assert len(found.rows) == 7
    assert all(row.is_readable for row in found.rows)
    assert found.rows[6].entry.title == "Des abeilles pour résoudre les « conflits » entre les humains et les élépha"
    assert found.rows[4].entry.address.endswith("masculiniste-trackmania.html") or "#utm" not in found.rows[4].entry.address
    assert found.rows[0].entry.added_at == datetime(2020, 9, 17, 6, 6, 28, tzinfo=UTC)
    assert found.notes == ["There is no place here for what stands under “status”; it was left out."]


def test_records_of_pinboard():
    found = of_file("pinboard.json")
    assert found.format == Format.JSON
    first = found.rows[0].entry
    assert first.title == "Complexities of an Infinite Scroller"
    assert first.description.startswith("TL;DR: Re-use your DOM elements")
    assert first.tags == ["infinite", "dom", "performance", "scroll"]
    assert first.added_at == datetime(2016, 10, 31, 15, 57, 56, tzinfo=UTC)
    assert "“meta”" in found.notes[0]


def test_an_awesome_list():
    found = of_file("awesome-mental-health.md")
    assert found.format == Format.MARKDOWN
    written = (FILES / "awesome-mental-health.md").read_text()
    assert len(found.rows) == written.count("\n* [") == 105
    assert all(row.is_readable for row in found.rows)
    nyxo = entry(found, "https://nyxo.app/")
    assert (nyxo.title, nyxo.tags) == ("Nyxo", ["Applications"])
    assert nyxo.description == "Open source sleep tracking and sleep coaching app for iOS and Android."
    assert "8 links lead to places in the file itself" in found.notes[0]
    assert "outside of lists" in found.notes[1]
    assert found.rows[0].line == written[: written.index("* [Moodpath]")].count("\n") + 1


RAINDROP = (
    "id,title,note,excerpt,url,folder,tags,created,cover\n"
    '1,A,my note,their words,https://a.example/,Calm / Sleep,"rest, night",2024-01-02T03:04:05.000Z,'
)

# What the programs differ in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "tags", "description"),
    [
        (RAINDROP, ["rest", "night", "Calm", "Sleep"], "my note\n\ntheir words"),
        ("title,url,time_added,tags,status\nA,https://a.example/,1704164645,rest|night,unread\n", ["rest", "night"], ""),
        ("href,description,extended,time,tags\na.example,A,more,2024-01-02T03:04:05Z,rest night\n", ["rest", "night"], "more"),
        ("Titel;Adresse;Schlagworte;Datum\nA;https://a.example/;rest, night;2024-01-02T03:04:05\n", ["rest", "night"], ""),
        ("URL\tTags\tName\tCreated\r\nhttps://a.example/\trest;night\tA\t1704164645000\r\n", ["rest", "night"], ""),
        ("\ufeffPage,title,link,tags,date\n,A,a.example,\"rest,night\",1704164645000000", ["rest", "night"], ""),
    ],
    ids=["raindrop", "pocket", "pinboard", "semicolons", "tabs", "mark"],
)  # fmt: skip
def test_a_table_of_any_program_whose_header_names_addresses(table, tags, description):
    (row,) = of_text(table).rows
    assert row.is_readable
    assert row.entry.address == "https://a.example/"
    assert row.entry.title == "A"
    assert row.entry.tags == tags
    assert row.entry.description == description
    assert row.entry.added_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_list_with_headings_lists_in_lists_and_names_for_links():
    found = of_text(
        "# Things that help\n\nSee [here](https://aside.example/).\n\n## Sleep\n\n- [One][1] – *gentle*, by [her](https://her.example/)\n"
        "- Apps\n    1. **[Two](two.example)**: for `night`\n    2. https://three.example/x. A voice.\n\nBooks\n-----\n"
        "* Fiction: [Four](<https://four.example/a b>)\n+ [Five](mailto:wren@example.org)\n\n### Old\n- <https://six.example>\n"
        "- nothing here\n- [up](#sleep)\n\n[1]: https://one.example/ 'A title'\n"
    )
    rows = [(row.entry.address, row.entry.title, row.entry.description, row.entry.tags) for row in found.rows]
    assert rows == [
        ("https://one.example/", "One", "*gentle*, by [her](https://her.example/)", ["Sleep"]),
        ("https://two.example/", "Two", "for `night`", ["Sleep", "Apps"]),
        ("https://three.example/x", "three.example/x", "A voice.", ["Sleep", "Apps"]),
        ("https://four.example/a%20b", "Four", "Fiction:", ["Books"]),
        ("", "Five", "", ["Books"]),
        ("https://six.example/", "https://six.example", "", ["Books", "Old"]),
    ]
    assert [row.number for row in found.rows if not row.is_readable] == [5]
    assert found.notes == [
        "1 link leads to a place in the file itself, such as a table of contents, and was left out.",
        "Links in running text, outside of lists, were left out: line 3.",
    ]


def test_bookmarks_that_no_browser_closed():
    found = of_text(
        "<!doctype netscape-bookmark-file-1><DL><DT><H3>Night &amp; day<DL>"
        "<DT><A HREF=https://a.example/ add_date='1704164645' SHORTCUTURL=\"a\">"
        "One"
        "<DD>It &lt;helps&gt;<br>twice<DT><A HREF=\"https://b.example/?x=\"1\">Two</DL><!-- <A HREF='https://no.example/'> --><A href='https://c.example/'>Three</a>"
    )  # fmt: skip
    one, two, three = found.rows
    assert (one.entry.title, one.entry.description) == ("One", "It <helps>\ntwice")
    assert one.notes == ["Its shortcut in the browser, “a”, was left out."]
    assert two.entry.address == "https://b.example/?x="
    assert three.entry.title == "Three"


# Encodings --------------------------------------------------------------------------------------------------------------

TABLE = "title,url\r\nÜbung für müde Füße,https://a.example/\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_every_usual_encoding_is_read(encoding):
    found = read(TABLE.encode(encoding))
    assert found.rows[0].entry.title == "Übung für müde Füße"
    is_old = encoding in ("latin-1", "cp1252")
    assert found.notes == (
        ["The file was read as Western European (Latin-1), because it is no UTF-8. Look at letters with accents."] if is_old else []
    )


def test_an_old_browser_may_say_which_encoding_it_wrote():
    page = '<!doctype netscape-bookmark-file-1><meta content="text/html; charset=windows-1251"><DT><A HREF="https://a.example/">Покой</A>'
    found = read(page.encode("cp1251"))
    assert found.rows[0].entry.title == "Покой"
    assert "windows-1251" in found.notes[0]


def test_a_hole_in_an_encoding_is_told_and_costs_one_letter():
    found = read(TABLE.encode().replace(b"f\xc3\xbcr", b"f\xc3r"))
    assert found.rows[0].entry.title == "Übung f�r müde Füße"
    assert "broken" in found.notes[0]


# What is wrong with files and rows --------------------------------------------------------------------------------------


def packed() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bookmarks.html", b"0" * 50_000_000)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (packed(), "packed"),
        (b"\x1f\x8b\x08" + b"x" * 100, "packed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "binary"),
        (b"GIF89a" + bytes(range(256)) * 10, "binary"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 10, "binary"),
        (b"\xff\xfe\x00\x00" + "title,url".encode("utf-32-le"), "binary"),
        (b"\0" * 5_000 + b"x", "binary"),
        (b"<!doctype html><html><body><p>Hello</p></body></html>", "page"),
        (b"Dear all,\n\nnothing to see here.\n", "format"),
        (b"title,words\nA,b\n", "format"),
        (b'{"version": 1}', "no_list"),
        (b'{"resources": []}', "no_rows"),
        (b"[]", "no_rows"),
        (b"title,url\n", "no_rows"),
        (b"<!doctype netscape-bookmark-file-1><DL></DL>", "no_rows"),
        (b"- [up](https://a.example)\n" * 400_000, "size"),
        (b"x" * (10 * 1024 * 1024 + 1), "size"),
    ],
)
def test_a_file_with_nothing_to_read_in_it_is_refused_with_a_sentence(content, code):
    with pytest.raises(ValidationError) as refused:
        read(content)
    assert refused.value.code == code


def test_one_bad_row_never_sinks_a_file():
    found = of_text(
        "title,url,tags,date,country,kind\n"
        "Good,https://a.example/,rest,2024-01-01,GB,video\n"
        "Bad,javascript:alert(1),,,,\n"
        ",,,,,\n"
        f"{'long ' * 1000},https://b.example/,,yesterday,Nowhere,poem\n"
        'Open,"https://c.example/,,,,\n'
        ",d.example,a;b;c;d;e;f;g;h;i;j,,,,surplus\n"
        'Five 5" disks,https://e.example/,,,,\n'
    )
    good, bad, nothing, long, unclosed, sparse, disks = found.rows
    assert good.is_readable and good.entry.facts == {"country": "GB", "kind": "video"}
    assert str(bad).startswith("Row 2: Only addresses that begin with")
    assert bad.raw == "Bad,javascript:alert(1),,,,"
    assert nothing.problem == "There is no address in this row."
    assert long.is_readable and len(long.entry.title) == 200
    assert long.notes[0] == "“Nowhere” was not understood as country and is left out."
    assert "Its date, “yesterday”, was not understood and is left out." in long.notes
    assert "The title has 4999 characters, which is too long; it was cut after 200." in long.notes
    assert unclosed.problem == "A quotation mark in this row is never closed."
    assert sparse.entry.title == "d.example" and sparse.entry.tags == list("abcdefgh")
    assert "It has more than 8 tags; these were left out: i, j." in sparse.notes
    assert "It has no title; its address stands for one." in sparse.notes
    assert disks.entry.title == 'Five 5" disks'
    assert [row.line for row in found.rows] == [2, 3, 4, 5, 6, 7, 8]


def test_half_a_table_keeps_its_first_half():
    whole = "title,url,tags\n" + "".join(f"Number {n},https://a.example/{n},rest\n" for n in range(100))
    found = of_text(whole[:-20])
    assert len(found.rows) == 100
    assert [row.number for row in found.rows if not row.is_readable] == [100]
    assert "ends in the middle" in found.rows[-1].problem


def test_half_a_list_of_records_keeps_its_first_half():
    whole = json.dumps([{"href": f"https://a.example/{n}", "description": f"Number {n}"} for n in range(100)], indent=1)
    found = of_text(whole[:-40])
    assert [row.number for row in found.rows if not row.is_readable] == [100]
    broken = of_text(whole.replace('"Number 50"', '"Number 50'))
    assert len(broken.rows) == 100
    assert [row.number for row in broken.rows if not row.is_readable] == [51]
    odd = of_text(
        '[{"href": "https://a.example/"}, 7, null, "x", [], {"href": 5, "tags": {}}, {"href": "b.example", "title": "\\ud800"}]'
    )
    assert [row.is_readable for row in odd.rows] == [True, False, False, False, False, False, True]


def test_lines_without_a_comma_at_the_end_of_the_file_are_whole():
    (row,) = of_text("url\nhttps://a.example/").rows
    assert row.is_readable


DEEP = [
    "<!doctype netscape-bookmark-file-1>" + "<DL><DT><H3>x</H3>" * 10_000 + '<DT><A HREF="https://a.example/">One</A>',
    "[" * 100_000,
    '[{"href": "https://a.example/"}, ' + '{"a":' * 100_000,
    "- " * 10_000 + "[One](https://a.example/)",
    "\n".join(" " * 2 * n + f"- [One](https://a.example/{n})" for n in range(1_000)),
    "> " * 10_000 + "- [One](https://a.example/)\n- [One](https://a.example/)",
]
A = '<!doctype netscape-bookmark-file-1><DT><A HREF="https://a.example/">One</A>'
LIST = "- [One](https://a.example/)\n"
LARGE = [
    A + "<!--" * 500_000,
    A + "<" * 2_000_000,
    A + '<a "' * 400_000,
    A + '<a ">" ' * 300_000,
    A + "<a x='" * 1 + "<a >" * 6_000,
    A + "<a " + "a" * 900_000 + ">",
    A + "<a " + "a=" * 400_000 + ">",
    A + "<DT><A>" * 6_000,
    A + "<DD>" + "&amp;" * 400_000,
    A + "<DL>" * 400_000,
    "title,url\n" + '"\n' * 10_000,
    "title,url\n" + '"a",b\n' * 6_000 + '"',
    "title,url\n" + '"' * 2_000_000,
    "title,url\n" + "," * 2_000_000,
    "title,url\n" + "\n" * 2_000_000 + "a,b",
    "title,url\n" + "a,'" * 500_000,
    "[" + "{}," * 6_000,
    "[" + "{" * 500_000,
    "[" + '{"a":[' * 200_000,
    "[{" + '"a": 1, ' * 200_000,
    "[" + '"' * 1_000_000,
    "{" * 500_000,
    LIST + "[" * 300_000,
    LIST + "- " + "[" * 300_000,
    LIST + "- [a](" * 50_000,
    LIST + "- *_`[]\n" * 10_000,
    LIST + "[a]: x\n" * 49_000,
    LIST + ("`" * 50 + "\n") * 10_000,
    LIST + "# " * 100_000,
    LIST + "#\n" * 40_000,
    LIST + "<a\n" * 49_000,
    LIST + "<!--\n" * 49_000,
    LIST + "1. x\n\n\n" * 15_000,
    LIST + "* * * * *\n" * 40_000,
    LIST + "a\n" * 49_000,
    LIST + " " * 1_000_000 + "x",
    LIST + "https://a.example/" + "(" * 500_000,
    LIST + "- x ![" * 50_000,
]


@pytest.mark.parametrize("text", DEEP + LARGE, ids=lambda text: repr(text[:60] + text[-10:]))
def test_no_file_takes_long_however_it_is_made(text):
    started = time.process_time()
    try:
        found = of_text(text)
        assert all(row.problem or row.entry.address for row in found.rows)
    except ValidationError:
        pass
    assert time.process_time() - started < 12


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_read_or_refused(content):
    for beginning in (b"", b"title,url\n", b"[{", A.encode(), LIST.encode()):
        try:
            assert read(beginning + content).rows
        except ValidationError as refused:
            assert refused.messages


def test_rows_beyond_the_limit_are_told(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 100)
    found = of_text("url\n" + "a.example\n" * 101)
    assert len(found.rows) == 100
    assert "more than 100,000 rows" in found.notes[0]
    assert of_text("url\n" + "a.example\n" * 100).notes == []
