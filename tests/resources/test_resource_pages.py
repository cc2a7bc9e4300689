"""The library's list and the page of one resource, as everybody sees them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.contributions.models import Filter, Note
from community.members.models import Block
from community.tags import applying
from resources.models import Audience, Kind, LinkState, Resource
from tests import make

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def as_seen(client: Client, resource: Resource) -> str:
    return text_of(client.get(resource.get_absolute_url()))


def test_a_guest_sees_what_is_open_to_everyone():
    made = make.resource(title="The kettle book", body="It *helped*.")
    inner = make.resource(title="Only for members", audience=Audience.MEMBERS)
    guest = Client()
    listed = text_of(guest.get("/resources/"))
    assert "The kettle book" in listed
    assert "Only for members" not in listed
    assert "It <em>helped</em>." in as_seen(guest, made)
    assert guest.get(inner.get_absolute_url()).status_code == 404


def test_only_what_is_open_to_everyone_may_be_found_by_search_engines(sign_in, member):
    client = sign_in(member)
    assert "noindex" not in as_seen(client, make.resource())
    assert "noindex" in as_seen(client, make.resource(audience=Audience.MEMBERS))


@pytest.mark.parametrize("change", ["edit", "hide", "refuse", "keep", "withdraw", "tag"])
def test_a_kept_page_is_made_anew_when_something_changed(change, author, owner):
    made = make.resource(author, tags=["sleep"])
    applying.resolve(["sleep"], accept=True)
    guest = Client()
    pages = [made.get_absolute_url(), *(["/resources/"] if change not in {"keep", "tag"} else [])]
    etags = {url: guest.get(url)["ETag"] for url in pages}
    assert all(guest.get(url, headers={"if-none-match": etag}).status_code == 304 for url, etag in etags.items())
    if change == "edit":
        make.changed(made, "Other words.")
    elif change == "hide":
        made.hide(by=owner, reason="Just so.")
    elif change == "refuse":
        made.refuse(by=owner, reason="Just so.")
    elif change == "keep":
        made.keep(keeper=owner, review_by=None, by=owner)
    elif change == "withdraw":
        made.withdraw()
    else:
        applying.apply(made, [])
    assert all(guest.get(url, headers={"if-none-match": etag}).status_code != 304 for url, etag in etags.items())


def test_a_guests_validator_tells_of_nothing_that_a_guest_cannot_see(author):
    made = make.resource(author)
    guest = Client()
    urls = ("/resources/", made.get_absolute_url())
    before = [guest.get(url)["ETag"] for url in urls]
    make.resource(author, audience=Audience.MEMBERS)
    make.resource(author, publish=False)
    assert [guest.get(url)["ETag"] for url in urls] == before


def test_a_members_page_is_kept_nowhere(sign_in, member):
    client, made = sign_in(member), make.resource()
    for url in ("/resources/", made.get_absolute_url(), "/resources/new/"):
        assert "no-store" in client.get(url)["Cache-Control"]


def test_the_facts_are_said_in_words(sign_in, member):
    made = make.resource(
        kind=Kind.VIDEO, minutes=6, language="de", cost="free", level="plain", country="GB", has_captions=True, needs_account=False
    )
    for page in (as_seen(sign_in(member), made), text_of(sign_in(member).get("/resources/"))):
        for fact in ("6 minutes", "Deutsch", "Free", "Easy to read", "United Kingdom", "Captions or a transcript", "No sign-up"):
            assert fact in page


def test_the_way_there_gives_nothing_away_and_says_where_it_leads():
    page = as_seen(Client(), make.resource(address="https://www.example.org/a-page"))
    link = re.search(r"<a [^>]*href=\"https://www.example.org/a-page\"[^>]*>([^<]*)</a>", page)
    assert 'rel="noopener noreferrer nofollow ugc"' in link[0]
    assert link[1] == "Read it at example.org"


def test_a_dead_address_says_so_and_a_kept_copy_stands_in():
    made = make.resource(address="https://example.org/gone")
    Resource.objects.filter(pk=made.pk).update(link_state=LinkState.BROKEN, archive="https://example.org/kept")
    page = as_seen(Client(), made)
    assert "It does not open any more" in page
    assert re.search(r'button-main" href="https://example.org/kept"[^>]*>Open the kept copy<', page)


@pytest.mark.parametrize("state", [LinkState.UNSEEN, LinkState.FINE])
def test_nothing_is_said_of_an_address_that_is_as_it_should_be(state):
    made = make.resource()
    Resource.objects.filter(pk=made.pk).update(link_state=state)
    page = as_seen(Client(), made)
    assert not any(words in page for words in ("does not open", "did not open", "has moved", "to sign in there"))


def test_noted_words_are_folded_and_in_no_list():
    note = Note.objects.first()
    made = make.resource(title="The kettle book", body="The noted words.", notes=[note], note_words="and more")
    page = as_seen(Client(), made)
    assert re.search(
        rf"<details class=\"fold\">\s*<summary>.*?{re.escape(note.name)}, and more.*?</summary>.*?The noted", page, re.S
    )
    listed = text_of(Client().get("/resources/"))
    assert f"{note.name}, and more" in listed
    assert "The noted words." not in listed


def test_what_somebody_does_not_want_is_left_out_or_folded(sign_in, member):
    note = Note.objects.first()
    made = make.resource(title="The kettle book", body="The noted words.", notes=[note])
    client = sign_in(member)
    Filter.keep(member, act="hide", until=None, note=note)
    assert "The kettle book" not in text_of(client.get("/resources/"))
    assert '<details class="fold">' in as_seen(client, made)


def test_a_block_holds_in_the_library(sign_in, member, author):
    made = make.resource(author, title="The kettle book")
    Block.put(author, member)
    client = sign_in(member)
    assert client.get(made.get_absolute_url()).status_code == 404
    assert "The kettle book" not in text_of(client.get("/resources/"))


def test_only_tags_of_the_vocabulary_show():
    applying.resolve(["sleep"], accept=True)
    page = as_seen(Client(), make.resource(tags=["sleep", "somethingproposed"]))
    assert ">sleep</a>" in page
    assert "somethingproposed" not in page


def test_the_author_finds_the_way_to_change_it_and_others_to_what_is_wrong(sign_in, author, member):
    made = make.resource(author)
    own, others, guests = as_seen(sign_in(author), made), as_seen(sign_in(member), made), as_seen(Client(), made)
    assert ["Change it" in page for page in (own, others, guests)] == [True, False, False]
    report = f"/report/resource/{made.public_id}/"
    assert [report in page for page in (own, others, guests)] == [False, True, True]


def test_a_page_asks_the_same_of_a_large_library(sign_in, member):
    made = make.resource(tags=["sleep"], country="GB", keeper=make.user(role="librarian"))
    client = sign_in(member)

    def asked(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    small = [asked(url) for url in ("/resources/", made.get_absolute_url())]
    for number in range(25):
        with time_machine.travel(timezone.now() - timedelta(hours=number), tick=False):
            make.resource(tags=["sleep", f"tag {number}"], country="GB")
    assert [asked(url) for url in ("/resources/", made.get_absolute_url())] == small


def test_an_empty_library_says_so():
    assert "One thing that helped you is a beginning." in text_of(Client().get("/resources/"))
