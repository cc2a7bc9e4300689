"""Words that a volunteer looks at before others see them: nothing of them comes out before, then all of it as if just written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Draft, Holding, Quote, Submission
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.members.models import User
from community.notifications.models import Notification
from forums.models import Closed, ReadMark, Reply, Topic
from tests import make
from tests.addresses import forms_in, words_in

pytestmark = pytest.mark.django_db
WHY = "Please leave out the name of the street."


def in_days(days: int):
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def board(db):
    return make.board(audience="everyone", held_first_at=timezone.now())


@pytest.fixture
def topic(author):
    """A conversation in which a volunteer looks at replies first."""
    made = make.topic(make.board(audience="everyone"), author, audience="everyone")
    made.look_first(by=make.user(role="moderator"), reason="It runs hot here.")
    return Topic.objects.get(pk=made.pk)


def fresh(words):
    return type(words).objects.get(pk=words.pk)


# Where it is so ---------------------------------------------------------------------------------------------------------


def test_everything_waits_where_the_house_says_so(member, author):
    open_topic = make.topic(author=author)
    Holding(pk=1, everything=True).save()
    assert open_topic.reply(member, "Hello.").is_held
    assert make.topic(author=member).is_held


def test_the_first_posts_of_a_member_wait_and_then_no_more(member, author, moderator):
    topic = make.topic(author=author)
    Holding(pk=1, first_posts=2).save()
    first, second = topic.reply(member, "One."), topic.reply(member, "Two.")
    assert first.is_held and second.is_held
    assert topic.reply(member, "Three.").is_held, "none was seen yet"
    for reply in (first, second):
        reply.show(by=moderator)
    assert not topic.reply(member, "Four.").is_held
    assert not make.topic(author=member).is_held


def test_a_board_and_a_conversation_are_looked_at_first(member, board, topic, owner):
    assert make.topic(board, member).is_held
    assert topic.reply(member, "Hello.").is_held
    topic.show_at_once(by=owner, reason="It is calm again.")
    assert not fresh(topic).reply(member, "Hello.").is_held


def test_what_a_member_posts_waits_for_a_time(member, author, moderator):
    topic = make.topic(author=author)
    member.look_first(by=moderator, reason="Let us look together for some days.", until=in_days(3))
    assert topic.reply(User.objects.get(pk=member.pk), "Hello.").is_held
    with time_machine.travel(in_days(4)):
        assert not topic.reply(User.objects.get(pk=member.pk), "Hello.").is_held
    decision = Decision.objects.get(member=member)
    decision.reverse(by=moderator, reason="That was not needed.")
    assert not topic.reply(User.objects.get(pk=member.pk), "Hello.").is_held


def test_an_alias_shows_nothing_of_whether_its_person_is_looked_at_first(member, author, moderator):
    """Its conduct hangs on its place and on itself, and what is decided about it shows nowhere else."""
    topic = make.topic(make.board(anonymous_at=timezone.now()), author)
    alias = speak_as(member, topic.public_id)
    Holding(pk=1, first_posts=3).save()
    member.look_first(by=moderator, reason="Let us look together for some days.", until=in_days(3))
    said = topic.reply(alias, "Hello.")
    assert not said.is_held
    Holding.objects.all().delete()
    Decision.objects.get(member=member).reverse(by=moderator, reason="That was not needed.")
    said.hold_writer(by=moderator, reason="Let us look together for some days.", until=in_days(3))
    assert topic.reply(alias, "Hello again.").is_held
    assert not topic.reply(User.objects.get(pk=member.pk), "By name.").is_held


# Nothing of it before -----------------------------------------------------------------------------------------------------


def test_a_held_reply_is_nowhere_and_nobody_is_told(sign_in, topic, author, member, other, client):
    quoted = topic.reply(other, "Quote me.")
    quoted.show(by=make.user(role="moderator"))
    Notification.objects.all().delete()
    before, tag = fresh(topic), client.get(topic.get_absolute_url())["ETag"]
    held = fresh(topic).reply(member, "@yarrow a qzxword for you.", quoting=[Quote(fresh(quoted), "Quote me")])
    assert held.is_held and held.position is None
    after = fresh(topic)
    assert (after.last_position, after.active_at, after.version) == (before.last_position, before.active_at, before.version)
    assert not Notification.objects.exists()
    assert client.get(topic.get_absolute_url())["ETag"] == tag
    for viewer in (author, other, None):
        asker = sign_in(viewer) if viewer else Client()
        assert "qzxword" not in asker.get(topic.get_absolute_url()).content.decode()
        assert "not shown to you" not in asker.get(topic.get_absolute_url()).content.decode()
        assert asker.get(held.get_absolute_url()).status_code == 404
        assert asker.get(f"/wrote/{held.public_id}/").status_code in {302, 404}


def test_a_held_conversation_is_in_no_list(sign_in, board, member, other, client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # a kept list is good for the minute that it was made in
    tag = client.get(board.get_absolute_url())["ETag"]
    held = board.start(member, title="A qzxtitle", body="Some qzxword.", mode="advice", tags=["sleep"])
    assert held.is_held and held.active_at is None
    for asker in (sign_in(other), client):
        for url in (board.get_absolute_url(), "/forums/", "/", "/tags/sleep/"):
            assert "qzx" not in asker.get(url).content.decode()
        assert asker.get(held.get_absolute_url()).status_code == 404
    assert "qzx" not in sign_in(other).get("/forums/waiting/").content.decode()
    assert client.get(board.get_absolute_url())["ETag"] == tag


def test_a_conversation_is_closed_for_what_waits_too(topic, author, member):
    topic.lock(by=author)
    with pytest.raises(Closed), transaction.atomic():
        topic.reply(member, "Too late.")
    assert not Reply.objects.filter(author=member).exists()


# Its author ---------------------------------------------------------------------------------------------------------------


def test_its_author_finds_it_changes_it_and_takes_it_back(sign_in, topic, member):
    client = sign_in(member)
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "A volunteer looks at what you write here before others read it." in page
    form = next(form for form in forms_in(page) if "body" in form.fields)
    answer = client.post(form.action, form.sent() | {"body": "My first words."}, follow=True)
    held = Reply.objects.get(author=member)
    assert answer.redirect_chain[-1][0] == f"/wrote/{held.public_id}/"
    assert "waits for a volunteer" in answer.content.decode()
    assert "My first words." in words_in(answer.content.decode())
    assert "Waits until a volunteer has looked" in client.get("/wrote/").content.decode()
    client.post(f"/wrote/{held.public_id}/", {"body": "Better words."})
    held = fresh(held)
    assert (held.body, held.is_held) == ("Better words.", True)
    client.post(f"/wrote/{held.public_id}/withdraw/")
    held = fresh(held)
    assert held.is_withdrawn and held.is_hidden and not held.is_held
    assert not Reply.objects.held().exists()


def test_a_conversation_waits_with_its_title(sign_in, board, member):
    client = sign_in(member)
    page = client.get(f"{board.get_absolute_url()}new/").content.decode()
    assert "A volunteer looks at what you write here" in page
    form = next(form for form in forms_in(page) if "body" in form.fields)
    sent = form.sent() | {"title": "A first title", "body": "Words.", "mode": "advice"}
    answer = client.post(form.action or f"{board.get_absolute_url()}new/", sent, follow=True)
    held = Topic.objects.get(author=member)
    assert answer.redirect_chain[-1][0] == f"/wrote/{held.public_id}/"
    client.post(f"/wrote/{held.public_id}/", {"title": "", "body": "Words."})
    assert fresh(held).title == "A first title"
    client.post(f"/wrote/{held.public_id}/", {"title": "A better title", "body": "Words."})
    assert fresh(held).title == "A better title"


def test_a_second_press_and_a_browser_that_went_back_make_no_second_one(sign_in, topic, member):
    client, url = sign_in(member), f"{topic.get_absolute_url()}reply/"
    words = {"body": "Once.", "key": "a-key-of-its-own"}
    for data in (words, words, {"body": "Once.", "key": "another-key"}):
        answer = client.post(url, data)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/wrote/")
    assert Reply.objects.filter(author=member).count() == 1


def test_a_draft_goes_into_what_waits(sign_in, topic, member):
    client, place = sign_in(member), f"forums.reply:{topic.public_id}"
    Draft.keep(member, place, {"body": "Left here."})
    client.post(f"{topic.get_absolute_url()}reply/", {"body": "Left here."})
    assert Draft.of(member, place) == {}


def test_an_aliass_words_wait_for_its_person_alone(sign_in, author, member, other):
    for _ in range(2):
        make.user(role="lead")
    board = make.board(anonymous_at=timezone.now(), held_first_at=timezone.now())
    client = sign_in(member)
    client.post(f"{board.get_absolute_url()}new/", {"title": "A title", "body": "Words.", "mode": "advice", "voice": "alias"})
    held = Topic.objects.get(board=board)
    assert held.persona is not None and held.is_held
    page = client.get(f"/wrote/{held.public_id}/").content.decode()
    assert f"as {held.persona.alias}, anonymous" in page
    assert sign_in(other).get(f"/wrote/{held.public_id}/").status_code == 404
    assert sign_in(other).post(f"/wrote/{held.public_id}/", {"title": "Mine", "body": "Mine."}).status_code == 404


# Shown --------------------------------------------------------------------------------------------------------------------


def test_shown_it_comes_out_as_if_it_was_written_just_now(sign_in, topic, author, member, other, moderator):
    quoted = topic.reply(other, "Quote me.")
    quoted.show(by=moderator)
    held = fresh(topic).reply(member, "@fennel and you.", quoting=[Quote(fresh(quoted), "Quote me")])
    held.send_again("@fennel and you, changed.")
    between = fresh(topic).reply(other, "Between.")
    between.show(by=moderator)
    Notification.objects.all().delete()
    with time_machine.travel(in_days(1)):
        fresh(held).show(by=moderator)
        shown, now = fresh(held), fresh(topic)
        assert (shown.position, shown.is_hidden, shown.edited_at) == (3, False, None)
        assert shown.created_at == now.active_at > between.created_at
        assert now.last_position == 3
    told = set(Notification.objects.values_list("kind", "recipient__username"))
    assert told == {
        ("forums.reply", author.username),
        ("forums.quote", other.username),
        ("contributions.mentioned", moderator.username),
        ("contributions.shown", member.username),
    }
    assert Entry.objects.filter(action="forums.reply_shown", target_id=str(held.pk)).count() == 1
    fresh(held).show(by=moderator)
    assert fresh(topic).last_position == 3
    assert "and you, changed" in sign_in(other).get(topic.get_absolute_url()).content.decode()


def test_a_shown_conversation_begins_now(board, member, moderator, client):
    held = board.start(member, title="A title", body="Hello.", mode="advice")
    with time_machine.travel(in_days(1)):
        fresh(held).show(by=moderator)
        shown = fresh(held)
        assert shown.created_at == shown.active_at > held.created_at
        assert "A title" in client.get(board.get_absolute_url()).content.decode()


def test_numbers_have_no_gap_however_many_wait(topic, member, other, moderator):
    held = [fresh(topic).reply(member if n % 2 else other, f"Number {n}.") for n in range(6)]
    for reply in (held[4], held[0], held[5]):
        fresh(reply).show(by=moderator)
    fresh(held[2]).withdraw()
    assert list(Reply.objects.filter(hidden_at=None).order_by("position").values_list("body", "position")) == [
        ("Number 4.", 1),
        ("Number 0.", 2),
        ("Number 5.", 3),
    ]
    assert fresh(topic).last_position == 3


def test_words_taken_back_are_not_shown(topic, member, moderator):
    held = topic.reply(member, "Hello.")
    held.withdraw()
    fresh(held).show(by=moderator)
    assert fresh(held).position is None and fresh(topic).last_position == 0


@pytest.mark.django_db(transaction=True)
def test_shown_by_two_at_once_it_has_one_place():
    moderator, topic = make.user(role="moderator"), make.topic()
    topic.look_first(by=moderator, reason="It runs hot here.")
    held = fresh(topic).reply(make.user(), "Hello.")

    def show(_number):
        try:
            fresh(held).show(by=moderator)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as lanes:
        list(lanes.map(show, range(8)))
    assert fresh(held).position == fresh(topic).last_position == 1
    assert Entry.objects.filter(action="forums.reply_shown").count() == 1


# The volunteers' side -----------------------------------------------------------------------------------------------------


def test_a_volunteer_shows_what_they_looked_at_and_nothing_else(sign_in, topic, member, moderator):
    held = topic.reply(member, "Kind words.")
    client, url = sign_in(moderator), reverse("admin:forums_reply_verb", args=[held.pk, "show"])
    form = next(form for form in forms_in(client.get(url).content.decode()) if "seen" in form.fields)
    fresh(held).send_again("Unkind words.")
    answer = client.post(url, form.sent())
    assert "changed it meanwhile" in answer.content.decode()
    assert fresh(held).is_held
    again = next(form for form in forms_in(answer.content.decode()) if "seen" in form.fields)
    assert client.post(url, again.sent()).status_code == 302
    assert not fresh(held).is_hidden
    assert client.post(url, {}).status_code == 302
    assert fresh(topic).last_position == 1


def test_nobody_shows_their_own_words_under_any_name(sign_in, topic):
    moderator = make.user(role="moderator")
    moderator.is_here = True
    there = make.board(anonymous_at=timezone.now(), held_first_at=timezone.now())
    conversation = uuid4()
    alias = speak_as(moderator, conversation)
    own = [topic.reply(moderator, "By name."), make.topic(there, alias, public_id=conversation)]
    for held in own:
        url = reverse(f"admin:forums_{held._meta.model_name}_verb", args=[held.pk, "show"])
        assert sign_in(moderator).post(url, {"seen": held.as_seen}).status_code == 403
        assert fresh(held).is_held


def test_sent_back_it_lies_with_its_author_until_it_is_sent_again(sign_in, topic, member, moderator, other):
    held = topic.reply(member, "Words with a street.")
    held.revise(by=moderator, reason=WHY)
    held = fresh(held)
    assert held.is_sent_back and not held.is_held and held.is_hidden
    client = sign_in(member)
    page = client.get(f"/wrote/{held.public_id}/").content.decode()
    assert WHY in page and "Words with a street." in words_in(page)
    assert "asks you for a change" in client.get("/wrote/").content.decode()
    client.post(f"/wrote/{held.public_id}/", {"body": "Words without."})
    assert fresh(held).is_held and not fresh(held).is_sent_back
    fresh(held).show(by=moderator)
    shown = fresh(held)
    assert (shown.body, shown.position, shown.is_hidden) == ("Words without.", 1, False)
    assert not Decision.objects.about(held).standing().exists()


def test_what_was_seen_before_comes_back_at_its_old_place(author, member, moderator):
    topic = make.topic(author=author)
    first, _second = topic.reply(member, "Words with a street."), topic.reply(author, "Yes.")
    first.revise(by=moderator, reason=WHY)
    assert fresh(first).send_again("Words without.")
    Notification.objects.all().delete()
    fresh(first).show(by=moderator)
    shown = fresh(first)
    assert (shown.position, shown.created_at) == (1, first.created_at)
    assert shown.edited_at is not None
    assert fresh(topic).last_position == 2
    assert not Notification.objects.filter(kind="forums.reply").exists()


def test_hidden_while_it_waited_it_gets_its_place_when_that_is_undone(topic, member, moderator):
    held = topic.reply(member, "Hello.")
    held.hide(by=moderator, reason="This is not for here.")
    assert not fresh(held).is_held
    Decision.objects.about(held).get(act=Act.HIDE).reverse(by=moderator, reason="It was fine after all.")
    assert fresh(held).position == 1 and not fresh(held).is_hidden


def test_sending_again_what_does_not_lie_with_one_keeps_the_words_in_the_page(sign_in, topic, member, moderator):
    held = topic.reply(member, "Hello.")
    client = sign_in(member)
    client.get(f"/wrote/{held.public_id}/")
    held.hide(by=moderator, reason="This is not for here.")
    answer = client.post(f"/wrote/{held.public_id}/", {"body": "Long new words."})
    assert answer.status_code == 403
    assert "Long new words." in answer.content.decode()
    assert fresh(held).body == "Hello."


def test_words_that_are_sent_again_keep_to_the_limits_of_the_first_days(sign_in, topic, newcomer):
    held = topic.reply(newcomer, "Hello.")
    many = " ".join(f"https://example.org/{n}" for n in range(5))
    answer = sign_in(newcomer).post(f"/wrote/{held.public_id}/", {"body": many})
    assert answer.status_code == 200 and "links" in answer.content.decode()
    assert fresh(held).body == "Hello."


def test_the_database_keeps_what_waits_unseen(topic, member):
    held = topic.reply(member, "Hello.")
    with pytest.raises(Exception, match=r"waits_unseen|a_shown_reply_has_a_place"), connection.cursor() as cursor:
        cursor.execute("UPDATE forums_reply SET hidden_at = NULL WHERE id = %s", [held.pk])


def test_reading_and_keys_are_left_as_with_any_post(sign_in, topic, member):
    client = sign_in(member)
    client.post(f"{topic.get_absolute_url()}reply/", {"body": "Hello.", "key": "some-key"})
    assert Submission.objects.count() == 1
    assert ReadMark.objects.filter(topic=topic).exists()
