"""Somebody has died: the account is locked and kept, what they wrote stays, and those who were close to them are told gently."""

import re

import pytest
from django.core import mail
from django.test import Client

from community.audit.models import Entry
from community.members.models import User
from community.notifications import tasks
from community.notifications.models import Notification, Outgoing
from mentorship.models import Match, Request
from tests import make
from tests.community.test_sign_in import is_in, password_sign_in

pytestmark = pytest.mark.django_db

REASON = "Their sister wrote to us and we called her."


@pytest.fixture
def lead(db):
    return make.user("larkspur", role="lead")


def page_of(user: User) -> str:
    return f"/admin/members/user/{user.pk}/"


def remember(user: User, by: User) -> None:
    user.keep_in_memory(by=by, reason=REASON)


def kinds_told(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


# The account ------------------------------------------------------------------------------


def test_a_lead_keeps_an_account_in_memory_and_it_is_in_the_record(sign_in, lead, member):
    client = sign_in(lead)
    assert "keep_in_memory" in client.get(f"{page_of(member)}change/").content.decode()
    asked = client.get(f"{page_of(member)}do/keep_in_memory/").content.decode()
    assert "Write nothing of how it came about." in asked
    client.post(f"{page_of(member)}do/keep_in_memory/", {"reason": REASON})
    member.refresh_from_db()
    assert member.is_in_memory
    entry = Entry.objects.get(action="members.member_kept_in_memory")
    assert (entry.by, entry.target_id) == (lead, str(member.pk))


def test_nobody_is_signed_in_with_it_any_more_or_again(sign_in, lead, member):
    there = sign_in(member)
    remember(member, lead)
    assert not is_in(there)
    again = Client()
    password_sign_in(again, member.email)
    assert not is_in(again)
    Client().post("/accounts/password/reset/", {"email": member.email})
    Client().post("/accounts/login/code/", {"email": member.email})
    assert [sent.subject for sent in mail.outbox if member.email in sent.to] == []


@pytest.mark.parametrize("role", ["greeter", "librarian", "coordinator", "moderator", "lead", "owner"])
def test_what_they_looked_after_ends_and_does_not_come_back_by_itself(role):
    owner, member = make.user(role="owner"), make.user(role=role)
    remember(member, owner)
    member = User.objects.get(pk=member.pk)
    assert not (member.offices.standing().exists() or member.groups.exists() or member.is_staff or member.is_superuser)
    assert Entry.objects.filter(action=f"members.{role}_ended", by=owner).count() == 1
    member.give_back(by=owner, reason="It was somebody else.")
    member = User.objects.get(pk=member.pk)
    assert member.is_active and not (member.is_staff or member.role_names or member.is_greeter)


def test_no_mail_goes_to_it(lead, member, other):
    topic = make.topic(author=member)
    remember(member, lead)
    make.reply(topic, other)
    news = Notification.objects.get(recipient=member, kind="forums.reply")
    tasks.mail_notification(str(news.public_id))
    assert not Outgoing.objects.exists()


def test_what_they_wrote_stays_and_their_page_says_it_quietly(sign_in, lead, member, other):
    topic = make.topic(author=member, title="About the allotment")
    reply = make.reply(make.topic(), member, "The beans are up.")
    remember(member, lead)
    client = sign_in(other)
    assert "About the allotment" in client.get(topic.get_absolute_url()).content.decode()
    assert "The beans are up." in client.get(reply.topic.get_absolute_url()).content.decode()
    page = client.get(member.get_absolute_url())
    assert page.status_code == 200
    assert f"This page is kept in memory of {member.username}." in page.content.decode()
    assert Client().get(member.get_absolute_url()).status_code == 302


def test_what_is_on_their_page_can_still_be_told_to_the_volunteers(sign_in, lead, member, other):
    remember(member, lead)
    client = sign_in(other)
    report = re.search(r'href="(/[^"]*report[^"]*)"', client.get(member.get_absolute_url()).content.decode())[1]
    assert client.get(report, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("by", "whose", "possible"),
    [
        ("moderator", "member", False),
        ("librarian", "member", False),
        ("lead", "member", True),
        ("owner", "member", True),
        ("lead", "moderator", False),
        ("owner", "moderator", True),
        ("lead", "itself", False),
    ],
)
def test_who_may_decide_it(sign_in, by, whose, possible):
    decides = make.user("decides", role=by)
    about = decides if whose == "itself" else make.user("sedge", role=whose)
    answer = sign_in(decides).post(f"{page_of(about)}do/keep_in_memory/", {"reason": REASON})
    about.refresh_from_db()
    assert about.is_in_memory is possible
    assert (answer.status_code == 302) is possible


def test_it_takes_a_reason_and_happens_once(sign_in, lead, member):
    client = sign_in(lead)
    client.post(f"{page_of(member)}do/keep_in_memory/", {"reason": "short"})
    member.refresh_from_db()
    assert not member.is_in_memory
    remember(member, lead)
    since = User.objects.get(pk=member.pk).memorial_at
    remember(member, lead)
    assert User.objects.get(pk=member.pk).memorial_at == since
    assert Entry.objects.filter(action="members.member_kept_in_memory").count() == 1


def test_a_mistake_is_put_right_and_said(sign_in, lead, member):
    remember(member, lead)
    sign_in(lead).post(f"{page_of(member)}do/give_back/", {"reason": "It was another person of that name."})
    again = Client()
    password_sign_in(again, member.email)
    assert is_in(again)
    (sent,) = [sent for sent in mail.outbox if sent.to == [member.email]]
    assert "by a mistake of ours" in sent.body
    assert "another person" not in sent.body


# Those who were close to them -----------------------------------------------------------------


def test_a_newcomers_mentor_is_told_gently_and_keeps_the_room_to_read(sign_in, lead):
    match = make.match()
    make.message(match, match.newcomer, body="See you on Tuesday.")
    remember(match.newcomer, lead)
    match.refresh_from_db()
    assert (match.ending, match.place) == (Match.Ending.MEMORY, None)
    assert kinds_told(match.mentor.user)[-1] == "mentorship.match_remembered"
    assert "mentorship.match_ended" not in kinds_told(match.mentor.user)
    client = sign_in(match.mentor.user)
    assert "is kept in memory now" in client.get("/inbox/").content.decode()
    room = client.get(match.get_absolute_url()).content.decode()
    assert f"{match.newcomer.username} is kept in memory" in room
    assert "See you on Tuesday." in room
    assert "free for somebody else" not in room


def test_a_mentors_newcomer_keeps_their_turn_and_whoever_asked_learns_nothing_more_than_always(sign_in, lead):
    guide = make.mentor(capacity=3)
    match = make.match(mentor=guide)
    asked = Match.ask(make.request(), guide, hello="Hello.")
    remember(guide.user, lead)
    assert kinds_told(match.newcomer)[-1] == "mentorship.match_remembered"
    assert kinds_told(asked.newcomer)[-1] == "mentorship.match_declined"
    room = sign_in(match.newcomer).get(match.get_absolute_url()).content.decode()
    assert "You keep your turn." in room
    assert not Match.objects.filter(mentor=guide, ended_at=None).exists()


def test_a_search_of_theirs_is_closed(lead):
    search = make.request()
    remember(search.user, lead)
    search.refresh_from_db()
    assert search.ending == Request.Ending.TAKEN_BACK


def test_nobody_is_brought_a_mentor_who_is_kept_in_memory(sign_in, lead, member):
    guide = make.mentor(make.user("sorrel"))
    remember(guide.user, lead)
    assert "sorrel" not in sign_in(member).get("/mentorship/mentors/").content.decode()


def test_words_of_theirs_about_a_mentor_stay_on_the_mentors_page(sign_in, lead, member):
    match = make.match()
    match.part(by=match.newcomer, testimonial="They listen, and wait.")
    match.show_testimonial(seen=match.testimonial_stamp)
    remember(match.newcomer, lead)
    assert "They listen, and wait." in sign_in(member).get(match.mentor.get_absolute_url()).content.decode()
