"""Addresses, ISBNs, DOIs and telephone numbers: one thing written in two ways is one thing."""

import time
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from resources.addresses import LONGEST, doi_of, isbn_of, key_of, key_of_doi, phone_of, tidy

SAME = [
    ["https://example.org/a", "http://example.org/a/", "HTTP://WWW.Example.ORG:80/a#top", "example.org/a", "//example.org/a?"],
    ["https://example.org/", "https://example.org", "http://www.example.org:80/?#", "https://example.org./"],
    [
        "https://example.org/p?b=2&a=1",
        "https://example.org/p/?a=1&b=2&utm_source=x&utm_medium=y&fbclid=z",
        "example.org/p?b=2&&a=1",
    ],
    ["https://example.org/?q=a%20b", "https://example.org/?q=a+b", "https://example.org/?q=a b&gclid=1&mc_eid=2&ref=3"],
    ["https://example.org/~wren/%C3%BC", "https://example.org/%7Ewren/ü", "https://example.org/%7ewren/%c3%bc"],
    ["https://example.org/(a)", "https://example.org/%28a%29"],
    ["https://example.org/a/c", "https://example.org/a/b/../c", "https://example.org/./a/%2e/c"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/", "https://BÜCHER.example"],
    ["https://example.org/a", "https://example.org/a#:~:text=some%20words", "https://example.org/a#utm_source=rss&utm_medium=b"],
    ["https://en.wikipedia.org/wiki/Sleep", "https://en.m.wikipedia.org/wiki/Sleep"],
    [
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://youtu.be/abcdefghijk?si=x",
        "m.youtube.com/watch?v=abcdefghijk&feature=y",
    ],
    ["https://doi.org/10.1000/ABC(1)", "http://dx.doi.org/10.1000/abc%281%29"],
    ["https://www.amazon.co.uk/dp/1", "https://amazon.co.uk/dp/1?tag=somebody-21&linkCode=x"],
]
APART = [
    ("https://example.org/a", "https://example.org/A"),
    ("https://example.org/a", "https://example.org:8080/a"),
    ("https://example.org/?a=1", "https://example.org/?a=2"),
    ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ("https://example.org/?a=1%26b=2", "https://example.org/?a=1&b=2"),
    ("https://example.org/#!/one", "https://example.org/#!/two"),
    ("https://example.org/?a=1&a=2", "https://example.org/?a=2&a=1"),
    ("https://m.example.org/", "https://example.org/"),
    ("https://www.com/", "https://com.example/"),
    ("https://straße.example/", "https://strasse.example/"),
]
REFUSED = {
    "scheme": [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "about:blank",
        "place:sort=8",
        "chrome://settings",
        "ftp://example.org/x",
        "blob:https://example.org/1",
        "view-source:https://example.org/",
        "feed:https://example.org/",
        "mailto:wren@example.org",
        "tel:116123",
        "localhost:8000",
        "gopher://127.0.0.1:6379/_x",
    ],
    "control": ["java\nscript:alert(1)", "https://exam\tple.org/", "https://example.org/\0", "https://example.org/\ud800"],
    "credentials": ["https://wren:secret@example.org/", "https://example.org@evil.example/", "https://127.0.0.1@example.org/"],
    "number": [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]:80/",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://①②⑦.0.0.1/",
        "192.168.0.1",
        "http://example.0x1/",
    ],
    "inside": [
        "http://localhost/",
        "http://x.localhost/",
        "https://printer.local/",
        "http://metadata.google.internal/",
        "http://a.lan",
    ],
    "dot": ["https://intranet1/", "https://example/", "http://com"],
    "look_alike": [
        "https://аpple.com/",
        "https://аррӏе.com/",
        "https://xn--80ak6aa92e.com/",
        "https://gοοgle.com/",
        "https://ɡoogle.com/",
        "https://ехо.org/",
    ],
    "address": [
        "",
        "   ",
        "hello",
        "http:/example.org",
        "http:example.org",
        "http:///example.org",
        "http://",
        "https://?x",
        "http:\\\\example.org",
        "https://example.org\\@evil.example/",
        "https://exa mple.org/",
        "https://example..org/",
        "https://-example.org/",
        "https://.org/",
        "https://example.org:0x50/",
        "https://example.org:99999/",
        "https://example.org:٨٠/",
        "https://exam\u200dple.org/",
        "https://exam\u202eple.org/",
        "https://example.org⁄evil.example/",
        "https://xn--/",
        "https://xn--a.example/",
        "https://xn--99999999999999999999.example/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
    ],
    "max_length": [
        f"https://example.org/{'a' * 2000}",
        f"https://example.org/{'ü' * 400}",
        "https://example.org/?" + "a&" * 500_000,
    ],
}


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_every_spelling_of_an_address_has_one_key(spellings):
    assert len({key_of(address) for address in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_places_have_two_keys(one, other):
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(("code", "address"), [(code, address) for code, all_ in REFUSED.items() for address in all_])
def test_what_is_no_address_for_others_is_refused_with_a_sentence(code, address):
    for read in (tidy, key_of) if address and code != "max_length" else (tidy,):
        with pytest.raises(ValidationError) as refused:
            read(address)
        assert refused.value.code == code
        assert refused.value.messages[0].endswith((".", "”."))


def test_what_is_kept_leads_nobody_astray():
    assert tidy(" Example.org ") == "https://example.org/"
    assert tidy("http://example.org/a?utm_campaign=x&b=1&fbclid=2#part") == "http://example.org/a?b=1#part"
    assert tidy("https://münchen.example/ä?ö=ü#ß") == "https://xn--mnchen-3ya.example/%C3%A4?%C3%B6=%C3%BC#%C3%9F"
    assert tidy("https://example.org/\u202egpj.exe") == "https://example.org/%E2%80%AEgpj.exe"
    assert tidy("https://example.org/<script>'\"") == "https://example.org/%3Cscript%3E'%22"
    assert tidy("https://пример.рф/") == "https://xn--e1afmkfd.xn--p1ai/"
    assert tidy("https://example.org/100%") == "https://example.org/100%25"
    assert tidy("https://example.org/app#!/helplines") == "https://example.org/app#!/helplines"
    assert key_of("") == ""


def test_every_address_that_is_kept_has_a_key_that_can_be_kept():
    long = "https://example.org/?q=" + "+" * 1_900
    assert len(key_of(long)) <= LONGEST
    assert key_of(long) != key_of(long + "+")
    assert "\0" not in key_of("https://doi.org/10.1000/%00")


addresses = st.builds(
    lambda scheme, host, path, query, fragment: f"{scheme}{host}/{path}?{query}#{fragment}",
    st.sampled_from(["", "http://", "https://", "HTTPS://", "//"]),
    st.sampled_from(
        ["example.org", "WWW.example.org", "bücher.example", "youtu.be", "m.youtube.com", "doi.org", "www.www.a.example"]
    ),
    st.text(max_size=30),
    st.text(st.sampled_from("ab=&%+20;utm_ ü[]/?#"), max_size=30),
    st.text(max_size=20),
)


@given(addresses | st.text(max_size=60))
def test_tidying_twice_changes_nothing_more(address):
    try:
        kept = tidy(address)
    except ValidationError:
        return
    assert tidy(kept) == kept
    assert kept.isascii() and len(kept) <= LONGEST
    assert key_of(kept) == key_of(address)
    assert len(key_of(kept)) <= LONGEST and key_of(kept).isprintable()


@pytest.mark.parametrize(
    "address",
    ["https://" + "a." * 9_000, "https://example.org/" + "/.." * 6_000, "example.org/?" + "%" * 15_000, "ü" * 20_000, "x" * 10**7],
)
def test_a_hostile_address_takes_no_time(address):
    started = time.monotonic()
    for read in (tidy, key_of):
        with suppress(ValidationError):
            read(address)
    assert time.monotonic() - started < 0.5


# Books, papers, telephones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["0-306-40615-2", "0306406152", "978-0-306-40615-7", "ISBN 978 0306406157", "ISBN-13: 9780306406157", "isbn-10 0306406152"],
)
def test_an_isbn_is_kept_as_thirteen_digits(written):
    assert isbn_of(written) == "9780306406157"


def test_the_last_sign_of_an_isbn_may_be_an_x():
    assert isbn_of("0-8044-2957-x") == "9780804429573"


@pytest.mark.parametrize(
    "written", ["", "123", "9780306406158", "0306406153", "9770306406157", "٩٧٨٠٣٠٦٤٠٦١٥٧", "X306406152", "9" * 10**6]
)
def test_what_is_no_isbn_is_refused(written):
    with pytest.raises(ValidationError):
        isbn_of(written)


@pytest.mark.parametrize(
    "written",
    [
        "10.1000/ABC(1)",
        "doi:10.1000/abc(1)",
        "https://doi.org/10.1000/abc%281%29",
        "dx.doi.org/10.1000/abc(1)",
        "DOI: 10.1000/abc(1).",
    ],
)
def test_a_doi_is_kept_in_one_form(written):
    assert doi_of(written) == "10.1000/abc(1)"
    assert key_of("https://doi.org/10.1000/ABC(1)") == key_of_doi(doi_of(written))


@pytest.mark.parametrize("written", ["", "10.1/x", "11.1000/x", "10.1000/", "10.1000/a b", "10.1000/\0", "10.1000/" + "x" * 300])
def test_what_is_no_doi_is_refused(written):
    with pytest.raises(ValidationError):
        doi_of(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("116 123", "116123"),
        ("112", "112"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("0800 111 0 111", "08001110111"),
        ("(800) 273-8255", "8002738255"),
        ("1-800-273-TALK", "18002738255"),
        ("13 YARN", "139276"),
        ("\u2066１１６ １２３\u2069".strip("\u2066\u2069"), "116123"),
    ],
)
def test_a_number_is_kept_as_it_is_dialled(written, kept):
    assert phone_of(written) == kept
    assert phone_of(kept) == kept


@pytest.mark.parametrize(
    "written", ["", "+", "call me", "0800 or 0801", "1" * 16, "1" * 10**6, "٠١٢", "116 123; ext=4", "javascript:1"]
)
def test_what_is_no_number_is_refused(written):
    if written == "٠١٢":
        assert phone_of("012") == "012"
    with pytest.raises(ValidationError):
        phone_of(written)
