"""What somebody at the desk, or somebody who writes, may try there, and what comes of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Holding
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.members.models import Standing, User
from community.members.models.standing import carry_out
from community.moderation.models import Appeal, Report, Unmasking
from forums.models import Board, Reply
from forums.permissions import can_edit, can_withdraw
from resources.models import Resource
from tests import make

WHY = "It names a neighbour and a door."


@pytest.fixture
def second(db):
    return make.user("larch", role="moderator")


def work() -> None:
    """What the worker does with pauses."""
    for decision in Decision.objects.filter(act=Act.PAUSE):
        carry_out(decision.public_id)


def fresh(words):
    return type(words).objects.get(pk=words.pk)


# About oneself ----------------------------------------------------------------------------------------------------------


def test_a_volunteer_reads_nothing_of_what_was_told_about_them(sign_in, moderator, member, second):
    moderator.is_here = True
    topic = make.topic(make.board(anonymous_at=timezone.now()))
    masked = make.reply(topic, speak_as(moderator, topic.public_id))
    told = [
        Report.put(thing, by=member, reason="rule", words="zqxtold") for thing in (make.reply(author=moderator), masked, moderator)
    ]
    closed = Report.put(make.reply(author=moderator), by=member, reason="rule")
    closed.close(by=second, reason="There was nothing to it.")
    appeal, client = Appeal.ask(closed, words="zqxagain"), sign_in(moderator)
    paths = [f"/admin/moderation/report/{report.pk}/change/" for report in told] + [f"/admin/desk/report-{r.pk}/" for r in told]
    paths += [f"/admin/moderation/appeal/{appeal.pk}/change/", f"/admin/desk/appeal-{appeal.pk}/"]
    for path in ["/admin/", "/admin/moderation/report/", "/admin/moderation/appeal/", *paths]:
        page = client.get(path, follow=True).text
        assert "zqx" not in page, path
        assert "report-" not in page, path
        assert "appeal-" not in page, path
    assert "zqxtold" in sign_in(second).get(paths[0]).text


def test_nobody_brings_their_own_conversation_back_by_what_somebody_else_said_in_it(sign_in, moderator, second, member):
    topic = make.topic(author=moderator)
    make.reply(topic, member)
    topic.hide(by=second, reason=WHY)
    appeal = Appeal.ask(Decision.objects.get(act=Act.WITHIN, member=member))
    client = sign_in(moderator)
    assert client.post(f"/admin/moderation/appeal/{appeal.pk}/do/overturn/", {"reason": WHY}).status_code == 403
    assert f"appeal-{appeal.pk}" not in client.get("/admin/").text
    assert fresh(topic).is_hidden


def test_whoever_closed_a_report_first_does_not_close_it_again_when_it_was_opened(sign_in, moderator, second, member, other):
    words = make.reply()
    report = Report.put(words, by=member, reason="rule")
    report.close(by=moderator, reason="There was nothing to it.")
    Appeal.ask(report).overturn(by=second, reason=WHY)
    beside = Report.put(words, by=other, reason="rule")
    client = sign_in(moderator)
    assert client.post(f"/admin/moderation/report/{report.pk}/do/close/", {"reason": WHY}).status_code == 403
    for key in (report.pk, beside.pk):
        client.post(f"/admin/desk/report-{key}/do/close/", {"reason": WHY})
    assert Report.objects.open().count() == 2
    sign_in(second).post(f"/admin/desk/report-{report.pk}/do/close/", {"reason": WHY})
    assert not Report.objects.open().exists()


# What is private, and what only some decide -----------------------------------------------------------------------------


def test_private_words_leave_a_trace_also_where_one_is_asked_for_a_reason(sign_in, moderator):
    match = make.match()
    report = Report.put(make.message(match, body="Only between the two of us."), by=match.newcomer, reason="rule")
    client, address = sign_in(moderator), f"/admin/desk/report-{report.pk}/do/close/"
    for number, ask in enumerate([client.get, client.post], start=1):
        assert "Only between the two of us." in ask(address).text
        assert Entry.objects.filter(action="moderation.report_read", by=moderator).count() == number


def test_what_an_owner_wrote_is_not_among_the_many_that_a_moderator_decides_about(moderator, owner, author):
    theirs, others = make.reply(author=owner), make.reply(author=author)
    rows = Reply.objects.filter(pk__in=[theirs.pk, others.pk])
    assert rows.sort("hide", by=moderator).own == 1
    assert rows.hide_all(by=moderator, reason=WHY) == 1
    assert not fresh(theirs).is_hidden
    assert rows.hide_all(by=make.user(role="lead"), reason=WHY) == 1
    assert rows.restore_all(by=moderator, reason=WHY) == 1
    assert fresh(theirs).is_hidden
    brought = make.resource(owner)
    assert Resource.objects.filter(pk=brought.pk).hide_all(by=make.user(role="librarian"), reason=WHY) == 1


def test_what_was_decided_for_the_safety_of_two_is_looked_at_again_by_those_in_charge_of_it(sign_in, moderator):
    first, lead, match = make.user(role="lead"), make.user(role="lead"), make.match()
    match.end_for_safety(by=first, reason="He asked her for money, twice.")
    appeal = Appeal.ask(Decision.objects.get(act=Act.END, member=match.mentor.user))
    address = f"/admin/moderation/appeal/{appeal.pk}/do/overturn/"
    assert sign_in(moderator).post(address, {"reason": WHY}).status_code == 403
    assert fresh(match).is_over
    assert sign_in(lead).post(address, {"reason": WHY}).status_code == 302


def test_a_lead_behind_an_alias_reads_in_no_log_that_somebody_asks_who_that_is(sign_in):
    asks, behind, third = make.user(role="lead"), make.user(role="lead"), make.user(role="lead")
    behind.is_here = True
    topic = make.topic(make.board(anonymous_at=timezone.now()))
    masked = speak_as(behind, topic.public_id)
    make.reply(topic, masked)
    Unmasking.ask(masked, by=asks, reason="zqxwhy: they know where she lives.", untold_because="They could run.")
    assert "zqxwhy" in sign_in(third).get("/admin/audit/entry/").text
    page = sign_in(behind).get("/admin/audit/entry/").text
    assert "zqxwhy" not in page
    assert "unmasking asked" not in page


def test_a_lead_who_is_one_of_the_two_reads_in_no_log_why_it_was_ended(sign_in):
    first, guided, third = make.user(role="lead"), make.user(role="lead"), make.user(role="lead")
    make.match(guided).end_for_safety(by=first, reason="zqxwhy: he asked for money.")
    assert "zqxwhy" in sign_in(third).get("/admin/audit/entry/").text
    assert "zqxwhy" not in sign_in(guided).get("/admin/audit/entry/").text


# Waiting and coming back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("happens", ["taken back", "hidden"])
def test_what_nobody_saw_is_none_of_the_first_posts(member, moderator, happens):
    Holding(pk=1, first_posts=2).save()
    topic = make.topic()
    for _ in range(2):
        words = topic.reply(member, "Buy my tea.")
        words.withdraw() if happens == "taken back" else words.hide(by=moderator, reason=WHY)
    assert topic.reply(member, "Buy my tea.").is_held


@pytest.mark.parametrize("kind", ["topic", "reply"])
def test_what_was_taken_back_before_anybody_saw_it_stays_away_whatever_is_pressed(sign_in, member, moderator, second, kind):
    topic = make.topic()
    begin = {"topic": lambda: make.topic(author=member), "reply": lambda: topic.reply(member, "Hm.")}[kind]
    Holding(pk=1, everything=True).save()
    words, hidden = begin(), begin()
    hidden.hide(by=moderator, reason=WHY)
    appeal = Appeal.ask(Decision.objects.about(hidden).get())
    for each in (words, hidden):
        each.withdraw()
        assert sign_in(moderator).post(f"/admin/forums/{kind}/{each.pk}/do/restore/", {"reason": WHY}).status_code == 302
        each.restore(by=second, reason=WHY)
    appeal.overturn(by=second, reason=WHY)
    assert fresh(words).is_hidden
    assert fresh(hidden).is_hidden
    assert not Decision.objects.standing().exists()


def test_while_a_volunteer_looks_first_nobody_changes_what_others_see(sign_in, member, author, moderator):
    topic = make.topic()
    words, others = make.reply(topic, member, body="Good morning."), make.reply(topic, author, body="Good evening.")
    member.look_first(by=moderator, reason=WHY, until=timezone.now() + timedelta(days=3))
    address = reverse("reply_edit", args=[topic.board.slug, topic.public_id, words.public_id])
    assert "A volunteer looks at your change first" in sign_in(member).post(address, {"body": "You are a fool."}, follow=True).text
    assert fresh(words).body == "Good morning."
    assert can_edit(author, others)
    assert can_withdraw(member, words)
    member.trust(by=moderator, reason=WHY)
    assert can_edit(User.objects.get(pk=member.pk), fresh(words))


def test_another_look_at_the_first_words_shows_no_others(author, moderator, second):
    words = make.reply(author=author, body="My neighbour has a red door.")
    words.revise(by=moderator, reason=WHY)
    appeal = Appeal.ask(Decision.objects.about(words).get())
    fresh(words).send_again("My neighbour is a fool.")
    appeal.overturn(by=second, reason=WHY)
    assert fresh(words).is_held
    assert not Decision.objects.standing().exists()
    fresh(words).show(by=second)
    assert not fresh(words).is_hidden


def test_nor_does_it_put_up_what_was_brought_anew(author, second):
    brought = make.resource(author, publish=False)
    brought.refuse(by=make.user(role="librarian"), reason=WHY)
    appeal = Appeal.ask(Decision.objects.about(brought).get())
    brought.change("Buy my tea.", tags=[])
    appeal.overturn(by=second, reason=WHY)
    assert fresh(brought).is_waiting


def test_a_note_above_what_was_removed_does_not_lose_its_words(author, moderator):
    words = make.reply(author=author, body="My own door is red.")
    words.remove(by=moderator, reason=WHY)
    words.add_note(by=moderator, reason=WHY, note_words="doors")
    words.restore(by=moderator, reason=WHY)
    assert fresh(words).body == "My own door is red."


# Elsewhere, and for a time ----------------------------------------------------------------------------------------------


def test_moved_from_where_fewer_read_it_is_read_by_no_more(author, moderator, client, sign_in, other):
    group = Group.objects.create(name="Night owls")
    public, board = make.board(audience="everyone"), make.board(audience="everyone")
    author.groups.add(group)
    narrowed, closed = make.topic(board, author), make.topic(board, author)
    Board.objects.filter(pk=board.pk).update(audience="members")
    fresh(narrowed).move(by=moderator, reason=WHY, board=public)
    assert client.get(fresh(narrowed).get_absolute_url()).status_code == 404
    assert sign_in(other).get(fresh(narrowed).get_absolute_url()).status_code == 200
    Board.objects.filter(pk=board.pk).update(audience="group", audience_group=group)
    fresh(closed).move(by=moderator, reason=WHY, board=public)
    assert sign_in(other).get(fresh(closed).get_absolute_url()).status_code == 404
    assert sign_in(author).get(fresh(closed).get_absolute_url()).status_code == 200
    Decision.objects.about(closed).get().reverse(by=moderator, reason=WHY)
    assert sign_in(other).get(fresh(closed).get_absolute_url()).status_code == 404
    assert sign_in(author).get(fresh(closed).get_absolute_url()).status_code == 200


def test_of_two_pauses_of_one_person_under_two_names_each_ends_by_itself(author, moderator):
    board, author.is_here = make.board(anonymous_at=timezone.now()), True
    topics = [make.topic(board), make.topic(board)]
    said = [make.reply(topic, speak_as(author, topic.public_id)) for topic in topics]
    until = timezone.now() + timedelta(days=3)
    for words in said:
        words.pause_writer(by=moderator, reason=WHY, until=until)
    work()
    said[0].let_writer_write(by=moderator, reason=WHY)
    work()
    author.is_here = True
    assert Standing.paused_until_of(author) is not None
    said[1].let_writer_write(by=moderator, reason=WHY)
    work()
    assert Standing.paused_until_of(author) is None
