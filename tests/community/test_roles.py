"""Roles: given for a year, begun when the training is done, ended by time, by their holder, or by a decision."""

from datetime import timedelta
from importlib import import_module
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.members import tasks
from community.members.models import Office, Role, TrainingStep, User
from community.moderation.models import Appeal
from community.moderation.permissions import can_decide_appeal
from community.notifications.models import Notification
from tests import make

pytestmark = pytest.mark.django_db
REASON = "They read here every evening."


def as_now(user) -> User:
    return User.objects.get(pk=user.pk)


def told(user) -> set[str]:
    return set(Notification.objects.filter(recipient=user).values_list("kind", flat=True))


def do(client, member, verb, **fields):
    return client.post(f"/admin/members/user/{member.pk}/do/{verb}/", {"reason": REASON} | fields)


def take_all(client, user) -> None:
    """With every role that begins one signs in anew."""
    for office in as_now(user).offices.standing().select_related("group"):
        for step in office.steps:
            client.force_login(as_now(user))
            client.post(reverse("step_take", args=[office.public_id, step.pk]))


# Beginning ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_a_role_begins_when_its_training_is_done_and_not_before(sign_in, owner, member, role):
    do(sign_in(owner), member, "appoint", role=role)
    office = member.offices.of_roles([Role(role)]).get()
    assert (office.has_begun, as_now(member).is_staff, set(member.groups.all())) == (False, False, set())
    assert told(member) == {"members.role_given"}
    client = sign_in(member)
    steps = list(TrainingStep.objects.filter(role=role))
    assert any(step.answer for step in steps), "a practice case"
    page = client.get("/settings/roles/").text
    assert all(step.name in page for step in steps)
    assert sign_in(member).get("/admin/").status_code == 404
    take_all(client, member)
    names = {each.group for each in Role(role).with_it}
    assert set(member.groups.values_list("name", flat=True)) == names
    assert as_now(member).is_staff is (role != "greeter")
    office.refresh_from_db()
    assert timedelta(days=364) < office.until - timezone.now() < timedelta(days=366)


def test_all_but_one_step_is_not_enough(sign_in, owner, member):
    office = member.appoint("moderator", by=owner, reason=REASON)
    client = sign_in(member)
    for step in office.steps[:-1] * 2:
        assert client.post(reverse("step_take", args=[office.public_id, step.pk])).status_code == 302
    assert not as_now(member).is_moderator
    client.post(reverse("step_take", args=[office.public_id, office.steps[-1].pk]))
    assert as_now(member).is_moderator


def test_a_lead_goes_through_both_trainings(sign_in, owner, member):
    lead = member.appoint("lead", by=owner, reason=REASON)
    client = sign_in(member)
    for step in lead.steps:
        client.post(reverse("step_take", args=[lead.public_id, step.pk]))
    assert not as_now(member).is_lead, "a lead looks after what others write, too"
    take_all(client, member)
    assert (as_now(member).is_lead, as_now(member).is_moderator) == (True, True)


def test_nobody_takes_steps_for_others_or_of_another_role(sign_in, owner, member, other):
    office = member.appoint("greeter", by=owner, reason=REASON)
    steps = [*office.steps, TrainingStep.objects.filter(role="moderator").first()]
    for client in (sign_in(other), sign_in(owner)):
        assert client.post(reverse("step_take", args=[office.public_id, steps[0].pk])).status_code == 404
        assert client.post(reverse("office_delete", args=[office.public_id])).status_code == 404
    client = sign_in(member)
    assert client.post(reverse("step_take", args=[office.public_id, steps[-1].pk])).status_code == 404
    assert client.get(reverse("step_take", args=[office.public_id, steps[0].pk])).status_code == 405


def test_a_role_without_steps_begins_at_once(sign_in, owner, member, other):
    waiting = other.appoint("greeter", by=owner, reason=REASON)
    client = sign_in(owner)
    for step in TrainingStep.objects.filter(role="greeter"):
        client.post(f"/admin/members/trainingstep/{step.pk}/do/retire/", {"reason": "We talk about it instead."})
    do(client, member, "appoint", role="greeter")
    assert as_now(member).is_greeter
    assert not as_now(other).is_greeter
    tasks.end_offices(0)
    waiting.refresh_from_db()
    assert as_now(other).is_greeter
    assert waiting.has_begun


