"""Becoming a mentor and being one: telling of oneself, the training, handing in, resting, places, going on and stopping."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from community.members.models import MENTORS
from community.notifications.models import Notification
from community.tags import applying
from mentorship import becoming, suggesting
from mentorship.fields import HOURS
from mentorship.models import CannotBegin, Help, Lesson, LessonDone, Match, Mentor
from mentorship.tasks import let_mentors_lapse
from tests import make

pytestmark = pytest.mark.django_db
WORDS, APPLY = "/mentorship/apply/words/", "/mentorship/apply/"
ANSWER = "I would write that I am here, that I can’t give my number, and who is there at night."


def fields(**others):
    told = {
        "body": "I have been through *a* winter.",
        "tags": "sleep, caring",
        "limits": "No calls.",
        "not_about": "money",
        "languages": ["en"],
        "time_zone": "Europe/Vienna",
        "hours": ["0-3", "2-3"],
        "capacity": "2",
        "shares": ["lived", "topics", "hours"],
    }
    return told | others


def page(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def trained(mentor):
    for lesson in Lesson.objects.in_use():
        becoming.take(mentor, lesson, ANSWER if lesson.is_case else "")
    return mentor


def in_circle(user) -> bool:
    return user.groups.filter(name=MENTORS).exists()


def sweep():
    let_mentors_lapse.func(0)


@pytest.fixture
def client(sign_in, member):
    return sign_in(member)


@pytest.fixture
def mentor(member):
    return make.mentor(member, capacity=2, story="I have been through a winter.")


# Telling of oneself ----------------------------------------------------------------------------


def test_member_reads_what_a_mentor_is_before_anything_is_asked(client, member):
    words = page(client.get(APPLY))
    assert "What a mentor is here" in words and WORDS in words
    assert not Mentor.objects.exists()


def test_what_is_told_is_kept_and_made_ready_for_finding(client, member):
    listening = Help.objects.first()
    assert client.post(WORDS, fields(helps=[listening.pk])).url == APPLY
    mentor = Mentor.objects.get(user=member)
    assert mentor.story == "I have been through *a* winter." and mentor.capacity == 2
    assert sorted(mentor.tags.names()) == ["caring", "sleep"] and mentor.not_about.get().tag.name == "money"
    assert mentor.hours.bit_count() == 8 and mentor.utc_hours.bit_count() == 8
    assert mentor.tag_bits.bit_count() == 2 and mentor.not_bits.bit_count() == 1 and mentor.help_bits.bit_count() == 1
    assert mentor.applied_at is None and not Mentor.objects.listed().exists()
    again = client.get(WORDS).content.decode()
    assert "No calls." in again and 'value="caring, sleep"' in again and 'value="money"' in again


def test_second_press_keeps_one_row(client, member):
    for capacity in ("2", "3"):
        client.post(WORDS, fields(capacity=capacity))
    assert Mentor.objects.get().capacity == 3


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"capacity": "0"}, "At least 1."),
        ({"capacity": "-3"}, "At least 1."),
        ({"capacity": "21"}, "20 at most."),
        ({"capacity": "9" * 5000}, "whole number"),
        ({"capacity": "1\x00"}, "whole number"),
        ({"capacity": ""}, "Write a number"),
        ({"hours": []}, "One time a week is enough"),
        ({"hours": ["7-9"]}, "from the times in the table"),
        ({"languages": ["klingon"]}, "from the languages in the list"),
        ({"languages": []}, "at least one language"),
        ({"time_zone": "Moon/Far side"}, "from the list"),
        ({"tags": ""}, "at least one thing that you know"),
        ({"tags": ", ".join(f"t{number}" for number in range(5000))}, "room for 400"),
        ({"tags": "sleep", "not_about": "Sleep"}, "stands in both lists"),
        ({"body": " \x00 "}, "Nothing is written yet"),
        ({"helps": ["999999"]}, "not offered any more"),
        ({"helps": ["\x00"]}, "Null characters"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_the_words_are_kept(client, sent, sentence):
    words = client.post(WORDS, fields(offers="A slow walk in words.") | sent).content.decode()
    assert sentence in words and "A slow walk in words." in words
    assert not Mentor.objects.exists()


def test_every_hour_is_taken_and_asked_about_gently(client, member):
    client.post(WORDS, fields(hours=[f"{day}-{part}" for day in range(7) for part in range(5)]))
    assert Mentor.objects.get().hours.bit_count() == HOURS
    assert "You chose every hour of the week" in page(client.get(APPLY))


def test_draft_comes_back(client, member):
    own = dict(re.findall(r'<input type="hidden" name="(draft|member)" value="([^"]*)"', client.get(WORDS).content.decode()))
    client.post("/write/draft/", fields(offers="Kept meanwhile.", **own), headers={"HX-Request": "true"})
    words = client.get(WORDS).content.decode()
    assert "Kept meanwhile." in words and "These are your words from before" in words
    assert "Go on with what you began" in page(client.get(APPLY))


def test_form_with_offers_alone_is_kept_as_a_draft(client, member):
    own = dict(re.findall(r'<input type="hidden" name="(draft|member)" value="([^"]*)"', client.get(WORDS).content.decode()))
    client.post("/write/draft/", {"offers": "Only this.", **own}, headers={"HX-Request": "true"})
    assert "Only this." in client.get(WORDS).content.decode()


# The training, and handing in --------------------------------------------------------------------


def test_way_from_the_first_word_to_the_circle(client, member, sign_in):
    client.post(WORDS, fields())
    mentor = Mentor.objects.get()
    refused = client.post(f"{APPLY}send/")
    assert refused.status_code == 403 and "Something is still to do before" in page(refused)
    for lesson in Lesson.objects.in_use():
        where = f"{APPLY}training/{lesson.pk}/"
        assert lesson.name in page(client.get(where))
        sent = {"body": ANSWER} if lesson.is_case else {"agree": "on"}
        assert client.post(where, sent).status_code == 302
    assert "Hand it in" in page(client.get(APPLY))
    assert "Handed in" in page(client.post(f"{APPLY}send/", follow=True))
    mentor.refresh_from_db()
    assert list(Mentor.objects.waiting()) == [mentor] and not in_circle(member)
    assert client.post(f"{APPLY}send/").url == APPLY
    mentor.approve(by=make.user(role="coordinator"))
    assert in_circle(member) and "You are a mentor" in page(client.get(APPLY))
    assert list(Mentor.objects.listed_for(make.user())) == [mentor]


def test_step_is_not_done_without_a_yes_or_with_a_short_answer(client, member):
    client.post(WORDS, fields())
    read, case = Lesson.objects.filter(is_case=False).first(), Lesson.objects.get(is_case=True)
    assert "tick this when you agree" in page(client.post(f"{APPLY}training/{read.pk}/", {}))
    short = client.post(f"{APPLY}training/{case.pk}/", {"body": "I don’t know."})
    assert "A few sentences, please" in page(short) and "I don’t know." in page(short)
    assert not LessonDone.objects.exists()


def test_training_of_nobody_and_a_retired_step_are_not_there(client, member, owner):
    lesson = Lesson.objects.first()
    assert client.get(f"{APPLY}training/{lesson.pk}/").status_code == 404
    client.post(WORDS, fields())
    lesson.retire(by=owner, reason="It was too long.")
    assert client.get(f"{APPLY}training/{lesson.pk}/").status_code == 404
    assert lesson not in [step.lesson for step in becoming.steps(Mentor.objects.get())]
    for key in (0, 10**9, 10**30):
        assert client.get(f"{APPLY}training/{key}/").status_code == 404


def test_newcomer_of_the_first_days_hands_in_later(sign_in, newcomer):
    client = sign_in(newcomer)
    client.post(WORDS, fields())
    trained(Mentor.objects.get())
    response = client.post(f"{APPLY}send/")
    assert response.status_code == 403 and "Look around for some days first" in page(response)


def test_what_was_turned_down_comes_back_with_the_reason(client, member, owner):
    client.post(WORDS, fields())
    mentor = trained(Mentor.objects.get())
    mentor.apply()
    mentor.refuse(by=owner, reason=(reason := ("Please leave out the name of the clinic. " * 24).strip()))
    assert "Please leave out the name of the clinic." in page(client.get("/inbox/"))
    words = page(client.get(APPLY))
    assert "Not, or not yet" in words and reason in words
    assert "I have been through *a* winter." in client.get(WORDS).content.decode()
    assert "Handed in" in page(client.post(f"{APPLY}send/", follow=True))
    assert list(Mentor.objects.waiting()) == [mentor]


def test_news_of_an_application_leads_to_ones_own_page(client, member, owner):
    client.post(WORDS, fields())
    mentor = trained(Mentor.objects.get())
    mentor.apply()
    mentor.refuse(by=owner, reason="Please tell a little more.")
    news = Notification.objects.get(kind="decisions.decision_made")
    statement = client.get(f"/inbox/{news.public_id}/", follow=True)
    assert "Please tell a little more." in page(statement)
    response = client.get(statement.context["place"], follow=True)
    assert response.status_code == 200 and "Not, or not yet" in page(response)


def test_application_can_be_taken_back(client, member):
    client.post(WORDS, fields())
    trained(Mentor.objects.get()).apply()
    client.post(f"{APPLY}stop/")
    assert not Mentor.objects.waiting().exists()
    assert "Your words are still here" in page(client.get(APPLY)).replace("your words are still here", "Your words are still here")
    assert "Handed in" in page(client.post(f"{APPLY}send/", follow=True))
    assert Mentor.objects.waiting().exists()


# Rest and places -----------------------------------------------------------------------------------


def test_resting_mentor_is_in_no_list_and_no_suggestion_from_that_second(client, mentor, sign_in, other):
    search = make.request(other)
    assert suggesting.suggestions(search)
    client.post(f"{APPLY}rest/")
    assert suggesting.suggestions(search) == []
    looking = sign_in(other)
    assert mentor.user.username not in page(looking.get("/mentorship/mentors/"))
    assert looking.get(mentor.get_absolute_url()).status_code == 404
    assert looking.post(f"/mentorship/request/mentors/{mentor.public_id}/ask/").status_code == 200
    assert not Match.objects.exists()
    client.post(f"{APPLY}rest/delete/")
    assert mentor.user.username in page(looking.get("/mentorship/mentors/"))


def test_whoever_is_guided_still_sees_a_mentor_who_rests(client, mentor, sign_in, other):
    make.match(other, mentor)
    client.post(f"{APPLY}rest/")
    words = page(sign_in(other).get(mentor.get_absolute_url()))
    assert "To your room" in words and "rest" not in words.lower().replace("interest", "")


def test_places_act_at_once_and_send_nobody_away(client, mentor, other):
    make.match(other, mentor)
    mentor.refresh_from_db()
    assert mentor.free == 1
    client.post(f"{APPLY}places/", {"capacity": "1"})
    mentor.refresh_from_db()
    assert (mentor.capacity, mentor.free) == (1, 0)
    assert Match.objects.active().filter(mentor=mentor).exists()
    assert not Mentor.objects.listed().exists()
    client.post(f"{APPLY}places/", {"capacity": "5"})
    mentor.refresh_from_db()
    assert mentor.free == 4


@pytest.mark.parametrize("capacity", ["0", "-1", "21", "1e3", "9" * 5000, "\x00", ""])
def test_places_that_cannot_be_are_answered_on_the_page(client, mentor, capacity):
    response = client.post(f"{APPLY}places/", {"capacity": capacity})
    assert response.status_code == 200 and "One thing to look at" in page(response)
    mentor.refresh_from_db()
    assert mentor.capacity == 2


@pytest.mark.parametrize("where", ["rest/", "rest/delete/", "places/"])
def test_only_a_mentor_rests(client, member, where):
    assert client.post(f"{APPLY}{where}").status_code == 404
    client.post(WORDS, fields())
    assert client.post(f"{APPLY}{where}").status_code == 403


# Going on, running out -------------------------------------------------------------------------------


def test_mentor_is_told_once_before_it_runs_out_and_can_go_on(client, mentor, member, owner):
    Mentor.objects.filter(pk=mentor.pk).update(approved_until=timezone.localdate() + timedelta(days=20))
    sweep()
    sweep()
    assert Notification.objects.filter(kind="mentorship.mentor_lapsing").count() == 1
    trained(mentor)
    words = page(client.get(f"{APPLY}renew/"))
    assert "What a mentor is here" in words and "A practice case" not in words
    refused = page(client.post(f"{APPLY}renew/", {}))
    assert "Please tick" in refused
    agreed = {f"agree-{lesson.pk}": "on" for lesson in Lesson.objects.filter(is_case=False)}
    client.post(f"{APPLY}renew/", agreed)
    assert list(Mentor.objects.waiting()) == [mentor] and Mentor.objects.listed().exists()
    assert "You asked to go on" in page(client.get(APPLY))
    assert client.post(f"{APPLY}renew/", agreed).status_code == 403
    mentor.refresh_from_db()
    mentor.approve(by=owner)
    assert mentor.approved_until > timezone.localdate() + timedelta(days=300) and not Mentor.objects.waiting().exists()


def test_turning_a_renewal_down_lets_the_rest_run_on(mentor, member, owner, client):
    Mentor.objects.filter(pk=mentor.pk).update(approved_until=timezone.localdate() + timedelta(days=20))
    mentor.refresh_from_db()
    mentor.ask_to_go_on()
    mentor.refuse(by=owner, reason="Take a year for yourself first, please.")
    assert mentor.is_approved and Mentor.objects.listed().exists() and not mentor.is_waiting
    assert "Take a year for yourself first, please." in page(client.get(APPLY))


def test_going_on_is_not_asked_too_early(client, mentor):
    response = client.get(f"{APPLY}renew/")
    assert response.status_code == 403 and "plenty of time" in page(response)


def test_mentor_whose_time_ran_out_leaves_the_circle_and_keeps_whom_they_guide(mentor, member, other, client):
    guided = make.match(other, mentor)
    asked = make.match(make.user(), mentor, begun=False)
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=False):
        assert not Mentor.objects.approved().exists()
        sweep()
        sweep()
        assert not in_circle(member)
        assert Notification.objects.filter(kind="mentorship.mentor_lapsed").count() == 1
        guided.refresh_from_db()
        asked.refresh_from_db()
        assert guided.is_active and asked.ending == Match.Ending.DECLINED
        mentor.refresh_from_db()
        assert mentor.is_lapsed and mentor.free == 0


# Stopping --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pairs", "goes_on"), [("on", True), ("end", False)])
def test_stopping_asks_what_becomes_of_those_who_are_guided(client, mentor, member, other, pairs, goes_on):
    guided, asked = make.match(other, mentor), make.match(make.user(), mentor, begun=False)
    words = page(client.get(f"{APPLY}stop/"))
    assert other.username in words and "is told kindly" in words
    assert "Thank you for being here for others" in page(client.post(f"{APPLY}stop/", {"pairs": pairs}, follow=True))
    guided.refresh_from_db()
    asked.refresh_from_db()
    assert guided.is_active is goes_on and asked.ending == Match.Ending.DECLINED
    told = set(Notification.objects.filter(recipient=other).values_list("kind", flat=True))
    assert ("mentorship.match_ended" in told) is not goes_on
    assert not in_circle(member) and not Mentor.objects.approved().exists()
    assert client.get(f"{APPLY}stop/").url == APPLY


def test_whoever_guides_somebody_has_to_choose_when_stopping(client, mentor, other):
    make.match(other, mentor)
    assert "Choose how it shall be" in page(client.post(f"{APPLY}stop/", {}))
    assert Mentor.objects.approved().exists()


def test_pair_of_a_mentor_who_stopped_can_still_write_and_end(client, mentor, member, other):
    match = make.match(other, mentor)
    mentor.stand_down()
    make.message(match, member)
    assert match.end(ending="planned")


def test_made_mentor_by_role_is_in_the_circle(db):
    user = make.user(role="mentor")
    assert in_circle(user) and Mentor.objects.listed().get().user == user
    assert Group.objects.get(name=MENTORS) in user.circles


def test_own_page_costs_no_more_for_more_people(client, mentor, django_assert_max_num_queries):
    for _ in range(2):
        make.match(make.user(), mentor)
        mentor.refresh_from_db()
    applying.apply(mentor, ["sleep"], accept=True)
    with django_assert_max_num_queries(24):
        client.get(APPLY)


# A rest between two yeses


def test_a_yes_from_before_a_rest_begins_nothing_and_holds_afterwards(member, author):
    mentor = make.mentor(author)
    question = Match.ask(make.request(member), mentor, origin="coord")
    question.accept(by=author)
    mentor.pause()
    with pytest.raises(CannotBegin, match="just now"):
        question.accept(by=member)
    mentor.resume()
    assert question.accept(by=member)


def test_a_yes_while_one_rests_is_one_s_own_choice(member, author):
    question = make.match(member, author, begun=False)
    question.mentor.pause()
    assert question.accept(by=author)


def test_a_yes_from_before_places_became_fewer_begins_nothing(member, author):
    mentor = make.mentor(author, capacity=2)
    question = Match.ask(make.request(member), mentor, origin="coord")
    question.accept(by=author)
    make.match(make.user(), mentor)
    mentor.set_capacity(1)
    with pytest.raises(CannotBegin, match="last place is taken"):
        question.accept(by=member)
