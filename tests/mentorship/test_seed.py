"""Mentorship in the demo and in a community of any size: rows that the application itself could have written."""

import re
import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import models
from django.db.models import Count, F, Max
from django.urls import reverse
from django.utils import timezone

from community import text
from community.audit.models import Entry
from community.members import seed as members_seed
from community.members.models import MENTORS, User
from community.notifications.models import Notification
from community.seeding import Size
from community.tags import seed as tags_seed
from community.tags.models import Tag, Tagged
from community.times import in_steps
from mentorship import along, becoming, drafting, renewing, seed, seeking, suggesting, waiting
from mentorship.forms.hours import hours_of
from mentorship.models import (
    CheckIn,
    Cohort,
    Goal,
    Help,
    LessonDone,
    Match,
    Mentor,
    Message,
    NotAbout,
    Place,
    Request,
    Session,
)
from mentorship.models import waiting as who_waits
from mentorship.models.requests import Without
from mentorship.telling import APPROVED_BECAUSE, TRUSTED_BECAUSE
from tests import make
from tests.community.test_seed import as_if_nothing_had_happened

NOW = datetime.fromisoformat("2026-11-20T19:42:31+00:00")
SIZE = Size(members=600, topics=60, posts=1_500, seed=3)
FILLED = [
    *(Mentor, Place, LessonDone, NotAbout, Mentor.helps.through, Request, Without, Request.helps.through, Tagged),
    *(Match, Message, Goal, Session, CheckIn, Notification),
]
# What no two fillings share: keys, drawn ids, and what the database counts.
UNSHARED = {"id", "public_id", "thread", "version", "search", "target_id", "object_id", "newest_read", "read_at", "mailed_at"}


def rows(model: type[models.Model], *, leaving_out: Iterable[str] = ()) -> list[dict]:
    """Every row, people and tags by name, places among other rows by how those read."""
    names = {
        User: dict(User.objects.values_list("pk", "username")),
        Mentor: dict(Mentor.objects.values_list("pk", "user__username")),
        Tag: dict(Tag.objects.values_list("pk", "name")),
        Help: dict(Help.objects.values_list("pk", "name")),
        Match: {key: about for key, *about in Match.objects.values_list("pk", "newcomer__username", "asked_at")},
        Request: dict(Request.objects.values_list("pk", "created_at")),
    }
    fields = [field for field in model._meta.concrete_fields if field.name not in UNSHARED.union(leaving_out)]
    found = []
    for row in model._default_manager.all():
        values = {}
        for field in fields:
            value = getattr(row, field.attname)
            values[field.name] = names.get(field.related_model, {}).get(value, value) if field.is_relation else value
        found.append(values)
    return sorted(found, key=repr)


def state() -> list[list[dict]]:
    """All rows; sets of tags stand for keys, which differ from filling to filling."""
    return [rows(model, leaving_out={"tag_bits", "not_bits", "without_bits"}) for model in FILLED]


# As the verbs write it -----------------------------------------------------------------------------------------------

