"""The queue on the admin's front page: what waits, in which order, and deciding without leaving it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Note
from community.decisions.models import Decision
from community.identity.seal import speak_as
from community.moderation.models import Claim, DeskSettings, Duty, Report
from community.moderation.queue import Queue
from tests import make
from tests.test_queries import asked_in

pytestmark = pytest.mark.django_db

REASON = "Please leave out the name of the clinic."
SEVERE = "I have counted the tablets twice"


def text_of(response) -> str:
    return response.content.decode()


def keys(page: str) -> list[str]:
    """What stands in the list, in its order."""
    return re.findall(r'<li[^>]*><a href="/admin/desk/([a-z]+-\d+)/"', page)


def report(thing=None, by=None, reason: str = "rule", **fields) -> Report:
    Report.put(thing or make.reply(), by=by or make.user(), reason=reason, **fields)
    return Report.objects.latest("pk")


def waits(client: Client) -> list[str]:
    return keys(text_of(client.get("/admin/")))


def theme(name: str = "self-harm") -> Note:
    return Note.objects.get_or_create(name=name)[0]


def settings_of(**values) -> None:
    DeskSettings.objects.update_or_create(pk=1, defaults=values)


@pytest.fixture
def desk(sign_in, moderator) -> Client:
    return sign_in(moderator)


# What waits -----------------------------------------------------------------------------


def test_the_front_page_is_the_queue_worst_first_then_oldest(desk):
    with time_machine.travel(timezone.now() - timedelta(days=2), tick=False):
        old = report(reason="other")
    new, worried = report(reason="other"), report(reason="worried")
    assert waits(desk) == [f"report-{made.pk}" for made in (worried, old, new)]


def test_what_does_harm_comes_before_private_details_and_those_are_urgent_and_not_heavy(desk, moderator):
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        private, rule = report(reason="private"), report(reason="rule")
    harmful, illegal, worried = (report(reason=reason) for reason in ("harmful", "illegal", "worried"))
    both = report(make.reply(), reason="private")
    report(both.target, reason="harmful")
    assert waits(desk) == [f"report-{made.pk}" for made in (worried, harmful, illegal, both, private, rule)]
    heavy = {item.pk for item in Queue(moderator).everything if item.is_severe}
    assert heavy == {made.pk for made in (worried, harmful, illegal, both)}


def test_several_reports_of_one_thing_are_one_thing_to_look_at(desk):
    reply = make.reply()
    first, _second = report(reply), report(reply, reason="worried")
    page = text_of(desk.get("/admin/"))
    assert keys(page) == [f"report-{first.pk}"]
    assert "2 people say so" in page
    assert "Somebody may be in danger" in page


def test_it_brings_together_what_every_room_has_waiting(sign_in, owner):
    report()
    waiting = make.resource(publish=False)
    mentor = make.mentor(make.user())
    type(mentor).objects.filter(pk=mentor.pk).update(approved_at=None, approved_until=None)
    found = {key.partition("-")[0] for key in waits(sign_in(owner))}
    assert found == {"report", "resource", "mentor"}
    assert f"resource-{waiting.pk}" in waits(sign_in(owner))


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("moderator", {"report"}),
        ("librarian", {"resource"}),
        ("coordinator", {"mentor"}),
        ("lead", {"report", "concern"}),
        ("owner", {"report", "resource", "mentor"}),
    ],
)
def test_each_role_sees_what_it_looks_after(sign_in, role, seen):
    report()
    make.resource(publish=False)
    mentor = make.mentor()
    type(mentor).objects.filter(pk=mentor.pk).update(approved_at=None, approved_until=None)
    match = make.match()
    match.concerns.create(by=match.newcomer, words="Please look.")
    assert {key.partition("-")[0] for key in waits(sign_in(make.user("hazel", role=role)))} == seen


def test_a_librarian_sees_what_is_said_about_the_library_alone(sign_in):
    report()
    about = report(make.resource(), reason="stale")
    assert waits(sign_in(make.user("hazel", role="librarian"))) == [f"report-{about.pk}"]


def test_nobody_finds_their_own_words_or_their_own_reports_there(desk, moderator):
    topic = make.topic(make.board(anonymous_at=timezone.now()))
    moderator.is_here = True
    alias = speak_as(moderator, topic.public_id)
    own = [report(make.reply(author=moderator)), report(make.reply(topic, alias)), report(by=moderator)]
    assert waits(desk) == []
    for made in own:
        assert desk.get(f"/admin/desk/report-{made.pk}/").status_code in (302, 403)
        assert desk.post(f"/admin/desk/report-{made.pk}/claim/").status_code in (302, 403)
        assert desk.post(f"/admin/desk/report-{made.pk}/do/close/", {"reason": REASON}).status_code in (302, 403)
    assert not Claim.objects.exists()
    assert Report.objects.open().count() == 3


def test_no_word_of_a_member_and_no_reporter_stands_in_the_list(desk):
    reporter = make.user("quailhen")
    topic = make.topic(title="A heavy title", body=SEVERE)
    report(topic, by=reporter, reason="worried", words="She wrote me that, too.")
    report(make.reply(topic, body=SEVERE), reason="harmful")
    page = text_of(desk.get("/admin/"))
    assert len(keys(page)) == 2
    for words in (SEVERE, "A heavy title", "wrote me", "quailhen", topic.author.username):
        assert words not in page


def test_what_is_late_says_so(desk):
    settings_of(worried_hours=1, other_hours=72)
    with time_machine.travel(timezone.now() - timedelta(hours=5), tick=False):
        report(reason="worried")
        report(reason="other")
    page = text_of(desk.get("/admin/"))
    assert page.count("Late since") == 1
    assert "within an hour where somebody may be in danger" in page


def test_what_private_rooms_hold_is_not_for_one_of_the_two(sign_in):
    guide = make.user("hazel", role="moderator")
    match = make.match(make.user(), make.mentor(guide))
    said = make.message(match)
    report(said, by=match.newcomer, reason="harmful")
    assert waits(sign_in(guide)) == []
    assert len(waits(sign_in(make.user("rowan", role="moderator")))) == 1


# Deciding without leaving it --------------------------------------------------------------


def test_a_decision_settles_what_was_reported_and_goes_on_to_the_next(desk, sign_in, member):
    reply, reporter = make.reply(author=member), make.user("quailhen")
    first, again, second = report(reply, by=reporter), report(reply), report()
    address = f"/admin/desk/report-{first.pk}/"
    page = text_of(desk.get(address))
    assert reply.body in page
    assert f'href="{address}do/hide/"' in page
    assert "quailhen" not in page
    assert reply.body in text_of(desk.get(f"{address}do/hide/"))
    answer = desk.post(f"{address}do/hide/", {"reason": REASON})
    assert answer["Location"] == f"/admin/desk/report-{second.pk}/"
    reply.refresh_from_db()
    assert reply.is_hidden
    assert list(Report.objects.open()) == [second]
    again.refresh_from_db()
    assert again.closed_at
    assert "did something about it" in text_of(sign_in(reporter).get("/inbox/"))
    assert REASON not in text_of(sign_in(reporter).get("/inbox/"))
    assert Claim.objects.get().target_id == second.target_id


@pytest.mark.parametrize("verb", ["hide", "close"])
def test_what_is_told_while_somebody_decides_goes_on_waiting(desk, verb):
    reply = make.reply()
    first, again = report(reply), report(reply)
    address = f"/admin/desk/report-{first.pk}/do/{verb}/"
    upto = re.search(r'name="upto" value="(\d+)"', text_of(desk.get(address)))[1]
    worried = report(reply, reason="worried")
    desk.post(address, {"reason": REASON, "upto": upto, "stop": "yes"})
    assert list(Report.objects.open()) == [worried]
    again.refresh_from_db()
    assert again.closed_at
    assert waits(desk) == [f"report-{worried.pk}"]


def test_one_can_stop_after_a_decision(desk):
    first, _second = report(), report()
    answer = desk.post(f"/admin/desk/report-{first.pk}/do/close/", {"reason": REASON, "stop": "yes"})
    assert answer["Location"] == "/admin/"
    assert not Claim.objects.exists()


def test_more_than_one_thing_can_be_done_before_it_is_settled(desk):
    made = report()
    address = f"/admin/desk/report-{made.pk}/"
    answer = desk.post(f"{address}do/hide/", {"reason": REASON, "unsettled": "on"})
    assert answer["Location"] == address
    assert Report.objects.open().count() == 1
    assert "do/restore/" in text_of(desk.get(address))


def test_a_reason_is_needed_and_what_was_written_stays(desk):
    made = report()
    address = f"/admin/desk/report-{made.pk}/do/hide/"
    for reason in ("", "no", "\0", "x" * 2000):
        answer = desk.post(address, {"reason": reason})
        assert answer.status_code == 200
        assert answer.context["form"].errors
    assert not made.target.is_hidden
    assert not Decision.objects.exists()


def test_what_was_settled_meanwhile_is_said_and_not_done_twice(desk, sign_in):
    made = report()
    address = f"/admin/desk/report-{made.pk}/"
    other = sign_in(make.user("rowan", role="moderator"))
    other.post(f"{address}do/hide/", {"reason": REASON, "stop": "yes"})
    for answer in (desk.get(address), desk.post(f"{address}do/hide/", {"reason": REASON}), desk.post(f"{address}claim/")):
        assert answer.status_code == 302
    assert "This does not wait for you any more" in text_of(desk.get("/admin/"))
    assert not Claim.objects.exists()


def test_what_waits_in_the_library_is_put_up_from_the_queue(sign_in):
    client = sign_in(make.user("hazel", role="librarian"))
    first, second = make.resource(publish=False), make.resource(publish=False)
    assert first.title in text_of(client.get("/admin/"))
    answer = client.post(f"/admin/desk/resource-{first.pk}/do/publish/")
    assert answer["Location"] == f"/admin/desk/resource-{second.pk}/"
    first.refresh_from_db()
    assert first.is_published


def test_a_role_does_at_the_desk_what_it_may_and_nothing_else(sign_in, desk):
    waiting = make.resource(publish=False)
    made = report()
    concern = make.match().concerns.create(by=make.user(), words="Please look.")
    librarian = sign_in(make.user("hazel", role="librarian"))
    for client, key in ((desk, f"resource-{waiting.pk}"), (desk, f"concern-{concern.pk}"), (librarian, f"report-{made.pk}")):
        for address in ("", "do/close/", "do/publish/"):
            assert client.get(f"/admin/desk/{key}/{address}").status_code in (302, 404)
        assert client.post(f"/admin/desk/{key}/claim/").status_code in (302, 404)
        assert client.post(f"/admin/desk/{key}/do/publish/", {"reason": REASON}).status_code in (302, 404)
    assert desk.post(f"/admin/desk/report-{made.pk}/do/no-such-verb/", {"reason": REASON}).status_code == 404
    assert not Claim.objects.exclude(by__username="fennel").exists()
    waiting.refresh_from_db()
    assert waiting.is_waiting


@pytest.mark.parametrize("key", ["nothing-1", "report-0", "report-99999999999999999999", "report", "-1", "x" * 300])
def test_no_address_breaks_the_desk(desk, key):
    for address in ("", "do/close/"):
        assert desk.get(f"/admin/desk/{key}/{address}").status_code in (302, 404)
    assert desk.post("/admin/desk/next/", {"leave": key}).status_code == 302


def test_to_members_and_guests_there_is_no_desk(sign_in, member):
    made = report()
    for address in ("next/", "duty/", "notes/", f"report-{made.pk}/", f"report-{made.pk}/do/close/", f"report-{made.pk}/claim/"):
        assert sign_in(member).post(f"/admin/desk/{address}", {"reason": REASON}).status_code == 404
        assert Client().post(f"/admin/desk/{address}").status_code in (302, 403)
    assert Report.objects.open().exists()


def test_what_is_said_in_private_leaves_a_trace_when_it_is_read(desk):
    match = make.match()
    said = make.message(match, body="Only between the two of us.")
    made = report(said, by=match.newcomer, reason="harmful")
    page = text_of(desk.get(f"/admin/desk/report-{made.pk}/"))
    assert "Only between the two of us." in page
    assert Entry.objects.filter(action="moderation.report_read").count() == 1


# What there is to read, and what it costs ---------------------------------------------------


def test_one_sees_what_was_decided_before_about_the_same_voice_and_nobody_elses(desk, author):
    words, elsewhere = "Somebody else’s story was told in it.", "That was about another one."
    topic = make.topic(make.board(anonymous_at=timezone.now()))
    author.is_here = True
    alias = speak_as(author, topic.public_id)
    make.reply(author=author).hide(by=make.user(role="moderator"), reason=words)
    make.reply(topic, alias).hide(by=make.user(role="moderator"), reason=elsewhere)
    page = text_of(desk.get(f"/admin/desk/report-{report(make.reply(author=author)).pk}/"))
    assert words in page
    assert elsewhere not in page
    page = text_of(desk.get(f"/admin/desk/report-{report(make.reply(topic, alias)).pk}/"))
    assert elsewhere in page
    assert words not in page
    assert author.username not in page


def test_one_sees_what_stands_around_it(desk):
    topic = make.topic()
    for words in ("The one before.", "The one itself.", "The one after."):
        make.reply(topic, body=words)
    page = text_of(desk.get(f"/admin/desk/report-{report(topic.replies.get(position=2)).pk}/"))
    assert "The one before." in page
    assert "The one after." in page


def test_the_queue_asks_no_more_where_more_waits(desk, moderator):
    def grow(number: int) -> None:
        topic = make.topic()
        for _ in range(number):
            reply = make.reply(topic, notes=[theme()])
            report(reply)
            report(reply, reason="worried")

    Duty.of(moderator).take(themes_left=[theme().pk], severe_a_day=None)
    make.user("rowan", role="moderator")
    grow(2)
    key = waits(desk)[0]
    addresses = ["/admin/", f"/admin/desk/{key}/", f"/admin/desk/{key}/do/hide/", f"/admin/desk/{key}/do/close/"]
    few = {address: _asked(desk, address) for address in addresses}
    grow(12)
    for address in addresses:
        many = _asked(desk, address)
        assert len(many) <= len(few[address]), "\n".join(many)
        assert len(many) <= 12, "\n".join(many)


def _asked(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return asked_in(captured)
