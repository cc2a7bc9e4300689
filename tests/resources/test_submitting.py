"""Bringing something to the library, by a member's own hands."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from community.contributions.models import Change
from community.members.models import Block
from resources.models import AlreadyHere, Audience, Kind, Resource
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db

URL = "/resources/new/"
CHECKED = {"looked": "on", "harmless": "on", "unpaid": "on"}
WORDS = {
    "kind": "article",
    "title": "A short guide to asking",
    "body": "Four first sentences. The *third* one worked.",
    "tags": "asking for help, family",
    "address": "http://www.example.org/guide/?utm_source=x",
    "language": "en",
    "minutes": "6",
    "cost": "free",
    "audience": "everyone",
} | CHECKED


def text_of(response) -> str:
    return response.content.decode()


def send(client: Client, url: str = URL, **changed: str):
    return client.post(url, {name: value for name, value in (WORDS | changed).items() if value})


def test_a_member_brings_something_and_it_waits_for_a_librarian(sign_in, member):
    client = sign_in(member)
    first = client.post(URL, {"look": "http://www.example.org/guide/?utm_source=x"})
    form = next(form for form in forms_in(text_of(first)) if "title" in form.fields)
    assert form.fields["address"].values == ["http://www.example.org/guide/"]
    assert send(client, key=form.fields["key"].values[0], member=form.fields["member"].values[0]).status_code == 302
    made = Resource.objects.get()
    assert (made.author, made.kind, made.minutes, made.cost) == (member, "article", 6, "free")
    assert made.address_key == "example.org/guide"
    assert sorted(made.tags.names()) == ["asking for help", "family"]
    wrote = text_of(client.get("/wrote/"))
    assert Client().get(made.get_absolute_url()).status_code == 404
    assert "A short guide" not in text_of(client.get("/resources/"))
    assert "It is with a librarian now." in wrote
    assert "Thank you. It is with a librarian now" in wrote


def test_sending_twice_brings_it_once(sign_in, member):
    client = sign_in(member)
    for _press in range(2):
        assert send(client, key="one-and-the-same-key").status_code == 302
    # Going back, a browser puts the old words beside a new key.
    assert send(client, key="another-key").status_code == 302
    assert Resource.objects.count() == 1


@pytest.mark.parametrize("spelling", ["https://example.org/guide", "HTTP://EXAMPLE.ORG/guide/#top", "example.org/guide?fbclid=1"])
def test_what_is_here_already_leads_to_its_page(sign_in, member, author, spelling):
    there = make.resource(author, address="https://www.example.org/guide/", title="The guide")
    client = sign_in(member)
    page = text_of(client.post(URL, {"look": spelling}))
    assert "Somebody brought this already" in page
    assert f"{there.get_absolute_url()}#words" in page
    again = text_of(send(client, address=spelling))
    assert f"{there.get_absolute_url()}#words" in again
    assert "Four first sentences" in again
    assert Resource.objects.count() == 1


@pytest.mark.parametrize("state", ["waiting", "hidden", "blocked"])
def test_what_cannot_be_seen_tells_no_more_than_that_it_is_there(sign_in, member, author, moderator, state):
    there = make.resource(author, address="https://example.org/guide", title="A telling title", publish=state != "waiting")
    if state == "hidden":
        there.hide(by=moderator, reason="It sells something.")
    elif state == "blocked":
        Block.put(member, author)
    client = sign_in(member)
    for page in (text_of(client.post(URL, {"look": "example.org/guide"})), text_of(send(client, address="example.org/guide"))):
        assert "This is with the librarians already. Thank you." in page
        assert str(there.public_id) not in page
        assert "A telling title" not in page
        assert author.username not in page


def test_one_is_told_of_what_one_brought_oneself(sign_in, member):
    make.resource(member, address="https://example.org/guide", publish=False)
    assert "You brought this already." in text_of(sign_in(member).post(URL, {"look": "example.org/guide"}))


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
def test_what_was_turned_down_or_taken_back_makes_room(sign_in, member, author, owner, end):
    there = make.resource(author, address="https://example.org/guide", publish=False)
    there.refuse(by=owner, reason="Not this one.") if end == "refused" else there.withdraw()
    assert send(sign_in(member), address="example.org/guide").status_code == 302


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ("", "Paste an address first"),
        ("javascript:alert(1)", "begins with “javascript:”"),
        ("https://user:pass@example.org/", "a name or a password"),
        ("http://127.0.0.1/x", "the number of a machine"),
        ("not an address", "doesn’t look like the address of a page"),
    ],
)
def test_an_address_that_is_none_is_given_back_with_a_sentence(sign_in, member, look, said):
    page = text_of(sign_in(member).post(URL, {"look": look}))
    assert said in page
    assert "data-error-summary" in page


def test_an_isbn_or_a_doi_in_its_place_is_understood(sign_in, member):
    client = sign_in(member)
    form = next(form for form in forms_in(text_of(client.post(URL, {"look": "ISBN 0-306-40615-2"}))) if "title" in form.fields)
    assert form.fields["isbn"].values == ["9780306406157"]
    assert form.fields["kind"].values == ["book"]
    form = next(form for form in forms_in(text_of(client.post(URL, {"look": "doi:10.1000/182"}))) if "title" in form.fields)
    assert form.fields["address"].values == ["https://doi.org/10.1000/182"]


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("book", {"isbn": "0-306-40615-2"}, {"isbn": "9780306406157", "address_key": "isbn:9780306406157"}),
        ("service", {"phone": "01632 960 123", "hours": "Evenings"}, {"phone": "01632960123", "hours": "Evenings"}),
        ("lived", {}, {"address_key": ""}),
    ],
)
def test_what_has_no_address_is_brought_by_what_it_has(sign_in, member, kind, given, kept):
    client = sign_in(member)
    assert f'value="{kind}"' in text_of(client.get(f"{URL}?kind={kind}"))
    assert send(client, kind=kind, address="", **given).status_code == 302
    made = Resource.objects.get()
    assert {name: getattr(made, name) for name in kept} == kept


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.LIVED])
def test_others_must_be_able_to_find_it(sign_in, member, kind):
    response = send(sign_in(member), kind=kind, address="")
    assert response.status_code == 200
    assert "data-error-summary" in text_of(response)
    assert not Resource.objects.exists()


@pytest.mark.parametrize("check", CHECKED)
def test_the_checklist_is_gone_through(sign_in, member, check):
    response = send(sign_in(member), **{check: ""})
    assert "tick this" in text_of(response)
    assert not Resource.objects.exists()


def test_lived_experience_begins_with_members_only(sign_in, member):
    form = next(form for form in forms_in(text_of(sign_in(member).get(f"{URL}?kind=lived"))) if "title" in form.fields)
    assert form.fields["audience"].values == [Audience.MEMBERS]


def test_unfinished_words_come_back(sign_in, member):
    client = sign_in(member)
    form = next(form for form in forms_in(text_of(client.get(f"{URL}?kind=lived"))) if "title" in form.fields)
    kept = {**{name: values[0] for name, values in form.sent().items()}, "title": "Half a title", "body": "Half a"}
    client.post("/write/draft/", kept, headers={"hx-request": "true"})
    for url in (URL, f"{URL}?kind=lived"):
        assert "Half a title" in text_of(client.get(url))
    assert "Half a title" not in text_of(client.get(f"{URL}?anew"))
    assert "Go on with it" in text_of(client.get(f"{URL}?anew"))


def test_bad_facts_are_given_back_with_the_fold_open(sign_in, member):
    page = text_of(send(sign_in(member), pages="many", title="x" * 5000))
    assert re.search(r'<details class="fold" open>', page)
    assert "A whole number, such as 5." in page
    assert "5,000 characters" in page


def test_the_author_changes_what_waits_and_others_do_not(sign_in, author, member):
    made = make.resource(author, publish=False, title="Before")
    assert send(sign_in(author), f"{made.get_absolute_url()}edit/", title="After").status_code == 302
    made.refresh_from_db()
    assert made.title == "After"
    assert sign_in(member).get(f"{made.get_absolute_url()}edit/").status_code == 404
    made.publish(by=make.user(role="librarian"))
    assert sign_in(member).get(f"{made.get_absolute_url()}edit/").status_code == 403


def test_words_of_what_is_up_wait_beside_those_that_stand_and_another_address_takes_all_along(sign_in, author):
    librarian = make.user(role="librarian")
    made = make.resource(author, address="https://example.org/guide", body="First words.")
    client, url = sign_in(author), f"{made.get_absolute_url()}edit/"
    assert "A volunteer looks at your change first." in text_of(client.get(url))
    sent = send(client, url, title="Another title", body="Changed words.", made_by="A shop", address="https://example.org/guide")
    assert sent.url == made.get_absolute_url()
    page = text_of(Client().get(made.get_absolute_url()))
    assert "First words." in page and not re.search("Changed words|Another title|A shop", page)
    assert "Changed words." in text_of(client.get(url))
    change = Change.objects.get()
    at_the_desk = sign_in(librarian)
    assert "Changed" in text_of(at_the_desk.get(f"/admin/desk/change-{change.pk}/"))
    at_the_desk.post(f"/admin/desk/change-{change.pk}/do/show/", {"seen": change.as_seen})
    page = text_of(Client().get(made.get_absolute_url()))
    assert "Changed words." in page and "Another title" in page and "A shop" in page
    assert send(client, url, title="A third title", address="https://example.org/elsewhere").url == "/wrote/"
    assert Client().get(made.get_absolute_url()).status_code == 404
    made.refresh_from_db()
    assert Resource.objects.waiting().get() == made
    assert (made.title, Change.objects.exists()) == ("A third title", False)


def test_changing_the_address_to_one_that_is_here_says_so(sign_in, author):
    make.resource(address="https://example.org/other", title="The other one")
    made = make.resource(author, address="https://example.org/guide")
    page = text_of(send(sign_in(author), f"{made.get_absolute_url()}edit/", address="example.org/other"))
    assert "Somebody brought this already" in page
    made.refresh_from_db()
    assert made.is_published
    assert made.address == "https://example.org/guide"


def test_taking_back_leaves_nothing_for_others(sign_in, author):
    made = make.resource(author, title="Gone soon")
    client = sign_in(author)
    assert client.get(f"{made.get_absolute_url()}withdraw/").status_code == 200
    assert client.post(f"{made.get_absolute_url()}withdraw/").status_code == 302
    assert Client().get(made.get_absolute_url()).status_code == 404
    assert "Gone soon" not in text_of(Client().get("/resources/"))
    assert "Gone soon" not in text_of(client.get("/wrote/"))


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_at_once_bring_it_once():
    people, together = [make.user(), make.user()], Barrier(2)

    def bring(person) -> str:
        together.wait()
        try:
            make.resource(person, publish=False, address="https://example.org/guide")
        except AlreadyHere:
            return "here already"
        finally:
            connection.close()
        return "brought"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(bring, people)) == ["brought", "here already"]
    assert Resource.objects.count() == 1


def test_nobody_crowds_out_the_others(sign_in, member, monkeypatch):
    monkeypatch.setattr("resources.forms.resources.MOST_WAITING", 2)
    for _number in range(2):
        make.resource(member, publish=False)
    assert "wait for a librarian already" in text_of(send(sign_in(member)))
