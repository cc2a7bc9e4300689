"""What owners tune in the admin takes effect at once, within bounds that nobody passes by a slip of the hand."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Decision
from community.members.models import NewMemberLimits
from community.moderation.models import Claim, DeskSettings, Report
from tests import make

pytestmark = pytest.mark.django_db
DESK, DOOR = "/admin/moderation/desksettings/", "/admin/members/newmemberlimits/1/change/"
TUNED = {"worried_hours": 2, "harm_hours": 20, "other_hours": 60, "here_from": "", "here_until": "", "quiet_hours": 10}
TUNED |= {"fold_after": 4, "fold_always_after": 9, "fold_days": 20, "reports_a_day": 30, "claim_minutes": 40}
TUNED |= {"severe_a_day": 4, "debrief": "", "appeal_months": 12}
LIMITS = {"links": 1, "mentions": 1, "topics_a_day": 1, "replies_a_day": 1, "days": 1, "conversations": 1, "mails_an_hour": 20}


@pytest.fixture
def door(settings):
    """The limits of a real door, which other tests do without."""
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = settings.DOOR_LIMITS
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


def test_owners_tune_the_desk_and_it_is_written_down(sign_in, owner, moderator):
    assert sign_in(moderator).post(f"{DESK}add/", TUNED).status_code == 403
    assert sign_in(owner).post(f"{DESK}add/", TUNED).status_code == 302
    desk = DeskSettings.current()
    assert (desk.claim_minutes, desk.reports_a_day, desk.appeal_months, desk.fold_after) == (40, 30, 12, 4)
    assert sign_in(owner).post(f"{DESK}1/change/", TUNED | {"claim_minutes": 30}).status_code == 302
    assert DeskSettings.current().claim_minutes == 30
    assert Entry.objects.filter(action="moderation.desksettings_changed", by=owner).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"reports_a_day": 0},
        {"reports_a_day": 9_999},
        {"claim_minutes": 0},
        {"claim_minutes": 1_440},
        {"appeal_months": 1},
        {"fold_after": 1},
        {"fold_after": 9, "fold_always_after": 3},
        {"quiet_hours": 0},
        {"severe_a_day": 0},
        {"here_from": "08:00"},
        {"worried_hours": "soon"},
    ],
)
def test_nothing_that_keeps_people_safe_is_switched_off_by_a_number(sign_in, owner, change):
    assert sign_in(owner).post(f"{DESK}add/", TUNED | change).status_code == 200
    assert not DeskSettings.objects.exists()


@pytest.mark.parametrize(
    "change", [{"mails_an_hour": 0}, {"mails_an_hour": 500}, {"topics_a_day": 0}, {"days": 4_000}, {"links": -1}]
)
def test_the_door_has_bounds_too(sign_in, owner, change):
    assert sign_in(owner).post(DOOR, LIMITS | change).status_code == 200
    assert NewMemberLimits.current().links == 2
    assert sign_in(owner).post(DOOR, LIMITS).status_code == 302
    assert NewMemberLimits.current().mails_an_hour == 20


def test_how_many_reports_one_person_makes_in_a_day_is_tuned(sign_in, member, door):
    DeskSettings(pk=1, reports_a_day=10).save()
    client, start = sign_in(member), timezone.now()
    for number in range(12):
        with time_machine.travel(start + timedelta(minutes=2 * number), tick=False):
            sign_in(member)
            answer = client.post(f"/report/reply/{make.reply().public_id}/", {"reason": "other", "body": f"Look {number}."})
    assert Report.objects.count() == 10
    assert "That was a lot in a short time" in answer.text


def test_how_many_mails_with_a_code_one_address_gets_in_an_hour_is_tuned(member, door):
    NewMemberLimits.objects.update(mails_an_hour=5)
    start = timezone.now()
    for number in range(9):
        with time_machine.travel(start + timedelta(minutes=2 * number), tick=False):
            Client().post("/accounts/login/code/", {"email": member.email}, headers={"X-Forwarded-For": "203.0.113.9"})
    assert len(mail.outbox) == 5


def test_how_long_something_is_kept_for_whoever_took_it_is_tuned(moderator, member):
    report = Report.put(make.topic(), by=member, reason="harmful")
    report.claim(by=moderator)
    assert timedelta(minutes=14) < Claim.objects.get().until - timezone.now() <= timedelta(minutes=15)
    DeskSettings(pk=1, claim_minutes=60).save()
    report.claim(by=moderator)
    assert timedelta(minutes=59) < Claim.objects.get().until - timezone.now() <= timedelta(minutes=60)


def test_how_long_another_look_can_be_asked_for_is_tuned(sign_in, author, moderator):
    make.reply(author=author).hide(by=moderator, reason="It names a place that others can find.")
    DeskSettings(pk=1, appeal_months=12).save()
    ask = f"{Decision.objects.get().get_absolute_url()}appeal/"
    with time_machine.travel(timezone.now() + timedelta(days=365)):
        assert sign_in(author).get(ask).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=367)):
        assert sign_in(author).get(ask).status_code == 403
