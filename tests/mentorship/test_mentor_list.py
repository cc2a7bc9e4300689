"""Finding a mentor in the list, on their page and under a tag: who is there for whom, in which order, and what of them shows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from community.contributions.filters import query_of
from community.contributions.models import Filter
from community.members.models import Block
from community.moderation.models import Report
from community.tags import applying
from community.tags.models import Tag, Unmet
from mentorship import listing
from mentorship.fields import bits
from mentorship.models import Help, Match, Mentor
from mentorship.renewing import renew_mentor
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/mentorship/mentors/"


def page(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def guide(handle, *tags, **fields) -> Mentor:
    mentor = make.mentor(make.user(handle), **fields)
    applying.apply(mentor, tags, accept=True)
    renew_mentor(mentor)
    return mentor


def listed(client, address=LIST) -> list[str]:
    return re.findall(r'row-title"><a href="/mentorship/mentors/[^"]*"><bdi>([^<]*)</bdi>', client.get(address).content.decode())


@pytest.fixture
def client(sign_in, member):
    return sign_in(member)


# Who is in the list ------------------------------------------------------------------------------


def test_guests_see_no_mentor_and_no_list(db):
    mentor = guide("teasel")
    for address in (LIST, mentor.get_absolute_url(), "/mentorship/apply/"):
        assert Client().get(address).status_code == 302
    assert Client().get(f"/report/mentor/{mentor.public_id}/").status_code == 404


def test_list_holds_those_with_a_place_and_nobody_else(client, member, other, moderator):
    guide("teasel")
    full = guide("larch")
    make.match(other, full)
    guide("alder").pause()
    guide("rowan").stand_down()
    guide("hazel").end_approval(by=moderator, reason="They asked for numbers.")
    lapsed = guide("elder")
    Mentor.objects.filter(pk=lapsed.pk).update(approved_until=timezone.localdate() - timedelta(days=1))
    Mentor.objects.create(user=make.user("sallow"), applied_at=timezone.now(), story="Not looked at yet.")
    gone = guide("aspen")
    gone.user.is_active = False
    gone.user.save()
    assert listed(client) == ["teasel"]


def test_a_block_either_way_and_a_filter_leave_mentors_out(client, member):
    apart, shy, folded = guide("teasel"), guide("larch"), guide("alder")
    Block.put(member, apart.user)
    Block.put(shy.user, member)
    Filter.keep(member, act="hide", until=None, person=folded.user)
    assert listed(client) == []
    for mentor in (apart, shy):
        assert client.get(mentor.get_absolute_url()).status_code == 404


def test_words_that_somebody_filters_are_folded(client, member):
    mentor = guide("teasel", story="It was about a xylophone, for years.", limits="No xylophone at night.")
    Filter.objects.create(user=member, act="fold", words="xylophone", query=query_of("xylophone"))
    assert "xylophone" not in page(client.get(LIST)) and "Folded, as you asked" in page(client.get(LIST))
    words = page(client.get(mentor.get_absolute_url()))
    assert words.count("xylophone") == 1 and "<details" in words


def test_order_is_another_one_each_day_and_the_same_all_day(client, member):
    for number in range(8):
        guide(f"mentor{number}")
    days = []
    for day in range(6):
        with time_machine.travel(datetime(2026, 11, 2 + day, 9, tzinfo=UTC), tick=False):
            Mentor.objects.update(approved_until=datetime(2027, 1, 1).date())
            morning = list(Mentor.objects.listed_for(member).values_list("pk", flat=True))
        with time_machine.travel(datetime(2026, 11, 2 + day, 20, tzinfo=UTC), tick=False):
            assert list(Mentor.objects.listed_for(member).values_list("pk", flat=True)) == morning
        days.append(morning)
    assert len({tuple(day) for day in days}) > 3 and len({day[0] for day in days}) > 1


def test_nobody_stands_there_a_day_longer_than_they_are_approved(client, member):
    address, suggestions = guide("teasel").get_absolute_url(), "/mentorship/request/mentors/"
    make.request(member)
    Mentor.objects.update(approved_until=timezone.localdate())
    for each in (LIST, address, suggestions):
        assert "teasel" in page(client.get(each))
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert listed(client) == []
        assert client.get(address).status_code == 404
        assert "teasel" not in page(client.get(suggestions))


def test_pages_show_everybody_once_also_over_midnight(client, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 3)
    names = {guide(f"mentor{number}").user.username for number in range(8)}
    seen, address = [], LIST
    while address:
        words = client.get(address).content.decode()
        seen += re.findall(r'row-title"><a href="/mentorship/mentors/[^"]*"><bdi>([^<]*)', words)
        onwards = re.search(r'href="(\?[^"]*)" rel="next"', words)
        address = f"{LIST}{onwards[1]}" if onwards else ""
    assert sorted(seen) == sorted(names) and len(seen) == len(names)


@pytest.mark.parametrize("cursor", ["x", "20261125", "99999999-" + "a" * 32, "20261125-" + "g" * 32])
def test_cursor_that_is_none_leads_nowhere(client, cursor):
    assert client.get(LIST, {"from": cursor}).status_code == 404


def test_cursor_of_another_day_begins_anew(client):
    guide("teasel")
    assert listed(client, f"{LIST}?from=20200101-{'f' * 32}") == ["teasel"]


def test_choosing_by_tag_help_and_language(client):
    listening = Help.objects.first()
    one = guide("teasel", "sleep", languages=["de"])
    one.helps.add(listening)
    guide("larch", "caring")
    assert listed(client, f"{LIST}?tag=Sleep") == ["teasel"]
    assert listed(client, f"{LIST}?help={listening.pk}") == ["teasel"]
    assert listed(client, f"{LIST}?language=de") == ["teasel"]
    assert listed(client, f"{LIST}?language=de&tag=caring") == []
    assert "Nobody with a place fits that" in page(client.get(f"{LIST}?tag=nothing+like+it"))


@pytest.mark.parametrize(
    "query", ["help=-1", "help=99999999999", "help=x", "language=klingon", "tag=%00", "tag=" + "x" * 500, "help=1&help=2"]
)
def test_senseless_wishes_break_nothing(client, query):
    guide("teasel")
    assert client.get(f"{LIST}?{query}").status_code == 200


def test_nobody_is_counted_and_no_address_shows(client):
    mentor = guide("teasel", "sleep", capacity=7)
    for _ in range(2):
        make.match(make.user(), mentor)
        mentor.refresh_from_db()
    for address in (LIST, mentor.get_absolute_url()):
        words = re.sub(r"<(head|header class=\"lintel|script|svg)[\s\S]*?</\1>", "", client.get(address).content.decode())
        main = words[words.index("<main") : words.index("</main>")]
        text = re.sub(r"<[^>]*>", " ", main)
        assert not re.search(r"\d", text), text
        assert "@example.org" not in words


# What of a mentor shows ----------------------------------------------------------------------------


def test_page_tells_what_they_let_others_know(client, member):
    listening = Help.objects.first()
    mentor = guide("teasel", "sleep", offers="A few lines a week.", limits="No calls.", languages=["de", "en"])
    mentor.helps.add(listening)
    mentor.set_not_about(applying.resolve(["money"], accept=True))
    words = page(client.get(mentor.get_absolute_url()))
    for told in (
        "been through",
        "A few lines a week.",
        "No calls.",
        "money",
        "Deutsch",
        listening.name,
        'href="/tags/sleep/"',
        "every day",
    ):
        assert told in words, told
    Mentor.objects.filter(pk=mentor.pk).update(shares=["language"])
    words = page(client.get(mentor.get_absolute_url()))
    for kept in (listening.name, 'href="/tags/sleep/"', "every day"):
        assert kept not in words, kept
    assert listed(client, f"{LIST}?tag=sleep") == [] and listed(client, f"{LIST}?help={listening.pk}") == []
    assert 'href="/tags/sleep/"' not in page(client.get(LIST))


def test_wishes_and_gender_show_nowhere(client):
    mentor = guide("teasel", gender="woman", wished_gender="other")
    assert not re.search(r"woman|Neither of these", page(client.get(mentor.get_absolute_url())) + page(client.get(LIST)))


def test_times_are_told_by_the_readers_clock(sign_in):
    monday_evening = bits(range(18, 22), 168)
    mentor = guide("teasel", hours=monday_evening)
    near, far = make.user(time_zone="UTC"), make.user(time_zone="Pacific/Auckland")
    with time_machine.travel(datetime(2026, 7, 1, tzinfo=UTC), tick=False):
        Mentor.objects.update(approved_until=datetime(2027, 1, 1).date())
        assert "Evening: Monday" in page(sign_in(near).get(mentor.get_absolute_url()))
        assert "Tuesday" in page(sign_in(far).get(mentor.get_absolute_url()))


def test_way_to_ask_depends_on_where_one_stands(client, member):
    mentor = guide("teasel")
    assert 'href="/mentorship/request/new/"' in page(client.get(mentor.get_absolute_url()))
    search = make.request(member)
    assert f"/mentorship/request/mentors/{mentor.public_id}/ask/" in page(client.get(mentor.get_absolute_url()))
    match = Match.ask(search, mentor)
    words = page(client.get(mentor.get_absolute_url()))
    assert match.get_absolute_url() in words and "/ask/" not in words


def test_own_page_offers_to_change_it(sign_in):
    mentor = guide("teasel")
    words = page(sign_in(mentor.user).get(mentor.get_absolute_url()))
    assert "This is you" in words and "/ask/" not in words
    assert sign_in(mentor.user).get(f"/report/mentor/{mentor.public_id}/").status_code == 403


def test_testimonial_shows_only_when_the_mentor_chose_it(client, other):
    mentor = guide("teasel")
    match = make.match(other, mentor)
    match.end(ending="planned")
    Match.objects.filter(pk=match.pk).update(testimonial="They listened.")
    assert "They listened." not in page(client.get(mentor.get_absolute_url()))
    Match.objects.filter(pk=match.pk).update(testimonial_shown_at=timezone.now())
    words = page(client.get(mentor.get_absolute_url()))
    assert "They listened." in words and other.username not in words


def test_something_wrong_can_be_told(client, member):
    mentor = guide("teasel")
    where = f"/report/mentor/{mentor.public_id}/"
    assert client.get(where).status_code == 200
    client.post(where, {"reason": "selling", "body": "They sell something."})
    report = Report.objects.get()
    assert report.target == mentor and report.kept["title"] == "teasel" and "a* winter" in report.kept["body"]
    assert client.get(where).url == report.get_absolute_url()


# Under tags ------------------------------------------------------------------------------------------


def test_mentors_stand_under_their_tags_beside_the_rest(client, member):
    guide("teasel", "sleep")
    words = page(client.get("/tags/sleep/"))
    assert "teasel" in words and "Mentors" in words
    assert "teasel" not in page(Client().get("/tags/sleep/"))
    assert client.get("/tags/sleep/?kind=mentor").url == "/mentorship/mentors/?tag=sleep"


def test_a_mentor_is_not_under_tags_while_resting_or_if_they_keep_it_to_themselves(client):
    guide("teasel", "sleep").pause()
    Mentor.objects.filter(pk=guide("larch", "sleep").pk).update(shares=["hours"])
    words = page(client.get("/tags/sleep/"))
    assert "teasel" not in words and "larch" not in words


def test_own_application_stands_under_no_tag(client, member):
    mentor = Mentor.objects.create(user=member, story="Soon.")
    applying.apply(mentor, ["sleep"], accept=True)
    assert "There is nothing under this that you can see" in page(client.get("/tags/sleep/"))


def test_many_mentors_under_a_tag_lead_to_the_list(client):
    for number in range(11):
        guide(f"mentor{number}", "sleep")
    assert "/mentorship/mentors/?tag=sleep" in page(client.get("/tags/sleep/"))


def test_searches_stand_and_count_nowhere_under_tags(sign_in, member, owner):
    search = make.request(make.user("teasel"))
    applying.apply(search, ["sleep"], accept=True)
    tag, other = Tag.objects.get(slug="sleep"), applying.resolve(["nights"], accept=True)[0]
    assert "There is nothing under this that you can see" in page(sign_in(member).get("/tags/sleep/"))
    assert sign_in(member).get("/tags/sleep/?kind=request").status_code == 404
    behind = sign_in(owner)
    for address in (f"/admin/tags/tag/{tag.pk}/change/", f"/admin/tags/tag/{tag.pk}/do/merge/"):
        assert not re.search(r"\d+ (requests?|searches) for", page(behind.get(address)))
    # What was looked for in vain is as much in vain after a merge, whoever looks for a mentor with it.
    assert Unmet.objects.filter(tag=tag).count() == 1
    other.merge(into=tag, by=owner, reason="They are one.")
    assert Unmet.objects.filter(tag=tag).count() == 1


def test_mentors_are_not_counted_behind_the_tags(sign_in, owner):
    guide("teasel", "sleep")
    tag = Tag.objects.get(slug="sleep")
    assert not re.search(r"\d+ mentor", page(sign_in(owner).get(f"/admin/tags/tag/{tag.pk}/change/")))


def test_list_costs_the_same_for_many(client, django_assert_max_num_queries):
    for number in range(12):
        guide(f"mentor{number}", "sleep").helps.set(Help.objects.all()[:3])
    with django_assert_max_num_queries(7):
        client.get(LIST)
