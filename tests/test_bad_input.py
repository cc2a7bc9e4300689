"""Bad input, sent to every address there is: never a broken page, never anybody else's, and no words lost."""

import copy
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit
from zlib import crc32

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from zeal import zeal_ignore

from community.care import pages
from community.contributions.forms import member_tag
from tests import make
from tests.addresses import NOBODYS, Address, Place, checksums, forms_in, touched, words_in

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "PATCH", "DELETE", "PROPFIND")
# What machines ask; they are answered in their language.
SPEAKS_JSON = ("/readyz", "/accounts/")
# Read by people, or changed because somebody looks: sessions, how far one has read, and that news was read with it.
# Own sessions and marks; and that somebody is at the desk, which names nobody.
LOOKING_CHANGES = ("django_session", "forums_readmark", "notifications_notification", "moderation_watch")
WORDS = "Seven nights without sleep <b>and</b> “counting”.\nNobody knows."


@pytest.fixture
def place(db) -> Place:
    return Place()


class Visitor:
    """Somebody's browser, in which nothing leaves a trace: after each request, database and cookies are as before."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.raise_request_exception = False

    def ask(self, method: str, url: str, data: Any = b"", kind: str = FORM, *, keep: bool = False, **headers: str) -> Any:
        cookies = copy.deepcopy(self.client.cookies)
        sent = urlencode(data, doseq=True, encoding="utf-8", errors="surrogatepass") if isinstance(data, dict) else data
        with transaction.atomic():
            response = self.client.generic(method, url, sent, content_type=kind, headers={"accept": "text/html", **headers})
            transaction.set_rollback(not keep)
        self.client.cookies = cookies if not keep else self.client.cookies
        return _whole(response) if response.streaming else response


def _whole(response: Any) -> HttpResponse:
    """What comes piece by piece, in one."""
    whole = HttpResponse(b"".join(response.streaming_content), status=response.status_code, headers=response.headers)
    whole.wsgi_request, whole.cookies = response.wsgi_request, response.cookies
    return whole


@pytest.fixture(autouse=True)
def _as_when_serving(settings, tmp_path, db) -> Iterator[None]:
    """Help and the error pages lie there as files, and nobody wonders that one address is asked for again and again."""
    settings.STATE_DIR = tmp_path
    pages.write()
    with zeal_ignore():
        yield


@pytest.fixture
def visitors(place, sign_in) -> dict[str, Visitor]:
    """A guest, members, one of them with a passkey, and staff, each sure to be who they say: no page asks once more."""
    clients = {name: sign_in(getattr(place, name)) for name in ("member", "author", "other", "coordinator", "owner")}
    for client in clients.values():
        session = client.session
        methods = session["account_authentication_methods"]
        session["account_authentication_methods"] = [*methods, {**methods[-1], "reauthenticated": True}]
        session.save()
    return {name: Visitor(client) for name, client in (clients | {"guest": Client()}).items()}


@pytest.fixture
def deep(request) -> bool:
    """Whether to try everything everywhere."""
    return request.config.getoption("--deep")


def fault_of(response: Any, method: str = "GET") -> str:
    """What is wrong with an answer to bad input, in a word; empty if it is as it must be."""
    is_page = response.get("Content-Type", "").startswith("text/html")
    if response.get("Content-Type") == "application/json" and response.wsgi_request.path.startswith(SPEAKS_JSON):
        return "500" if response.status_code == 500 else ""
    if response.status_code >= 500:
        return f"{response.status_code}"
    if response.status_code >= 400 and method != "HEAD" and not (is_page and b"Get help now" in response.content):
        return f"{response.status_code} not in our clothes"
    if is_page and response.content and b"<html" in response.content and b"Get help now" not in response.content:
        return f"{response.status_code} without a way to help"
    return ""


_takes_posts: dict[str, bool] = {}


def taking_posts(place: Place, visitors: dict[str, Visitor]) -> Iterator[tuple[str, Address]]:
    """Every address that reads what is posted, with who would post there; allauth's ones by guests and members alike."""
    for address in place.addresses():
        behind = ["coordinator"] if address.route.startswith("admin/mentorship/") else ["owner"]
        people = behind if address.is_behind_the_scenes else ["member"]
        people += ["guest"] if address.route.startswith(("accounts", "kept")) else []
        people += ["author"] if "webauthn" in address.route else []
        for who in people:
            kind = f"{who} {address} {address.url.rstrip('/').rpartition('/')[2] if 'verb' in address.route else ''}"
            if kind not in _takes_posts:
                _takes_posts[kind] = visitors[who].ask("POST", address.url).status_code not in {404, 405}
            if _takes_posts[kind]:
                yield who, address


