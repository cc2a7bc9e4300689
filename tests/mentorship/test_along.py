"""Along the way: who is asked how it goes, whom a long quiet sets free, what runs out, and looking on when it does not fit."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from community.members.models import Block
from community.notifications.models import Notification
from community.tags import applying
from mentorship import along, resuming, seeking, tasks
from mentorship.models import CheckIn, Match, Mentor, Request
from tests import make
from tests.addresses import checksums

pytestmark = pytest.mark.django_db
TASKS = (
    tasks.see_off_the_gone,
    tasks.let_run_out,
    tasks.ask_how_it_goes,
    tasks.look_after_the_quiet,
    tasks.keep_to_planned_ends,
    tasks.bring_together_again,
)


@pytest.fixture
def match(member, author):
    """`member` is the newcomer, `author` the mentor; they are together."""
    return make.match(member, author)


def after(**time):
    """So long from now, and a little: times of rows are in steps of five minutes."""
    return time_machine.travel(timezone.now() + timedelta(minutes=1, **time))


def turn():
    for task in TASKS:
        task(timestamp=0)


def news(user, kind):
    return Notification.objects.filter(recipient=user, kind=f"mentorship.{kind}")


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def both_write(match):
    make.message(match, match.newcomer)
    make.message(match, match.mentor.user)


def asked_of(match, user, **fields):
    return CheckIn.objects.get(match=match, user=user, **fields)


def url(match, rest=""):
    return f"/mentorship/matches/{match.public_id}/{rest}"


# Check-ins --------------------------------------------------------------------------------


def test_each_is_asked_alone_when_both_have_written(match, member, author):
    along.ask_how_it_goes()
    make.message(match, member)
    along.ask_how_it_goes()
    assert not CheckIn.objects.exists()
    make.message(match, author)
    along.ask_how_it_goes()
    assert sorted(CheckIn.objects.values_list("user", "kind", "number")) == sorted([(member.pk, "fit", 1), (author.pk, "fit", 1)])
    for user in (member, author):
        assert news(user, "checkin_asked").get().thread == asked_of(match, user).public_id


def test_whoever_has_not_met_after_a_week_is_asked_too(match):
    with after(days=6):
        along.ask_how_it_goes()
        assert not CheckIn.objects.exists()
    with after(days=7):
        along.ask_how_it_goes()
        assert set(CheckIn.objects.values_list("kind", "number")) == {("fit", 1)}


def test_then_after_two_weeks_a_month_and_every_sixty_days(match):
    both_write(match)
    asked = {}
    for day in range(0, 160, 2):
        with after(days=day):
            Match.objects.update(spoke_at=timezone.now())
            along.ask_how_it_goes()
            number = CheckIn.objects.order_by("-number").values_list("number", flat=True).first()
            asked.setdefault(number, day)
    assert asked == {1: 0, 2: 14, 3: 30, 4: 90, 5: 150}
    assert set(CheckIn.objects.exclude(number=1).values_list("kind", flat=True)) == {"along"}


def test_of_what_was_missed_only_the_newest_is_asked(match):
    with after(days=95):
        along.ask_how_it_goes()
        assert list(CheckIn.objects.values_list("number", "kind")) == [(4, "fit")] * 2


def test_nobody_is_asked_in_a_room_that_rests_or_is_over(match):
    match.freeze()
    with after(days=20):
        along.ask_how_it_goes()
    match.end(ending="stopped", by=match.newcomer)
    with after(days=40):
        along.ask_how_it_goes()
    assert not CheckIn.objects.exists()


@pytest.fixture
def check_in(match, member):
    both_write(match)
    along.ask_how_it_goes()
    return asked_of(match, member)


def test_one_press_answers_and_the_other_one_sees_nothing_of_it(sign_in, check_in, member, author, match):
    client = sign_in(member)
    page = words(client.get(check_in.get_absolute_url()))
    assert "the coordinators, and no coordinator who is one of you two" in page
    assert news(member, "checkin_asked").get().is_read
    response = client.post(check_in.get_absolute_url(), {"answer": "deciding", "body": "A word of mine."}, follow=True)
    assert "Only the coordinators read that" in words(response)
    check_in.refresh_from_db()
    assert (check_in.answer, check_in.words, check_in.seen_at) == ("deciding", "A word of mine.", None)
    assert check_in.is_answered
    for rest in ("", "parting/", "stop/"):
        assert "A word of mine" not in words(sign_in(author).get(url(match, rest)))


@pytest.mark.parametrize("who", ["author", "other", "moderator", "owner"])
def test_for_everybody_else_there_is_no_such_question(request, sign_in, check_in, who):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(check_in.get_absolute_url()).status_code == 404
    assert client.post(check_in.get_absolute_url(), {"answer": "good"}).status_code == 404


def test_a_guest_is_led_to_sign_in(client, check_in):
    assert client.get(check_in.get_absolute_url()).status_code in (302, 404)


def test_an_answer_can_be_changed_and_is_read_anew(sign_in, check_in, member, match):
    check_in.say("good")
    match.read_check_ins(by=make.user(role="coordinator"))
    client = sign_in(member)
    page = client.get(check_in.get_absolute_url()).content.decode()
    assert re.search(r'value="good"[^>]* checked', page)
    client.post(check_in.get_absolute_url(), {"answer": "not"})
    check_in.refresh_from_db()
    assert (check_in.answer, check_in.seen_at) == ("not", None)


@pytest.mark.parametrize("answer", ["", "wonderful", "good\x00"])
def test_an_answer_that_is_none_is_said(sign_in, check_in, member, answer):
    response = sign_in(member).post(check_in.get_absolute_url(), {"answer": answer})
    assert response.status_code == 200
    assert "Choose one of the three" in words(response)
    check_in.refresh_from_db()
    assert not check_in.is_answered


def test_not_a_good_fit_leads_to_the_end_and_to_help(sign_in, check_in, member, match):
    response = sign_in(member).post(check_in.get_absolute_url(), {"answer": "not"}, follow=True)
    page = words(response)
    assert "It doesn’t fit, and that’s all right" in page
    assert 'href="/help/"' in page
    match.refresh_from_db()
    assert match.is_active


def test_not_a_good_fit_ends_it_and_shows_others_in_the_same_step(sign_in, check_in, member, match):
    somebody_else = make.mentor()
    response = sign_in(member).post(check_in.get_absolute_url(), {"answer": "not", "ends": "on"}, follow=True)
    assert response.redirect_chain[-1][0] == "/mentorship/request/mentors/"
    assert somebody_else.user.username in words(response)
    match.refresh_from_db()
    assert match.ending == "no_fit"


def test_a_good_fit_ends_nothing_whatever_is_ticked(sign_in, check_in, member, match):
    sign_in(member).post(check_in.get_absolute_url(), {"answer": "good", "ends": "on"})
    match.refresh_from_db()
    assert match.is_active


def test_when_it_is_over_nobody_is_asked_any_more(sign_in, check_in, member, match):
    match.end(ending="stopped", by=member)
    assert "May we ask how it goes" not in words(sign_in(member).get("/inbox/"))
    assert sign_in(member).get(check_in.get_absolute_url()).status_code == 302
    assert sign_in(member).post(check_in.get_absolute_url(), {"answer": "good"}).status_code == 302
    check_in.refresh_from_db()
    assert not check_in.is_answered


# A long quiet -----------------------------------------------------------------------------


def test_two_quiet_weeks_are_asked_about_once(match, member, author):
    with after(days=13):
        turn()
    assert not news(member, "match_nudged").exists()
    for day in (14, 15, 18):
        with after(days=day):
            news(member, "match_nudged").mark_read()
            turn()
    assert news(member, "match_nudged").count() == news(author, "match_nudged").count() == 1


def test_a_word_begins_the_time_anew(match, member):
    with after(days=14):
        turn()
    with after(days=15):
        make.message(match, member)
        news(member, "match_nudged").mark_read()
    with after(days=28):
        turn()
        assert news(member, "match_nudged").count() == 1
    with after(days=30):
        turn()
        assert news(member, "match_nudged").count() == 2


def test_three_quiet_weeks_are_for_a_coordinator_to_look_at(match):
    other = make.match()
    with after(days=20):
        make.message(other)
        assert not Match.objects.stuck().exists()
    with after(days=22):
        assert Match.objects.stuck().get() == match


def quiet_until(day):
    """The turns of a worker, every day until that one."""
    for each in range(1, day + 1):
        with after(days=each):
            turn()


def test_five_quiet_weeks_set_both_free(sign_in, match, member, author):
    waiting_since = match.request.waiting_since
    quiet_until(34)
    match.refresh_from_db()
    assert match.is_active
    with after(days=35, hours=1):
        turn()
        match.refresh_from_db()
        assert (match.ending, match.ended_by) == ("quiet", "programme")
        assert Mentor.objects.get(user=author).free == 1
        for user in (member, author):
            assert news(user, "match_released").exists()
            assert not news(user, "match_ended").exists()
        page = words(sign_in(member).get(url(match)))
        assert "nobody did anything wrong" in page
        assert "you keep your turn" in page
        somebody_else = make.mentor()
        response = sign_in(member).post("/mentorship/request/resume/", follow=True)
        assert somebody_else.user.username in words(response)
        assert Request.objects.get(user=member, closed_at=None).waiting_since == waiting_since


def test_nobody_is_released_who_was_not_asked_before(match, member):
    """After the worker stood still for a long time, too."""
    with after(days=80):
        turn()
        match.refresh_from_db()
        assert match.is_active
    with after(days=99):
        turn()
        match.refresh_from_db()
        assert match.is_active
    with after(days=101):
        turn()
        match.refresh_from_db()
        assert match.ending == "quiet"


def test_a_room_that_rests_is_quiet_on_purpose(match):
    match.freeze()
    quiet_until(40)
    match.refresh_from_db()
    assert match.is_active
    assert match.nudged_at is None
    assert not Match.objects.stuck().exists()


def test_a_last_day_that_they_planned_is_waited_for(match, member):
    match.plan_ending(timezone.localdate() + timedelta(days=60), by=member)
    quiet_until(45)
    match.refresh_from_db()
    assert match.is_active


def test_the_room_says_when_it_closes(sign_in, match, member):
    assert "It has been quiet here" not in words(sign_in(member).get(url(match)))
    with after(days=15):
        turn()
        assert "It has been quiet here for a while" in words(sign_in(member).get(url(match)))


# It does not fit --------------------------------------------------------------------------


@pytest.fixture
def asked_for(match):
    """What the newcomer had asked for: a bit of everything."""
    search = match.request
    Request.objects.filter(pk=search.pk).update(
        wished_gender="woman",
        weigh_hours="low",
        most_important="lived",
        shares=["lived", "topics"],
        struck=["hours"],
        waiting_since=timezone.now() - timedelta(days=50),
        flagged_at=timezone.now(),
        time_zone="Europe/Berlin",
    )
    applying.apply(search, ["sleep", "caring"])
    search.set_without(applying.resolve(["work"]))
    seeking.note(search, make.mentor(), "not")
    search.refresh_from_db()
    return search


def test_it_ends_and_the_search_goes_on_with_all_that_was_asked_for(sign_in, match, member, author, asked_for):
    client = sign_in(member)
    assert "need not be good for each other" in words(client.get(url(match, "no-fit/")))
    response = client.post(url(match, "no-fit/"))
    assert response["Location"] == "/mentorship/request/mentors/"
    match.refresh_from_db()
    assert (match.ending, match.ended_by, match.place) == ("no_fit", "newcomer", None)
    new = Request.objects.get(user=member, closed_at=None)
    same = (
        "need",
        "hopes",
        "languages",
        "time_zone",
        "hours",
        "wished_gender",
        "weigh_hours",
        "most_important",
        "shares",
        "struck",
    )
    for name in (*same, "waiting_since", "flagged_at"):
        assert getattr(new, name) == getattr(asked_for, name), name
    assert {tag.name for tag in new.tags.all()} == {"sleep", "caring"}
    assert [each.tag.name for each in new.without.all()] == ["work"]
    assert new.noted.get().how == "not"
    assert new.tag_bits
    assert new.without_bits


def test_the_mentor_is_told_neutrally(sign_in, match, member, author):
    sign_in(member).post(url(match, "no-fit/"))
    assert news(author, "match_ended").get().note == ""
    page = words(sign_in(author).get(url(match)))
    assert "Your time together is over" in page
    assert "fit" not in page
    assert "looking" not in page


def test_the_mentor_of_before_is_not_suggested_again(sign_in, match, member, author):
    response = sign_in(member).post(url(match, "no-fit/"), follow=True)
    assert "We looked for somebody" in words(response)
    assert author.username not in words(response)


def test_a_mentor_ends_it_and_the_newcomer_looks_on_in_one_press(sign_in, match, member, author):
    response = sign_in(author).post(url(match, "no-fit/"))
    assert response["Location"] == url(match)
    assert not Request.objects.filter(closed_at=None).exists()
    assert news(member, "match_ended").exists()
    client = sign_in(member)
    assert "Go on looking" in words(client.get(url(match)))
    client.post("/mentorship/request/resume/")
    assert Request.objects.get(closed_at=None).waiting_since == match.request.waiting_since


def test_somebody_rests_first(sign_in, match, member):
    response = sign_in(member).post(url(match, "no-fit/"), {"rest": "yes"})
    assert response["Location"] == url(match)
    assert not Request.objects.filter(closed_at=None).exists()


def test_a_second_press_changes_nothing(sign_in, match, member):
    client = sign_in(member)
    client.post(url(match, "no-fit/"))
    before = checksums(but=("django_session",))
    assert client.post(url(match, "no-fit/"))["Location"] == url(match)
    client.post("/mentorship/request/resume/")
    assert checksums(but=("django_session",)) == before


def test_whoever_has_new_rules_to_read_can_end_it_all_the_same(sign_in, match, member):
    member.acceptances.all().delete()
    assert sign_in(member).post(url(match, "no-fit/")).status_code == 302
    match.refresh_from_db()
    assert match.is_over
    assert not Request.objects.filter(closed_at=None).exists()
    assert "Read and agree" in words(sign_in(member).get(url(match)))


def test_nobody_looks_on_with_a_mentor_or_without_ever_having_looked(sign_in, match, member, other):
    assert sign_in(member).post("/mentorship/request/resume/").status_code == 403
    response = sign_in(other).post("/mentorship/request/resume/")
    assert response["Location"] == "/mentorship/request/new/"
    assert not Request.objects.filter(closed_at=None).exists()


def test_a_search_taken_back_begins_at_the_end_of_the_line_again(member):
    search = make.request(member)
    Request.objects.update(waiting_since=timezone.now() - timedelta(days=50))
    search.refresh_from_db()
    seeking.take_back(search)
    assert timezone.now() - resuming.resume(member).waiting_since < timedelta(hours=1)


# What runs out ------------------------------------------------------------------------------


def test_a_question_that_nobody_answered_is_taken_back(member, author):
    question = make.match(member, author, begun=False)
    with after(days=6):
        turn()
        question.refresh_from_db()
        assert question.is_open
    with after(days=7):
        turn()
        question.refresh_from_db()
        assert question.ending == "expired"
        assert Mentor.objects.get(user=author).free == 1
        assert news(member, "match_expired").exists()


def test_a_search_rests_after_three_months_and_goes_on_in_one_press(sign_in, member):
    search = make.request(member, need="Somebody to write to on Sundays.")
    with after(days=90):
        turn()
        search.refresh_from_db()
        assert search.is_open
    with after(days=91, hours=1):
        turn()
        search.refresh_from_db()
        assert search.ending == "out"
        client = sign_in(member)
        assert "Your words are kept" in words(client.get("/inbox/"))
        assert "Go on looking, with these words" in words(client.get("/mentorship/request/"))
        client.post("/mentorship/request/resume/")
        new = Request.objects.get(user=member, closed_at=None)
        assert (new.need, new.waiting_since) == ("Somebody to write to on Sundays.", search.waiting_since)


def test_a_search_with_an_open_question_waits_for_the_answer(member, author):
    search = make.request(member)
    Request.objects.update(open_until=timezone.localdate() - timedelta(days=1))
    make.match(member, author, begun=False)
    turn()
    search.refresh_from_db()
    assert search.is_open


def test_a_prolonged_search_stays_open(member):
    search = make.request(member)
    with after(days=89):
        seeking.prolong(search)
    with after(days=100):
        turn()
        search.refresh_from_db()
        assert search.is_open


# Somebody goes ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["member", "author"])
def test_when_one_is_not_here_any_more_the_other_hears_that_it_is_over(request, match, member, author, who):
    gone, left = (member, author) if who == "member" else (author, member)
    gone.is_active = False
    gone.save()
    turn()
    match.refresh_from_db()
    assert match.ending == "stopped"
    assert news(left, "match_ended").exists()
    assert not news(gone, "match_ended").exists()


def test_questions_and_searches_of_the_gone_are_closed(member, author, other):
    question = make.match(member, author, begun=False)
    to_the_gone = make.match(other, make.mentor(gone := make.user()), begun=False)
    for user in (member, gone):
        user.is_active = False
        user.save()
    turn()
    for each in (question, to_the_gone):
        each.refresh_from_db()
        assert each.is_over
    assert not Request.objects.filter(user=member, closed_at=None).exists()
    assert Request.objects.filter(user=other, closed_at=None).exists()
    assert news(other, "match_declined").exists()


# And all of it twice ------------------------------------------------------------------------


def test_all_of_it_twice_changes_nothing_the_second_time(match, member, author):
    """A bit of everything that is due."""
    both_write(match)
    make.match(begun=False)
    for _ in range(2):
        make.match()
    search = make.request()
    planned = make.match()
    planned.plan_ending(timezone.localdate() + timedelta(days=15), by=planned.mentor.user)
    gone = make.match().newcomer
    gone.is_active = False
    gone.save()
    Request.objects.filter(pk=search.pk).update(open_until=timezone.localdate())
    for day in (14, 16, 36):
        with after(days=day):
            turn()
            before = checksums()
            turn()
            assert checksums() == before, day
    assert Match.objects.filter(ending="quiet").exists()


def test_a_block_between_two_ends_what_is_due_without_a_fault(match, member, author):
    Block.objects.create(blocker=author, blocked=member)
    with after(days=20):
        turn()
    with after(days=41):
        turn()
    match.refresh_from_db()
    assert match.is_over
