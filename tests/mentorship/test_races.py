"""Many at a mentor's places at once, on a real PostgreSQL: nobody has more than they offered, and every no is a kind one."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from community.members.models import Block
from mentorship.models import CannotBegin, Match, Mentor, Place, Request
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def together(acts: list[Callable[[], object]], *, waits: list[float] | None = None) -> tuple[list[object], list[BaseException]]:
    """Do all of these at once, each on a connection of its own: what they answered, and what nobody expected."""
    start, answers, failed = threading.Barrier(len(acts)), [], []

    def do(act, wait):
        try:
            start.wait(60)
            time.sleep(wait)
            answers.append(act())
        except CannotBegin as why:
            answers.append(str(why))
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in zip(acts, waits or [0.0] * len(acts), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return answers, failed


def accepting(match: Match, by) -> Callable[[], object]:
    return lambda: Match.objects.get(pk=match.pk).accept(by=by)


def check_places() -> None:
    """What must hold whatever happened: the database says so, too, but here it is counted."""
    held = Counter(Match.objects.active().values_list("mentor", flat=True))
    for mentor in Mentor.objects.all():
        places = mentor.places.count()
        assert held[mentor.pk] <= places
        assert mentor.free == max(0, mentor.places.free().count() - mentor.matches.open().count()), "free = counted"
        assert places <= max(mentor.capacity, held[mentor.pk]), "no place too many once it is left"
    of_newcomers = Counter(Match.objects.active().values_list("newcomer", flat=True))
    assert all(number == 1 for number in of_newcomers.values())
    assert not Match.objects.active().filter(place=None).exists()


# One place, fifty who would have it -----------------------------------------------------------------------


def asked_by_fifty() -> tuple[Mentor, list[Match]]:
    mentor = make.mentor(capacity=20)
    # More than a mentor can offer were asked for, as when places are taken back meanwhile.
    questions = []
    for _number in range(50):
        Mentor.objects.filter(pk=mentor.pk).update(free=20)
        questions.append(make.match(mentor=mentor, begun=False))
    mentor.set_capacity(1)
    return mentor, questions


def test_of_fifty_acceptances_at_once_one_begins_and_the_others_are_told_kindly():
    mentor, questions = asked_by_fifty()
    answers, failed = together([accepting(question, mentor.user) for question in questions])
    assert failed == []
    assert answers.count(True) == 1
    said = [answer for answer in answers if answer is not True]
    assert len(said) == 49
    assert set(said) == {"This mentor’s last place is taken meanwhile. They may have one again later."}
    assert Match.objects.active().count() == 1
    check_places()


def test_when_a_place_is_left_at_the_same_time_nobody_gets_a_second_one():
    mentor, questions = asked_by_fifty()
    first = questions[0]
    first.accept(by=mentor.user)
    acts = [accepting(question, mentor.user) for question in questions[1:30]]
    acts.append(lambda: Match.objects.get(pk=first.pk).end(ending="stopped", by=first.newcomer))
    _answers, failed = together(acts)
    assert failed == []
    assert Match.objects.active().count() <= 1
    check_places()


# Several mentors, one newcomer ---------------------------------------------------------------------------


def test_of_three_mentors_who_accept_one_newcomer_at_once_one_begins():
    newcomer = make.user()
    mentors = [make.mentor() for _ in range(3)]
    questions = [make.match(newcomer, mentor, begun=False) for mentor in mentors]
    answers, failed = together([accepting(each, mentor.user) for each, mentor in zip(questions, mentors, strict=True)])
    assert failed == []
    assert answers.count(True) == 1
    assert Match.objects.active().get().newcomer == newcomer
    assert not Match.objects.open().exists()
    check_places()


def test_two_newcomers_and_the_same_two_mentors_do_not_wait_for_each_other_for_ever():
    for _turn in range(6):
        people, mentors = [make.user(), make.user()], [make.mentor(capacity=2), make.mentor(capacity=2)]
        asked = {(p, m): make.match(people[p], mentors[m], begun=False) for p in (0, 1) for m in (0, 1)}
        answers, failed = together([accepting(asked[0, 0], mentors[0].user), accepting(asked[1, 1], mentors[1].user)])
        assert failed == []
        assert answers == [True, True]
        check_places()


# Everything at once ---------------------------------------------------------------------------------------


class Schedule:
    """Three mentors and six newcomers who asked them; everything that can happen to them, in an order that nobody knows."""

    def __init__(self, seed: int) -> None:
        self.drawn = Random(seed)
        self.mentors = [make.mentor(capacity=self.drawn.randrange(1, 4)) for _ in range(3)]
        self.newcomers = [make.user() for _ in range(6)]
        self.questions, self.most = [], {mentor.pk: mentor.capacity for mentor in self.mentors}
        for newcomer in self.newcomers:
            for mentor in self.drawn.sample(self.mentors, self.drawn.randrange(1, 4)):
                mentor.refresh_from_db()
                if mentor.free:
                    self.questions.append(make.match(newcomer, mentor, begun=False))

    def acts(self) -> list[Callable[[], object]]:
        acts = [accepting(question, question.mentor.user) for question in self.questions]
        acts += [accepting(question, question.newcomer) for question in self.questions[:2]]
        acts += [self._ending(question) for question in self.drawn.sample(self.questions, min(3, len(self.questions)))]
        acts += [self._declining(self.drawn.choice(self.questions))]
        acts += [self._changing(mentor, self.drawn.randrange(1, 4)) for mentor in self.mentors]
        acts += [self._pausing(self.drawn.choice(self.mentors)) for _ in range(2)]
        blocked = self.drawn.choice(self.questions)
        acts += [lambda: Block.put(blocked.newcomer, blocked.mentor.user)]
        acts += [self._asking(newcomer, self.drawn.choice(self.mentors)) for newcomer in self.newcomers[:3]]
        self.drawn.shuffle(acts)
        return acts

    def _ending(self, question: Match) -> Callable[[], object]:
        def act():
            time.sleep(0.02)
            return Match.objects.get(pk=question.pk).end(ending="stopped", by=question.newcomer)

        return act

    def _declining(self, question: Match) -> Callable[[], object]:
        return lambda: Match.objects.get(pk=question.pk).decline(by=question.mentor.user)

    def _changing(self, mentor: Mentor, capacity: int) -> Callable[[], object]:
        self.most[mentor.pk] = max(self.most[mentor.pk], capacity)
        return lambda: Mentor.objects.get(pk=mentor.pk).set_capacity(capacity)

    def _pausing(self, mentor: Mentor) -> Callable[[], object]:
        def act():
            Mentor.objects.get(pk=mentor.pk).pause()
            time.sleep(0.01)
            Mentor.objects.get(pk=mentor.pk).resume()

        return act

    def _asking(self, newcomer, mentor: Mentor) -> Callable[[], object]:
        def act():
            found = Request.objects.open().filter(user=newcomer).first()
            return found and Match.ask(found, Mentor.objects.get(pk=mentor.pk))

        return act

    def run(self) -> None:
        acts = self.acts()
        stop, seen = threading.Event(), []
        watcher = threading.Thread(target=self._watch, args=(stop, seen))
        watcher.start()
        _answers, failed = together(acts, waits=[self.drawn.random() / 60 for _ in acts])
        stop.set()
        watcher.join(30)
        assert failed == []
        assert seen == []
        check_places()
        for block in Block.objects.all():
            pair = Match.objects.filter(ended_at=None, newcomer=block.blocker_id, mentor=block.blocked_id)
            assert not pair.exists(), "a pair across a block"

    def _watch(self, stop: threading.Event, seen: list[str]) -> None:
        """At no moment, as others see it, has anybody more than they ever offered."""
        try:
            while not stop.wait(0.005):
                held = Counter(Match.objects.active().values_list("mentor", flat=True))
                seen += [f"{held[pk]} of {most}" for pk, most in self.most.items() if held[pk] > most]
        finally:
            connection.close()


def run_all(seeds):
    for seed in seeds:
        Schedule(seed).run()


def test_whatever_order_things_come_in_nobody_has_more_than_they_offered():
    run_all(range(24))


@pytest.mark.deep
def test_nobody_has_more_than_they_offered_in_two_hundred_orders():
    run_all(range(1000, 1200))


def test_a_block_and_a_yes_at_once_leave_no_pair():
    for turn in range(10):
        question = make.match(begun=False)
        acts = [
            accepting(question, question.mentor.user),
            lambda question=question: Block.put(question.newcomer, question.mentor.user),
        ]
        _answers, failed = together(acts if turn % 2 else acts[::-1])
        assert failed == []
        assert Match.objects.get(pk=question.pk).is_over
        check_places()


# What the database refuses by itself ------------------------------------------------------------------------


def bare(match: Match, **changed) -> Match:
    """Another row like this one, as somebody would write it who knows nothing of the rules."""
    now = timezone.now()
    values = {
        "request": match.request,
        "newcomer": match.newcomer,
        "mentor": match.mentor,
        "answer_until": now,
        "newcomer_accepted_at": now,
        "mentor_accepted_at": now,
    }
    return Match(**(values | changed))


def refused(promise: str, write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        write()


def test_a_bare_insert_over_capacity_is_refused():
    match = make.match()
    other = make.request()
    now = timezone.now()
    over = bare(match, request=other, newcomer=other.user, began_at=now)
    over.place = 1
    refused("one_match_per_place", lambda: over.save(force_insert=True))
    over.place = 2
    refused("a_match_holds_a_place_of_its_own_mentor", lambda: over.save(force_insert=True))
    over.place = None
    refused("an_active_match_holds_a_place_and_no_other_does", lambda: over.save(force_insert=True))


def test_a_place_of_somebody_else_is_refused():
    match, other = make.match(), make.mentor(capacity=3)
    refused("a_match_holds_a_place", lambda: Match.objects.filter(pk=match.pk).update(place=3))
    Match.objects.filter(pk=match.pk).update(mentor=other)
    refused("a_match_holds_a_place", lambda: Match.objects.filter(pk=match.pk).update(place=4))


def test_a_held_place_cannot_be_taken_away():
    match = make.match()
    refused("a_match_holds_a_place", lambda: Place.objects.filter(mentor=match.mentor).delete())


def test_two_active_matches_of_one_newcomer_are_refused():
    match, second = make.match(), make.mentor()
    again = bare(match, mentor=second, began_at=timezone.now(), place=1)
    refused("one_active_match_per_newcomer", lambda: again.save(force_insert=True))
    question = make.match(begun=False)
    now = timezone.now()
    moved = {"newcomer": match.newcomer_id, "newcomer_accepted_at": now, "mentor_accepted_at": now, "began_at": now, "place": 1}
    refused("one_active_match_per_newcomer", lambda: Match.objects.filter(pk=question.pk).update(**moved))


def test_nobody_mentors_themselves():
    mentor = make.mentor()
    own = make.request(mentor.user)
    alone = Match(request=own, newcomer=mentor.user, mentor=mentor, answer_until=timezone.now())
    refused("nobody_mentors_themselves", lambda: alone.save(force_insert=True))
    match = make.match()
    refused("nobody_mentors_themselves", lambda: Match.objects.filter(pk=match.pk).update(newcomer=match.mentor_id))


def test_an_ended_pair_begins_again_only_if_both_ask():
    match = make.match()
    match.end(ending="stopped", by=match.newcomer)
    request = make.request(match.newcomer)
    now = timezone.now()
    again = bare(match, request=request, began_at=now, place=1)
    refused("a_pair_begins_again_only_if_both_ask", lambda: again.save(force_insert=True))
    with pytest.raises(CannotBegin):
        Match.ask(request, match.mentor)
    Match.objects.filter(pk=match.pk).update(newcomer_asks_again_at=now, mentor_asks_again_at=now)
    assert Match.ask(request, match.mentor).accept(by=match.mentor.user)


def test_other_promises_of_a_match():
    match, question = make.match(), make.match(begun=False)
    now = timezone.now()
    rows = Match.objects.filter(pk=question.pk)
    refused("a_match_begins_when_both_said_yes", lambda: rows.update(began_at=now, place=1))
    refused("one_open_question_per_pair", lambda: bare(question).save(force_insert=True))
    refused("an_ended_match_says_how", lambda: rows.update(ended_at=now))
    refused("an_ended_match_says_how", lambda: rows.update(ending="declined"))
    mine = Match.objects.filter(pk=match.pk)
    refused("an_active_match_holds_a_place", lambda: mine.update(ended_at=now, ending="stopped"))


def test_promises_of_a_room():
    match = make.match()
    said = make.message(match)
    refused("one_message_per_position", lambda: type(said)(match=match, author=match.newcomer, position=1).save())
    refused("three_goals_at_most", lambda: match.goals.create(number=4, words="One more."))
    refused("three_goals_at_most", lambda: match.goals.create(number=0, words="None."))
    match.goals.create(number=1, words="One.")
    refused("each_goal_once", lambda: match.goals.create(number=1, words="Again."))


def test_many_who_write_at_once_each_get_a_place_of_their_own():
    match = make.match()
    both = [match.newcomer, match.mentor.user]
    answers, failed = together([lambda n=n: make.message(match, both[n % 2], f"{n}.").position for n in range(16)])
    assert failed == []
    assert sorted(answers) == list(range(1, 17))