# Everything that can happen to a question and a pair, among four people.
SMALL = """
[[mentors]]
handle = "sorrel"
days_ago = 300
approved_after_days = 2
trusted_after_days = 9
capacity = 2
tags = ["nights", "company"]
not_about = ["papers"]
helps = ["Listening"]
free = ["0-3", "2-4"]
story = "A *long* winter."
offers = "Lines."
limits = "No numbers."
case = "Not tonight."

[[mentors]]
handle = "yarrow"
days_ago = 340
approved_after_days = 1
tags = ["rest"]
helps = ["Listening", "Work and study"]
free = ["0-3"]
gender = "woman"
rests_since_days = 1
case = "No."

[[mentors]]
handle = "teasel"
days_ago = 1
free = ["0-1"]
case = "Perhaps."

[[searches]]
handle = "wren"
days_ago = 140
tags = ["nights", "rest"]
without = ["papers"]
helps = ["Listening"]
free = ["0-3", "1-3"]
need = "To sleep."
hopes = "Soon."

  [[searches.questions]]
  mentor = "yarrow"
  after_days = 1
  answered_after_hours = 30
  declined = "Too full."
  hello = "Hello?"

  [[searches.questions]]
  mentor = "sorrel"
  after_days = 3
  answered_after_hours = 10
  hello = "Hello!"
  notes = "Toast."
  answers = { newcomer = ["good", "deciding: I am unsure."], mentor = ["good"] }
  agreement.by = "mentor"
  agreement.after_hours = 20
  agreement.agreed_after_hours = 25
  agreement.rhythm = "Sundays"
  agreement.channel = "Here"
  agreement.between_us = "All"
  agreement.how_to_stop = "By word"
  agreement.lasts_days = 60
  goals = [{ words = "Sleep", reached_after_hours = 300 }, { words = "Rest" }]
  sessions = [{ by = "mentor", after_hours = 50, words = "A good one." }]
  last_day = { by = "newcomer", after_hours = 1100, in_days = 40 }
  ended.how = "planned"
  ended.by = "mentor"
  ended.after_hours = 1300
  ended.newcomer_thanks = "Thank you."
  ended.mentor_thanks = "And you."
  ended.testimonial = "Kind."
  ended.named = true
  ended.shown = true

    [[searches.questions.messages]]
    by = "mentor"
    after_hours = 1
    body = "Welcome *in*."
    [[searches.questions.messages]]
    by = "mentor"
    after_hours = 2
    body = "Are you there?"
    [[searches.questions.messages]]
    by = "newcomer"
    after_hours = 30
    body = "Here I am."
    [[searches.questions.messages]]
    by = "mentor"
    after_hours = 700
    body = "After a long quiet."

[[searches]]
handle = "dunlin"
days_ago = 20
tags = ["company"]
helps = ["Listening"]
free = ["0-3"]
weigh = { lived = "must" }
need = "Company."

  [[searches.questions]]
  mentor = "sorrel"
  after_days = 1
  hello = "Are you in?"

[[searches]]
handle = "plover"
days_ago = 2
tags = ["rest"]
helps = ["Work and study"]
free = ["0-3"]
need = "Rest."

  [[searches.questions]]
  mentor = "sorrel"
  after_days = 1
  hello = "May I?"

[[searches]]
handle = "ruff"
days_ago = 95
free = ["0-3"]
need = "Whatever there is."
"""


