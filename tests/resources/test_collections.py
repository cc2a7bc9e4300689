"""Collections: things of the library in an order that helps, with words between; for oneself, for members, or for everyone."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from community.contributions.models import Filter, Revision
from community.members.models import Block
from resources import paths
from resources.importing import read
from resources.models import MOST_COLLECTIONS, MOST_PLACES, Audience, Collection, LinkState, NoRoom, Place, Resource
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db

WORDS = {"title": "The first week", "body": "For whoever just *heard*.", "shared": "everyone"}


@pytest.fixture
def things(author):
    return [make.resource(author, title=f"Step number {number}.") for number in range(3)]


@pytest.fixture
def path(member, things):
    """A collection of `member` for everyone, with three things in it."""
    made = Collection.begin(member, **WORDS)
    for thing in things:
        made.add(thing)
    return made


def seen(client: Client, collection: Collection) -> str:
    return client.get(collection.get_absolute_url()).content.decode()


def order(collection: Collection) -> list[str]:
    return [place.resource.title for place in collection.places.select_related("resource")]


def at(collection: Collection, thing: Resource, verb: str) -> str:
    return f"{collection.get_absolute_url()}places/{thing.public_id}/{verb}/"


# Putting it together -------------------------------------------------------------------------------


def test_a_member_begins_one_with_a_thing_and_adds_another_from_its_page(sign_in, member, things):
    client = sign_in(member)
    first, second, _third = things
    assert f"{first.get_absolute_url()}collect/" in client.get(first.get_absolute_url()).content.decode()
    assert f"?first={first.public_id}" in client.get(f"{first.get_absolute_url()}collect/").content.decode()
    form = next(
        form
        for form in forms_in(client.get(f"/collections/new/?first={first.public_id}").content.decode())
        if "title" in form.fields
    )
    assert form.fields["shared"].values == ["private"]
    made = client.post("/collections/new/", {**form.sent(), **WORDS})
    collection = Collection.objects.get()
    assert made.url == collection.get_absolute_url()
    page = client.get(f"{second.get_absolute_url()}collect/").content.decode()
    put = next(form for form in forms_in(page) if "resource" in form.fields)
    assert client.post(put.action, put.sent()).url == f"{collection.get_absolute_url()}#at-{second.public_id}"
    assert order(collection) == ["Step number 0.", "Step number 1."]
    assert "It stands there already." in client.get(f"{second.get_absolute_url()}collect/").content.decode()
    guest = seen(Client(), collection)
    assert "For whoever just <em>heard</em>." in guest
    assert guest.index("Step number 0.") < guest.index("Step number 1.")


def test_sending_twice_begins_one(sign_in, member):
    client = sign_in(member)
    for _press in range(2):
        assert client.post("/collections/new/", WORDS | {"key": "the same"}).status_code == 302
    assert Collection.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "A few words are enough here."),
        ({"title": "x" * 121}, "there is room for 120"),
        ({"shared": "the world"}, "Select a valid choice"),
        ({"body": "x" * 2_001}, "there is room for 2,000"),
    ],
)
def test_what_does_not_fit_comes_back_with_a_sentence(sign_in, member, given, said):
    page = sign_in(member).post("/collections/new/", WORDS | given).content.decode()
    assert said in page
    assert not Collection.objects.exists()


def test_title_words_and_who_sees_it_are_changed(sign_in, member, path):
    client = sign_in(member)
    form = next(f for f in forms_in(client.get(f"{path.get_absolute_url()}edit/").content.decode()) if "title" in f.fields)
    assert form.fields["title"].values == ["The first week"]
    client.post(f"{path.get_absolute_url()}edit/", {**form.sent(), "title": "The second week", "shared": "members"})
    path.refresh_from_db()
    assert (path.title, path.shared) == ("The second week", "members")
    assert order(path) == ["Step number 0.", "Step number 1.", "Step number 2."]


def test_things_move_earlier_and_later_and_out_by_presses(sign_in, member, path, things):
    client = sign_in(member)
    first, second, third = things
    assert client.post(at(path, third, "earlier")).url == f"{path.get_absolute_url()}#at-{third.public_id}"
    assert order(path) == ["Step number 0.", "Step number 2.", "Step number 1."]
    client.post(at(path, first, "later"))
    client.post(at(path, second, "later"))
    assert order(path) == ["Step number 2.", "Step number 0.", "Step number 1."]
    client.post(at(path, first, "delete"))
    assert order(path) == ["Step number 2.", "Step number 1."]
    assert client.get(at(path, second, "earlier")).status_code == 405
    assert client.post(at(path, first, "earlier")).status_code == 404
    page = seen(client, path)
    assert page.count(f'formaction="{at(path, second, "delete")}"') == 1


def test_a_move_passes_over_what_its_maker_cannot_see(member, path, things, owner):
    things[1].hide(by=owner, reason="Just so.")
    path.move(things[2], earlier=True)
    assert [step.card.title for step in paths.steps(path, member)] == ["Step number 2.", "Step number 0."]


def test_words_stand_before_a_thing(sign_in, member, path, things):
    client = sign_in(member)
    client.post(at(path, things[1], "words"), {"body": "When the first <b>shock</b>\nis over."})
    page = seen(Client(), path)
    assert "When the first &lt;b&gt;shock&lt;/b&gt;<br>is over." in page
    assert page.index("Step number 0.") < page.index("When the first") < page.index("Step number 1.")
    client.post(at(path, things[1], "words"), {"body": ""})
    assert "When the first" not in seen(Client(), path)
    assert "When the first" in Revision.objects.get().body


def test_one_thing_stands_in_many_and_once_in_each(member, other, things):
    made = [Collection.begin(user, title="Some", shared="everyone") for user in (member, other)]
    for collection in (*made, *made):
        collection.add(things[0])
    assert Place.objects.count() == 2
    page = Client().get(things[0].get_absolute_url()).content.decode()
    assert all(collection.get_absolute_url() in page for collection in made)


def test_there_is_an_end_to_it(sign_in, member, path, monkeypatch, author):
    monkeypatch.setattr("resources.models.collections.MOST_PLACES", 3)
    another = make.resource(author)
    with pytest.raises(NoRoom):
        path.add(another)
    answer = sign_in(member).post(f"{path.get_absolute_url()}places/", {"resource": another.public_id}, follow=True)
    assert f"There are {MOST_PLACES} things in it" in answer.content.decode()
    assert path.places.count() == 3


def test_there_is_an_end_to_how_many_one_begins(sign_in, member, other, monkeypatch):
    monkeypatch.setattr("resources.models.collections.MOST_COLLECTIONS", 2)
    client = sign_in(member)
    for key in ("one", "two"):
        client.post("/collections/new/", WORDS | {"title": key, "key": key})
    answer = client.post("/collections/new/", WORDS | {"title": "three", "key": "three"})
    assert answer.status_code == 200
    assert f"You have {MOST_COLLECTIONS} collections, and there is no room for more." in answer.content.decode()
    assert "For whoever just *heard*." in answer.content.decode()
    assert client.post("/collections/new/", WORDS | {"title": "two", "key": "two"}).status_code == 302, "a second press"
    Collection.begin(other, **WORDS)
    Collection.objects.get(title="one").withdraw()
    assert client.post("/collections/new/", WORDS | {"title": "three", "key": "three"}).status_code == 302
    assert Collection.objects.in_voice(member).filter(withdrawn_at=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_meet_at_one_place(member, author):
    path = Collection.begin(member, **WORDS)
    things = [make.resource(author) for _ in range(24)]

    def work(number):
        try:
            mine = Collection.objects.get()
            mine.add(things[number % 24])
            mine.move(things[number % 24], earlier=bool(number % 2))
            if number % 5 == 0:
                mine.take_out(things[number % 24])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(48)))
    positions = list(path.places.values_list("position", flat=True))
    assert len(positions) == len(set(positions))
    assert len(set(path.places.values_list("resource", flat=True))) == len(positions)


# Who sees it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shared", "guests", "members"), [("private", 404, 404), ("members", 404, 200), ("everyone", 200, 200)])
def test_it_is_seen_by_those_it_is_shared_with(sign_in, member, other, moderator, owner, path, things, shared, guests, members):
    path.edit(path.body, shared=shared)
    assert Client().get(path.get_absolute_url()).status_code == guests
    assert sign_in(member).get(path.get_absolute_url()).status_code == 200
    for somebody in (other, moderator, owner):
        client = sign_in(somebody)
        assert client.get(path.get_absolute_url()).status_code == members
        assert ("The first week" in client.get("/collections/").content.decode()) == (members == 200)
        assert ("The first week" in client.get(things[0].get_absolute_url()).content.decode()) == (members == 200)
        assert client.get(f"{path.get_absolute_url()}export.html").status_code == members
        assert client.get(f"{path.get_absolute_url()}edit/").status_code in (403, members)
    assert ("noindex" in seen(sign_in(member), path)) == (shared != "everyone")
    mine = sign_in(member).get("/collections/").content.decode()
    assert "The first week" in mine
    assert "The first week" in sign_in(member).get("/collections/mine/").content.decode()


def test_a_private_one_is_not_behind_the_scenes_either(sign_in, member, moderator, owner, path, things):
    path.edit("Now only for me.", shared="private")
    path.edit("A secret.", title="Mine alone")
    path.say_before(things[0], "Another secret.")
    path.say_before(things[0], "")
    for somebody in (moderator, owner):
        client = sign_in(somebody)
        assert client.get(f"/admin/resources/collection/{path.pk}/change/").status_code in (302, 404)
        assert "Mine alone" not in client.get("/admin/resources/collection/?q=secret").content.decode()
    path.edit("Open again.", title="The first week", shared="everyone")
    page = sign_in(moderator).get(f"/admin/resources/collection/{path.pk}/change/").content.decode()
    assert "Open again." in page
    assert "ecret" not in page


def test_places_that_a_reader_may_not_see_are_left_out_without_a_word(sign_in, member, other, author, path, things, owner):
    things[0].edit(things[0].body, audience=Audience.MEMBERS)
    guest = seen(Client(), path)
    assert "Step number 0." not in guest
    assert "Step number 1." in guest
    assert "Step number 0." in seen(sign_in(other), path)
    Block.put(author, other)
    assert "Step number" not in seen(sign_in(other), path)
    things[1].withdraw()
    assert seen(Client(), path).count('<li id="at-') == 1


def test_an_address_that_does_not_open_any_more_says_so(path, things):
    Resource.objects.filter(pk=things[0].pk).update(link_state=LinkState.BROKEN)
    assert "It does not open any more." in seen(Client(), path)


def test_blocks_and_filters_hold_for_collections(sign_in, other, member, path):
    client = sign_in(other)
    Filter.keep(other, act="hide", until=None, words="first week")
    assert "The first week" not in client.get("/collections/").content.decode()
    Filter.objects.all().delete()
    Block.put(member, other)
    assert client.get(path.get_absolute_url()).status_code == 404


def test_a_note_folds_words_and_steps(sign_in, member, path):
    path.edit(path.body, notes=[], note_words="a hard week")
    page = seen(Client(), path)
    assert "a hard week" in page
    assert page.index("<details") < page.index("For whoever just") < page.index("Step number 0.") < page.index("</details>")


def test_what_was_taken_back_or_hidden_is_gone(sign_in, member, moderator, path, things):
    path.say_before(things[0], "Between.")
    path.hide(by=moderator, reason="It went too far.")
    client = sign_in(member)
    assert Client().get(path.get_absolute_url()).status_code == 404
    assert client.get(f"{path.get_absolute_url()}edit/").status_code == 403
    assert "The first week" in client.get("/wrote/").content.decode()
    path.restore(by=moderator, reason="A misunderstanding.")
    assert "Between." in seen(Client(), path)
    assert client.post(f"{path.get_absolute_url()}withdraw/").url == "/collections/"
    assert client.get(path.get_absolute_url()).status_code == 404
    assert not Place.objects.exists()
    assert "Between." in Revision.objects.get().body


def test_nobody_else_changes_it(sign_in, other, moderator, path, things):
    for somebody in (other, moderator):
        client = sign_in(somebody)
        for url in ("edit/", "withdraw/"):
            assert client.get(f"{path.get_absolute_url()}{url}").status_code == 403
        for verb in ("earlier", "later", "delete", "words"):
            assert client.post(at(path, things[0], verb), {"body": "x"}).status_code == 403
        assert client.post(f"{path.get_absolute_url()}places/", {"resource": things[0].public_id}).status_code == 403
        assert "Take it out" not in seen(client, path)
    assert path.places.count() == 3


def test_a_guests_copy_is_made_anew_when_something_changed(path, things, member, owner):
    guest = Client()

    def is_kept(url: str, etag: str) -> bool:
        return guest.get(url, headers={"if-none-match": etag}).status_code == 304

    for change in (
        lambda: path.move(things[0], earlier=False),
        lambda: path.say_before(things[0], "Slowly."),
        lambda: make.changed(things[2], "Other words."),
        lambda: path.edit("Another body."),
        lambda: path.take_out(things[1]),
    ):
        etag = guest.get(path.get_absolute_url())["ETag"]
        assert is_kept(path.get_absolute_url(), etag)
        change()
        assert not is_kept(path.get_absolute_url(), etag)
    etag = guest.get(things[0].get_absolute_url())["ETag"]
    Collection.begin(member, title="Private", first=things[0])
    assert is_kept(things[0].get_absolute_url(), etag)


def test_it_is_taken_along_as_bookmarks_in_its_order(sign_in, other, path, things, owner):
    things[1].hide(by=owner, reason="Just so.")
    path.move(things[2], earlier=True)
    answer = sign_in(other).get(f"{path.get_absolute_url()}export.html")
    file = b"".join(answer.streaming_content)
    assert [row.entry.title for row in read(file).rows] == ["Step number 2.", "Step number 0."]
    assert "The first week" in file.decode()
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("steps", [3, 40])
def test_a_path_asks_no_more_for_a_long_one(django_assert_max_num_queries, sign_in, member, other, author, steps):
    path = Collection.begin(other, **WORDS)
    for _ in range(steps):
        path.add(make.resource(author, country="GB"))
    client = sign_in(member)
    client.get(path.get_absolute_url())
    with django_assert_max_num_queries(12):
        page = seen(client, path)
    assert len(re.findall('<li id="at-', page)) == steps
