"""Several who told us of the same thing wait together at the desk, are read together, and hear the same."""

import pytest

from community.moderation.models import Report
from community.notifications.models import Notification
from tests import make

pytestmark = pytest.mark.django_db
REASON = "We looked, and it may stand as it is."


@pytest.fixture
def told() -> list[Report]:
    thing = make.reply(body="A quiet evening.")
    return [Report.put(thing, by=make.user(), reason="rule", words=f"Look, says number {number}.") for number in range(3)]


@pytest.fixture
def address(told) -> str:
    return f"/admin/desk/report-{told[0].pk}/"


def test_what_all_say_alike_stands_there_once_and_each_says_the_rest(sign_in, moderator, told, address):
    page = sign_in(moderator).get(address).content.decode()
    assert page.count("What is the matter") == 1
    for number in range(3):
        assert f"Look, says number {number}." in page


@pytest.mark.parametrize(("verb", "unfounded"), [("close", 0), ("dismiss", 3)])
def test_what_is_answered_to_one_is_answered_to_all(sign_in, moderator, told, address, verb, unfounded):
    sign_in(moderator).post(f"{address}do/{verb}/", {"reason": REASON})
    assert set(Report.objects.values_list("outcome", "closed_by__username")) == {(REASON, moderator.username)}
    assert Report.objects.exclude(unfounded_at=None).count() == unfounded
    assert Notification.objects.filter(kind="moderation.report_closed", note=REASON).count() == 3