class Told:
    """The same, said and done by the people themselves, each thing at its moment, with the tasks coming round when it is due."""

    def __init__(self, told, people, coordinator):
        self.told, self.people, self.coordinator = told, people, coordinator
        self.moments = []
        self.pairs = {}

    def at(self, moment, act, *details):
        self.moments.append((moment, act, details))

    def happen(self):
        for each in self.told["mentors"]:
            self.mentor(each)
        for each in self.told["searches"]:
            self.search(each)
        while self.moments:
            self.moments.sort(key=lambda each: each[0])
            moment, act, details = self.moments.pop(0)
            with time_machine.travel(moment, tick=False):
                renewing.renew_clocks()
                act(*details)
                along.ask_how_it_goes()
        renewing.renew_clocks(NOW)

    def helps(self, each):
        return [Help.objects.get(name=name) for name in each.get("helps", [])]

    def asked(self, each):
        return {"languages": ["en"], "time_zone": "Europe/London", "hours": hours_of(each["free"]), "tags": each.get("tags", [])}

    def here(self, match, user):
        """Whoever does something in a room has read what was there."""
        Notification.objects.read_in_thread(user, match.public_id)

    # Mentors

    def mentor(self, each):
        user = self.people[each["handle"]]
        applied = NOW - timedelta(days=each["days_ago"])
        words = {name: each.get(name, "") for name in ("story", "offers", "limits", "gender")}
        fields = words | self.asked(each) | {"capacity": each.get("capacity", 1), "not_about": each.get("not_about", [])}
        of = lambda: Mentor.objects.get(user=user)  # noqa: E731
        self.at(applied - timedelta(days=2), lambda: becoming.tell(user, helps=self.helps(each), **fields))
        self.at(applied - timedelta(hours=1), lambda: self.learn(of(), each["case"]))
        self.at(applied, lambda: of().apply())
        if "approved_after_days" in each:
            approved = applied + timedelta(days=each["approved_after_days"])
            self.at(approved, lambda: of().approve(by=self.coordinator, reason=APPROVED_BECAUSE))
            if approved + timedelta(days=335) < NOW:
                self.at(approved + timedelta(days=335), lambda: of().tell_of_lapse())
        if "trusted_after_days" in each:
            trusted = applied + timedelta(days=each["trusted_after_days"])
            self.at(trusted, lambda: of().trust(by=self.coordinator, reason=TRUSTED_BECAUSE))
        if "rests_since_days" in each:
            self.at(NOW - timedelta(days=each["rests_since_days"]), lambda: of().pause())

    def learn(self, mentor, case):
        for step in becoming.steps(mentor):
            becoming.take(mentor, step.lesson, case if step.lesson.is_case else "")

    # Searches

    def search(self, each):
        user, begun = self.people[each["handle"]], NOW - timedelta(days=each["days_ago"])
        fields = self.asked(each) | {f"weigh_{part}": weight for part, weight in each.get("weigh", {}).items()}
        fields |= {"need": each["need"], "hopes": each.get("hopes", ""), "without": each.get("without", [])}
        self.at(begun, lambda: seeking.begin(user, public_id=uuid4(), helps=self.helps(each), **fields))
        if begun + timedelta(days=91) < NOW:
            self.at(begun + timedelta(days=91), along.let_run_out)
        for question in each.get("questions", []):
            asked = begun + timedelta(days=question["after_days"])
            self.at(asked, self.ask, user, question)
            if "answered_after_hours" in question:
                self.at(asked + timedelta(hours=question["answered_after_hours"]), self.answer, user, question)
            elif asked + timedelta(days=7, minutes=10) < NOW:
                self.at(asked + timedelta(days=7, minutes=10), along.let_run_out)

    def ask(self, user, question):
        request, mentor = Request.objects.get(user=user), Mentor.objects.get(user=self.people[question["mentor"]])
        found = suggesting.suggestion_of(request, mentor)
        known = {"score": found.score.total, "parts": found.score.points, "rank": found.rank, "eligible": found.eligible}
        self.here(Match.ask(request, mentor, hello=question["hello"], **known), user)

    def answer(self, user, question):
        mentor = self.people[question["mentor"]]
        match = Match.objects.get(newcomer=user, mentor=mentor.pk)
        if "declined" in question:
            match.decline(by=mentor, reason=question["declined"])
        else:
            match.accept(by=mentor)
            self.room(match, question, {"newcomer": user, "mentor": mentor})
        self.here(match, mentor)

    # A room

    def room(self, match, told, people):
        began = timezone.now()

        def later(hours, who, act):
            def done():
                match.refresh_from_db()
                act(people[who])
                self.here(match, people[who])

            self.at(began + timedelta(hours=hours), done)

        for said in told["messages"]:
            later(said["after_hours"], said["by"], lambda who, said=said: Message.say(match, by=who, body=said["body"]))
        agreed = told["agreement"]
        words = {name: agreed[name] for name in ("rhythm", "channel", "between_us", "how_to_stop")}
        until = timezone.localdate(began + timedelta(hours=agreed["after_hours"])) + timedelta(days=agreed["lasts_days"])
        stamp = lambda: match.agreement_stamp  # noqa: E731
        later(20, "mentor", lambda who: match.propose(by=who, seen=stamp(), lasts_until=until, **words))
        later(25, "newcomer", lambda who: match.agree(by=who, seen=stamp()))
        later(25, "newcomer", lambda _who: match.write_notes(told["notes"], version=0))
        for goal in told["goals"]:
            later(25, "newcomer", lambda _who, goal=goal: Goal.add(match, goal["words"]))
        later(300, "newcomer", lambda _who: match.goals.get(number=1).reach())
        day = timezone.localdate(began + timedelta(hours=50))
        later(50, "mentor", lambda who: Session.keep(match, by=who, on=day, words=told["sessions"][0]["words"]))
        last_day = timezone.localdate(began + timedelta(hours=1100)) + timedelta(days=40)
        later(1100, "newcomer", lambda who: match.plan_ending(last_day, by=who))
        self.along_the_way(match, began, told, people)
        ended = told["ended"]
        later(1300, "mentor", lambda who: match.part(by=who, thanks=ended["mentor_thanks"]))
        at_the_end = {"thanks": ended["newcomer_thanks"], "testimonial": ended["testimonial"], "is_named": True}
        later(1320, "newcomer", lambda who: match.part(by=who, **at_the_end))
        later(1368, "mentor", lambda _who: match.show_testimonial(seen=match.testimonial_stamp))

    def along_the_way(self, match, began, told, people):
        for hours in (30, 700):
            said = in_steps(began + timedelta(hours=hours))
            self.at(said + timedelta(days=14, minutes=10), along.look_after_the_quiet)
        for days in (14, 30):
            self.at(in_steps(began) + timedelta(days=days), along.ask_how_it_goes)
        for side, answers in told["answers"].items():
            for number, answer in enumerate(answers, start=1):
                asked = [began + timedelta(hours=30), in_steps(began) + timedelta(days=14)][number - 1]
                self.at(asked + timedelta(hours=9), self.check_in, match, people[side], number, *answer.split(": "))

    def check_in(self, match, user, number, answer, words=""):
        CheckIn.objects.get(match=match, user=user, number=number).say(answer, words)


