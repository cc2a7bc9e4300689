"""Two who end it, look on or ask for each other again in the same moment, on a real PostgreSQL."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mentorship import along, resuming
from mentorship.models import Concern, Match, Message, Request, RoomClosed
from tests import make
from tests.mentorship.test_races import check_places, together

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(match):
    return Match.objects.get(pk=match.pk)


def test_both_end_it_at_once_and_the_newcomer_looks_on_once():
    match = make.match()
    newcomer, mentor = match.newcomer, match.mentor.user

    def of_newcomer():
        fresh(match).end(ending="no_fit", by=newcomer)
        return resuming.resume(newcomer).pk

    def of_mentor():
        return fresh(match).end(ending="no_fit", by=mentor)

    _answers, failed = together([of_newcomer, of_mentor, of_newcomer, lambda: resuming.resume(newcomer)])
    assert failed == []
    assert fresh(match).ending == "no_fit"
    assert Request.objects.filter(user=newcomer, closed_at=None).count() == 1
    check_places()


def test_both_ask_again_at_once_and_begin_once():
    match = make.match()
    match.end(ending="planned")
    people = [match.newcomer, match.mentor.user]
    acts = [lambda by=by: resuming.ask_again(fresh(match), by=by) for by in people * 2]
    _answers, failed = together([*acts, along.bring_together_again])
    assert failed == []
    assert Match.objects.active().count() == 1
    assert not Request.objects.filter(closed_at=None).exists()
    check_places()


def test_two_who_ask_again_and_somebody_new_do_not_share_the_last_place():
    match = make.match()
    match.end(ending="planned")
    question = make.match(mentor=match.mentor, begun=False)
    acts = [lambda by=by: resuming.ask_again(fresh(match), by=by) for by in (match.newcomer, match.mentor.user)]
    _answers, failed = together([*acts, lambda: fresh(question).accept(by=match.mentor.user)])
    assert failed == []
    assert Match.objects.active().count() == 1
    check_places()


def test_a_word_in_the_last_moment_keeps_the_room_or_is_not_said():
    for _ in range(5):
        match = make.match()
        long_ago = timezone.now() - timedelta(days=40)
        Match.objects.filter(pk=match.pk).update(began_at=long_ago, nudged_at=long_ago + timedelta(days=15))

        def speak(match=match):
            try:
                return Message.say(fresh(match), by=match.newcomer, body="I am still here.") and "said"
            except RoomClosed:
                return "closed"

        answers, failed = together([speak, lambda match=match: fresh(match).release()])
        assert failed == []
        assert fresh(match).is_active == ("said" in answers)
        assert (True in answers) != fresh(match).is_active
    check_places()


def test_the_worker_twice_at_once_does_everything_once():
    match = make.match()
    long_ago = timezone.now() - timedelta(days=15)
    Match.objects.filter(pk=match.pk).update(began_at=long_ago)
    _answers, failed = together([along.ask_how_it_goes, along.look_after_the_quiet] * 2)
    assert failed == []
    assert match.check_ins.count() == 2
    assert fresh(match).nudged_at is not None


def test_a_call_and_a_yes_at_once_wait_for_each_other():
    for _ in range(4):
        question = make.match(begun=False)
        mentor = question.mentor.user

        def call(question=question):
            return Concern.call(fresh(question), by=question.newcomer, freeze=True)

        answers, failed = together([lambda question=question, mentor=mentor: fresh(question).accept(by=mentor), call])
        assert failed == []
        # Whoever was first: a room of before the call rests, and after it there is none.
        began = True in answers
        assert fresh(question).is_active == began
        assert fresh(question).is_frozen == began
    check_places()