def test_with_other_powers_sessions_begin_anew_but_not_for_a_greeter(sign_in, owner, member, other):
    greeter, librarian = sign_in(member), sign_in(other)
    member.appoint("greeter", by=owner, reason=REASON, is_trained=True)
    other.appoint("librarian", by=owner, reason=REASON, is_trained=True)
    assert greeter.get("/settings/").status_code == 200
    assert librarian.get("/settings/").status_code == 302


@pytest.mark.parametrize("role", Role.values)
def test_the_command_line_gives_a_role_that_is_finished(role):
    call_command("make_member", handle="pebble", email="p@example.org", password="four stones", role=role, stdout=StringIO())
    user = User.objects.get(username="pebble")
    assert {office.role for office in user.offices.all()} == set(Role(role).with_it)
    assert all(office.has_begun and office.until > timezone.now() for office in user.offices.all())
    assert not Notification.objects.exists()


def test_a_fresh_house_locks_no_owner_out(sign_in, owner):
    assert not owner.offices.exists()
    assert sign_in(owner).get("/admin/members/trainingstep/").status_code == 200


def test_whoever_held_a_role_before_there_were_offices_holds_it_for_a_year(moderator, member):
    Office.objects.all().delete()
    import_module("community.members.migrations.0007_first_training").begin(apps, None)
    office = Office.objects.get()
    assert (office.user, office.role, office.has_begun) == (moderator, Role.MODERATOR, True)
    assert office.until > timezone.now() + timedelta(days=364)


def test_steps_from_before_lose_their_links_and_say_how_one_gets_there():
    way = "[who is there at any hour](/help/)"
    step = TrainingStep.objects.create(role=Role.GREETER, name="At night", body=f"Point to {way}. Again: {way}, *always*.")
    others = dict(TrainingStep.objects.exclude(pk=step.pk).values_list("pk", "body"))
    for _ in "twice":
        import_module("community.members.migrations.0010_training_without_links").say(apps, None)
    step.refresh_from_db()
    said = "who is there at any hour, under *Get help now*"
    assert step.body == f"Point to {said}. Again: {said}, *always*."
    assert dict(TrainingStep.objects.exclude(pk=step.pk).values_list("pk", "body")) == others, "the rest is as it was"
    assert others and not any("](/" in body for body in others.values())


# Ending -------------------------------------------------------------------------------------------------------------------


def test_ending_a_role_is_a_decision_that_can_be_turned_around_by_owners_alone(sign_in, owner, moderator):
    second = make.user("larch", role="owner")
    do(sign_in(owner), moderator, "dismiss", role="moderator")
    decision = Decision.objects.get(member=moderator)
    assert (decision.act, decision.reason, as_now(moderator).is_staff) == (Act.END, REASON, False)
    assert Entry.objects.filter(action="members.moderator_dismissed", by=owner).count() == 1
    assert "decisions.decision_made" in told(moderator)
    appeal = Appeal.ask(decision)
    for user, verdict in ((make.user(role="moderator"), False), (make.user(role="lead"), False), (owner, False), (second, True)):
        assert bool(can_decide_appeal(as_now(user), appeal)) is verdict
    appeal.overturn(by=second, reason="It was somebody else.")
    assert as_now(moderator).is_moderator
    assert moderator.offices.standing().count() == 1


def test_whoever_is_no_moderator_is_in_charge_of_nothing_and_the_other_way_round_not(owner):
    one, two = make.user(role="lead"), make.user(role="lead")
    one.dismiss("moderator", by=owner, reason=REASON)
    two.dismiss("lead", by=owner, reason=REASON)
    assert (as_now(one).is_staff, as_now(one).role_names) == (False, frozenset())
    assert (as_now(two).is_moderator, as_now(two).is_lead) == (True, False)
    Decision.objects.get(member=one).reverse(by=owner, reason="It was a mistake.")
    assert (as_now(one).is_moderator, as_now(one).is_lead) == (True, True)


