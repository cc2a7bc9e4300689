"""The last rung: a member is paused until somebody looks at it again. Who may decide that, what holds, what stays, how it ends."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.members import tasks
from community.members.backends import MemberBackend
from community.members.models import User
from community.moderation.models import Appeal
from community.moderation.permissions import can_decide_appeal
from community.notifications.models import Notification
from forums.models import Reply
from mentorship.models import Mentor, Request
from tests import make
from tests.addresses import forms_in
from tests.copies import sure

pytestmark = pytest.mark.django_db
REASON = "You wrote to newcomers again and again, and asked them where they live."
ENDLESS = {"days": "0", "reason": REASON}


@pytest.fixture
def lead(db):
    return make.user("larkspur", role="lead")


def pause(member: User, by: User) -> Decision:
    member.pause(by=by, reason=REASON, until=None)
    return Decision.objects.get(member=member, act=Act.PAUSE)


def page_of(member: User, verb: str = "pause") -> str:
    return reverse("admin:members_user_verb", args=[member.pk, verb])


# Who decides it ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lead", "owner"])
def test_those_in_charge_of_safety_and_owners_pause_somebody_until_it_is_looked_at_again(sign_in, member, role):
    client = sign_in(make.user(role=role))
    assert "until somebody looks at it again" in client.get(page_of(member)).text
    assert client.post(page_of(member), ENDLESS).status_code == 302
    decision = Decision.objects.get()
    assert (decision.act, decision.until, decision.member) == (Act.PAUSE, None, member)
    assert Entry.objects.filter(action="members.member_paused_without_end", target_id=str(member.pk)).count() == 1


def test_also_from_words_that_were_said_by_name(sign_in, member, lead):
    reply = make.reply(author=member)
    url = reverse("admin:forums_reply_verb", args=[reply.pk, "pause_writer"])
    assert sign_in(lead).post(url, ENDLESS).status_code == 302
    assert Decision.objects.get().is_without_end


def test_a_moderator_pauses_for_a_time_and_reads_who_can_do_more(sign_in, member, moderator):
    client = sign_in(moderator)
    page = client.get(page_of(member)).text
    assert "60 days" in page
    assert "until somebody looks at it again" not in page
    assert "are for the owners and those in charge of safety" in page
    answer = client.post(page_of(member), ENDLESS)
    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert not Decision.objects.exists()


def test_an_alias_is_paused_for_sixty_days_at_most(sign_in, member, lead):
    make.user(role="lead")
    board, conversation = make.board(anonymous_at=timezone.now()), uuid4()
    member.is_here = True
    words = make.topic(board, speak_as(member, conversation), public_id=conversation)
    client, url = sign_in(lead), reverse("admin:forums_topic_verb", args=[words.pk, "pause_writer"])
    page = client.get(url).text
    assert "until somebody looks at it again" not in page
    assert "Choose 60 days" in page
    assert client.post(url, ENDLESS).status_code == 200
    with pytest.raises(ValueError, match="alias"):
        words.pause_writer(by=lead, reason=REASON, until=None)
    assert not Decision.objects.exists()
    assert client.post(url, ENDLESS | {"days": "60"}).status_code == 302
    assert Decision.objects.get().until > timezone.now() + timedelta(days=59)


@pytest.mark.parametrize(("by", "whose"), [("lead", "owner"), ("lead", "moderator"), ("owner", "owner")])
def test_not_about_an_owner_and_of_others_who_look_after_the_place_owners_decide(sign_in, by, whose):
    target = make.user(role=whose)
    assert sign_in(make.user(role=by)).post(page_of(target), ENDLESS).status_code in {200, 403}
    assert not Decision.objects.exists()


def test_nobody_decides_it_about_themselves(sign_in, lead):
    assert sign_in(lead).post(page_of(lead), ENDLESS).status_code == 403


# What holds, and what stays ---------------------------------------------------------------


def test_it_holds_until_somebody_ends_it(sign_in, member, lead, moderator, django_assert_num_queries):
    pause(member, lead)
    MemberBackend().get_user(member.pk)
    with django_assert_num_queries(1):
        assert MemberBackend().get_user(member.pk).is_paused_without_end
    url = f"{make.topic().get_absolute_url()}reply/"
    with time_machine.travel(timezone.now() + timedelta(days=800)):
        tasks.forget_standings(0)
        assert User.objects.get(pk=member.pk).is_paused_without_end
        client = sign_in(member)
        answer = client.post(url, {"body": "Still here."})
        assert answer.status_code == 403
        assert "paused until somebody looks at it again" in answer.text
        assert not Reply.objects.filter(author=member).exists()
        assert "Until somebody looks at it again" in client.get("/").text
    # A moderator could not have decided it, and does not end it.
    assert sign_in(moderator).post(page_of(member, "let_write"), {"reason": "We talked, and it is fine."}).status_code == 403
    assert sign_in(lead).post(page_of(member, "let_write"), {"reason": "We talked, and it is fine."}).status_code == 302
    assert sign_in(member).get(url).status_code == 200
    news = Notification.objects.get(recipient=member, kind="members.pause_ended")
    assert "Somebody looked at it again" in sign_in(member).get("/inbox/").text, news


def test_it_outlasts_one_for_a_time_that_comes_later(member, lead, moderator):
    pause(member, lead)
    member.pause(by=moderator, reason=REASON, until=timezone.now() + timedelta(days=3))
    member.pause(by=lead, reason=REASON, until=None)
    assert Decision.objects.without_end().count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert User.objects.get(pk=member.pk).is_paused_without_end
        assert make.reply(author=member).is_writer_paused


def test_whoever_is_paused_reads_why_and_keeps_all_that_needs_no_posting(sign_in, member, author, lead):
    match, own = make.match(member, author), make.topic(author=member)
    decision = pause(member, lead)
    client = sign_in(member)
    page = client.get(decision.get_absolute_url()).text
    assert "A volunteer paused your posting until somebody looks again" in page
    assert "somebody looks at it again" in page
    assert "paused your posting until somebody looks again" in client.get("/inbox/").text
    for url in (
        own.get_absolute_url(),
        "/forums/",
        "/inbox/",
        "/wrote/",
        "/saved/",
        "/settings/",
        "/help/",
        match.get_absolute_url(),
    ):
        assert client.get(url, follow=True).status_code == 200, url
    # Their own words, a copy of everything, reporting, and the goodbye.
    assert client.post(f"{own.get_absolute_url()}withdraw/").status_code == 302
    assert sure(client).post("/settings/export/")["Content-Type"] == "application/zip"
    assert client.get(f"/report/reply/{make.reply().public_id}/").status_code == 200
    assert client.post(f"{match.get_absolute_url()}write/", {"body": "Hello?"}).status_code == 403
    parting = f"{match.get_absolute_url()}parting/"
    form = next(form for form in forms_in(client.get(parting).text) if "thanks" in form.fields)
    assert client.post(parting, form.sent() | {"thanks": "Thank you for the winter."}).status_code == 302
    # And another look, for as long as at any decision.
    with time_machine.travel(timezone.now() + timedelta(days=150)):
        client = sign_in(member)
        asking = next(form for form in forms_in(client.get(decision.get_absolute_url()).text) if form.action.endswith("/appeal/"))
        assert client.post(asking.action, asking.sent()).status_code == 302
        assert Appeal.objects.get().decision == decision


def test_another_look_is_for_somebody_else_in_charge_of_safety_or_an_owner(sign_in, member, lead, moderator, owner):
    Appeal.ask(pause(member, lead))
    appeal = Appeal.objects.get()
    other_lead = make.user(role="lead")
    can = {user: bool(can_decide_appeal(User.objects.get(pk=user.pk), appeal)) for user in (lead, other_lead, moderator, owner)}
    assert can == {lead: False, other_lead: True, moderator: False, owner: True}
    waits = {user: f"/admin/desk/appeal-{appeal.pk}/" in sign_in(user).get("/admin/").text for user in can}
    assert waits == can
    appeal.decision.reverse(by=owner, reason="It was somebody else.")
    assert User.objects.get(pk=member.pk).paused_until is None


def test_everybody_reads_beforehand_that_it_is_possible(db):
    page = Client().get("/figures/").text
    assert "is paused until somebody looks at it again" in page
    assert "is paused, for a day up to 60 days" in page
    assert "looks first at what somebody posts, for a day up to 30 days" in page


# Mentors and newcomers --------------------------------------------------------------------


def test_a_mentor_is_brought_to_nobody_meanwhile_and_is_listed_again_afterwards(sign_in, member, other, lead):
    mentor, asks = make.mentor(member), make.match(other, member, begun=False)
    decision = pause(member, lead)
    asks.refresh_from_db()
    assert asks.ended_at is not None
    assert not Mentor.objects.listed_for(other).filter(pk=mentor.pk).exists()
    assert "declined" in Notification.objects.filter(recipient=other).values_list("kind", flat=True).latest("pk")
    decision.reverse(by=make.user(role="owner"), reason="It was somebody else.")
    assert Mentor.objects.listed_for(other).filter(pk=mentor.pk).exists()


def test_a_mentor_who_rested_goes_on_resting(member, lead):
    mentor = make.mentor(member)
    mentor.pause()
    pause(member, lead).reverse(by=make.user(role="owner"), reason="It was somebody else.")
    assert Mentor.objects.get(pk=mentor.pk).is_paused


def test_a_search_is_closed_meanwhile_and_keeps_its_turn(member, lead):
    request = make.request(member)
    decision = pause(member, lead)
    assert not Request.objects.open().exists()
    decision.reverse(by=make.user(role="owner"), reason="It was somebody else.")
    again = Request.objects.open().get()
    assert (again.pk, again.waiting_since) == (request.pk, request.waiting_since)


def test_who_is_together_with_somebody_stays_so(member, author, lead):
    match = make.match(member, author)
    pause(member, lead)
    match.refresh_from_db()
    assert match.is_active
