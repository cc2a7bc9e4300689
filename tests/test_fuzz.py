"""Every form on every page, found by looking, filled in with whatever a keyboard, a program or a cat may send.

None breaks a page. Words that are taken stand there exactly as they were written, in Unicode's composed form; words that are
refused come back on the page.
"""

import copy
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import CharField, TextField
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zeal import zeal_ignore

from community import text
from tests import make
from tests.addresses import Field, Form, Place, forms_in, words_in

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
EXAMPLES, DEEP_EXAMPLES = 3, 200
ODD = [
    "",
    " ",
    "\0",
    "a\0b",
    "\x1b[31mred",
    "\ud800",
    "\u202eright to left",
    "\ufeffmark",
    "line\u2028line\u2029line",
    "\r\n\r\nSubject: x",
    "e\u0301 is é",
    "Z" + "\u0335\u0321" * 500,
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "שלום עולם مرحبا",
    "眠れない夜",
    "x" * 25_000,
    "[" * 3000,
    "> " * 1000,
    "<script>window.__x=1</script>",
    "</textarea>",
    "{{ 7|add:7 }} {% debug %}",
    "%s %(x)s {0} ${x}",
    "'; DROP TABLE members_user; --",
    "=1+1",
    "@wren @nobody",
    "-1",
    "9" * 400,
    "1e9999",
    "NaN",
    "2026-02-30",
    "true",
    "null",
    "[]",
    '{"a": ' * 2000,
    "00000000-0000-4000-8000-000000000000",
    "../../etc/passwd",
    "https://evil.example/",
]
WORDS = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=60),
    st.text(st.characters(codec="utf-8"), min_size=10, max_size=80),
    st.lists(st.sampled_from(["I am", "here", "*now*", "é", "\n", "> so", "🫖", "眠", "\u200f"]), max_size=12).map(" ".join),
)


# What somebody can be in the middle of; some forms are seen then only.
def _asked_for_code(client: Client, place: Place) -> None:
    client.post("/accounts/login/code/", {"email": place.member.email})


def _asked_for_reset(client: Client, place: Place) -> None:
    client.post("/accounts/password/reset/", {"email": place.member.email})


def _half_joined(client: Client, place: Place) -> None:
    form = next(form for form in forms_in(client.get("/accounts/signup/").content.decode()) if "username" in form.fields)
    joined = {"username": "linnet", "email": "linnet@example.org", "password1": "seven slow otters", "age": "over"}
    client.post("/accounts/signup/", form.sent() | joined | {"rules": "on", "sensitive": "on"})


def _at_the_second_step(client: Client, place: Place) -> None:
    client.post("/accounts/login/", {"login": place.owner.email, "password": make.PASSWORD})


ROLES = ("guest", "newcomer", "member", "author", "moderator", "owner")
STATES = {"with a code": _asked_for_code, "forgetful": _asked_for_reset, "joining": _half_joined, "half in": _at_the_second_step}
PEOPLE = [*ROLES, *STATES]


@pytest.fixture
def place(db) -> Place:
    return Place()


def client_of(who: str, place: Place, sign_in: Any) -> Client:
    if who in STATES:
        client = Client()
        STATES[who](client, place)
        return client
    if who == "guest":
        return Client()
    client = sign_in(getattr(place, who))
    session = client.session
    methods = session["account_authentication_methods"]
    session["account_authentication_methods"] = [*methods, {**methods[-1], "reauthenticated": True}]
    session.save()
    return client


def forms_for(who: str, client: Client, place: Place) -> dict[tuple[str, tuple[str, ...]], tuple[str, Form]]:
    """Every form that this person meets, by where it goes and what it asks: the page it was found on, and the form."""
    found: dict[tuple[str, tuple[str, ...]], tuple[str, Form]] = {}
    for address in place.addresses():
        # Behind the scenes, moderators see what owners see, and less of it.
        if address.is_behind_the_scenes and who not in {"moderator", "owner"}:
            continue
        cookies = copy.deepcopy(client.cookies)
        with transaction.atomic():
            response = client.get(address.url)
            transaction.set_rollback(True)  # looking elsewhere ends what one is in the middle of
        client.cookies = cookies
        if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
            continue
        # What is a file to take away comes piece by piece; it is read like a page.
        whole = b"".join(response.streaming_content) if response.streaming else response.content
        for form in forms_in(whole.decode()):
            action = urlsplit(urljoin(address.url, form.action)).path
            found.setdefault((action, tuple(sorted(form.fields))), (address.url, form))
    return found


def is_this_ones_own(who: str, url: str, names: tuple[str, ...]) -> bool:
    """Whether nobody else here meets this form; what a guest and a member have been through need not be done again."""
    if who in STATES:
        return any(step in url for step in ("confirm", "complete", "2fa"))
    return {
        "newcomer": url.startswith("/forums/") and "body" in names,
        "author": "webauthn" in url,
        "moderator": "/do/" in url,
        "owner": url.startswith("/admin/"),
    }.get(who, True)


