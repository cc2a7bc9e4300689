"""The queue on the admin's front page: what waits, in which order, who is on it, and how it minds those who read it."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Note
from community.decisions.models import Decision
from community.identity.seal import speak_as
from community.moderation.models import Claim, DeskSettings, Duty, HandOver, Report
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
    assert "within 1 h where somebody may be in danger" in page


def test_what_private_rooms_hold_is_not_for_one_of_the_two(sign_in):
    guide = make.user("hazel", role="moderator")
    match = make.match(make.user(), make.mentor(guide))
    said = make.message(match)
    report(said, by=match.newcomer, reason="harmful")
    assert waits(sign_in(guide)) == []
    assert len(waits(sign_in(make.user("rowan", role="moderator")))) == 1


# Who is on it ---------------------------------------------------------------------------


def test_no_look_takes_anything(desk):
    made = report()
    address = f"/admin/desk/report-{made.pk}/"
    for page in ("/admin/", address, f"{address}do/close/", f"{address}do/hide/", f"/admin/moderation/report/{made.pk}/do/close/"):
        assert desk.get(page).status_code == 200
    for page in (f"{address}claim/", f"{address}claim/delete/", "/admin/desk/next/", "/admin/desk/away/"):
        assert desk.get(page).status_code == 405
    assert not Claim.objects.exists()


def test_what_one_takes_the_other_is_not_brought(desk, sign_in, moderator):
    first, second = report(reason="worried"), report()
    other = sign_in(make.user("rowan", role="moderator"))
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{first.pk}/"
    assert other.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{second.pk}/"
    assert "fennel is looking at this until" in text_of(other.get("/admin/"))
    for address in ("", "do/close/", "claim/"):
        post = other.post(f"/admin/desk/report-{first.pk}/{address}", {"reason": REASON})
        assert post.status_code in (403, 405) or address == ""
    refused = other.get(f"/admin/desk/report-{first.pk}/")
    assert refused.status_code == 403
    assert "fennel is looking at this until" in text_of(refused)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        again = sign_in(make.user("hazel", role="moderator"))
        assert again.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{first.pk}/"


def test_two_reports_of_one_thing_are_not_taken_by_two(desk, sign_in):
    reply = make.reply()
    first, second = report(reply), report(reply)
    desk.post(f"/admin/desk/report-{first.pk}/claim/")
    other = sign_in(make.user("rowan", role="moderator"))
    refused = other.post(f"/admin/moderation/report/{second.pk}/do/close/", {"reason": REASON})
    assert refused.status_code == 403
    assert Report.objects.open().count() == 2


def test_what_one_leaves_is_for_others(desk, moderator):
    made = report()
    desk.post(f"/admin/desk/report-{made.pk}/claim/")
    assert Claim.objects.get().by == moderator
    desk.post(f"/admin/desk/report-{made.pk}/claim/delete/")
    assert not Claim.objects.exists()
    first, second = made, report()
    desk.post(f"/admin/desk/report-{first.pk}/claim/")
    onwards = desk.post("/admin/desk/next/", {"leave": f"report-{first.pk}"})
    assert onwards["Location"] == f"/admin/desk/report-{second.pk}/"
    assert Claim.objects.get().target_id == second.target_id


@pytest.mark.django_db(transaction=True)
def test_of_many_who_press_at_once_no_two_are_brought_the_same():
    people = [make.user(role="moderator") for _ in range(6)]
    for _ in range(6):
        report()
    taken: list[tuple[int, int]] = []
    start = threading.Barrier(len(people))

    def take(user) -> None:
        user.is_here = True
        start.wait()
        try:
            if item := Queue(user).take_next():
                taken.append(item.thing)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=take, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 6


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


# Minding its readers --------------------------------------------------------------------


def test_what_is_heavy_comes_folded(desk):
    made = report(make.reply(body=SEVERE), reason="worried", words="I am afraid for her.")
    page = text_of(desk.get(f"/admin/desk/report-{made.pk}/"))
    before, _fold, after = page.partition("<details>")
    assert SEVERE in after
    assert SEVERE not in before
    assert "afraid for her" not in before
    folded = re.findall(r"<details>.*?</details>", page, re.DOTALL)
    assert sum(SEVERE in fold for fold in folded) == page.count(SEVERE)


def theme(name: str = "self-harm") -> Note:
    return Note.objects.get_or_create(name=name)[0]


def test_a_theme_one_does_not_take_is_left_to_others_and_stays_within_reach(desk, moderator):
    make.user("rowan", role="moderator")
    made, light = report(make.reply(notes=[theme()])), report()
    desk.post("/admin/desk/duty/", {"themes": [theme().pk], "severe_a_day": ""})
    page = text_of(desk.get("/admin/"))
    assert keys(page.partition("<details")[0]) == [f"report-{light.pk}"]
    assert "1 thing is about something that you leave to others" in page
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{light.pk}/"
    desk.post(f"/admin/desk/report-{light.pk}/do/close/", {"reason": REASON})
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    assert desk.get(f"/admin/desk/report-{made.pk}/").status_code == 200


def test_with_nobody_else_here_it_is_brought_with_a_warning(desk, moderator):
    other = make.user("rowan", role="moderator")
    made = report(make.reply(notes=[theme()]))
    Duty.of(moderator).take(themes_left=[theme().pk], severe_a_day=None)
    Duty.of(other).step_away(timezone.now() + timedelta(hours=4))
    page = text_of(desk.get("/admin/"))
    assert keys(page) == [f"report-{made.pk}"]
    assert "something that you leave to others. Nobody else is here just now." in page
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{made.pk}/"


def test_others_who_leave_the_same_theme_do_not_count(desk, moderator):
    other = make.user("rowan", role="moderator")
    report(make.reply(notes=[theme()]))
    for user in (moderator, other):
        Duty.of(user).take(themes_left=[theme().pk], severe_a_day=None)
    assert "Nobody else is here" in text_of(desk.get("/admin/"))


def test_nobody_is_brought_more_heavy_things_in_a_day_than_the_house_says(desk):
    settings_of(severe_a_day=2, debrief="Call the quiet line: 0300 000 000.")
    heavy = [report(reason="worried") for _ in range(3)]
    light = report()
    first = desk.post("/admin/desk/next/")["Location"]
    assert first == f"/admin/desk/report-{heavy[0].pk}/"
    # After something heavy comes something light, and a word where to talk about it.
    after = desk.post(f"{first}do/close/", {"reason": REASON})
    assert after["Location"] == f"/admin/desk/report-{light.pk}/"
    assert "Call the quiet line" in text_of(desk.get(after["Location"]))
    second = desk.post(f"{after['Location']}do/close/", {"reason": REASON})
    assert second["Location"] == f"/admin/desk/report-{heavy[1].pk}/"
    assert desk.post(f"{second['Location']}do/close/", {"reason": REASON})["Location"] == "/admin/"
    page = text_of(desk.get("/admin/"))
    assert "as many heavy things today" in page
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    # It is theirs to choose, all the same, and tomorrow is another day.
    assert desk.get(f"/admin/desk/report-{heavy[2].pk}/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert Duty.objects.get().severe_today == 0


def test_a_claim_that_is_kept_for_longer_counts_once(desk):
    made = report(reason="worried")
    for _ in range(3):
        desk.post(f"/admin/desk/report-{made.pk}/claim/")
    assert Duty.objects.get().severe_today == 1


def test_one_may_take_less_than_the_house_says(desk):
    desk.post("/admin/desk/duty/", {"severe_a_day": "0"})
    report(reason="worried")
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    for nonsense in ("-1", "100", "x", "9" * 50):
        assert desk.post("/admin/desk/duty/", {"severe_a_day": nonsense}).status_code == 200
    assert Duty.objects.get().severe_a_day == 0


def test_whoever_steps_away_is_brought_nothing_and_holds_nothing(desk, sign_in, moderator):
    made = report()
    desk.post(f"/admin/desk/report-{made.pk}/claim/")
    desk.post("/admin/desk/away/", {"hours": "4"})
    assert not Claim.objects.exists()
    page = text_of(desk.get("/admin/"))
    assert "You stepped away until" in page
    assert "/admin/desk/next/" not in page
    assert desk.post("/admin/desk/next/")["Location"] == "/admin/"
    desk.post("/admin/desk/away/delete/")
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{made.pk}/"
    assert desk.post("/admin/desk/away/", {"hours": "5000"})["Location"] == "/admin/desk/duty/"
    assert not Duty.objects.get().is_away


def test_what_a_volunteer_leaves_to_others_is_nobody_elses(desk, sign_in, owner):
    desk.post("/admin/desk/duty/", {"themes": [theme("grief over a child").pk], "severe_a_day": "1"})
    client = sign_in(owner)
    assert client.get("/admin/moderation/duty/").status_code == 404
    assert "/moderation/duty/" not in text_of(client.get("/admin/lists/"))


def test_a_note_from_the_last_shift_opens_the_next(desk, sign_in):
    assert desk.post("/admin/desk/notes/", {"words": ""}).status_code == 200
    desk.post("/admin/desk/notes/", {"words": "Sorrel may write again tonight: be <kind>."})
    page = text_of(sign_in(make.user("rowan", role="moderator")).get("/admin/"))
    assert "Sorrel may write again tonight: be &lt;kind&gt;." in page
    assert HandOver.objects.get().by.username == "fennel"


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