def is_chosen(part: int, *what: object) -> bool:
    """One of `part` cases, always the same ones; with --deep all are tried."""
    return crc32(repr(tuple(map(str, what))).encode()) % part == 0


def is_turn(part: int, *numbers: int) -> bool:
    """One of `part` cases by turns, so that each number meets some of the others; with --deep all are tried."""
    return sum(numbers) % part == 0


# Methods, addresses, queries, headers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["guest", "member", "owner"])
def test_no_method_breaks_a_page(place, visitors, deep, who):
    found = {}
    for address in place.addresses():
        # To a member there is no admin, and elsewhere an owner is a member.
        if who != "guest" and address.is_behind_the_scenes != (who == "owner") and not deep:
            continue
        for method in METHODS:
            if not deep and not is_chosen(10 if who == "owner" else 8, who, address, method):
                continue
            response = visitors[who].ask(method, address.url)
            if fault := fault_of(response, method):
                found[f"{method} {address}"] = fault
            if response.status_code == 405 and not response.get("Allow"):
                found[f"{method} {address}"] = "405 without saying what is allowed"
    assert found == {}


UNFIT = [
    "\0",
    "\x1b[31m",
    "\ud800",
    "\u202e",
    "\ufeff",
    "\x7f",
    "%",
    "..",
    "9" * 40,
    "9" * 5000,
    "-1",
    "x" * 3000,
    "'\"<b>",
    "{{7*7}}",
]


def test_no_id_breaks_a_page(place, visitors, deep):
    names = ("handle", "board", "public_id", "reply_id", "pk", "object_id", "verb", "app_label", "url")
    found = {}
    for name in names:
        for unfit in UNFIT:
            for address in place.addresses(**{name: quote(unfit.encode("utf-8", "surrogatepass"))}):
                for who in ("guest", "owner"):
                    if f"{name}>" not in address.route or not (deep or is_chosen(14, who, address, name, ascii(unfit))):
                        continue
                    if fault := fault_of(visitors[who].ask("GET", address.url)):
                        found[f"{who}: {address} with a {name} like {unfit[:20]!a}"] = fault
    assert found == {}


PARAMETERS = (
    "next page from quote excerpt q o p all e code process return url back key _popup _to_field _changelist_filters term app_label "
    "model_name field_name audience__exact board__id__exact mode id__in author__email__startswith created_at__gte"
).split()
QUERIES = [
    "\0",
    "\ud800",
    "\u202e",
    b"\xff\xfe",
    "-1",
    "9" * 400,
    "[" * 500,
    "'\"<b>",
    "1e9999",
    "a b\r\nSet-Cookie: x=1",
    "2026-99-99",
]


def test_no_query_breaks_a_page(place, visitors, deep):
    """A few of the values in a few of the parameters at each address; with --deep, all of them."""
    found = {}
    for address in place.addresses():
        for name in PARAMETERS:
            for value in QUERIES:
                if not deep and not is_chosen(16 * len(QUERIES), address, name, value):
                    continue
                raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
                response = visitors["owner"].ask("GET", f"{address.url}?{name}={quote(raw)}")
                if fault := fault_of(response):
                    found[f"{address}?{name}={value!r}"] = fault
                if "\n" in response.get("Location", "") or "x" in response.cookies:
                    found[f"{address}?{name}={value!r}"] = "a header was made of it"
    assert found == {}