def filled(form: Form) -> st.SearchStrategy[dict[str, list[str]]]:
    """What might be sent: most fields as a person would fill them in, any of them as nobody would."""
    return st.fixed_dictionaries({each.name: _values(each) for each in form.fields.values() if each.kind != "file"})


def _values(each: Field) -> st.SearchStrategy[list[str]]:
    odd = WORDS.map(lambda value: [value])
    if each.takes_words or each.kind == "password":
        return st.one_of(odd, odd, odd, st.just(each.values))
    if each.kind == "submit":
        return st.one_of(st.just([]), st.just([]), st.just(each.choices[:1]), odd)
    offered = st.lists(st.sampled_from(each.choices), max_size=2) if each.choices else st.just([])
    if each.kind in {"radio", "select"}:
        offered = st.sampled_from(each.choices).map(lambda value: [value]) if each.choices else st.just([])
    # As it stands, most of the time: a key or a token that is made up ends the story early.
    return st.one_of(st.just(each.values), st.just(each.values), offered, offered, st.one_of(odd, st.just([])))


def as_received(value: str) -> str:
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def same_words(first: str, second: str) -> bool:
    return text.clean(first).strip() == text.clean(second).strip()


def send(client: Client, method: str, url: str, fields: dict[str, list[str]]) -> Any:
    body = urlencode(fields, doseq=True, encoding="utf-8", errors="surrogatepass")
    if method == "get":
        return client.get(f"{url}?{body}"[:8000])
    return client.post(url, body, content_type=FORM)


# Where a column is not named like the field that fills it.
KEPT_AS = dict.fromkeys(("/appeal/", "/places/", "/safety/", "/checkins/"), "words")
KEPT_AS |= {"/notes/": "notes", "/decline/": "decline_reason"}


def stands_somewhere(name: str, words: str) -> bool:
    """Whether a column of this name holds these words, or one of somebody's own, such as `newcomer_thanks`."""
    for model in apps.get_models():
        columns = [found for found in model._meta.get_fields() if found.name == name or found.name.endswith(f"_{name}")]
        texts = [column.name for column in columns if isinstance(column, CharField | TextField)]
        if any(model._default_manager.filter(**{text: words}).exists() for text in texts):
            return True
    return False


def check(client: Client, page: str, url: str, form: Form, fields: dict[str, list[str]]) -> None:
    """Send it, and hold the house to what it promises about the answer."""
    response = send(client, form.method, url, fields)
    assert response.status_code < 500
    if form.method == "get" or url.startswith("/accounts/"):
        return
    written = {name: as_received(fields[name][0]) for name in form.fields if form.fields[name].kind == "textarea" and fields[name]}
    taken = response.status_code == 302 and not response["Location"].startswith("/accounts/")
    if not taken and response.get("Content-Type", "").startswith("text/html") and not url.startswith("/write/"):
        shown = words_in(response.content.decode())
        for name, words in written.items():
            # What nobody could see is no words.
            assert text.is_blank(text.clean(words)) or any(same_words(words, each) for each in shown), f"{name} is not given back"
    elif taken and not url.startswith(("/admin/", "/write/", "/kept/")):
        for name, words in written.items():
            kept = text.BodyField(required=False).to_python(words)
            column = next((column for part, column in KEPT_AS.items() if part in url), name)
            assert not kept or stands_somewhere(column, kept), f"{name} is not as it was written"
    if taken and url == page:
        assert client.get(page).status_code < 500


@pytest.mark.parametrize("who", PEOPLE)
def test_no_form_breaks_and_no_words_are_lost(request, place, sign_in, who):
    deep = request.config.getoption("--deep")
    with zeal_ignore():
        client = client_of(who, place, sign_in)
        found = forms_for(who, client, place)
        if not deep:
            found = {key: each for key, each in found.items() if is_this_ones_own(who, *key)}
        assert found, "nothing to fill in: has a page moved?"
        for (url, _names), (page, form) in found.items():
            _fuzz(client, page, url, form, examples=DEEP_EXAMPLES if deep else EXAMPLES)


def _fuzz(client: Client, page: str, url: str, form: Form, *, examples: int) -> None:
    cookies = copy.deepcopy(client.cookies)

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(fields=filled(form))
    def tried(fields: dict[str, list[str]]) -> None:
        with transaction.atomic():
            try:
                check(client, page, url, form, fields)
            except AssertionError as problem:
                raise AssertionError(f"{form.method} {url}: {problem}; sent {ascii(fields)[:1000]}") from problem
            finally:
                transaction.set_rollback(True)
        client.cookies = copy.deepcopy(cookies)

    tried()