@pytest.mark.parametrize("fields", [{"role": "owner"}, {"role": ""}, {}, {"role": "moderator", "reason": ""}, {"role": "\0"}])
def test_what_cannot_be_given_is_said(sign_in, owner, member, fields):
    answer = do(sign_in(owner), member, "appoint", **fields)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Office.objects.filter(user=member).exists()


def test_only_owners_give_roles(sign_in, member):
    for role in set(Role.values) - {"greeter"}:
        client = sign_in(make.user(role=role))
        for verb in ("appoint", "renew", "dismiss"):
            assert do(client, member, verb, role="moderator").status_code in {403, 404}
    assert not member.offices.exists()


def test_a_role_is_laid_down_without_a_reason(sign_in, moderator):
    office = moderator.offices.get()
    assert sign_in(moderator).post(reverse("office_delete", args=[office.public_id])).status_code == 302
    assert not as_now(moderator).is_staff
    assert not Decision.objects.exists()
    assert Entry.objects.get(action="members.moderator_laid_down").by == moderator


def test_a_role_ends_with_its_year_after_a_reminder_and_can_be_renewed(sign_in, owner, moderator):
    librarian = make.user(role="librarian")
    with time_machine.travel(timezone.now() + timedelta(days=340)):
        tasks.end_offices(0)
        tasks.end_offices(0)
        assert told(moderator) == told(librarian) == told(owner) == {"members.role_ending"}
        assert as_now(moderator).is_moderator
        client = sign_in(owner)
        assert moderator.username in client.get("/settings/roles/").text
        assert "moderator: until" in client.get(f"/admin/members/user/{moderator.pk}/change/").text
        do(client, moderator, "renew", role="moderator")
        assert "members.role_renewed" in told(moderator)
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        tasks.end_offices(0)
        tasks.end_offices(0)
        assert (as_now(moderator).is_moderator, as_now(librarian).is_staff) == (True, False)
        assert "members.role_ended" in told(librarian)
        assert Entry.objects.filter(action="members.librarian_ran_out", by=None).count() == 1
        assert not Decision.objects.exists()


@pytest.mark.parametrize("role", Role.values)
def test_power_ends_with_its_time_and_not_in_the_night_after(sign_in, role):
    user = make.user(role=role)
    client = sign_in(user)
    where = "/forums/newcomers/" if role == "greeter" else "/admin/"
    assert client.get(where).status_code == 200
    user.offices.update(until=timezone.now() - timedelta(minutes=1))
    assert client.get(where).status_code in {403, 404}
    now = as_now(user)
    assert not (now.role_names or now.is_greeter or now.group_ids)
    assert user not in User.objects.leads()
    now.renew(role, by=make.user(role="owner"), reason=REASON)
    assert client.get(where).status_code == 200


# Greeters -----------------------------------------------------------------------------------------------------------------


def test_greeters_see_which_newcomers_wait_and_nothing_more(sign_in, member, newcomer, author):
    greeter = make.user("thrush", role="greeter")
    waits, answered = make.topic(author=newcomer, title="My first words"), make.topic(author=newcomer, title="Already answered")
    make.reply(answered, member)
    make.topic(author=author, title="Somebody settled")
    make.topic(author=newcomer, title="Soon hidden").hide(by=member, reason=REASON)
    client = sign_in(greeter)
    page = client.get("/forums/newcomers/").text
    shown = [title for title in ("My first words", "Already answered", "Somebody settled", "Soon hidden") if title in page]
    assert shown == ["My first words"]
    assert "/forums/newcomers/" in client.get("/").text
    assert client.get("/admin/").status_code == 404
    assert client.get(waits.get_absolute_url()).status_code == 200
    assert sign_in(member).get("/forums/newcomers/").status_code == 403
    assert "/forums/newcomers/" not in sign_in(member).get("/").text


def test_of_an_alias_nobody_learns_that_it_is_a_newcomer(sign_in, newcomer):
    for _ in range(2):
        make.user(role="lead")
    newcomer.is_here, conversation = True, uuid4()
    board = make.board(anonymous_at=timezone.now())
    make.topic(board, speak_as(newcomer, conversation), public_id=conversation, title="Under an alias")
    make.topic(board, newcomer, title="By name")
    page = sign_in(make.user(role="greeter")).get("/forums/newcomers/").text
    assert "By name" in page
    assert "Under an alias" not in page
