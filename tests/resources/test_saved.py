"""What somebody keeps for themselves, with a note for nobody else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from community.members.models import Block
from resources.models import MOST_SAVED, NoRoom, Saved
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def thing(author):
    return make.resource(author, title="The kettle book")


def keep(client: Client, thing, **given):
    return client.post(f"{thing.get_absolute_url()}saved/", given)


def kept(client: Client) -> str:
    return client.get("/saved/").content.decode()


def test_a_member_keeps_something_with_a_note(sign_in, member, thing):
    client = sign_in(member)
    assert "You have kept nothing yet." in kept(client)
    assert keep(client, thing, note="For the long nights.").url == thing.get_absolute_url()
    page = kept(client)
    assert "The kettle book" in page
    assert "For the long nights." in page
    assert "You kept this" in client.get(thing.get_absolute_url()).content.decode()


def test_the_note_is_changed_and_stays_when_something_is_kept_again(sign_in, member, thing):
    client = sign_in(member)
    keep(client, thing, note="First.")
    keep(client, thing)
    assert Saved.objects.get().note == "First."
    keep(client, thing, note="Second.")
    keep(client, thing, note="")
    assert Saved.objects.get().note == ""


def test_a_note_that_is_too_long_comes_back_whole(sign_in, member, thing):
    page = keep(sign_in(member), thing, note="x" * 501).content.decode()
    assert "there is room for 500" in page
    assert "x" * 501 in page
    assert not Saved.objects.exists()


def test_there_is_an_end_to_what_one_keeps(sign_in, member, other, thing, monkeypatch):
    monkeypatch.setattr("resources.models.readers.MOST_SAVED", 2)
    client, another = sign_in(member), make.resource()
    keep(client, thing, note="Mine.")
    keep(client, make.resource())
    page = keep(client, another, note="These words stay in the form.")
    assert page.status_code == 200
    assert f"You keep {MOST_SAVED} things, and there is no room for more." in page.content.decode()
    assert "These words stay in the form." in page.content.decode()
    with pytest.raises(NoRoom):
        Saved.keep(another, member)
    keep(client, thing, note="Said anew.")
    assert Saved.objects.get(resource=thing, user=member).note == "Said anew."
    Saved.keep(another, other)
    assert keep(client, thing, note="x").status_code == 302
    client.post(f"{thing.get_absolute_url()}saved/delete/")
    assert keep(client, another).status_code == 302


def test_it_is_kept_no_more(sign_in, member, other, thing):
    client = sign_in(member)
    keep(client, thing, note="Mine.")
    Saved.keep(thing, other, "Theirs.")
    assert client.post(f"{thing.get_absolute_url()}saved/delete/").url == "/saved/"
    assert [saved.note for saved in Saved.objects.all()] == ["Theirs."]
    assert client.post(f"{thing.get_absolute_url()}saved/delete/").status_code == 302
    assert client.get(f"{thing.get_absolute_url()}saved/delete/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_keep_it_once(sign_in, member, thing):
    cookies = sign_in(member).cookies

    def press(number):
        each = Client()
        each.cookies = cookies
        try:
            return keep(each, thing, note=f"Note {number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(press, range(50))) == {302}
    assert Saved.objects.count() == 1


def test_nobody_else_ever_sees_that_it_is_kept_or_the_note(sign_in, member, author, moderator, owner, thing):
    before = Client().get(thing.get_absolute_url())["ETag"]
    keep(sign_in(member), thing, note="A secret of mine.")
    for somebody in (author, moderator, owner):
        client = sign_in(somebody)
        for url in (thing.get_absolute_url(), "/saved/", "/resources/", f"{thing.get_absolute_url()}saved/", "/wrote/"):
            page = client.get(url).content.decode()
            assert "A secret of mine." not in page
            assert "You kept this" not in page
    assert Client().get(thing.get_absolute_url())["ETag"] == before
    assert Client().get("/saved/").status_code == 302
    assert sign_in(owner).get("/admin/resources/saved/").status_code == 404


@pytest.mark.parametrize("end", ["hidden", "taken back", "blocked", "turned down"])
def test_what_is_gone_says_so_and_leaves_the_note(sign_in, member, author, owner, thing, end):
    client = sign_in(member)
    keep(client, thing, note="Still mine.")
    if end == "hidden":
        thing.hide(by=owner, reason="Just so.")
    elif end == "taken back":
        thing.withdraw()
    elif end == "blocked":
        Block.put(author, member)
    else:
        thing.refuse(by=owner, reason="Just so.")
    page = kept(client)
    assert "Something that is gone" in page
    assert "Still mine." in page
    assert "The kettle book" not in page
    there = client.get(f"{thing.get_absolute_url()}saved/").content.decode()
    assert "Still mine." in there
    assert "The kettle book" not in there
    assert keep(client, thing, note="Changed.").url == "/saved/"
    assert client.post(f"{thing.get_absolute_url()}saved/delete/").status_code == 302
    assert not Saved.objects.exists()
    assert keep(client, thing).status_code == 404


def test_lately_kept_comes_first_page_by_page(sign_in, member):
    for number in range(23):
        Saved.keep(make.resource(title=f"Thing {number}."), member)
        Saved.objects.filter(resource__title=f"Thing {number}.").update(at=f"2026-01-{number + 1:02}T12:00:00Z")
    client = sign_in(member)
    first = kept(client)
    assert first.index("Thing 22.") < first.index("Thing 21.")
    assert "Thing 2." not in first
    further = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "Thing 2." in client.get(f"/saved/{further}").content.decode()


def test_new_house_rules_keep_nobody_from_keeping(sign_in, member, thing):
    member.acceptances.all().delete()
    assert keep(sign_in(member), thing).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_go_beyond_the_end(member, monkeypatch):
    monkeypatch.setattr("resources.models.readers.MOST_SAVED", 3)
    things = [make.resource() for _ in range(8)]

    def work(thing):
        try:
            Saved.keep(thing, member)
        except NoRoom:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, things)) == 3
    assert Saved.objects.count() == 3