ODD = {
    "cookie": ["session=\0", "session=" + "x" * 3000, "csrf=\x1b; messages=\0", 'messages=[["x"]]', "\xff=\xff", ";;;=;"],
    "referer": ["\0", "\xff\xfe", "javascript:1", "http://[", "x" * 4000],
    "origin": ["\0", "null", "http://["],
    "accept-language": ["en-\0", "xx" * 2000, ",,;q="],
    "if-none-match": ["\0", '"' * 1000],
    "if-modified-since": ["\0", "Sun, 99 Foo 9999 99:99:99 GMT"],
    "hx-request": ["\0", "true"],
    "hx-current-url": ["http://[", "\0"],
    "x-forwarded-for": ["\0", "999.999.999.999", "::1%\0"],
    "x-requested-with": ["XMLHttpRequest"],
    "content-type": ["\0"],
    "user-agent": ["\0\xff", "x" * 4000],
    "sec-fetch-site": ["\0"],
    "range": ["bytes=9-1"],
}


def test_no_header_breaks_a_page(place, visitors, deep):
    found = {}
    pairs = [(name, value) for name, values in ODD.items() for value in values]
    for number, address in enumerate(place.addresses()):
        for step in range(3):
            name, value = pairs[(number * 3 + step) % len(pairs)]
            # By turns, so that each meets both ways of asking, and both who ask.
            for method in ("GET", "POST") if deep else [("GET", "POST")[(number + step) % 2]]:
                response = visitors["guest" if step else "member"].ask(method, address.url, **{name: value})
                fault = fault_of(response, method)
                # Our own script gets a sentence, not a page.
                if fault and not (name == "hx-request" and response.status_code < 500 and b'role="alert"' in response.content):
                    found[f"{method} {address} with {name}: {value!r}"] = fault
    assert found == {}


# Bodies -------------------------------------------------------------------------------------------------------------------

FIELDS = (
    "body title about reason excerpt login password password1 email username code picture payload draft member key quote mode "
    "audience name slug purpose guidelines credential action text languages time_zone id pk"
).split()
BOUNDARY = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n--x--\r\n'


def every_field(value: str, names: list[str] | None = None) -> bytes:
    return urlencode(dict.fromkeys(names or FIELDS, value), encoding="utf-8", errors="surrogatepass").encode()