def test_the_verbs_write_the_same_rows_as_the_demo(db):
    tags_seed.fill_demo(now=NOW)
    told = tomllib.loads(SMALL)
    handles = {each["handle"] for each in [*told["mentors"], *told["searches"]]}
    people = {handle: make.user(handle, date_joined=NOW - timedelta(days=400)) for handle in sorted(handles)}
    for user in people.values():
        user.profile.languages, user.profile.time_zone = ["en"], "Europe/London"
        user.profile.save()
    coordinator = make.user("damson", role="coordinator", date_joined=NOW - timedelta(days=400))

    def snapshot():
        written = {model.__name__: rows(model, leaving_out={"rank", "seen_at"}) for model in FILLED}
        written["circle"] = sorted(User.objects.filter(groups__name=MENTORS).values_list("username", flat=True))
        written["audit"] = sorted(Entry.objects.values_list("action", "by__username", "target_id"))
        return written

    def by_the_demo():
        seed.tell(told, NOW)
        return snapshot()

    def by_the_verbs():
        Told(told, people, coordinator).happen()
        return snapshot()

    demo, verbs = as_if_nothing_had_happened(by_the_demo), as_if_nothing_had_happened(by_the_verbs)
    for name in demo:
        assert demo[name] == verbs[name], name
    assert {match["ending"] for match in demo["Match"]} == {"", "declined", "expired", "planned"}
    assert len(demo["CheckIn"]) == 6


# The demo ---------------------------------------------------------------------------------------------------------------


def fill_demo(now=NOW):
    members_seed.fill_demo(now=now)
    tags_seed.fill_demo(now=now)
    seed.fill_demo(now=now)


@pytest.fixture
def demo(db):
    with time_machine.travel(NOW, tick=False):
        fill_demo()
        yield


def test_there_is_somebody_in_every_state(demo):
    mentors = Mentor.objects.approved()
    assert mentors.count() == 6
    assert mentors.listed().count() == 5
    assert len({tuple(mentor.languages) for mentor in mentors}) > 2
    assert len({mentor.utc_hours for mentor in mentors}) == 6
    assert [mentor.user.username for mentor in Mentor.objects.waiting()] == ["Teasel"]
    assert set(who_waits().values_list("user__username", flat=True)) == {"tidewater", "lowtide"}
    assert [match.newcomer.username for match in Match.objects.open()] == ["Cinder"]
    assert Match.objects.active().count() == 3
    assert Match.objects.stuck().count() == 1
    endings = set(Match.objects.over().values_list("ending", flat=True))
    assert endings == {"planned", "no_fit", "quiet", "stopped", "declined", "expired"}
    assert waiting.usual_days()
    assert [each.words for each in CheckIn.objects.filter(seen_at=None).exclude(words="")] == ["We are fine. She laughs more."]


def test_one_finds_somebody_and_for_one_there_is_nobody_which_is_explained(demo):
    seeker, without = (Request.objects.open().get(user__username=name) for name in ("tidewater", "lowtide"))
    assert len(suggesting.suggestions(seeker)) >= 2
    assert suggesting.suggestions(without) == []
    assert suggesting.funnel(without).best_relaxation == "lived"


def test_the_mentor_to_sign_in_as_has_a_question_and_a_room(demo, sign_in):
    mentor = User.objects.get(email="mentor@example.org")
    page = sign_in(mentor).get(reverse("mentorship_home")).content.decode()
    assert "Somebody would like to begin with you." in page
    (room,) = Match.objects.active().filter(mentor=mentor.pk)
    assert room.messages.count() > 10
    assert room.is_agreed
    assert room.goals.count() == 2
    assert room.sessions.filter(user=mentor).exists()
    assert "mentorship.match_asked" in Notification.objects.to(mentor).unread().values_list("kind", flat=True)


