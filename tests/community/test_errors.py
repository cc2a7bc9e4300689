import re
from types import ModuleType

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from community import urls
from community.care.middleware import breaker
from community.errors import is_away
from community.permissions import Denied, require
from tests import make

WORDS = {"title": "Since spring", "body": "I wrote <i>this</i>\nat night.", "password": "not to be shown", "key": "no-words-here"}


def _refuse(request):
    require(Denied("This conversation is closed.", step=("Start your own", "/forums/")))


def _refuse_without_a_reason(request):
    raise PermissionDenied("secret internals")


def _break(request):
    return HttpResponse(1 / 0)


def _deadlock(request):
    raise OperationalError("deadlock detected") from _Cause("40P01")


class _Cause(Exception):
    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


@pytest.fixture
def house(settings, tmp_path):
    """The house with a few broken rooms."""
    settings.STATE_DIR = tmp_path
    rooms = ModuleType("broken_rooms")
    rooms.urlpatterns = [
        path("refused/", _refuse),
        path("forbidden/", _refuse_without_a_reason),
        path("broken/", _break),
        path("deadlock/", _deadlock),
        *urls.urlpatterns,
    ]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(rooms, name, getattr(urls, name))
    settings.ROOT_URLCONF = rooms
    yield
    breaker.mend()


@pytest.fixture
def client(house, member, sign_in):
    client = sign_in(member)
    client.raise_request_exception = False
    return client


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_refusal_says_the_rules_reason_and_the_next_step(client):
    response = client.get("/refused/")
    assert response.status_code == 403
    assert "This conversation is closed." in text_of(response)
    assert 'href="/forums/">Start your own</a>' in text_of(response)


def test_a_refusal_without_a_reason_tells_no_internals(client):
    response = client.get("/forbidden/")
    assert response.status_code == 403
    assert "internals" not in text_of(response)


@pytest.mark.parametrize(("address", "status"), [("/refused/", 403), ("/broken/", 500), ("/nowhere/", 404), ("/deadlock/", 500)])
def test_words_come_back_from_every_error_page_and_secrets_do_not(client, address, status):
    page = client.post(address, WORDS)
    assert page.status_code == status
    assert "I wrote &lt;i&gt;this&lt;/i&gt;" in page.content.decode()
    assert "Since spring" in page.content.decode()
    assert "not to be shown" not in page.content.decode()
    assert "no-words-here" not in page.content.decode()
    assert page["Cache-Control"] == "no-store, private"


def test_the_page_of_a_broken_room_asks_nobody_who_is_there(client, django_assert_num_queries):
    client.get("/broken/")
    with django_assert_num_queries(5):  # the session, the member, and the three of the view’s own transaction
        page = client.get("/broken/")
    assert page.status_code == 500
    assert 'href="/help/"' in page.content.decode()
    assert "data-leave" in page.content.decode()
    assert "wren" not in page.content.decode()


def test_hidden_and_never_written_look_the_same_to_everybody(db, author, moderator, member, sign_in):
    topic = make.topic(author=author)
    topic.hide(by=moderator, reason="For this test only.")
    hidden = topic.get_absolute_url()
    never = hidden[:-13] + "000000000000/"
    for client in (Client(), sign_in(member), sign_in(author)):
        pages = [client.get(address) for address in (hidden, never)]
        assert [page.status_code for page in pages] == [404, 404]
        first, second = (page.content.decode().replace(address, "") for page, address in zip(pages, (hidden, never), strict=True))
        assert re.sub(r"[0-9a-f-]{36}", "", first) == re.sub(r"[0-9a-f-]{36}", "", second)
        assert sorted(pages[0].headers) == sorted(pages[1].headers)
    assert "If you are a member, sign in" in Client().get(hidden).content.decode()


def test_our_own_script_gets_a_sentence_not_a_page(client):
    for address, status in (("/refused/", 403), ("/nowhere/", 404), ("/broken/", 500)):
        response = client.get(address, headers={"hx-request": "true"})
        assert response.status_code == status
        assert b"<html" not in response.content
        assert b'role="alert"' in response.content
    assert b"This conversation is closed." in client.get("/refused/", headers={"hx-request": "true"}).content


def test_a_wrong_method_is_answered_in_our_clothes(client):
    response = client.put("/")
    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert "cannot be used that way" in text_of(response)


def test_a_stale_form_gives_the_words_back(db, member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    response = client.post("/write/preview/", {"body": "A long evening’s work"}, headers={"sec-fetch-site": "same-origin"})
    assert response.status_code == 403
    assert "A long evening’s work" in response.content.decode()


def test_only_a_database_that_cannot_be_reached_closes_the_house(client):
    def failure(sqlstate):
        error = OperationalError("no")
        error.__cause__ = _Cause(sqlstate)
        return error

    assert is_away(failure(None))
    assert is_away(failure("08006"))
    assert is_away(failure("53300"))
    assert is_away(failure("57P01"))
    assert not is_away(failure("40P01"))
    assert not is_away(failure("57014"))
    assert not is_away(ValueError())
    client.get("/deadlock/")
    assert not breaker.is_tripped


def test_no_error_page_asks_for_a_form_token_or_sets_a_cookie(house, db):
    visitor = Client(raise_request_exception=False)
    for address in ("/refused/", "/broken/", "/nowhere/"):
        response = visitor.get(address)
        assert not response.cookies
        assert "csrf" not in response.content.decode()
