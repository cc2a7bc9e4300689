"""Coordinators and owners tune how many one mentor takes, how long a question waits and how long a search stays open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from community.audit.models import Entry
from mentorship import seeking
from mentorship.models import Mentor, Pace
from tests import make

pytestmark = pytest.mark.django_db
ADD = "/admin/mentorship/pace/add/"
TUNED = {"most_places": 3, "answer_days": 10, "search_days": 30}


@pytest.mark.parametrize("role", ["coordinator", "owner"])
def test_those_who_look_after_mentors_tune_it_and_it_is_written_down(sign_in, role):
    by = make.user(role=role)
    assert sign_in(by).post(ADD, TUNED).status_code == 302
    assert (Pace.current().most_places, Pace.current().answer_days, Pace.current().search_days) == (3, 10, 30)
    assert Entry.objects.filter(action="mentorship.pace_added", by=by).exists()


@pytest.mark.parametrize("role", ["moderator", "librarian", "lead"])
def test_nobody_else_does(sign_in, role):
    assert sign_in(make.user(role=role)).post(ADD, TUNED).status_code == 403


@pytest.mark.parametrize("change", [{"most_places": 0}, {"most_places": 21}, {"answer_days": 0}, {"search_days": 3}])
def test_within_bounds(sign_in, owner, change):
    assert sign_in(owner).post(ADD, TUNED | change).status_code == 200
    assert not Pace.objects.exists()


def test_a_question_waits_and_a_search_stays_open_as_long_as_was_chosen(member, other):
    Pace(pk=1, **TUNED).save()
    match = make.match(member, other, begun=False)
    assert timedelta(days=9, hours=23) < match.answer_until - timezone.now() <= timedelta(days=10)
    assert match.request.open_until == timezone.localdate() + timedelta(days=30)
    Pace.objects.update(search_days=60)
    seeking.prolong(match.request)
    assert match.request.open_until == timezone.localdate() + timedelta(days=60)


def test_whoever_asks_reads_how_many_days_the_other_has(sign_in, member):
    make.request(member)
    client, url = sign_in(member), f"/mentorship/request/mentors/{make.mentor().public_id}/ask/"
    assert "They have 7 days to answer" in client.get(url).text
    Pace(pk=1, **TUNED).save()
    assert "They have 10 days to answer" in client.get(url).text


def test_nobody_offers_more_places_than_that_and_whoever_has_them_keeps_them(sign_in, author):
    mentor = make.mentor(author, capacity=5)
    Pace(pk=1, **TUNED).save()
    assert Mentor.objects.get(pk=mentor.pk).free == 5
    client = sign_in(author)
    refused = client.post("/mentorship/apply/places/", {"capacity": 4})
    assert "3 at most" in refused.text
    assert client.post("/mentorship/apply/places/", {"capacity": 3}).status_code == 302
    assert Mentor.objects.get(pk=mentor.pk).capacity == 3
