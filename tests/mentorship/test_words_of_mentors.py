"""What a mentor says to others can be taken out in part, sent back for a change or hidden; each with a statement and a way back."""

import re

import pytest

from community.audit.models import Entry
from community.decisions.models import Act, Decision
from community.moderation.models import Appeal, Report
from community.notifications.models import Notification
from mentorship import becoming
from mentorship.forms.mentors import as_it_stands
from mentorship.models import Mentor
from tests import make

pytestmark = pytest.mark.django_db
STORY = "I spent a winter at Larch House, and came through it."
REASON = "Please leave out the name of the house."
GONE = "is not shown at the moment"
LIST = "/mentorship/mentors/"


@pytest.fixture
def coordinator(db):
    return make.user("sedge", role="coordinator")


@pytest.fixture
def behind(sign_in, coordinator):
    return sign_in(coordinator)


@pytest.fixture
def mentor(author):
    return make.mentor(author, story=STORY, offers="Plain words.", limits="No calls.")


def do(client, mentor, verb, **fields):
    return client.post(f"/admin/mentorship/mentor/{mentor.pk}/do/{verb}/", {"reason": REASON} | fields)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.text)


def fresh(mentor: Mentor) -> Mentor:
    return Mentor.objects.get(pk=mentor.pk)


def tell(mentor: Mentor, story: str) -> None:
    stands = as_it_stands(mentor)
    fields = {"story": story, "offers": mentor.offers, "limits": mentor.limits, "capacity": mentor.capacity}
    becoming.tell(mentor.user, tags=[], helps=[], not_about=[], **fields)
    assert stands["body"] != story


# A part of it -----------------------------------------------------------------------------------


def test_a_part_is_taken_out_with_a_statement_and_put_in_again(behind, sign_in, coordinator, mentor, member):
    assert do(behind, mentor, "redact", passages="Larch House").status_code == 302
    page = mentor.get_absolute_url()
    shown = text_of(sign_in(member).get(page))
    assert "Larch House" not in shown and "I spent a winter at […]" in shown and "Plain words." in shown
    decision = Decision.objects.get(member=mentor.user)
    assert (decision.act, decision.by) == (Act.REDACT, coordinator)
    told = text_of(sign_in(mentor.user).get(decision.get_absolute_url()))
    assert "Larch House" in told and REASON in told
    assert Entry.objects.filter(action="mentorship.mentor_redacted", by=coordinator).exists()
    Appeal.ask(decision).overturn(by=make.user(role="owner"), reason="That is the name of a song.")
    assert fresh(mentor).story == STORY
    assert Notification.objects.filter(recipient=mentor.user, kind="mentorship.mentor_restored").exists()


def test_what_is_approved_anew_keeps_what_was_taken_out(coordinator, mentor):
    mentor.redact(by=coordinator, reason=REASON, passages=["Larch House"])
    mentor.ask_to_go_on()
    mentor.approve(by=coordinator, reason="Another year.")
    assert Decision.objects.standing().filter(act=Act.REDACT).exists()
    Decision.objects.get().reverse(by=coordinator, reason="It may stand there.")
    assert fresh(mentor).story == STORY


def test_what_was_taken_out_does_not_come_back_unseen(behind, sign_in, coordinator, mentor, other):
    mentor.redact(by=coordinator, reason=REASON, passages=["Larch House"])
    tell(fresh(mentor), "I spent a winter at […], and another one.")
    assert sign_in(other).get(mentor.get_absolute_url()).status_code == 200
    tell(fresh(mentor), "I spent a winter at  larch house.")
    assert sign_in(other).get(mentor.get_absolute_url()).status_code == 404
    assert "It waits for a coordinator" in text_of(sign_in(mentor.user).get("/mentorship/apply/"))
    assert do(behind, mentor, "restore").status_code == 302
    assert sign_in(other).get(mentor.get_absolute_url()).status_code == 200


# All of it --------------------------------------------------------------------------------------


