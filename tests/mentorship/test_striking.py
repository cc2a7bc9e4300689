"""A mentor leaves a part of the reasons out: it counts no more, and nobody reads it."""

import pytest

from mentorship import suggesting
from mentorship.models import Match, Mentor, Request
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(member, author):
    """`member` asked `author`, who is free when they are and whose clock is the same."""
    mentor, search = make.mentor(author), make.request(member)
    found = suggesting.suggestion_of(search, mentor)
    return Match.ask(search, mentor, score=found.score.total, parts=found.score.points)


def words(client, address) -> str:
    return client.get(address, follow=True).content.decode()


def test_a_mentor_leaves_a_part_out_and_neither_reads_it_any_more(sign_in, question, member, author):
    client, address = sign_in(author), question.get_absolute_url()
    for user in (member, author):
        assert "You are both free for" in words(sign_in(user), address)
    assert "Leave out when you are both free" in words(client, address)
    response = client.post(f"{address}reasons/strike/", {"fact": "hours"}, follow=True)
    assert "Left out, here and from now on." in response.content.decode()
    for user in (member, author):
        assert "You are both free for" not in words(sign_in(user), address)
    page = words(client, address)
    assert "Leave out when you are both free" not in page
    assert "Leave out that your clocks are close" in page


def test_it_counts_no_more_for_whoever_looks_later(question, author):
    search = make.request()
    Mentor.objects.filter(pk=author.pk).update(free=1)
    before = suggesting.suggestion_of(search, author.mentor).score
    author.mentor.keep_back("hours")
    after = suggesting.suggestion_of(search, Mentor.objects.get(pk=author.pk)).score
    assert before.points["hours"] > 0
    assert after.points.get("hours", 0) == 0
    assert after.total == before.total - before.points["hours"]


def test_that_one_was_kept_in_mind_is_not_found_out_by_it(sign_in, question, author):
    Match.objects.filter(pk=question.pk).update(parts={"wish": 120, "hours": 200})
    assert "one of you asked for the other" not in words(sign_in(author), question.get_absolute_url())


def test_what_the_newcomer_keeps_to_themselves_is_not_named(sign_in, question, author):
    Request.objects.filter(pk=question.request_id).update(shares=["nearness"])
    assert "Leave out when you are both free" not in words(sign_in(author), question.get_absolute_url())


@pytest.mark.parametrize("fact", ["", "no", "\x00", "h" * 5000, "hours "])
def test_nonsense_leaves_nothing_out(sign_in, question, author, fact):
    before = author.mentor.shares
    assert sign_in(author).post(f"{question.get_absolute_url()}reasons/strike/", {"fact": fact}).status_code == 302
    assert Mentor.objects.get(pk=author.pk).shares == before


def test_it_is_the_mentor_s_own_choice(sign_in, question, member, other, author):
    address = f"{question.get_absolute_url()}reasons/strike/"
    assert sign_in(member).post(address, {"fact": "hours"}).status_code == 403
    assert sign_in(other).post(address, {"fact": "hours"}).status_code == 404
    assert sign_in(author).get(address).status_code == 405
    assert "hours" in Mentor.objects.get(pk=author.pk).shares
    assert "Leave something out" not in words(sign_in(member), question.get_absolute_url())
