"""Whether addresses still open: looked at slowly, in the worker, and said to be broken only after days."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

import resources
from community.audit.models import Entry
from community.notifications.models import Notification
from resources import looking
from resources.models import Fault, LinkState, Resource
from resources.tasks import look
from tests import make
from tests.resources.world import World, line_to, said, serving

pytestmark = pytest.mark.django_db

QUEUE = "/admin/resources/resource/"
GONE = said("404 Not Found")
PAGE = "quiet-evenings.net/page"


@pytest.fixture
def world():
    """What the sites of the world answer, on a machine of our own."""
    told = World()
    with serving(told.answer) as server:
        told.line = line_to(server)
        yield told


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        yield clock


@pytest.fixture
def librarian(db):
    return make.user("larkspur", role="librarian")


def made(address: str = PAGE, **fields) -> Resource:
    return make.resource(address=f"http://{address}", **fields)


def now(resource: Resource) -> Resource:
    resource.refresh_from_db()
    return resource


def turn(world: World, clock, **after: float) -> None:
    """Let time go by, then let the worker have a look."""
    clock.shift(timedelta(**after))
    looking.look_at_due(line=world.line)


def break_(world: World, clock, resource: Resource) -> Resource:
    """It stays gone until the library says so. Something else answers meanwhile."""
    world.pages[resource.address.partition("://")[2]] = GONE
    for after in ({"minutes": 2}, {"hours": 1}, {"days": 1}, {"days": 3}):
        turn(world, clock, **after)
    return now(resource)


def do(client: Client, resource: Resource, verb: str, **fields: str):
    return client.post(f"{QUEUE}{resource.pk}/do/{verb}/", fields, follow=True)


def text_of(response) -> str:
    return response.content.decode()


# States -----------------------------------------------------------------------------------------------------------------


def test_what_opens_is_fine_and_looked_at_again_in_a_month(world, clock):
    page = made()
    turn(world, clock)
    assert (now(page).link_state, page.looked_at) == (LinkState.FINE, timezone.now())
    turn(world, clock, days=29)
    assert world.asked[PAGE] == 1
    turn(world, clock, days=1)
    assert world.asked[PAGE] == 2


def test_what_does_not_open_is_broken_only_after_days(world, clock, librarian):
    page = made()
    page.keep(keeper=librarian, review_by=None, by=librarian)
    world.pages[PAGE] = GONE
    states = []
    for after in ({}, {"minutes": 59}, {"minutes": 1}, {"hours": 23}, {"hours": 1}, {"days": 2, "hours": 23}, {"hours": 1}):
        turn(world, clock, **after)
        states.append((now(page).link_state, page.failures))
    failing, broken = LinkState.FAILING, LinkState.BROKEN
    assert states == [(failing, 1), (failing, 1), (failing, 2), (failing, 2), (failing, 3), (failing, 3), (broken, 4)]
    assert page.fault == Fault.GONE
    assert Notification.objects.filter(recipient=librarian, kind="resources.resource_broke").count() == 1


def test_what_opens_again_is_fine_again(world, clock):
    page = break_(world, clock, made())
    assert page.link_state == LinkState.BROKEN
    del world.pages[PAGE]
    turn(world, clock, days=30)
    assert (now(page).link_state, page.failures, page.failing_since, page.fault) == (LinkState.FINE, 0, None, "")


def test_its_keeper_hears_once_that_it_broke(world, clock, sign_in, librarian):
    page = made(title="The kettle book")
    page.keep(keeper=librarian, review_by=None, by=librarian)
    break_(world, clock, page)
    for _month in range(3):
        turn(world, clock, days=30)
    news = text_of(sign_in(librarian).get("/inbox/"))
    assert news.count("“<bdi>The kettle book</bdi>”, which you look after, does not open any more.") == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [("401 Unauthorized", LinkState.LOCKED), ("403 Forbidden", LinkState.LOCKED), ("302 Found", LinkState.LOCKED)],
)
def test_what_is_behind_a_sign_in_is_not_broken(world, clock, answer, state):
    page = made()
    world.pages[PAGE] = said(answer, Location="/login")
    turn(world, clock)
    assert (now(page).link_state, page.failures) == (state, 0)
    turn(world, clock, days=29)
    assert world.asked[PAGE] <= 2


def test_a_busy_site_is_asked_again_tomorrow_and_nothing_is_said_of_it(world, clock):
    page = made()
    world.pages[PAGE] = said("429 Too Many Requests")
    for _day in range(7):
        turn(world, clock, days=1)
    assert (now(page).link_state, page.failures, world.asked[PAGE]) == (LinkState.UNSEEN, 0, 7)


def test_silence_is_ours_until_somebody_else_answered(world, clock):
    page, answering = made("silent-house.net/"), made("other-house.net/")
    dead = world.line._replace(connect=lambda number, port, seconds: (_ for _ in ()).throw(TimeoutError()))
    for after in ({}, {"hours": 1}, {"days": 1}, {"days": 3}, {"days": 3}):
        clock.shift(timedelta(**after))
        looking.look_at_due(line=dead)
    assert now(page).link_state == now(answering).link_state == LinkState.FAILING
    looking.note(answering.pk, answering.address, looking.fetching.Answer(LinkState.FINE, None, 200))
    clock.shift(timedelta(days=3))
    looking.look_at_due(line=dead)
    assert now(page).link_state == LinkState.BROKEN


# Slowly -----------------------------------------------------------------------------------------------------------------


def test_a_site_is_asked_once_a_minute(world, clock):
    for number in range(6):
        made(f"{'www.' * (number % 2)}one-site.net/{number}")
    other = made("other-site.net/")
    for minute in range(6):
        turn(world, clock, minutes=1)
        looking.look_at_due(line=world.line)
        turn(world, clock, seconds=30)
        clock.shift(timedelta(seconds=-30))
        assert sum(world.asked[each] for each in world.asked if "one-site" in each) == minute + 1
    assert now(other).link_state == LinkState.FINE


def test_few_are_asked_in_a_minute_and_all_in_the_end(world, clock):
    pages = [made(f"site-{number}.net/") for number in range(10)]
    counts = []
    for _minute in range(4):
        turn(world, clock, minutes=1)
        looking.look_at_due(line=world.line)
        counts.append(sum(world.asked.values()))
    assert counts == [4, 8, 10, 10]
    assert all(now(page).link_state == LinkState.FINE for page in pages)


def test_many_of_one_site_keep_nobody_else_waiting(world, clock):
    user, by = make.user(), make.user(role="librarian")
    for number in range(looking.WINDOW + 5):
        made(f"one-site.net/{number}", author=user, by=by)
    other = made("other-site.net/", author=user, by=by)
    for _turn in range(2):
        turn(world, clock, minutes=1)
    assert now(other).link_state == LinkState.FINE


def test_what_was_taken_and_left_is_taken_again_after_an_hour(world, clock):
    page = made()
    assert looking.take() == [(page.pk, page.address)]
    turn(world, clock, minutes=59)
    assert world.asked[PAGE] == 0
    turn(world, clock, minutes=1)
    assert now(page).link_state == LinkState.FINE


def test_where_sites_are_slow_the_rest_waits_for_the_next_turn(world, clock, monkeypatch):
    monkeypatch.setattr(looking, "LONGEST_TURN", 0)
    page = made()
    turn(world, clock)
    assert (now(page).looked_at, page.look_next_at) == (None, timezone.now())


def test_what_was_changed_meanwhile_is_not_noted(world, clock):
    page = made()
    ((pk, address),) = looking.take()
    Resource.objects.filter(pk=pk).update(address="http://quiet-evenings.net/another")
    looking.note(pk, address, looking.fetching.Answer(LinkState.FAILING, Fault.GONE, 404))
    assert now(page).link_state == LinkState.UNSEEN


def test_the_due_ones_are_found_by_their_index(world, django_assert_max_num_queries, clock):
    made()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = Resource.objects.to_look_at()[:10].explain()
    assert "resource_to_look_at" in plan
    assert "Sort" not in plan
    with django_assert_max_num_queries(12):
        looking.look_at_due(line=world.line)


# What is never asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["example.org", "www.example.com", "shelf.example", "shelf.test", "shelf.example.net"])
def test_names_that_only_stand_for_others_are_never_asked(world, clock, host):
    page = made()
    Resource.objects.filter(pk=page.pk).update(address=f"https://{host}/page")
    turn(world, clock)
    assert sum(world.asked.values()) == 0
    assert (now(page).link_state, page.look_next_at) == (LinkState.UNSEEN, None)


def test_what_waits_was_refused_hidden_or_taken_back_is_not_asked(world, clock, moderator, librarian):
    made("a-house.net/", publish=False)
    made("b-house.net/").refuse(by=librarian, reason="Not for us.")
    made("c-house.net/").hide(by=moderator, reason="Not for us.")
    made("d-house.net/").withdraw()
    turn(world, clock, days=1)
    assert sum(world.asked.values()) == 0


def test_no_page_asks_anything(world, clock, sign_in, librarian):
    page = made()
    client = sign_in(librarian)
    for url in (page.get_absolute_url(), "/resources/", QUEUE, f"{QUEUE}{page.pk}/change/", f"/report/resource/{page.public_id}/"):
        assert client.get(url).status_code == 200
    do(client, page, "look_again")
    assert now(page).looked_at is None
    assert sum(world.asked.values()) == 0


def test_only_the_task_leads_to_the_network():
    """What answers pages cannot even get at it."""
    rooms = Path(resources.__file__).parent
    importing = {"fetching": {"looking.py"}, "looking": {"tasks.py"}}
    for name, allowed in importing.items():
        asks = re.compile(rf"^\s*(?:from|import)\b.*\b{name}\b", re.MULTILINE)
        assert {path.name for path in rooms.rglob("*.py") if asks.search(path.read_text())} == allowed


def test_the_task_does_nothing_where_nothing_is_due():
    look(0)


# What people see and do -------------------------------------------------------------------------------------------------


def test_a_page_says_what_was_found_as_soon_as_it_is_known(world, clock):
    page = made(archive="http://kept-copies.net/x")
    etag = Client().get(page.get_absolute_url())["ETag"]
    break_(world, clock, page)
    again = Client().get(page.get_absolute_url(), headers={"if-none-match": etag})
    assert again.status_code == 200
    assert "It does not open any more, as of" in text_of(again)
    assert re.search(r'button-main" href="http://kept-copies.net/x"[^>]*>Open the kept copy<', text_of(again))


def test_what_nobody_sees_leaves_kept_pages_as_they_are(world, clock):
    page = made()
    turn(world, clock)
    version = now(page).version
    turn(world, clock, days=30)
    assert now(page).version == version


def test_where_it_moved_is_used_by_a_librarian_with_a_press(world, clock, sign_in, librarian):
    page = made(title="The kettle book", archive="https://kept-copies.net/x")
    world.pages[PAGE] = said("301 Moved", Location="http://new-evenings.net/page?utm_source=old")
    turn(world, clock)
    assert (now(page).link_state, page.moved_to) == (LinkState.MOVED, "http://new-evenings.net/page")
    assert "It has moved" in text_of(Client().get(page.get_absolute_url()))
    client = sign_in(librarian)
    assert "The kettle book" in text_of(client.get(f"{QUEUE}?shelf=moved"))
    assert "Use the new address" in text_of(client.get(f"{QUEUE}{page.pk}/change/"))
    assert client.get(f"{QUEUE}{page.pk}/do/readdress/").status_code == 200
    do(client, page, "readdress")
    assert (now(page).address, page.address_key) == ("http://new-evenings.net/page", "new-evenings.net/page")
    assert (page.link_state, page.moved_to, page.archive) == (LinkState.UNSEEN, "", "https://kept-copies.net/x")
    assert Entry.objects.filter(action="resources.resource_readdressed").count() == 1
    turn(world, clock, minutes=2)
    assert now(page).link_state == LinkState.FINE


def test_the_new_address_of_one_that_is_there_already_is_not_taken_twice(world, clock, sign_in, librarian):
    page, there = made(), made("new-evenings.net/page")
    world.pages[PAGE] = said("301 Moved", Location="http://www.new-evenings.net/page/")
    turn(world, clock)
    assert now(page).link_state == LinkState.MOVED
    refused = do(sign_in(librarian), page, "readdress")
    assert refused.status_code == 403
    assert "Something else in the library has this address already." in text_of(refused)
    assert now(page).address == f"http://{PAGE}"
    assert now(there).address == "http://new-evenings.net/page"


@pytest.mark.parametrize("location", ["http://www.quiet-evenings.net/page/", "http://quiet-evenings.net/page?utm_source=x"])
def test_another_spelling_is_no_move(world, clock, location):
    page = made()
    world.pages[PAGE] = said("301 Moved", Location=location)
    turn(world, clock)
    assert now(page).moved_to == ""
    assert page.link_state in (LinkState.FINE, LinkState.UNSEEN)


def test_librarians_say_that_nobody_looks_and_that_somebody_looks_again(world, clock, sign_in, librarian):
    page = break_(world, clock, made(title="The kettle book"))
    client = sign_in(librarian)
    do(client, page, "leave_alone", reason="It opens for people, and not for us.")
    assert (now(page).link_state, page.look_next_at) == (LinkState.UNSEEN, None)
    assert "does not open" not in text_of(Client().get(page.get_absolute_url())).lower().replace("does this not open", "")
    assert "The kettle book" in text_of(client.get(f"{QUEUE}?shelf=left-alone"))
    assert "It is not looked at any more." in text_of(client.get(f"{QUEUE}{page.pk}/change/"))
    before = world.asked[PAGE]
    turn(world, clock, days=60)
    assert world.asked[PAGE] == before
    do(sign_in(librarian), page, "look_again")
    del world.pages[PAGE]
    turn(world, clock, minutes=1)
    assert now(page).link_state == LinkState.FINE


def test_a_librarian_who_knows_better_corrects_an_address(world, clock, sign_in, librarian):
    page, there = break_(world, clock, made()), made("new-evenings.net/page")
    client = sign_in(librarian)
    assert "look like the address" in text_of(do(client, page, "correct_address", address="somewhere"))
    assert do(client, page, "correct_address", address=there.address).status_code == 403
    do(client, page, "correct_address", address="http://late-evenings.net/page?utm_source=x")
    assert (now(page).address, page.link_state) == ("http://late-evenings.net/page", LinkState.UNSEEN)
    turn(world, clock, minutes=2)
    assert now(page).link_state == LinkState.FINE


def test_a_librarian_says_where_a_copy_is_kept(sign_in, librarian):
    page, client = made(), sign_in(librarian)
    assert "look like the address" in text_of(do(client, page, "keep_copy", archive="a copy"))
    do(client, page, "keep_copy", archive="https://kept-copies.net/x?utm_source=y")
    assert now(page).archive == "https://kept-copies.net/x"
    assert "A kept copy" in text_of(Client().get(page.get_absolute_url()))
    do(client, page, "keep_copy", archive="")
    assert now(page).archive == ""


@pytest.mark.parametrize("verb", ["readdress", "correct_address", "keep_copy", "look_again", "leave_alone"])
def test_only_those_who_look_after_the_library_change_addresses(sign_in, moderator, member, verb):
    page = made()
    Resource.objects.filter(pk=page.pk).update(moved_to="http://new-evenings.net/", look_next_at=None)
    fields = {"reason": "It is a good reason.", "archive": "https://kept-copies.net/x", "address": "http://x-evenings.net/"}
    assert do(sign_in(moderator), page, verb, **fields).status_code == 403
    assert do(sign_in(member), page, verb, **fields).status_code == 404
    assert (now(page).address, page.archive, page.unchecked_at) == (f"http://{PAGE}", "", None)


def test_librarians_read_what_was_the_matter(world, clock, sign_in, librarian):
    page = break_(world, clock, made())
    shown = text_of(sign_in(librarian).get(f"{QUEUE}{page.pk}/change/"))
    assert "Does not open any more · The site says that there is no such page." in shown


def test_a_reader_who_finds_it_closed_tells_with_a_press(sign_in, member):
    page = made()
    client = sign_in(member)
    link = f"/report/resource/{page.public_id}/?reason=stale"
    assert f'href="{link}"' in text_of(client.get(page.get_absolute_url()))
    assert f'href="{link}"' in text_of(Client().get(page.get_absolute_url()))
    assert re.search(r'<input[^>]*value="stale"[^>]*checked', text_of(client.get(link)))
    assert "checked" not in text_of(client.get(f"/report/resource/{page.public_id}/?reason=nonsense"))
