"""What coordinators do with applications and mentors behind the scenes, and what they keep lists of; moderators do not."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from community.audit.models import Entry
from community.members.models import MENTORS
from community.moderation.models import Claim
from community.notifications.models import Notification
from community.tags import applying
from mentorship import becoming
from mentorship.models import Help, Lesson, Match, Mentor
from tests import make

pytestmark = pytest.mark.django_db
QUEUE = "/admin/mentorship/mentor/"
REASON = "Please leave out the name of the clinic."


def page(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def do(client, mentor, verb, **fields):
    return client.post(f"{QUEUE}{mentor.pk}/do/{verb}/", fields, follow=True)


@pytest.fixture
def coordinator(db):
    return make.user("sedge", role="coordinator")


@pytest.fixture
def behind(sign_in, coordinator):
    return sign_in(coordinator)


@pytest.fixture
def applicant(member):
    made = Mentor.objects.create(user=member, story="I have been through a winter.", languages=["en"], hours=make.EVENINGS)
    applying.apply(made, ["sleep", "not yet known"])
    for lesson in Lesson.objects.in_use():
        becoming.take(made, lesson, "I would say that I can’t give my number." if lesson.is_case else "")
    made.apply()
    return made


def test_applications_come_first_and_only_what_was_handed_in(behind, applicant, other):
    Mentor.objects.create(user=other, story="Only begun.")
    make.mentor(make.user("teasel"))
    words = page(behind.get(QUEUE))
    assert "wren" in words and "teasel" not in words and other.username not in words
    assert "teasel" in page(behind.get(f"{QUEUE}?state=approved"))
    assert other.username not in page(behind.get(f"{QUEUE}?state=all"))
    begun = Mentor.objects.get(user=other)
    assert behind.get(f"{QUEUE}{begun.pk}/change/", follow=True).status_code in {200, 404}
    assert "Only begun." not in page(behind.get(f"{QUEUE}{begun.pk}/change/", follow=True))


def test_coordinator_reads_the_application_with_the_answer_and_nothing_else_of_them(behind, applicant, member):
    make.topic(author=member, title="Something of mine")
    words = page(behind.get(f"{QUEUE}{applicant.pk}/change/"))
    for told in ("I have been through a winter.", "I would say that I can’t give my number.", "sleep", "not yet known (proposed)"):
        assert told in words, told
    for kept in (member.email, member.password, "Something of mine"):
        assert kept not in words


def test_approving_lets_newcomers_find_them_until_the_chosen_day(behind, applicant, member):
    until = timezone.localdate() + timedelta(days=90)
    assert "They are a mentor, and were told." in page(do(behind, applicant, "approve", until=until.isoformat()))
    applicant.refresh_from_db()
    assert applicant.approved_until == until and member.groups.filter(name=MENTORS).exists()
    assert Mentor.objects.listed().get() == applicant
    assert Notification.objects.filter(recipient=member, kind="mentorship.mentor_approved").exists()
    assert Entry.objects.filter(action="mentorship.mentor_approved").count() == 1


@pytest.mark.parametrize("until", ["", "x", "2020-01-01", "9999-01-01", "\x00"])
def test_approval_needs_a_day_to_come(behind, applicant, until):
    do(behind, applicant, "approve", until=until)
    applicant.refresh_from_db()
    assert applicant.approved_at is None


def test_turning_down_needs_a_reason_that_is_read(behind, applicant, member, sign_in):
    do(behind, applicant, "refuse", reason="no")
    applicant.refresh_from_db()
    assert applicant.is_waiting
    do(behind, applicant, "refuse", reason=REASON)
    assert REASON in page(sign_in(member).get("/mentorship/apply/"))
    assert not Mentor.objects.waiting().exists()


def test_two_do_not_work_on_one_application(behind, sign_in, applicant):
    assert behind.get(f"{QUEUE}{applicant.pk}/do/refuse/").status_code == 200
    assert not Claim.objects.exists()
    do(behind, applicant, "claim")
    second = sign_in(make.user("larkspur", role="coordinator"))
    assert second.get(f"{QUEUE}{applicant.pk}/do/approve/").status_code == 403
    assert "sedge is looking at this" in page(second.get(f"{QUEUE}{applicant.pk}/change/"))
    do(behind, applicant, "refuse", reason=REASON)
    assert not Claim.objects.exists()


def test_ones_own_application_is_for_another_coordinator(behind, coordinator):
    own = make.mentor(coordinator)
    assert coordinator.username not in page(behind.get(f"{QUEUE}?state=all")).split('id="changelist"')[1]
    assert behind.get(f"{QUEUE}{own.pk}/do/trust/").status_code == 404


def test_harder_stories_are_for_those_who_are_trained(behind, applicant, coordinator):
    applicant.approve(by=coordinator)
    do(behind, applicant, "trust", reason="They did the second training.")
    applicant.refresh_from_db()
    assert applicant.experienced_at
    do(behind, applicant, "spare", reason="They asked for a lighter year.")
    applicant.refresh_from_db()
    assert applicant.experienced_at is None
    assert Entry.objects.filter(action__startswith="mentorship.mentor_").count() == 3


@pytest.mark.parametrize("how", ["end_approval", "stand_down"])
def test_who_is_a_mentor_anew_is_looked_at_anew_for_harder_stories(applicant, coordinator, how):
    applicant.approve(by=coordinator)
    applicant.trust(by=coordinator, reason="They did the second training.")
    if how == "end_approval":
        applicant.end_approval(by=coordinator, reason="They asked for it.")
    else:
        applicant.stand_down()
    applicant.trust(by=coordinator, reason="A moment too late.")
    applicant.apply()
    applicant.approve(by=coordinator)
    applicant.refresh_from_db()
    assert applicant.is_approved
    assert applicant.experienced_at is None


@pytest.mark.parametrize(("sent", "goes_on"), [({}, True), ({"with_pairs": "on"}, False)])
def test_ending_it_takes_nobody_new_and_says_why(behind, coordinator, member, other, applicant, sent, goes_on, sign_in):
    applicant.approve(by=coordinator)
    match = make.match(other, applicant)
    do(behind, applicant, "end_approval", reason="You asked newcomers for their numbers.", **sent)
    applicant.refresh_from_db()
    match.refresh_from_db()
    assert not applicant.is_approved and not member.groups.filter(name=MENTORS).exists()
    assert match.is_active is goes_on
    assert Notification.objects.filter(kind="mentorship.match_ended").count() == (0 if goes_on else 2)
    assert "You asked newcomers for their numbers." in page(sign_in(member).get("/mentorship/apply/"))
    assert match.ending in {"", Match.Ending.STOPPED}


def test_renewals_wait_with_the_applications(behind, applicant, coordinator):
    applicant.approve(by=coordinator, until=timezone.localdate() + timedelta(days=10))
    assert "wren" not in page(behind.get(QUEUE)).split('id="changelist"')[1]
    applicant.ask_to_go_on()
    words = page(behind.get(QUEUE))
    assert "wren" in words and "would like to go on" in words


@pytest.mark.parametrize("role", ["moderator", "librarian", "lead"])
def test_other_offices_see_none_of_it(sign_in, applicant, role):
    client = sign_in(make.user(role=role))
    for model in ("mentor", "lesson", "help"):
        assert client.get(f"/admin/mentorship/{model}/").status_code in {403, 404}
    assert client.get(f"{QUEUE}{applicant.pk}/change/").status_code in {403, 404}
    assert do(client, applicant, "approve").status_code in {403, 404}


def test_owner_can_do_it_too(sign_in, owner, applicant):
    do(sign_in(owner), applicant, "approve", until=(timezone.localdate() + timedelta(days=30)).isoformat())
    assert Mentor.objects.approved().exists()


@pytest.mark.parametrize("lookup", ["user__email__startswith", "user__password", "story__icontains", "gender", "refusal"])
def test_hidden_columns_cannot_be_guessed(behind, applicant, lookup):
    assert behind.get(f"{QUEUE}?{lookup}=a").status_code == 400


# The lists that coordinators keep ----------------------------------------------------------------


def test_lessons_and_kinds_of_help_are_kept_and_retired(behind):
    behind.post("/admin/mentorship/lesson/add/", {"name": "A new step", "body": "Read *this*.", "position": "9"})
    lesson = Lesson.objects.get(name="A new step")
    behind.post(f"/admin/mentorship/lesson/{lesson.pk}/change/", {"name": "A newer step", "body": "Read it.", "position": "9"})
    behind.post(f"/admin/mentorship/lesson/{lesson.pk}/do/retire/", {"reason": "It was too much."})
    lesson.refresh_from_db()
    assert lesson.name == "A newer step" and lesson.is_retired and lesson not in Lesson.objects.in_use()
    kind = Help.objects.first()
    behind.post(f"/admin/mentorship/help/{kind.pk}/do/retire/", {"reason": "Nobody asks for it."})
    assert kind not in Help.objects.in_use()
    behind.post(f"/admin/mentorship/help/{kind.pk}/do/bring_back/", {"reason": "Somebody asked for it."})
    assert kind in Help.objects.in_use()
    assert behind.post(f"/admin/mentorship/help/{kind.pk}/delete/", {"post": "yes"}).status_code in {403, 404}


def test_retired_help_stays_with_whoever_offers_it_and_is_offered_to_nobody_else(sign_in, member, other, owner):
    kind = Help.objects.first()
    mentor = make.mentor(member)
    mentor.helps.add(kind)
    kind.retire(by=owner, reason="Nobody asks for it.")
    assert kind.name in page(sign_in(member).get("/mentorship/apply/words/"))
    assert f">{kind.name}" not in page(sign_in(other).get("/mentorship/apply/words/"))
    assert kind.name not in page(sign_in(other).get("/mentorship/mentors/"))