def test_what_is_hidden_nobody_new_finds_and_those_who_are_with_them_go_on(behind, sign_in, mentor, member, other, newcomer):
    match = make.match(member, mentor.user)
    mentor.set_capacity(3)
    make.match(newcomer, mentor.user, begun=False)
    assert do(behind, mentor, "hide").status_code == 302
    assert fresh(mentor).free == 0
    assert mentor.user.username not in sign_in(other).get(LIST).text
    assert sign_in(other).get(mentor.get_absolute_url()).status_code == 404
    for who, place in ((member, mentor), (member, match), (newcomer, mentor.matches.open().get())):
        seen = text_of(sign_in(who).get(place.get_absolute_url()))
        assert "Larch" not in seen and "Plain words." not in seen and GONE in seen, place
    own = sign_in(mentor.user)
    assert "is not shown to others" in text_of(own.get("/mentorship/apply/"))
    assert STORY in text_of(own.get(mentor.get_absolute_url()))
    tell(fresh(mentor), "I spent a winter somewhere.")
    assert fresh(mentor).held_at is None and fresh(mentor).hidden_at, "hidden is hidden, whatever they write"
    Decision.objects.get().reverse(by=make.user(role="owner"), reason="It may stand there.")
    assert fresh(mentor).held_at, "whoever undid it saw the words from before"
    assert do(behind, mentor, "restore").status_code == 302
    assert fresh(mentor).free == 1
    assert sign_in(other).get(mentor.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("verb", ["hide", "revise"])
def test_an_appeal_shows_no_words_that_nobody_saw(sign_in, coordinator, mentor, other, verb):
    getattr(mentor, verb)(by=coordinator, reason=REASON)
    appeal = Appeal.ask(Decision.objects.get())
    tell(fresh(mentor), "Words that nobody saw.")
    appeal.overturn(by=make.user(role="owner"), reason="It may stand there.")
    assert sign_in(other).get(mentor.get_absolute_url()).status_code == 404
    assert fresh(mentor).held_at


def test_what_is_sent_back_is_changed_and_looked_at_again(behind, sign_in, coordinator, mentor, other):
    assert do(behind, mentor, "revise").status_code == 302
    own, lists = sign_in(mentor.user), sign_in(other)
    assert "asks for a change" in own.get(Decision.objects.get().get_absolute_url()).text
    assert STORY in own.get("/mentorship/apply/words/").text
    assert not Mentor.objects.waiting().exists()
    mentor = fresh(mentor)
    becoming.tell(mentor.user, tags=[], helps=[], not_about=[], hours=mentor.hours, capacity=2)
    assert fresh(mentor).sent_back_at, "the words are as they were"
    tell(fresh(mentor), "I spent a winter somewhere.")
    assert lists.get(mentor.get_absolute_url()).status_code == 404
    assert mentor.user.username in behind.get("/admin/").text, "it waits at the desk"
    assert do(behind, mentor, "restore").status_code == 302
    assert "I spent a winter somewhere." in lists.get(mentor.get_absolute_url()).text
    assert not Decision.objects.standing().exists()
    assert not Mentor.objects.waiting().exists()


def test_what_was_changed_can_be_sent_back_again_and_each_decision_is_its_own(coordinator, mentor):
    by = {"by": coordinator, "reason": REASON}
    mentor.revise(**by)
    mentor.revise(**by)
    assert Decision.objects.count() == 1
    tell(fresh(mentor), "I spent a winter at Larch House, somewhere.")
    again = fresh(mentor)
    again.hide(**by)
    assert (again.held_at, again.sent_back_at) == (None, None)
    first, second = Decision.objects.order_by("pk")
    first.reverse(by=coordinator, reason="That was a mistake.")
    assert fresh(mentor).hidden_at
    second.reverse(by=coordinator, reason="That one, too.")
    assert fresh(mentor).hidden_at is None


# Who may --------------------------------------------------------------------------------------


def test_it_begins_with_a_report_of_their_page(behind, mentor, member):
    report = Report.put(mentor, by=member, reason="private")
    item = f"/admin/desk/report-{report.pk}/"
    page = behind.get(item).text
    for verb in ("redact", "revise", "hide"):
        assert f"{item}do/{verb}/" in page
    assert behind.post(f"{item}do/revise/", {"reason": REASON}).status_code == 302
    assert fresh(mentor).sent_back_at
    assert Report.objects.get().is_closed


@pytest.mark.parametrize("role", ["member", "greeter", "librarian", "moderator", "lead"])
def test_only_coordinators_and_owners_decide_about_it(sign_in, mentor, role):
    client = sign_in(make.user(role=role))
    for verb in ("hide", "revise", "redact", "restore"):
        assert do(client, mentor, verb, passages="Larch House").status_code in {403, 404}
    assert not Decision.objects.exists()


def test_nobody_about_their_own_words_or_those_of_an_owner(behind, coordinator, owner):
    for who in (coordinator, owner):
        assert do(behind, make.mentor(who, story=STORY), "hide").status_code in {302, 403, 404}
    assert not Decision.objects.exists()