BODIES = {
    "20,000 brackets": (every_field("[" * 20_000), FORM),
    "1,000 nested quotes": (every_field("> " * 1000 + "deep", ["body", "about", "reason", "guidelines", "text"]), FORM),
    "a megabyte": (every_field("word " * 200_000, ["body"]), FORM),
    "a megabyte of everything": (every_field("x" * 34_000), FORM),
    "three megabytes": (b"body=" + b"x" * 3_000_000, FORM),
    "control characters": (every_field("a\0b\x1b[31m\x7f\x85\u2028\ufeff"), FORM),
    "half characters": (every_field("\ud800 \udfff"), FORM),
    "turned around": (every_field("\u202egnidaer\u2066\u2069"), FORM),
    "bytes of no language": (b"body=%ff%fe&title=%c0%80&" + bytes(range(128, 256)), FORM),
    "odd field names": (urlencode({"\0": "1", "a\0b": "2", "\u202e": "3", "": "4", "x" * 3000: "5"}).encode(), FORM),
    "a field three times": (b"body=a&body=b&body=c&title=a&title=b&mode=a&mode=b&key=a&key=b", FORM),
    "more fields than any form": ("&".join(f"f{number}=1" for number in range(500)).encode(), FORM),
    "a torn multipart": (b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\nhalf a wor', BOUNDARY),
    "no multipart at all": (b"no", BOUNDARY),
    "multipart without boundary": (PART % (b"body", b"x"), "multipart/form-data"),
    "multipart in base64 that is none": (
        b'--x\r\nContent-Disposition: form-data; name="body"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\xff\r\n--x--\r\n',
        BOUNDARY,
    ),
    "multipart with unfit words": (PART % (b"body", b"\x00\xed\xa0\x80\xff"), BOUNDARY),
    "a file for words": (FILE.replace(b"picture", b"body") % (b"words.txt", b"text/plain", b"words"), BOUNDARY),
    "JSON": (b'{"body": "x"}', "application/json"),
    "torn JSON": (b'{"body": [[[[', "application/json"),
    "XML": (b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', "text/xml"),
    "nothing": (b"", FORM),
    **{
        f"a file named {ascii(name)[:20]}": (FILE % (name.encode("utf-8", "surrogatepass"), b"image/png", b"no picture"), BOUNDARY)
        for name in ("\0.png", "\ud800.png", "\u202egnp.exe", "../../../etc/passwd", "x" * 3000 + ".png", "a\tb.png", ".", "")
    },
}


def test_no_body_breaks_a_page(place, visitors, deep):
    """A third of them where words go, one of them elsewhere; with --deep, all everywhere."""
    found = {}
    for number, (who, address) in enumerate(taking_posts(place, visitors)):
        takes_words = address.route.endswith(("new/", "edit/", "reply/", "draft/", "preview/", "settings/", "kept/", "picture/"))
        for turn, (what, (body, kind)) in enumerate(BODIES.items()):
            if not (deep or is_turn(3 if takes_words else len(BODIES), number, turn)):
                continue
            if fault := fault_of(visitors[who].ask("POST", address.url, body, kind)):
                found[f"{who}: {address} with {what}"] = fault
    assert found == {}


def test_words_of_a_broken_multipart_form_with_a_file_are_not_kept_from_anybody(place, visitors):
    """What arrived before a form broke off never reaches another person's page."""
    visitors["member"].ask("POST", "/settings/picture/", BODIES["a torn multipart"][0], BOUNDARY)
    assert b"half a wor" not in visitors["other"].ask("GET", "/settings/").content


# Words are given back -------------------------------------------------------------------------------------------------


def given_back(response: Any, words: str = WORDS) -> bool:
    return words in [text.replace("\r\n", "\n") for text in words_in(response.content.decode())]


def forms_with_words(place: Place, visitor: Visitor) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every form behind the member's pages in which somebody writes at length: where it posts to, the field, what it sends."""
    for address in place.addresses():
        if address.is_behind_the_scenes:
            continue
        response = visitor.ask("GET", address.url)
        if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
            continue
        for form in forms_in(response.content.decode()):
            for field in form.fields.values():
                if form.method == "post" and field.kind == "textarea" and field.name:
                    yield urljoin(address.url, form.action), field.name, form.sent()


def test_an_ended_session_gives_words_back(place, visitors):
    seen = set()
    for url, name, sent in forms_with_words(place, visitors["member"]):
        response = visitors["guest"].ask("POST", url, sent | {name: WORDS}, **{"sec-fetch-site": "same-origin"})
        # Where guests have pages of their own, this one is not theirs.
        assert response.status_code == (404 if url.startswith("/reports/") else 403), url
        assert given_back(response), url
        seen.add(name)
    assert {"body", "about"} <= seen


def test_a_stale_form_gives_words_back(place, sign_in, visitors):
    strict = Visitor(sign_in(place.member, enforce_csrf_checks=True))
    for url, name, sent in forms_with_words(place, visitors["member"]):
        response = strict.ask("POST", url, sent | {name: WORDS}, **{"sec-fetch-site": "same-origin"})
        assert response.status_code == 403, url
        assert given_back(response), url


def test_words_that_are_too_long_come_back_whole(place, visitors):
    words = "word " * 6000 + "and an end."
    for url, name, sent in forms_with_words(place, visitors["member"]):
        response = visitors["member"].ask("POST", url, sent | {name: words})
        assert response.status_code == 200, url
        assert given_back(response, words), url


def test_every_error_page_gives_words_back_in_any_language(place, visitors):
    for words in ("\n\nFirst two empty lines.", "眠れない夜が続いています。", "لا أنام", "</textarea><b>bold"):
        for name in ("title", "body", "about", "reason"):
            for url in ("/nowhere/", f"/forums/{place.board.slug}/{NOBODYS}/reply/"):
                response = visitors["member"].ask("POST", url, {name: words})
                assert response.status_code == 404
                assert given_back(response, words), (name, words)


# Forms that are not ours ----------------------------------------------------------------------------------------------


def test_no_form_is_taken_without_its_token(place, sign_in):
    clients = [Client(enforce_csrf_checks=True), *(sign_in(user, enforce_csrf_checks=True) for user in (place.member, place.owner))]
    before = checksums()
    for visitor in map(Visitor, clients):
        for address in place.addresses():
            response = visitor.ask("POST", address.url, {"body": WORDS, "mode": "listening", "title": "x"}, keep=True)
            assert response.status_code in {302, 403, 404, 405}, address
            assert not fault_of(response), address
            if response.status_code == 302:
                assert response["Location"].startswith(("/accounts/login/", "/admin/")), address
    assert checksums() == before


# Somebody else's ------------------------------------------------------------------------------------------------------


# What is everybody's to do with something that belongs to somebody: answer it, agree to it, keep away from who wrote it.
FOR_EVERYBODY = (
    *("/reply/", "acceptance/", "acceptance/delete/", "/person/block/", "apply/training/<int:pk>/"),
    *("resources/<uuid:public_id>/words/", "/saved/", "/saved/delete/"),
    *("report/<slug:kind>/<uuid:public_id>/", "report/member/<str:handle>/", "/said/<slug:stamp>/report/"),
)


def test_nothing_of_somebody_elses_can_be_changed(place, visitors):
    """A member posts to everything that belongs to another one, or to nobody, with words that would be fit to be taken."""
    before = checksums(but=("django_session",))
    fit = {"body": "Changed.", "title": "Changed", "mode": "advice", "reason": "For no good reason.", "name": "Changed"}
    ids = ("public_id", "reply_id", "pk", "object_id")
    somebodys, nobodys = place.addresses(), place.addresses(public_id=NOBODYS, reply_id=NOBODYS, pk=10**30, object_id=10**30)
    for address in [*somebodys, *nobodys]:
        if not any(f"{name}>" in address.route for name in ids):
            continue
        if address.route.endswith(FOR_EVERYBODY) and address in somebodys:
            continue
        response = visitors["other"].ask("POST", address.url, fit, keep=True)
        assert response.status_code in {403, 404, 405}, address
        assert not fault_of(response), address
    assert checksums(but=("django_session",)) == before


def test_what_is_nobodys_is_not_found_by_anybody(place, visitors):
    ids = {
        "item": "report-1000000000",
        "public_id": NOBODYS,
        "reply_id": NOBODYS,
        "alias": NOBODYS,
        "pk": 10**30,
        "object_id": 10**30,
    }
    wanted = place.addresses(handle="nobody", board="no-such-board", slug="no-such-tag", **ids)
    for address in wanted:
        if "<" not in address.route or address.route.startswith("admin/<"):
            continue
        for who in ("member", "owner"):
            response = visitors[who].ask("GET", address.url)
            if address.is_behind_the_scenes and who == "owner":
                # Django's admin says so on the page it leads back to.
                assert response.status_code in {302, 403, 404, 405}, address
            else:
                assert response.status_code in {404, 405}, address
        assert visitors["guest"].ask("GET", address.url).status_code in {302, 404, 405}, address


def test_a_members_own_news_is_nobody_elses(place, visitors):
    url = f"/inbox/{place.news.public_id}/"
    assert visitors["member"].ask("GET", url).status_code == 302
    assert visitors["other"].ask("GET", url).status_code == 404


# Off to elsewhere -----------------------------------------------------------------------------------------------------

EVIL = [
    "//evil.example",
    "///evil.example",
    "////evil.example/%2e%2e",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "http:///evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    " //evil.example",
    "\x01//evil.example",
    "\0//evil.example",
    "//evil.example\0",
    "//testserver@evil.example",
    "https://testserver@evil.example",
    "https://testserver.evil.example",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "https://evil.example\\testserver",
    "//evil。example",
    "//ｅvil.example",
    "/.//evil.example",
    "/..//evil.example",
    "javascript:alert(1)//evil.example",
    "data:text/html,evil.example",
    "//[::evil.example",
    "http://[evil.example",
    "\u202e//evil.example",
]
WAYS_ON = (
    "next return return_to returnTo url redirect redirect_to redirect_uri back continue goto to path success_url referer".split()
)


def leads_away(address: str) -> bool:
    """Whether a browser would leave us: it drops tabs and line ends, trims, and takes a backslash for a slash."""
    address = re.sub(r"[\t\r\n]", "", address).strip("".join(map(chr, range(33)))).replace("\\", "/")
    try:
        parts = urlsplit(urljoin("http://testserver/here/", address))
    except ValueError:
        return True
    return parts.scheme not in {"http", "https"} or parts.netloc != "testserver" or address.startswith("//")


def away(response: Any) -> list[str]:
    """Where an answer would lead off to elsewhere: its redirect, its links, where its forms go."""
    found = [response["Location"]] if response.has_header("Location") else []
    if response.get("Content-Type", "").startswith("text/html"):
        attributes = re.findall(r'\b(?:href|action|formaction|src)="([^"]*)"', response.content.decode())
        found += [value for value in map(unescape, attributes) if "evil" in value]
    found += [value for name in ("Refresh", "Hx-Redirect", "Hx-Location") if (value := response.get(name))]
    return [value for value in found if leads_away(value)]


def test_no_address_leads_elsewhere(place, visitors, deep):
    """One of the payloads at each address, another one for each who asks; with --deep, all of them by everybody."""
    found = {}
    for shift, who in enumerate(("guest", "member", "owner")):
        for number, address in enumerate(place.addresses()):
            for turn, payload in enumerate(EVIL):
                if not deep and not is_turn(len(EVIL), number, turn, shift):
                    continue
                query = urlencode(dict.fromkeys(WAYS_ON, payload))
                response = visitors[who].ask("GET", f"{address.url}?{query}")
                if gone := away(response):
                    found[f"{who}: GET {address} {payload!r}"] = gone
    assert found == {}


def test_nothing_done_leads_elsewhere(place, visitors, deep):
    """Signing in and out, steps in between, drafts and kept words: whatever is asked for, one stays here."""
    topic = place.topic.get_absolute_url()
    signing_in = {"login": place.member.email, "password": make.PASSWORD}
    steps: list[tuple[str, str, dict[str, str]]] = [
        ("guest", "/accounts/login/", signing_in),
        ("guest", "/accounts/login/code/", {"email": place.member.email}),
        ("guest", "/accounts/signup/", {"username": "someone", "email": "x@example.org", "age": "over"}),
        ("member", "/accounts/logout/", {}),
        ("member", "/accounts/login/", signing_in),
        ("member", "/accounts/reauthenticate/", {"password": make.PASSWORD}),
        ("owner", "/admin/logout/", {}),
        ("owner", "/accounts/2fa/reauthenticate/", {"code": "000000"}),
        ("member", "/settings/", {"about": "x"}),
        ("member", f"{topic}reply/", {"body": "x"}),
    ]
    draft = forms_in(visitors["member"].ask("GET", topic).content.decode())[-1].sent() | {"body": "x"}
    found = {}
    for payload in EVIL:
        ways = dict.fromkeys(WAYS_ON, payload)
        for who, url, fields in steps:
            if deep or who != "owner" or is_chosen(3, url, ascii(payload)):
                response = visitors[who].ask("POST", f"{url}?{urlencode(ways)}", fields | ways)
                found |= {f"{who}: POST {url} {payload!a}": gone for gone in [away(response)] if gone}
        saved = visitors["member"].ask("POST", "/write/draft/", draft, referer=payload)
        found |= {f"a draft from {payload!a}": gone for gone in [away(saved)] if gone}
        kept = visitors["guest"].ask("POST", "/kept/", {"payload": json.dumps({"path": payload, "fields": {}})})
        assert kept.status_code == 404, ascii(payload)
    assert found == {}


def test_signing_in_goes_on_where_one_wanted_to(place, visitors):
    url = place.topic.get_absolute_url()
    fields = {"login": place.member.email, "password": make.PASSWORD, "next": url}
    assert visitors["guest"].ask("POST", "/accounts/login/", fields)["Location"] == url


# Fields that no form has ----------------------------------------------------------------------------------------------


def more_fields(place: Place) -> dict[str, str]:
    """What somebody may add to a form to change more than it offers."""
    other, now = str(place.other.pk), "2001-01-01T00:00:00Z"
    return {
        **dict.fromkeys(("user", "user_id", "author", "author_id", "voice", "owner", "recipient", "member_id", "by"), other),
        **dict.fromkeys(("is_staff", "is_superuser", "is_active", "is_anonymous", "verified", "primary", "is_settled"), "on"),
        **dict.fromkeys(("hidden_at", "withdrawn_at", "locked_at", "edited_at", "created_at", "settled_at", "date_joined"), now),
        **dict.fromkeys(("position", "last_position", "version", "renderer", "id", "pk", "avatar_seed"), "7"),
        **dict.fromkeys(("groups", "user_permissions", "audience_group", "audience_group_id", "board", "board_id", "topic"), "1"),
        **dict.fromkeys(("public_id", "thread", "target", "session_stamp", "handle_key"), str(NOBODYS)),
        **dict.fromkeys(("body_html", "about_html", "guidelines_html", "title_html"), "<script>x</script>"),
        **dict.fromkeys(("role", "status", "state", "kind", "lock_reason", "last_login"), "owner"),
        "persona": "1",
        "audience": "everyone",
        "username": "harbour2",
        "email": "elsewhere@example.org",
    }


# Columns that differ each time: what is random or keyed, and ids of rows that both tries made.
_EACH_TIME = (
    *("id key salt digest target session_key session_data avatar_seed session_stamp message_id version".split()),
    *("public_id thread reader shelf".split()),
)
# So is a name that nobody chose.
NEUTRAL = re.compile("member-?[bcdfghjkmpqstxz]{6}")


def rows_of(table: str) -> list[dict[str, Any]]:
    """Every row, without what is random; of a moment only whether it is there."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t) FROM "{table}" AS t')
        rows = [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor.fetchall()]
    return sorted((_stable(row) for row in rows), key=repr)


def _stable(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in _EACH_TIME}
    for name, value in kept.items():
        if (
            (name.endswith(("_at", "_id", "at", "_login", "_date")) or name == "until")
            and value is not None
            and not name.endswith(("author_id", "user_id", "recipient_id", "persona_id", "board_id", "group_id", "agreement_id"))
        ):
            kept[name] = "set"
        elif name in {"args", "password", "data", "content"} or NEUTRAL.fullmatch(str(value)):
            kept[name] = "something"
    return kept


def test_fields_that_a_form_does_not_have_change_nothing(place, visitors):
    """Every form on every page, sent as it stands, with fit words; once plain and once with all that could be added."""
    fit = {"body": "Fit words.", "title": "A fit title", "mode": "advice", "about": "Fit.", "reason": "For a good reason."}
    tried = 0
    for who in ("member", "owner"):
        visitor, seen = visitors[who], set()
        for address in place.addresses():
            if address.is_behind_the_scenes != (who == "owner"):
                continue
            response = visitor.ask("GET", address.url)
            if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
                continue
            for form in forms_in(response.content.decode()):
                url = urljoin(address.url, form.action)
                if form.method != "post" or (url, tuple(form.fields)) in seen:
                    continue
                seen.add((url, tuple(form.fields)))
                sent = form.sent() | {name: value for name, value in fit.items() if name in form.fields}
                more = {name: value for name, value in more_fields(place).items() if name not in form.fields}
                plain, full = (_left_by(visitor, url, fields) for fields in (sent, sent | more))
                assert full[0] == plain[0], url
                # A table that only one of them wrote in is to the other as it is now.
                for table in plain[1].keys() | full[1].keys():
                    before = None if table in plain[1].keys() & full[1].keys() else rows_of(table)
                    assert full[1].get(table, before) == plain[1].get(table, before), (url, table)
                tried += 1
    assert tried > 30


def _left_by(visitor: Visitor, url: str, fields: dict[str, Any]) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """How it was answered, and all rows of each table that something was written in."""
    cookies, before = copy.deepcopy(visitor.client.cookies), touched()
    with transaction.atomic():
        response = visitor.client.post(url, fields)
        left = {table: rows_of(table) for table, times in touched().items() if times != before[table]}
        transaction.set_rollback(True)
    visitor.client.cookies = cookies
    return response.status_code, left


# Looking changes nothing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["guest", "member", "owner"])
def test_looking_changes_nothing(place, visitors, deep, who):
    client = visitors[who].client
    # allauth notes that these were seen; only the first look changes that.
    RecoveryCodes.activate(place.owner).mark_as_viewed()
    written, before = touched(), checksums(but=LOOKING_CHANGES)
    assert sum(written.values()) > 100, "what the place is made of was counted"
    for _round in range(2 if deep else 1):
        for number, address in enumerate(place.addresses()):
            if who == "member" and address.is_behind_the_scenes:
                continue
            client.get(address.url)
            if deep or is_turn(4, number):
                client.head(address.url)
            if written != (written := touched()):
                after = checksums(but=LOOKING_CHANGES)
                assert [table for table in after if after[table] != before[table]] == [], address
    assert client.get("/inbox/").status_code == (302 if who == "guest" else 200), "nobody was signed out by looking"


# A guest's page is everybody's ----------------------------------------------------------------------------------------

UNUSUAL = {
    **dict.fromkeys(("x-forwarded-host", "x-host", "x-original-host", "forwarded", "x-forwarded-server"), "evil.example"),
    **dict.fromkeys(("x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-script-name", "script-name"), "/admin/"),
    **dict.fromkeys(("x-forwarded-proto", "x-forwarded-scheme", "x-forwarded-ssl", "front-end-https", "x-url-scheme"), "https"),
    **dict.fromkeys(("x-http-method-override", "x-http-method", "x-method-override"), "POST"),
    **dict.fromkeys(
        ("x-forwarded-for", "x-real-ip", "true-client-ip", "client-ip", "x-client-ip", "cf-connecting-ip"), "127.0.0.1"
    ),
    **dict.fromkeys(("x-forwarded-port", "x-forwarded-user", "x-remote-user", "remote-user", "x-user", "x-user-id"), "1"),
    **dict.fromkeys(("accept", "x-accept", "x-requested-with", "accept-encoding", "accept-charset"), "<script>x</script>"),
    **dict.fromkeys(("user-agent", "referer", "origin", "from", "via", "dnt", "save-data", "x-wap-profile"), "<b>evil</b>"),
    **dict.fromkeys(
        ("purpose", "sec-purpose", "x-moz", "sec-fetch-site", "sec-fetch-mode", "upgrade-insecure-requests"), "prefetch"
    ),
    **dict.fromkeys(("hx-boosted", "hx-target", "hx-trigger", "hx-current-url", "x-csrftoken", "authorization"), "Basic evil"),
    "cookie": "theme=<script>; color=red; django_language=xx; csrf=evil; messages=evil; sidebar=1; later=yes; timezone=Mars",
    "pragma": "no-cache",
    "cache-control": "no-cache",
    "te": "trailers",
    "x-debug": "1",
    "accept-language": "en;q=0.1, xx-<b>;q=9",
}
COOKIES = [
    "messages=evil",
    "csrf=evil",
    "theme=<script>",
    "django_language=xx",
    "later=yes",
    "__Host-session=evil",
    "\xff=\xff",
    "=;=",
]


@time_machine.travel(datetime(2026, 3, 4, 12, 0, tzinfo=UTC), tick=False)
def test_odd_headers_and_cookies_do_not_change_a_guests_page(place, deep):
    public = [
        "/",
        "/forums/",
        place.board.get_absolute_url(),
        place.topic.get_absolute_url(),
        "/agreements/",
        "/not-shown/",
        "/help/",
    ]
    for url in public:
        clean = Client().get(url)
        assert clean.status_code == 200
        for name, value in [*UNUSUAL.items(), *(("cookie", cookie) for cookie in COOKIES)]:
            if not deep and not is_chosen(3, url.strip("/").partition("/")[0], len(url), name, value):
                continue
            odd = Client().get(url, headers={name: value})
            assert (odd.status_code, odd.content) == (200, clean.content), f"{url} with {name}"
        again = Client().get(url)
        assert (again.content, again["ETag"]) == (clean.content, clean["ETag"])


def test_private_pages_are_never_stored_whatever_is_asked(place, visitors):
    for name, value in UNUSUAL.items():
        if name != "cookie":
            assert "no-store" in visitors["member"].ask("GET", "/inbox/", **{name: value})["Cache-Control"], name


def test_a_picture_that_is_none_is_refused_in_words(place, visitors):
    for content in (
        b"",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"http://169.254.169.254/",
        b"<svg onload=alert(1)>",
        b"RIFF____WEBP",
    ):
        response = visitors["member"].client.post("/settings/picture/", {"picture": io.BytesIO(content)})
        assert response.status_code == 200
        assert not fault_of(response)
        assert 'class="error"' in response.content.decode()


def test_a_form_made_for_somebody_else_is_shown_not_posted(place, visitors):
    url = f"{place.topic.get_absolute_url()}reply/"
    response = visitors["other"].ask("POST", url, {"body": WORDS, "member": member_tag(place.member)})
    assert response.status_code == 200
    assert given_back(response)
