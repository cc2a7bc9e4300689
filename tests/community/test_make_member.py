"""`manage.py make_member`: accounts by role from the command line."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.test import Client

from community.audit.models import Entry
from community.members.models import User
from community.members.permissions import can_write

pytestmark = pytest.mark.django_db
PASSWORD = "four stones on a sill"


def made(capsys, role: str = "member", **changes) -> dict:
    fields = {"handle": "pebble", "email": "pebble@example.org", "password": PASSWORD, "role": role} | changes
    call_command("make_member", **fields)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("role", ["newcomer", "member", "moderator", "owner"])
def test_an_account_is_ready_to_use(capsys, role):
    told = made(capsys, role)
    user = User.objects.get(pk=told["id"])
    assert (told["handle"], told["email"], told["role"]) == ("pebble", "pebble@example.org", role)
    assert user.is_settled is (role != "newcomer")
    assert (user.is_moderator, user.is_owner) == (role == "moderator", role == "owner")
    assert EmailAddress.objects.get(user=user).verified
    assert can_write(user) is True
    assert user.profile
    assert PASSWORD not in json.dumps(told)


@pytest.mark.parametrize(("role", "has_office"), [("mentor", False), ("librarian", True), ("coordinator", True), ("lead", True)])
def test_every_role_is_ready_to_use(capsys, role, has_office):
    told = made(capsys, role)
    user = User.objects.get(pk=told["id"])
    assert (user.is_settled, user.is_staff, "totp_secret" in told) == (True, has_office, has_office)
    assert (user.is_librarian, user.is_coordinator, user.is_lead) == tuple(
        role == each for each in ("librarian", "coordinator", "lead")
    )
    assert list(user.groups.filter(name="Mentors")) == ([] if role != "mentor" else list(user.groups.all()))
    client = Client()
    client.force_login(user)
    assert (client.get("/mentorship/apply/").content.decode().count("You are a mentor") > 0) is (role == "mentor")


def test_a_member_signs_in_with_what_was_given(capsys, client):
    made(capsys)
    client.post("/accounts/login/", {"login": "pebble@example.org", "password": PASSWORD})
    assert client.get("/settings/").status_code == 200


def test_staff_are_told_their_second_step_and_it_works(capsys):
    told = made(capsys, "moderator")
    assert len(told["recovery_codes"]) == 10
    client = Client()
    answer = client.post("/accounts/login/", {"login": "pebble@example.org", "password": PASSWORD})
    code = format_hotp_value(hotp_value(told["totp_secret"], next(iter(yield_hotp_counters_from_time()))))
    client.post(answer["Location"], {"code": code})
    assert client.get("/admin/").status_code == 200


def test_others_have_no_second_step_to_be_told(capsys):
    assert "totp_secret" not in made(capsys, "newcomer")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"handle": "Pebble"}, "already has this name"),
        ({"handle": "pebble@example.org"}, "e-mail"),
        ({"email": "PEBBLE@example.org"}, "already joined"),
        ({"email": "none"}, "valid"),
        ({"password": "hearth"}, "name of this place"),
        ({"role": "queen"}, "queen"),
    ],
)
def test_what_cannot_be_made_is_named(capsys, changes, word):
    made(capsys)
    with pytest.raises(CommandError, match=word):
        made(capsys, **({"handle": "other-stone", "email": "other@example.org"} | changes))
    assert User.objects.count() == 1


def test_whoever_gets_power_from_the_command_line_stands_in_the_record(capsys):
    told = made(capsys, "owner")
    entry = Entry.objects.get(action="members.staff_account_made")
    assert (entry.by, entry.target_id, entry.words.reason) == (None, str(told["id"]), "owner")


def test_a_member_who_is_made_is_no_matter_of_power(capsys):
    made(capsys, "member")
    assert not Entry.objects.exists()
