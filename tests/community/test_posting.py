"""Exactly once, and nothing lost: keys, drafts, previews, and words of an ended session."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.db import connections
from django.test import Client

from community.contributions.models import Draft, Submission
from forums.models import Reply, Topic
from tests import make

WORDS = "Words it took me a week to write."


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def topic(db):
    return make.topic()


@pytest.fixture
def url(topic):
    return f"{topic.get_absolute_url()}reply/"


# Exactly once ---------------------------------------------------------------------------------


def test_same_form_sent_again_leads_to_the_same_post(sign_in, member, url):
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode()) | {"body": WORDS}
    answers = {client.post(url, fields).url for _ in range(3)}
    assert len(answers) == 1
    assert Reply.objects.count() == 1


def test_same_key_with_other_words_keeps_both_texts(sign_in, member, url):
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode())
    client.post(url, fields | {"body": WORDS})
    refused = client.post(url, fields | {"body": "Other words"})
    page = refused.content.decode()
    assert refused.status_code == 200
    assert "Other words" in page
    assert "sent before with other words" in page
    assert Reply.objects.get().body == WORDS
    client.post(url, fields_of(page) | {"body": "Other words"})
    assert Reply.objects.count() == 2


def test_form_without_a_key_is_posted(sign_in, member, url):
    assert sign_in(member).post(url, {"body": WORDS}).status_code == 302
    assert Reply.objects.get().body == WORDS


@pytest.mark.django_db(transaction=True)
def test_pressed_at_once_many_times_makes_one_post(sign_in, member, topic):
    url, client = f"{topic.get_absolute_url()}reply/", sign_in(member)
    fields = fields_of(client.get(url).content.decode()) | {"body": WORDS}

    def press(_number):
        try:
            return sign_in(member).post(url, fields).url
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(press, range(16)))) == 1
    assert Reply.objects.count() == 1
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_answers_at_once_stand_at_places_without_gaps(topic):
    people = [make.user() for _ in range(8)]

    def answer(number):
        try:
            return Topic.objects.get().reply(people[number % 8], f"Answer {number}").position
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(answer, range(32))) == list(range(1, 33))
    topic.refresh_from_db()
    assert topic.last_position == 32


def test_submission_and_draft_name_nobody(sign_in, member, url):
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode()) | {"body": WORDS}
    client.post("/write/draft/", fields, headers={"hx-request": "true"})
    columns = {field.name for field in Draft._meta.get_fields()} | {field.name for field in Submission._meta.get_fields()}
    assert columns == {"id", "key", "fields", "saved_at", "digest", "target", "day"}


# Refused, but not lost -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x" * 23_400, "This is 23,400 characters; there is room for 20,000."),
        ("\u200b \n", "Nothing is written yet."),
    ],
)
def test_refused_words_come_back_with_the_reason(sign_in, member, url, body, said):
    client = sign_in(member)
    answer = client.post(url, fields_of(client.get(url).content.decode()) | {"body": body})
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert said in page
    assert body.strip() in page
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "\x00 a null",
        "\ud800 half a character",
        "[" * 20_000,
        "> " * 1_000 + "deep",
        "e" + "\u0301" * 1_000,
        "\u202e turned",
        "\ufeff",
        "a" * 19_999,
    ],
)
def test_odd_words_never_break_anything(sign_in, member, topic, url, body):
    client = sign_in(member)
    body = body.encode(errors="replace").decode()
    answer = client.post(url, fields_of(client.get(url).content.decode()) | {"body": body}, follow=True)
    assert answer.status_code == 200
    assert client.get(topic.get_absolute_url()).status_code == 200


def test_somebody_elses_form_is_shown_and_not_posted(sign_in, member, other, url):
    fields = fields_of(sign_in(other).get(url).content.decode())
    answer = sign_in(member).post(url, fields | {"body": WORDS})
    assert "another account was signed in" in answer.content.decode()
    assert WORDS in answer.content.decode()
    assert not Reply.objects.exists()


# Drafts and previews ---------------------------------------------------------------------------------


def test_draft_survives_signing_out_and_goes_with_the_post(sign_in, member, topic, url):
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode())
    assert client.post("/write/draft/", fields | {"body": WORDS}, headers={"hx-request": "true"}).status_code == 204
    client.post("/accounts/logout/")
    client = sign_in(member)
    assert WORDS in client.get(topic.get_absolute_url()).content.decode()
    assert topic.title in client.get("/").content.decode()
    page = client.get(url).content.decode()
    assert WORDS in page
    client.post(url, fields_of(page) | {"body": WORDS})
    assert not Draft.objects.exists()
    assert WORDS not in client.get(url).content.decode()


def test_draft_is_kept_by_a_button_without_script(sign_in, member, url):
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode())
    answer = client.post("/write/draft/", fields | {"body": WORDS}, headers={"referer": f"http://testserver{url}"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0].endswith(url)
    assert "Kept." in page
    assert WORDS in page


def test_draft_of_somebody_else_cannot_be_read_or_written(sign_in, member, other, url):
    fields = fields_of(sign_in(member).get(url).content.decode())
    assert sign_in(other).post("/write/draft/", fields | {"body": WORDS}).status_code == 404
    assert sign_in(other).post("/write/draft/", {"draft": "forums.reply:x:forged", "body": WORDS}).status_code == 404
    assert not Draft.objects.exists()


def test_keeping_never_leads_to_another_place(sign_in, member, url):
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode())
    for referer in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "http:///evil.example"):
        assert client.post("/write/draft/", fields, headers={"referer": referer}).url == "/"


def test_preview_without_script_shows_and_does_not_post(sign_in, member, url):
    client = sign_in(member)
    answer = client.post(url, fields_of(client.get(url).content.decode()) | {"body": "so *tired*", "preview": "yes"})
    page = answer.content.decode()
    assert "so <em>tired</em>" in page
    assert "so *tired*" in page
    assert not Reply.objects.exists()


def test_preview_looks_nothing_up(sign_in, member, other):
    make.topic(author=other)
    answer = sign_in(member).post("/write/preview/", {"body": f"@{other.username} <script>alert(1)</script>"})
    page = answer.content.decode()
    assert f"/members/{other.username}/" not in page
    assert "<script>" not in page


# A session that ended ----------------------------------------------------------------------------------


def test_words_of_an_ended_session_are_posted_after_signing_in(sign_in, member, topic, url):
    fields = fields_of(sign_in(member).get(url).content.decode()) | {"body": WORDS}
    client = Client()
    page = client.post(url, fields, headers={"origin": "http://testserver"}).content.decode()
    assert WORDS in page
    kept = client.post("/kept/", {"payload": fields_of(page)["payload"]})
    assert kept.url == "/accounts/login/?next=%2Fkept%2F"
    signed_in = client.post(kept.url, {"login": member.email, "password": make.PASSWORD})
    assert signed_in.url == "/kept/"
    page = client.get("/kept/").content.decode()
    assert "Post it now" in page
    client.post(url, fields_of(page))
    assert Reply.objects.get().body == WORDS
    assert client.get("/kept/").url == "/"


def test_words_of_an_ended_session_are_not_posted_by_somebody_else(sign_in, member, other, url):
    fields = fields_of(sign_in(member).get(url).content.decode()) | {"body": WORDS}
    client = Client()
    page = client.post(url, fields, headers={"origin": "http://testserver"}).content.decode()
    client.post("/kept/", {"payload": fields_of(page)["payload"]})
    client.post("/accounts/login/", {"login": other.email, "password": make.PASSWORD})
    page = client.get("/kept/").content.decode()
    assert WORDS in page
    assert "Post it now" not in page


def test_strangers_form_gets_no_page_with_its_words(sign_in, member, url):
    answer = Client().post(url, {"body": WORDS}, headers={"origin": "https://evil.example"})
    assert WORDS not in answer.content.decode()


def test_stale_token_gives_the_words_back(sign_in, member, url):
    client = sign_in(member, enforce_csrf_checks=True)
    page = client.get(url).content.decode()
    fields = fields_of(page) | {"body": WORDS, "csrfmiddlewaretoken": "x" * 64}
    answer = client.post(url, fields, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert WORDS in answer.content.decode()


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "[]",
        "null",
        '{"path": 1}',
        json.dumps({"path": "/x/", "fields": {}}),
        json.dumps({"path": "//evil.example/", "fields": {}}),
    ],
)
def test_made_up_kept_words_lead_nowhere(db, payload):
    assert Client().post("/kept/", {"payload": payload}).status_code == 404


def test_half_characters_in_kept_words_break_nothing(sign_in, member, url):
    client = sign_in(member)
    payload = json.dumps({"path": url, "fields": {"body": "\ud800 x \x00", "member": "\ud800"}})
    client.post("/kept/", {"payload": payload})
    assert client.get("/kept/").status_code == 200


def test_guest_is_sent_to_sign_in_for_forms_whether_they_exist_or_not(topic):
    for url in (
        f"{topic.get_absolute_url()}reply/",
        "/forums/no-such/00000000-0000-4000-8000-000000000000/reply/",
        "/wrote/",
        "/inbox/",
    ):
        assert Client().get(url).status_code == 302


def test_leaving_quickly_forgets_kept_words(sign_in, member, url):
    fields = fields_of(sign_in(member).get(url).content.decode()) | {"body": WORDS}
    client = Client()
    page = client.post(url, fields, headers={"origin": "http://testserver"}).content.decode()
    client.post("/kept/", {"payload": fields_of(page)["payload"]})
    assert client.get("/leaving/").status_code == 204
    client.force_login(member)
    assert client.get("/kept/").url == "/"
    assert not Client().get("/leaving/").cookies


def test_same_words_twice_in_a_row_are_one_post_and_later_ones_are_their_own(sign_in, member, other, topic, url):
    client = sign_in(member)
    for _ in range(2):
        client.post(url, fields_of(client.get(url).content.decode()) | {"body": "Thank you."})
    assert Reply.objects.count() == 1
    client.post(url, fields_of(client.get(url).content.decode()) | {"body": "And one more thing."})
    client.post(url, fields_of(client.get(url).content.decode()) | {"body": "Thank you."})
    assert Reply.objects.count() == 3
    sign_in(other).post(url, {"body": "Thank you."})
    assert Reply.objects.count() == 4
