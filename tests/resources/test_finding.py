"""Finding something in the library: page by page, what fits best first, and by nobody who may not see it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from community.care.models import Country
from community.contributions.filters import Filter
from community.members.models import Block
from community.tags import applying
from community.tags.models import Unmet
from resources.models import Audience, Resource
from tests import make
from tests.resources.looking import FOUND, found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", ["", "sleep", "slepe", "quiet sleep"])
def test_nobody_finds_what_they_may_not_see(member, sign_in, words):
    librarian, moderator, blocked = make.user(role="librarian"), make.user(role="moderator"), make.user()
    applying.resolve(["sleep"], accept=True)
    Block.put(member, blocked)
    Filter.keep(member, act="hide", until=None, words="lighthouse")
    tagged = {"tags": ["sleep"], "by": librarian}
    make.resource(title="Quiet sleep", **tagged)
    make.resource(title="Quiet sleep for members", audience=Audience.MEMBERS, **tagged)
    make.resource(blocked, title="Quiet sleep across a block", **tagged)
    make.resource(title="Quiet sleep by the lighthouse", **tagged)
    make.resource(title="Quiet sleep, waiting", publish=False, tags=["sleep"])
    make.resource(title="Quiet sleep, refused", publish=False, tags=["sleep"]).refuse(by=librarian, reason="No.")
    make.resource(title="Quiet sleep, hidden", **tagged).hide(by=moderator, reason="To look at it.")
    make.resource(title="Quiet sleep, taken back", **tagged).withdraw()
    open_to_all = {"Quiet sleep", "Quiet sleep across a block", "Quiet sleep by the lighthouse"}
    assert set(found(Client(), q=words)) == open_to_all
    assert set(found(sign_in(member), q=words)) == {"Quiet sleep", "Quiet sleep for members"}
    assert set(found(sign_in(member), tag="sleep")) == {"Quiet sleep", "Quiet sleep for members"}


def test_what_fits_best_comes_first():
    make.resource(title="Kettles", body="A word about tea, and many more about kettles and their whistles.")
    make.resource(title="Tea", body="All of it.")
    make.resource(title="Saucers", body="Sometimes there is tea in them.")
    assert found(Client(), q="tea")[0] == "Tea"


@pytest.mark.parametrize("asked", [{"kind": "article"}, {"q": "sleep"}])
def test_pages_hold_everything_once(asked):
    titles = {make.resource(title=f"Sleep, part {n}").title for n in range(45)}
    client, url, met = Client(), "/resources/", []
    answer = client.get(url, asked)
    for _page in range(3):
        html = answer.content.decode()
        met += FOUND.findall(html)
        onward = re.search(r'href="(\?[^"]+)" rel="next"', html)
        if onward:
            assert all(f"{name}={value}" in onward[1] for name, value in asked.items())
            answer = client.get(url + onward[1].replace("&amp;", "&"))
    assert len(met) == 45
    assert set(met) == titles


def test_a_guests_copy_is_good_until_something_changes(moderator):
    made = make.resource(title="Sleep well")
    for url in ("/resources/", "/resources/?q=sleep", "/resources/?kind=article"):
        first = Client().get(url)
        kept = {"if-none-match": first["ETag"]}
        assert Client().get(url, headers=kept).status_code == 304
        made.hide(by=moderator, reason="To look at it.")
        again = Client().get(url, headers=kept)
        assert again.status_code == 200
        assert "Sleep well" not in again.content.decode()
        made.restore(by=moderator, reason="It is fine.")
        made.refresh_from_db()


def test_a_guests_copy_of_the_whole_library_knows_what_is_new_there_and_nothing_else():
    for n in range(22):
        make.resource(title=f"Sleep, part {n}")
    guest = Client()
    second = re.search(r'href="(\?[^"]+)" rel="next"', guest.get("/resources/").content.decode())[1]
    for url in ("/resources/", f"/resources/{second}"):
        etag = guest.get(url)["ETag"]
        make.resource(title="For members", audience=Audience.MEMBERS)
        assert guest.get(url, headers={"if-none-match": etag}).status_code == 304
        Country.objects.create(code="QX" if "from" in url else "QY", name="Somewhere")
        assert guest.get(url, headers={"if-none-match": etag}).status_code == 200
    etag = guest.get("/resources/")["ETag"]
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        make.resource(title="Quite new")
    assert "Quite new" in guest.get("/resources/", headers={"if-none-match": etag}).content.decode()


def test_only_a_tag_with_nothing_under_it_is_counted_as_missed(member, sign_in):
    empty = applying.resolve(["lanterns"], accept=True)[0]
    make.resource(tags=["sleep"])
    applying.resolve(["sleep"], accept=True)
    client = sign_in(member)
    found(Client(), q="lanterns")
    found(client, q="lanterns and sleep")
    found(client, q="lanterns", kind="book")
    found(client, q="sleep")
    assert not Unmet.objects.exists()
    assert "Bring something" in client.get("/resources/?q=lanterns").content.decode()
    found(client, tag="lanterns")
    assert [mark.tag for mark in Unmet.objects.all()] == [empty]


def test_a_duplicate_is_looked_up_by_its_key():
    made = make.resource()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, values = Resource.objects.holding(made.address_key).query.sql_with_params()
        cursor.execute("EXPLAIN " + sql, values)
        assert "one_resource_per_address" in "\n".join(line for (line,) in cursor.fetchall())
        sql, values = Resource.objects.holding("doi:10.1000/182", "isbn:9780306406157").query.sql_with_params()
        cursor.execute("EXPLAIN " + sql, values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        assert all(name in plan for name in ("one_resource_per_address", "resource_by_isbn", "resource_by_doi"))
