"""What is kept ready for finding follows the vocabulary and the clocks."""

from datetime import UTC, datetime

import pytest

from community.tags import applying
from mentorship import suggesting
from mentorship.fields import numbers
from mentorship.models import Help
from mentorship.renewing import renew_clocks, renew_mentor, renew_request, renew_sets
from tests import make

pytestmark = pytest.mark.django_db


def test_merged_tags_are_found_once_the_sets_are_renewed(owner):
    mentor, request = make.mentor(), make.request(weigh_lived="must")
    (rest,) = applying.apply(mentor, ["rest"], accept=True)
    (sleep,) = applying.apply(request, ["sleep"], accept=True)
    mentor.set_not_about(applying.resolve(["cats"], accept=True))
    request.set_without(applying.resolve(["dogs"], accept=True))
    mentor.helps.add(Help.objects.first())
    renew_mentor(mentor)
    renew_request(request)
    assert renew_sets() == 0
    assert suggesting.suggestions(request) == []
    rest.merge(into=sleep, by=owner, reason="The same.")
    assert renew_sets() == 1
    mentor.refresh_from_db()
    assert numbers(mentor.tag_bits) == [sleep.pk % 1024]
    assert [each.mentor for each in suggesting.suggestions(request)] == [mentor]


def test_must_not_that_was_merged_holds_before_the_sets_are_renewed(owner):
    mentor, request = make.mentor(), make.request()
    (rest,) = applying.apply(mentor, ["rest"], accept=True)
    (sleep,) = applying.resolve(["sleep"], accept=True)
    request.set_without([sleep])
    renew_mentor(mentor)
    renew_request(request)
    assert suggesting.suggestions(request)
    rest.merge(into=sleep, by=owner, reason="The same.")
    assert suggesting.suggestions(request) == []


def test_sets_that_became_empty_are_renewed(owner):
    mentor = make.mentor()
    applying.apply(mentor, ["rest"], accept=True)
    renew_mentor(mentor)
    applying.apply(mentor, [])
    assert renew_sets() == 1
    mentor.refresh_from_db()
    assert mentor.tag_bits == 0


def test_hours_follow_the_clock_that_is_put_forward(db):
    mentor, request = make.mentor(time_zone="Europe/Vienna"), make.request(time_zone="UTC")
    winter, summer = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)
    renew_clocks(winter)
    mentor.refresh_from_db()
    assert mentor.offset == 60 and 17 in numbers(mentor.utc_hours)
    assert renew_clocks(summer) == 1 and renew_clocks(summer) == 0
    mentor.refresh_from_db()
    assert mentor.offset == 120 and min(numbers(mentor.utc_hours)) == 16
    request.refresh_from_db()
    assert request.offset == 0