def test_a_draft_has_been_begun_for_those_who_wait(demo):
    cohort = Cohort.objects.get()
    assert cohort.by.email == "coordinator@example.org"
    assert cohort.is_being_solved
    drafting.draft(cohort.pk)
    drafted = cohort.pairings.values_list("request__user__username", "mentor")
    assert {name: mentor is not None for name, mentor in drafted} == {"tidewater": True, "lowtide": False}


def test_two_demos_are_the_same_and_filling_again_changes_nothing(db):
    def filled():
        with time_machine.travel(NOW, tick=False):
            fill_demo()
            ids = list(Match.objects.order_by("pk").values_list("public_id", flat=True))
            first = state()
            seed.fill_demo(now=NOW + timedelta(days=1))
        assert state() == first
        return first, ids

    assert as_if_nothing_had_happened(filled) == as_if_nothing_had_happened(filled)


def test_nobody_does_anything_before_they_joined_or_in_the_future(demo):
    for message in Message.objects.select_related("author"):
        assert message.author.date_joined < message.created_at <= NOW
        assert message.created_at == in_steps(message.created_at)
    for match in Match.objects.select_related("newcomer", "mentor__user"):
        moments = [match.asked_at, match.began_at, match.ended_at, match.spoke_at]
        assert all(moment <= NOW for moment in moments if moment)
        assert match.mentor.begun_at > match.mentor.user.date_joined
        assert match.newcomer.date_joined < match.request.created_at <= match.asked_at
        assert match.mentor.approved_at < match.asked_at


def test_no_text_of_it_holds_a_number_or_an_address_of_the_real_world(demo):
    words = seed.PEOPLE.read_text()
    assert not re.search(r"\d[\d ]{5,}|https?:|www\.|\w@\w", words)


# Of any size ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(db):
    with time_machine.travel(NOW, tick=False):
        fill()
        yield


def fill():
    members_seed.fill(SIZE, now=NOW)
    tags_seed.fill(SIZE, now=NOW)
    seed.fill(SIZE, now=NOW)


def test_a_community_has_a_mentor_for_thirty_members_and_all_that_becomes_of_pairs(filled):
    assert Mentor.objects.count() == SIZE.members // 30
    assert Request.objects.count() > SIZE.members // 10
    assert set(Match.objects.values_list("ending", flat=True)) >= {"", "planned", "quiet", "no_fit", "declined", "expired"}
    assert set(Request.objects.values_list("ending", flat=True)) == {"", "found", "back", "out"}
    assert waiting.usual_days()
    room = Match.objects.active().get(newcomer__email="member@example.org")
    assert room.last_position > 200


def test_what_is_kept_ready_is_what_the_application_would_make_of_the_rows(filled):
    assert renewing.renew_sets() == 0
    assert renewing.renew_clocks() == 0
    for mentor in Mentor.objects.all():
        kept = (mentor.free, list(mentor.places.order_by("number").values_list("number", flat=True)))
        mentor.give_places()
        assert (mentor.free, list(mentor.places.order_by("number").values_list("number", flat=True))) == kept
    spoken = Match.objects.annotate(said=Count("messages"), last=Max("messages__position"), newest=Max("messages__created_at"))
    assert not spoken.exclude(last_position=F("said")).exists()
    assert not spoken.filter(said__gt=0).exclude(last_position=F("last"), spoke_at=F("newest")).exists()
    for message in Message.objects.order_by("pk")[::50]:
        assert message.body_html == text.render(message.body)


def test_the_tasks_find_nothing_left_to_do(filled):
    before = state()
    along.ask_how_it_goes()
    along.look_after_the_quiet()
    along.keep_to_planned_ends()
    along.let_run_out()
    along.see_off_the_gone()
    assert not Mentor.objects.to_tell().exists()
    assert not Mentor.objects.to_let_go().exists()
    assert state() == before


def test_the_same_seed_makes_the_same_community(db):
    def made():
        with time_machine.travel(NOW, tick=False):
            fill()
            ids = list(Match.objects.order_by("pk").values_list("public_id", flat=True))
            return state(), ids

    assert as_if_nothing_had_happened(made) == as_if_nothing_had_happened(made)
