"""A planned end, what is said then, words for others, and asking for each other again."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from community.members.models import Block
from community.notifications.models import Notification, Outgoing
from mentorship import along, resuming
from mentorship.facts import apart_from
from mentorship.models import CannotBegin, Concern, Match, Mentor, Request, RoomClosed
from tests import make
from tests.addresses import checksums

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(member, author):
    """`member` is the newcomer, `author` the mentor; they are together."""
    return make.match(member, author)


@pytest.fixture
def memory(match):
    match.end(ending="planned")
    return match


def after(**time):
    return time_machine.travel(timezone.now() + timedelta(minutes=1, **time))


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def news(user, kind):
    return Notification.objects.filter(recipient=user, kind=f"mentorship.{kind}")


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def url(match, rest=""):
    return f"/mentorship/matches/{match.public_id}/{rest}"


def now(match):
    match.refresh_from_db()
    return match


VERBS = ("ending/delete/", "testimonial/delete/", "testimonial/shown/", "testimonial/shown/delete/", "again/", "again/delete/")


@pytest.mark.parametrize("who", ["other", "moderator", "owner"])
def test_for_everybody_else_there_is_nothing_of_it(request, sign_in, match, who):
    client = sign_in(request.getfixturevalue(who))
    for rest in ("no-fit/", "ending/", "parting/"):
        assert client.get(url(match, rest)).status_code == 404, rest
    for rest in ("no-fit/", "ending/", "parting/", *VERBS):
        assert client.post(url(match, rest), {"on": "2027-01-01"}).status_code == 404, rest
    assert now(match).is_active


def test_what_changes_something_is_never_done_by_looking(sign_in, match, member):
    for rest in VERBS:
        assert sign_in(member).get(url(match, rest)).status_code == 405, rest
    assert sign_in(member).get("/mentorship/request/resume/").status_code == 405


# A planned end ----------------------------------------------------------------------------


def test_a_last_day_is_put_down_and_the_other_one_told(sign_in, match, member, author):
    day = in_days(20)
    sign_in(member).post(url(match, "ending/"), {"on": day.isoformat()})
    assert now(match).ending_planned_for == day
    assert news(author, "ending_planned").exists()
    assert not news(member, "ending_planned").exists()
    for user in (member, author):
        assert "Your last day together" in words(sign_in(user).get(url(match)))


def test_either_chooses_another_day_or_none(sign_in, match, member, author):
    match.plan_ending(in_days(20), by=member)
    sign_in(author).post(url(match, "ending/"), {"on": in_days(40).isoformat()})
    assert now(match).ending_planned_for == in_days(40)
    assert news(member, "ending_planned").exists()
    sign_in(member).post(url(match, "ending/delete/"))
    assert now(match).ending_planned_for is None
    assert now(match).is_active


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01", "9999-12-31", "2027-02-31", "\x00", "1" * 500])
def test_a_day_that_is_none_is_said(sign_in, match, member, day):
    response = sign_in(member).post(url(match, "ending/"), {"on": day})
    assert response.status_code == 200
    assert "data-error-summary" in words(response)
    assert now(match).ending_planned_for is None


def test_both_are_reminded_once_a_few_days_before(match, member, author):
    match.plan_ending(in_days(20), by=member)
    with after(days=16):
        along.keep_to_planned_ends()
    assert not news(member, "ending_approached").exists()
    for _ in range(2):
        with after(days=17):
            along.keep_to_planned_ends()
            news(member, "ending_approached").mark_read()
    assert news(member, "ending_approached").count() == news(author, "ending_approached").count() == 1


def test_another_day_is_reminded_of_anew_and_one_that_is_near_is_not(match, member):
    match.plan_ending(in_days(20), by=member)
    with after(days=18):
        along.keep_to_planned_ends()
        news(member, "ending_approached").mark_read()
        match.plan_ending(in_days(30), by=member)
    with after(days=46):
        along.keep_to_planned_ends()
    assert news(member, "ending_approached").count() == 2
    other = make.match()
    other.plan_ending(in_days(2), by=other.newcomer)
    along.keep_to_planned_ends()
    assert not news(other.newcomer, "ending_approached").exists()


def test_it_ends_by_itself_after_that_day(match, member, author):
    match.plan_ending(in_days(5), by=member)
    with after(days=5):
        along.keep_to_planned_ends()
        assert now(match).is_active
    with after(days=6):
        along.keep_to_planned_ends()
        assert (now(match).ending, match.place) == ("planned", None)
        assert Mentor.objects.get(user=author).free == 1
        assert news(member, "match_ended").exists()
        assert news(author, "match_ended").exists()


def test_a_room_that_rests_does_not_end_by_its_day(match, member):
    match.plan_ending(in_days(5), by=member)
    match.freeze()
    with after(days=8):
        along.keep_to_planned_ends()
    assert now(match).is_active


def test_no_day_is_planned_in_a_room_that_rests_or_is_over(sign_in, match, member):
    match.freeze()
    assert sign_in(member).post(url(match, "ending/"), {"on": in_days(5).isoformat()}).status_code == 403
    match.end(ending="stopped", by=member)
    assert sign_in(member).get(url(match, "ending/")).status_code == 403
    with pytest.raises(RoomClosed):
        match.plan_ending(in_days(5), by=member)


# What is said at the end --------------------------------------------------------------------


def test_it_ends_now_with_a_thank_you_that_the_other_one_reads(sign_in, match, member, author):
    said = {"thanks": "For every Sunday.", "feedback": "More Sundays.", "testimonial": "They listen.", "is_named": ""}
    response = sign_in(member).post(url(match, "parting/"), said, follow=True)
    assert "It is over" in words(response)
    assert (now(match).ending, match.ended_by) == ("planned", "newcomer")
    page = words(sign_in(author).get(url(match)))
    assert "For every Sunday." in page
    assert "They listen." in page
    assert "More Sundays" not in page
    assert news(author, "match_ended").exists()
    assert news(author, "testimonial_written").exists()
    assert not news(author, "thanks_written").exists()


def test_an_empty_goodbye_is_enough(sign_in, match, author):
    sign_in(author).post(url(match, "parting/"), {})
    assert (now(match).ending, match.ended_by) == ("planned", "mentor")


def test_the_other_one_says_thank_you_afterwards(sign_in, memory, member, author):
    client = sign_in(author)
    assert "Say thank you, and how it was" in words(client.get(url(memory)))
    for words_ in ("For the frogs.", "For all the frogs."):
        client.post(url(memory, "parting/"), {"thanks": words_, "feedback": ""})
        assert words_ in words(sign_in(member).get(url(memory)))
    assert news(member, "thanks_written").count() == 1
    assert news(member, "thanks_written").get().note == ""


def test_a_mentor_writes_no_words_about_themselves(sign_in, memory, author):
    sign_in(author).post(url(memory, "parting/"), {"testimonial": "I am wonderful.", "is_named": "on"})
    assert now(memory).testimonial == ""


@pytest.mark.parametrize("ending", ["no_fit", "stopped", "safety"])
def test_after_another_end_no_words_go_to_the_other_one(sign_in, match, member, author, ending):
    match.end(ending=ending, by=member)
    page = words(sign_in(member).get(url(match, "parting/")))
    assert 'name="thanks"' not in page
    assert 'name="testimonial"' not in page
    sign_in(member).post(url(match, "parting/"), {"thanks": "But why?", "testimonial": "Hm.", "feedback": "It was hard."})
    assert (now(match).newcomer_thanks, match.testimonial, match.newcomer_feedback) == ("", "", "It was hard.")
    assert not news(author, "thanks_written").exists()


def test_after_a_block_no_words_go_to_the_other_one(sign_in, memory, member, author):
    Block.objects.create(blocker=author, blocked=member)
    sign_in(member).post(url(memory, "parting/"), {"thanks": "But why?"})
    assert now(memory).newcomer_thanks == ""


def test_a_goodbye_is_asked_about_ways_to_reach_somebody(sign_in, match, member):
    response = sign_in(member).post(url(match, "parting/"), {"thanks": "Ring me: 07700 900123."})
    assert "It looks as if there is a phone number" in words(response)
    assert now(match).is_active


def test_in_a_room_that_rests_nothing_is_said(sign_in, match, member):
    match.freeze()
    assert sign_in(member).post(url(match, "parting/"), {"thanks": "Hello?"}).status_code == 403
    assert now(match).is_active


def test_words_that_are_changed_for_ever_call_nobody_again(memory, member, author):
    for number in range(3):
        memory.part(by=member, thanks=f"Thank you {number}.", testimonial=f"They listen {number}.")
        memory.show_testimonial(seen=memory.testimonial_stamp)
        for user in (member, author):
            Notification.objects.filter(recipient=user).mark_read()
        memory.part(by=member, thanks="", testimonial="")
    assert news(author, "thanks_written").count() == news(author, "testimonial_written").count() == 1
    assert news(member, "testimonial_shown").count() == 1


def test_what_happens_while_somebody_writes_is_looked_at_again(match, member, author):
    """The page let them write; by the time that it is sent no words pass any more."""
    stale = Match.objects.get(pk=match.pk)
    match.freeze()
    with pytest.raises(RoomClosed):
        stale.part(by=member, thanks="For every Sunday.")
    assert now(match).is_active
    match.end(ending="safety")
    with pytest.raises(RoomClosed):
        stale.part(by=member, testimonial="They listen.")
    Match.objects.filter(pk=match.pk).update(frozen_at=None, ending="no_fit")
    with pytest.raises(RoomClosed):
        stale.part(by=member, thanks="But why?")
    stale.part(by=member, feedback="It was hard.")
    assert (now(match).newcomer_thanks, match.testimonial, match.newcomer_feedback) == ("", "", "It was hard.")


def test_a_second_goodbye_changes_nothing(sign_in, match, member):
    client = sign_in(member)
    said = {"thanks": "For every Sunday.", "feedback": "", "testimonial": "They listen."}
    client.post(url(match, "parting/"), said)
    before = checksums(but=("django_session",))
    client.post(url(match, "parting/"), said)
    assert checksums(but=("django_session",)) == before


# Words for others -----------------------------------------------------------------------------


@pytest.fixture
def told(memory, member):
    memory.part(by=member, testimonial="They listen, even to frogs.")
    return memory


def shown_to(viewer, match):
    viewer.is_here = True
    return list(match.mentor.matches.testimonials_for(viewer))


def test_others_read_it_only_if_the_mentor_shows_it(sign_in, told, member, author, other):
    assert shown_to(other, told) == []
    client = sign_in(author)
    stamp = re.search(r'name="seen" value="(\w+)"', client.get(url(told)).content.decode())[1]
    client.post(url(told, "testimonial/shown/"), {"seen": stamp})
    assert shown_to(other, told) == [told]
    assert news(member, "testimonial_shown").exists()
    client.post(url(told, "testimonial/shown/delete/"))
    assert shown_to(other, told) == []


def test_a_newcomer_does_not_choose_that_it_is_shown(sign_in, told, member, other):
    assert sign_in(member).post(url(told, "testimonial/shown/"), {"seen": told.testimonial_stamp}).status_code == 403
    assert shown_to(other, told) == []


def test_nobody_shows_what_they_have_not_read(sign_in, told, member, author, other):
    seen = told.testimonial_stamp
    told.part(by=member, testimonial="Other words.")
    for stamp in (seen, "", "\x00", "x" * 500):
        response = sign_in(author).post(url(told, "testimonial/shown/"), {"seen": stamp}, follow=True)
        assert "Read them once more" in words(response)
    assert shown_to(other, told) == []


def test_other_words_are_for_the_mentor_to_choose_anew(told, member, other):
    told.show_testimonial(seen=told.testimonial_stamp)
    told.part(by=member, testimonial="They listen.", is_named=True)
    assert shown_to(other, told) == []


def test_thanks_alone_leave_the_words_as_they_are(told, member, other):
    told.show_testimonial(seen=told.testimonial_stamp)
    told.part(by=member, testimonial=told.testimonial, thanks="For all of it.")
    assert shown_to(other, told) == [told]


def test_the_newcomer_takes_it_back_at_any_time(sign_in, told, member, author, other):
    told.show_testimonial(seen=told.testimonial_stamp)
    assert sign_in(author).post(url(told, "testimonial/delete/")).status_code == 403
    sign_in(member).post(url(told, "testimonial/delete/"))
    assert shown_to(other, told) == []
    assert "frogs" not in words(sign_in(author).get(url(told)))


def test_it_stands_there_without_a_name_unless_the_newcomer_chose_so(told, member):
    assert not told.testimonial_is_named
    told.part(by=member, testimonial="They listen.", is_named=True)
    assert now(told).testimonial_is_named


def test_nobody_reads_words_of_somebody_they_keep_away_from_or_who_is_gone(told, member, other, guest):
    told.part(by=member, testimonial="They listen.", is_named=True)
    told.show_testimonial(seen=told.testimonial_stamp)
    assert list(told.mentor.matches.testimonials_for(guest)) == []
    block = Block.objects.create(blocker=other, blocked=member)
    assert shown_to(other, told) == []
    block.delete()
    member.is_active = False
    member.save()
    assert shown_to(other, told) == []


def test_a_block_does_not_tell_who_wrote_words_without_a_name(told, member, other):
    told.show_testimonial(seen=told.testimonial_stamp)
    Block.objects.create(blocker=other, blocked=member)
    assert shown_to(other, told) == [told]


# Asking for each other again -----------------------------------------------------------------


def test_when_both_ask_they_begin_again(sign_in, memory, member, author):
    response = sign_in(member).post(url(memory, "again/"), follow=True)
    assert "It begins if you both ask for it" in words(response)
    assert Match.objects.active().count() == 0
    assert news(author, "match_asked_again").exists()
    response = sign_in(author).post(url(memory, "again/"), follow=True)
    new = Match.objects.active().get()
    assert (new.origin, new.newcomer, new.mentor_id) == ("again", member, author.pk)
    assert response.redirect_chain[-1][0] == url(new)
    assert new.request.ending == "found"
    assert news(member, "match_begun").exists()


def test_one_alone_begins_nothing_and_can_think_again(sign_in, memory, member, author):
    client = sign_in(member)
    client.post(url(memory, "again/"))
    client.post(url(memory, "again/delete/"))
    sign_in(author).post(url(memory, "again/"))
    assert not Match.objects.active().exists()
    assert now(memory).newcomer_asks_again_at is None


def test_the_other_one_is_told_once_and_only_after_a_good_end(sign_in, memory, member, author):
    client = sign_in(member)
    for _ in range(3):
        client.post(url(memory, "again/"))
        client.post(url(memory, "again/delete/"))
        news(author, "match_asked_again").mark_read()
    assert news(author, "match_asked_again").count() == 1
    stopped = make.match(make.user(), make.mentor())
    stopped.end(ending="stopped", by=stopped.newcomer)
    resuming.ask_again(stopped, by=stopped.newcomer)
    assert not news(stopped.mentor.user, "match_asked_again").exists()


def test_they_begin_as_soon_as_there_is_a_place(memory, member, author):
    other = make.match(mentor=author)
    resuming.ask_again(memory, by=member)
    assert resuming.ask_again(memory, by=author) is None
    along.bring_together_again()
    assert not Match.objects.active().filter(newcomer=member).exists()
    assert not Request.objects.filter(user=member, closed_at=None).exists()
    other.end(ending="planned")
    along.bring_together_again()
    assert Match.objects.active().get(newcomer=member).origin == "again"


def test_a_wish_from_long_ago_holds_no_more(memory, member, author):
    resuming.ask_again(memory, by=member)
    with after(days=61):
        along.bring_together_again()
        assert now(memory).newcomer_asks_again_at is None
        assert resuming.ask_again(memory, by=author) is None
    assert not Match.objects.active().exists()


def test_a_wish_that_came_true_stays_true_for_the_database(memory, member, author):
    """The old match lets the new one be only as long as both wishes stand in it."""
    resuming.ask_again(memory, by=member)
    new = resuming.ask_again(memory, by=author)
    with after(days=100):
        along.bring_together_again()
        resuming.leave_again(now(memory), by=member)
        resuming.forget_wish(memory)
    assert now(memory).is_asked_by_both
    assert now(new).is_active
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.filter(pk=memory.pk).update(newcomer_asks_again_at=None)


def test_the_next_time_both_have_to_ask_anew(memory, member, author):
    resuming.ask_again(memory, by=member)
    second = resuming.ask_again(memory, by=author)
    second.end(ending="planned")
    along.bring_together_again()
    assert not Match.objects.active().exists()
    assert resuming.ask_again(now(memory), by=member) is None
    resuming.ask_again(second, by=author)
    assert resuming.ask_again(second, by=member).is_active


def door(client, match):
    page = words(client.get(url(match))).partition('id="again"')[2].partition("</section>")[0]
    return re.sub(r'value="[^"]*"', "", page)


def test_an_end_for_safety_looks_like_any_other_and_its_door_leads_nowhere(sign_in, match, member, author):
    match.end(ending="stopped")
    before = [door(sign_in(user), match) for user in (member, author)]
    Match.objects.filter(pk=match.pk).update(ending="safety")
    assert before == [door(sign_in(user), match) for user in (member, author)]
    assert "You can begin again when you both ask for it." in before[0]
    for user in (member, author):
        response = sign_in(user).post(url(match, "again/"), follow=True)
        assert "It begins if you both ask for it" in words(response)
    along.bring_together_again()
    assert not Match.objects.active().exists()
    assert not news(author, "match_asked_again").exists()
    assert not news(member, "match_asked_again").exists()


def test_after_an_end_for_safety_nobody_brings_them_together_and_nothing_suggests_it(match, member, author):
    match.end(ending="safety")
    for by in (member, author):
        resuming.ask_again(now(match), by=by)
    search = make.request(member)
    assert author.pk in apart_from(search)
    with pytest.raises(CannotBegin):
        Match.ask(search, match.mentor)
    place = match.mentor.first_free_place.number
    soon, begun = timezone.now(), {"newcomer_accepted_at": timezone.now(), "mentor_accepted_at": timezone.now()}
    bare = Match(request=search, newcomer=member, mentor=match.mentor, answer_until=soon, began_at=soon, place=place, **begun)
    with pytest.raises(IntegrityError), transaction.atomic():
        bare.save()


def test_whoever_is_blocked_does_not_learn_it_from_the_door(sign_in, memory, member, author):
    Block.objects.create(blocker=author, blocked=member)
    assert "The door stays open" in words(sign_in(member).get(url(memory)))
    assert sign_in(member).post(url(memory, "again/")).status_code == 302
    assert not news(author, "match_asked_again").exists()
    assert sign_in(author).post(url(memory, "again/")).status_code == 403
    Match.objects.filter(pk=memory.pk).update(mentor_asks_again_at=timezone.now())
    along.bring_together_again()
    assert not Match.objects.active().exists()


@pytest.mark.parametrize("who", ["member", "author"])
def test_while_a_lead_looks_at_something_nobody_begins_again(request, memory, member, author, who):
    concern = Concern.call(memory, by=request.getfixturevalue(who))
    for by in (member, author):
        assert resuming.ask_again(now(memory), by=by) is None
    along.bring_together_again()
    assert not Match.objects.active().exists()
    Concern.objects.filter(pk=concern.pk).update(closed_at=timezone.now())
    along.bring_together_again()
    assert Match.objects.active().exists()


def test_a_newcomer_who_has_somebody_else_by_now_keeps_them(memory, member, author):
    current = make.match(member, make.mentor())
    resuming.ask_again(memory, by=member)
    assert resuming.ask_again(memory, by=author) is None
    assert Match.objects.active().get(newcomer=member) == current


def test_an_open_search_is_the_one_that_has_found_somebody(memory, member, author):
    search = make.request(member)
    asked = Match.ask(search, make.mentor())
    resuming.ask_again(memory, by=member)
    new = resuming.ask_again(memory, by=author)
    assert new.request == search
    search.refresh_from_db()
    assert search.ending == "found"
    assert now(asked).ending == "back"


def test_mails_say_nothing_of_what_was_said(memory, member, author, settings):
    memory.part(by=member, thanks="For the frogs.", feedback="Frogs.", testimonial="Frogs, too.")
    for each in Notification.objects.all():
        assert "rogs" not in each.note
    assert not any("rogs" in mail.body for mail in Outgoing.objects.all())
