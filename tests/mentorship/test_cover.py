"""A mentor who needs cover: coordinators see it at once, the newcomer when one of them acts; and looking back for oneself."""

import pytest
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.notifications.models import Notification
from mentorship.models import Match, Mentor
from tests import make

pytestmark = pytest.mark.django_db

BOARD = "/admin/mentorship/request/board/"


@pytest.fixture
def coordinator(db):
    return make.user("bramble", role="coordinator")


@pytest.fixture
def match(member, author):
    """`author` guides `member`, and has a place for another one."""
    return make.match(member, make.mentor(author, capacity=2))


def url(match, rest="") -> str:
    return f"{match.get_absolute_url()}{rest}"


def words(client, address) -> str:
    return client.get(address, follow=True).content.decode()


def now(match) -> Match:
    match.refresh_from_db()
    return match


def test_a_mentor_asks_for_cover_and_the_board_shows_it_at_once(sign_in, coordinator, match, member, author):
    client = sign_in(author)
    assert url(match, "cover/") in words(client, url(match))
    assert "everybody I guide" not in words(client, url(match, "cover/"))
    client.post(url(match, "cover/"))
    assert "You asked for cover" in words(client, url(match))
    board = words(sign_in(coordinator), BOARD)
    assert "Mentors who need cover <b>1</b>" in board
    assert f"{member.username}, {author.username}" in board.partition("Mentors who need cover")[2]
    behind = reverse("admin:mentorship_match_changelist")
    assert member.username in words(sign_in(coordinator), f"{behind}?state=cover")


def test_the_newcomer_hears_of_it_only_when_a_coordinator_acts(sign_in, coordinator, match, member, author):
    before = Notification.objects.filter(recipient=member).count()
    sign_in(author).post(url(match, "cover/"))
    assert "needs a rest" not in words(sign_in(member), url(match))
    assert Notification.objects.filter(recipient=member).count() == before
    verb = reverse("admin:mentorship_match_verb", args=[match.pk, "arrange_cover"])
    for _ in range(2):
        sign_in(coordinator).post(verb, {"reason": "I write to both of them."})
    assert f"{author.username} needs a rest just now" in words(sign_in(member), url(match))
    assert Notification.objects.filter(recipient=member, kind="mentorship.cover_arranged").count() == 1
    assert "a coordinator looks after it" in words(sign_in(member), "/inbox/")
    assert "A coordinator looks after it" in words(sign_in(author), url(match))
    assert "Mentors who need cover <b>1</b>" not in words(sign_in(coordinator), BOARD)
    assert Entry.objects.filter(action="mentorship.cover_arranged", by=coordinator).count() == 1


def test_it_can_be_asked_for_everybody_whom_one_guides_and_taken_back(sign_in, match, author):
    other = make.match(mentor=Mentor.objects.get(pk=author.pk))
    stranger = make.match()
    client = sign_in(author)
    assert "everybody I guide" in words(client, url(match, "cover/"))
    client.post(url(match, "cover/"), {"all": "yes"})
    assert now(match).needs_cover
    assert now(other).needs_cover
    assert not now(stranger).needs_cover
    client.post(url(match, "cover/delete/"))
    assert not now(match).needs_cover
    assert now(other).needs_cover


def test_asking_once_more_calls_nobody_anew(match, coordinator):
    match.ask_for_cover()
    now(match).arrange_cover(by=coordinator, reason="I write to both of them.")
    match.ask_for_cover(for_all=True)
    assert now(match).cover_arranged_at
    match.need_no_cover()
    match.arrange_cover(by=coordinator, reason="Too late.")
    assert now(match).cover_arranged_at is None


def test_nobody_else_asks_for_it(sign_in, match, member, other, moderator):
    for address in (url(match, "cover/"), url(match, "cover/delete/")):
        assert sign_in(member).post(address).status_code == 403
        for stranger in (other, moderator):
            assert sign_in(stranger).post(address).status_code == 404
    assert not now(match).needs_cover
    assert url(match, "cover/") not in words(sign_in(member), url(match))


def test_what_is_over_needs_no_cover(sign_in, coordinator, match, author):
    match.ask_for_cover()
    now(match).end(ending="planned")
    assert "Mentors who need cover <b>0</b>" in words(sign_in(coordinator), BOARD)
    assert sign_in(author).get(url(match, "cover/")).status_code == 403


def test_a_coordinator_who_is_one_of_the_two_leaves_it_to_another(sign_in, coordinator):
    own = make.match(mentor=coordinator)
    own.ask_for_cover()
    assert "Mentors who need cover <b>0</b>" in words(sign_in(coordinator), BOARD)
    verb = reverse("admin:mentorship_match_verb", args=[own.pk, "arrange_cover"])
    assert sign_in(coordinator).post(verb, {"reason": "I do it myself."}).status_code in (302, 404)
    assert now(own).cover_arranged_at is None


def test_a_mentor_looks_back_for_themselves_and_a_newcomer_is_not_asked(sign_in, match, member, author):
    assert "Looking back, for yourself" in words(sign_in(author), url(match, "log/"))
    assert "Looking back" not in words(sign_in(member), url(match, "log/"))
    Match.objects.filter(pk=match.pk).update(cover_asked_at=timezone.now())
    now(match).end(ending="planned")
    assert "Look back, for yourself" in words(sign_in(author), url(match))
    assert "Looking back, for yourself" in words(sign_in(author), url(match, "log/"))
