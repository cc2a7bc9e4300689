"""What folds where many ask to have it looked at, and what does not: it touches a post, never a person."""

from datetime import time, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from community.contributions.models import Quote
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.members.models import User
from community.moderation.forms import ReportForm
from community.moderation.models import DeskSettings, Report
from forums.models import Mode
from tests import make
from tests.community.test_reports import here_for, members, report_as, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic(author):
    return make.topic(make.board(audience="everyone"), author, audience="everyone", title="A long day", body="As it stood.")


@pytest.fixture
def reply(topic, other):
    return make.reply(topic, other, "What was said.")


def fold(client, page) -> bool:
    return "It is folded until a volunteer has" in text_of(client.get(page))


def test_while_nobody_is_here_three_fold_a_post_for_everybody(sign_in, member, other, topic, reply):
    one, two, three = members(3)
    for reporter in (one, two):
        report_as(reporter, reply)
    assert not fold(sign_in(member), topic.get_absolute_url())
    report_as(three, reply)
    reply.refresh_from_db()
    assert reply.folded_at is not None
    for client in (Client(), sign_in(member), sign_in(other)):
        assert fold(client, topic.get_absolute_url())
    page = text_of(Client().get(topic.get_absolute_url()))
    assert "What was said." in page, "it can still be opened"


def test_the_author_is_told_kindly_that_nobody_has_judged(sign_in, other, reply):
    for reporter in members(3):
        report_as(reporter, reply)
    decision = Decision.objects.get()
    assert (decision.act, decision.by, decision.member) == (Act.FOLD, None, other)
    assert "nobody has judged it yet" in decision.reason
    news = text_of(sign_in(other).get("/inbox/"))
    assert "is folded until a volunteer has looked at it" in news
    assert "A volunteer folded" not in news


def test_nobody_is_paused_by_reports(other, reply):
    for reporter in members(12):
        report_as(reporter, reply)
    assert set(Decision.objects.values_list("act", flat=True)) == {Act.FOLD}
    assert other.paused_until is None


def test_when_somebody_looks_it_is_unfolded(sign_in, member, other, topic, reply, moderator):
    reports = [report_as(reporter, reply) for reporter in members(3)]
    reports[0].close(by=moderator, reason="It is a hard sentence, and it may stand.")
    assert not fold(sign_in(member), topic.get_absolute_url())
    assert Decision.objects.get().is_reversed
    assert "hard sentence" not in text_of(sign_in(other).get("/inbox/")), "what reporters are told is not for the author"


def test_while_somebody_is_here_more_are_needed(reply):
    DeskSettings(pk=1, here_from=time(0), here_until=time(23, 59, 59), fold_always_after=5).save()
    reporters = members(5)
    for reporter in reporters[:4]:
        report_as(reporter, reply)
    assert not Decision.objects.exists()
    report_as(reporters[4], reply)
    assert Decision.objects.filter(act=Act.FOLD).exists()


def test_somebody_who_reads_on_the_board_is_somebody(topic, reply):
    board = topic.board
    board.reads_from, board.reads_until = time(0), time(23, 59, 59)
    board.save()
    reply = type(reply).objects.get(pk=reply.pk)
    for reporter in members(3):
        report_as(reporter, reply)
    assert not Decision.objects.exists()


def test_new_members_and_guests_weigh_nothing(reply):
    for reporter in members(5, days=10):
        report_as(reporter, reply)
    for _ in range(5):
        Report.put(reply, reason="harmful")
    assert not Decision.objects.exists()


def test_one_member_weighs_once_however_often_they_report(reply):
    (one,) = members(1)
    for _ in range(5):
        report_as(one, reply)
    assert Report.objects.count() == 1
    assert not Decision.objects.exists()


def test_who_is_worried_about_somebody_does_not_put_them_out_of_the_way(reply):
    for reporter in members(9):
        report_as(reporter, reply, "worried")
    assert not Decision.objects.exists()


def test_reports_that_came_to_nothing_weigh_less(member, reply, author, moderator):
    here_for(member, days=60)
    weights = []
    for _ in range(4):
        report = report_as(member, make.topic(author=author))
        weights.append(report.weight)
        report.close(by=moderator, reason="There was nothing to it.", unfounded=True)
    assert weights == [2, 1, 1, 0]
    Report.objects.update(unfounded_at=timezone.now() - timedelta(days=190))
    assert report_as(member, reply).weight == 2, "and that is forgotten"


def test_under_an_alias_a_report_weighs_all_or_nothing(member, topic, author, moderator):
    here_for(member, days=60)
    report_as(member, make.topic(author=author)).close(by=moderator, reason="There was nothing to it.", unfounded=True)
    member.is_here = True
    persona = speak_as(member, topic.public_id)
    member.forget_personas()
    assert report_as(member, topic, voice=persona).weight == 2


def test_who_takes_an_alias_meanwhile_counts_once_and_under_it(member, topic):
    """The form was drawn, and the words of an alias went out in another window before it was sent."""
    member.is_here = True
    form = ReportForm({"reason": "harmful"}, user=member, target=topic)
    assert form.is_valid() and form.voice == member
    elsewhere = User.objects.get(pk=member.pk)
    persona = speak_as(elsewhere, topic.public_id)
    first = form.tell(uuid4())
    assert (first.reporter, first.reporter_persona) == (None, persona)
    again = ReportForm({"reason": "other"}, user=member, target=topic)
    assert again.is_valid() and again.tell(uuid4()) == first
    assert Report.objects.count() == 1


def test_what_is_hidden_already_is_not_folded(reply, moderator):
    reply.hide(by=moderator, reason="It tells where somebody lives.")
    for reporter in members(3):
        report_as(reporter, reply)
    assert not Decision.objects.filter(act=Act.FOLD).exists()


def test_a_quote_of_it_folds_along(member, topic, reply):
    quoting = topic.reply(member, "I read this.", quoting=[Quote(reply, "What was said.")])
    for reporter in members(3):
        report_as(reporter, reply)
    quoting.refresh_from_db()
    assert "Folded until a volunteer has looked at it." in quoting.body_html


def test_things_of_the_library_fold_too(sign_in, member, author):
    thing = make.resource(author, body="It *helped*.")
    word, collection = make.review(thing, author), make.collection(author, things=[thing])
    for target in (thing, word, collection):
        for reporter in members(3):
            report_as(reporter, target)
    for page in (thing, collection):
        assert fold(Client(), page.get_absolute_url())
        assert fold(sign_in(member), page.get_absolute_url())


def test_a_guests_copy_is_gone_when_something_is_folded(topic, reply):
    guest = Client()
    first = guest.get(topic.get_absolute_url())
    for reporter in members(3):
        report_as(reporter, reply)
    again = guest.get(topic.get_absolute_url(), HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_three_at_once_fold_it():
    topic = make.topic(mode=Mode.LISTENING)
    reply, reporters = make.reply(topic), members(3)

    def put(user) -> None:
        report_as(user, type(reply).objects.get(pk=reply.pk))
        connection.close()

    threads = [Thread(target=put, args=[user]) for user in reporters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reply.refresh_from_db()
    assert reply.folded_at is not None
    assert Decision.objects.filter(act=Act.FOLD).count() == 1
