"""Changes of words that others see already: where a volunteer looks first, those that stand there stay until one has."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Change, Holding
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.members.models import User
from community.notifications.models import Notification
from forums.models import Reply, Topic
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db
MILD, OTHER = "A mild qzxmild word.", "A wild qzxwild word."
WHY = "Please leave out the name of the street."


def fresh(words):
    return type(words).objects.get(pk=words.pk)


def edit(client, words, **fields):
    """Change it as its author does, on its own page."""
    url = (
        f"{words.topic.get_absolute_url()}r/{words.public_id}/edit/"
        if isinstance(words, Reply)
        else f"{words.get_absolute_url()}edit/"
    )
    form = next(form for form in forms_in(client.get(url).content.decode()) if "body" in form.fields)
    return client.post(url, form.sent() | fields, follow=True)


@pytest.fixture
def topic(author):
    made = make.topic(make.board(audience="everyone"), author, audience="everyone")
    made.look_first(by=make.user(role="moderator"), reason="It runs hot here.")
    return Topic.objects.get(pk=made.pk)


@pytest.fixture
def reply(topic, member, moderator):
    made = topic.reply(member, MILD)
    made.show(by=moderator)
    return fresh(made)


# Where it is so ---------------------------------------------------------------------------


def test_what_was_approved_is_not_changed_into_something_else(sign_in, reply, member, other):
    client = sign_in(member)
    answer = edit(client, reply, body=OTHER)
    assert "A volunteer looks at your change first" in answer.text
    page = sign_in(other).get(reply.topic.get_absolute_url()).text
    assert "qzxmild" in page and "qzxwild" not in page
    assert fresh(reply).edited_at is None and not fresh(reply).is_hidden


def test_a_newcomer_changes_their_first_posts_and_later_ones_otherwise(member, author, moderator):
    topic = make.topic(author=author)
    Holding(pk=1, first_posts=1).save()
    first = topic.reply(member, MILD)
    first.show(by=moderator)
    first = fresh(first)
    assert first.edit(OTHER)
    assert fresh(first).body == MILD
    topic.reply(member, "Another one, seen at once.")
    assert not first.edit(OTHER)
    assert fresh(first).body == OTHER
    assert not Change.objects.exists()


def test_it_is_so_in_the_house_on_a_board_and_for_a_voice(member, author, moderator):
    open_topic = make.topic(author=author)
    said = open_topic.reply(member, MILD)
    assert not said.edit("A little different.")
    Holding(pk=1, everything=True).save()
    assert fresh(said).edit(OTHER)
    Holding.objects.all().delete()
    own = make.topic(make.board(), member)
    own.board.look_first(by=moderator, reason="It runs hot here.")
    assert fresh(own).edit(OTHER, title="Another title", mode="advice")
    now = fresh(own)
    assert (now.body == OTHER, now.title == "Another title", now.mode) == (False, False, "advice"), (
        "what is no words is seen at once"
    )
    member.look_first(by=moderator, reason="Let us look together for some days.", until=timezone.now() + timedelta(days=3))
    third = Reply.objects.get(pk=said.pk)
    assert third.edit("And again.")


def test_an_alias_waits_because_of_its_place_alone(member, author, moderator):
    topic = make.topic(make.board(anonymous_at=timezone.now()), author)
    alias = speak_as(member, topic.public_id)
    said = topic.reply(alias, MILD)
    Holding(pk=1, first_posts=9).save()
    member.look_first(by=moderator, reason="Let us look together for some days.", until=timezone.now() + timedelta(days=3))
    assert not fresh(said).edit("A little different.")
    topic.look_first(by=moderator, reason="It runs hot here.")
    assert fresh(said).edit(OTHER)


# Its author -------------------------------------------------------------------------------


def test_its_author_is_told_before_and_goes_on_with_it(sign_in, reply, member):
    client = sign_in(member)
    url = f"{reply.topic.get_absolute_url()}r/{reply.public_id}/edit/"
    assert "A volunteer looks at your change first." in client.get(url).text
    edit(client, reply, body=OTHER)
    assert "Your change waits for a volunteer" in client.get("/wrote/").text
    assert "qzxwild" in client.get(url).text
    own = client.get(f"/wrote/{reply.public_id}/").text
    assert "qzxwild" in own and "Your change waits for a volunteer" in own
    client.post(f"/wrote/{reply.public_id}/", {"body": "A third qzxthird word."})
    assert Change.objects.get().words["body"] == "A third qzxthird word."
    client.post(f"/wrote/{reply.public_id}/change/delete/")
    assert not Change.objects.exists()
    assert fresh(reply).body == MILD
    assert client.get(f"/wrote/{reply.public_id}/").status_code == 302


def test_nobody_else_comes_near_it(sign_in, reply, other, author):
    reply.edit(OTHER)
    for user in (other, author):
        client = sign_in(user)
        assert client.get(f"/wrote/{reply.public_id}/").status_code == 404
        assert client.post(f"/wrote/{reply.public_id}/change/delete/").status_code == 404
    assert Change.objects.exists()


def test_words_as_they_stand_are_no_change_and_end_one(reply):
    reply.edit(OTHER)
    assert not reply.edit(MILD)
    assert not Change.objects.exists()


def test_what_is_taken_back_has_no_change_waiting(reply):
    reply.edit(OTHER)
    fresh(reply).withdraw()
    assert not Change.objects.exists()


def test_nobody_is_told_before_it_is_seen(reply, moderator, other):
    reply.edit(f"For @{other.username}.")
    assert not Notification.objects.filter(recipient=other).exists()
    Change.objects.get().show(by=moderator)
    assert Notification.objects.filter(recipient=other, kind="contributions.mentioned").count() == 1


# The volunteers ---------------------------------------------------------------------------


def test_a_volunteer_sees_what_is_different_and_shows_it(sign_in, reply, moderator, other, member):
    edit(sign_in(member), reply, body=OTHER)
    change, client = Change.objects.get(), sign_in(moderator)
    assert f"change-{change.pk}" in client.get("/admin/").text
    page = client.get(f"/admin/desk/change-{change.pk}/").text
    assert re.search(r"<del>mild qzxmild</del>\s*<ins>wild qzxwild</ins>", page)
    client.post(f"/admin/desk/change-{change.pk}/do/show/", {"seen": change.as_seen})
    now = fresh(reply)
    assert (now.body, now.position, Change.objects.exists()) == (OTHER, reply.position, False)
    assert now.edited_at is not None
    assert Entry.objects.filter(action="forums.reply_change_shown", by=moderator).count() == 1
    assert "qzxwild" in sign_in(other).get(reply.topic.get_absolute_url()).text
    assert Notification.objects.filter(recipient=member, kind="contributions.shown").exists()


def test_what_was_changed_meanwhile_is_looked_at_again(sign_in, reply, moderator):
    reply.edit(OTHER)
    change = Change.objects.get()
    seen = change.as_seen
    fresh(reply).edit("Unkind words.")
    url = reverse("admin:contributions_change_verb", args=[change.pk, "show"])
    assert "changed it meanwhile" in sign_in(moderator).post(url, {"seen": seen}).text
    change.show(by=moderator, seen=seen)
    assert fresh(reply).body == MILD


def test_it_is_sent_back_with_a_reason_and_its_author_has_it_in_the_editor(sign_in, reply, moderator, member, other):
    edit(sign_in(member), reply, body=OTHER)
    change = Change.objects.get()
    url = reverse("admin:contributions_change_verb", args=[change.pk, "send_back"])
    client = sign_in(moderator)
    assert client.post(url, {"reason": ""}).status_code == 200
    client.post(url, {"reason": WHY})
    decision = Decision.objects.get(member=member)
    assert (decision.act, decision.kept["body"], decision.reason) == (Act.CHANGE, OTHER, WHY)
    assert f"change-{change.pk}" not in client.get("/admin/").text
    own = sign_in(member)
    assert WHY in own.get(decision.get_absolute_url()).text
    assert f"/wrote/{reply.public_id}/" in own.get(decision.get_absolute_url()).text
    page = own.get(f"/wrote/{reply.public_id}/").text
    assert WHY in page and "qzxwild" in page
    own.post(f"/wrote/{reply.public_id}/", {"body": "A milder word."})
    again = Change.objects.get()
    assert (again.is_sent_back, again.words["body"], fresh(reply).body) == (False, "A milder word.", MILD)


def test_what_was_sent_back_is_looked_at_again_though_nothing_else_is_by_now(sign_in, reply, moderator, member):
    reply.edit(OTHER)
    Change.objects.get().send_back(by=moderator, reason=WHY)
    Topic.objects.get().show_at_once(by=moderator, reason="It is calm again.")
    client = sign_in(member)
    edit(client, reply, body=OTHER)
    assert (fresh(reply).body, Change.objects.get().is_sent_back) == (MILD, False)
    Change.objects.get().send_back(by=moderator, reason="Still that street, and its number.")
    client.post(f"/wrote/{reply.public_id}/", {"body": OTHER})
    assert (fresh(reply).body, Change.objects.get().is_sent_back) == (MILD, False)


def test_where_nobody_looks_first_any_more_it_is_seen_at_once_and_said_so(sign_in, reply, member):
    client = sign_in(member)
    edit(client, reply, body=OTHER)
    Topic.objects.update(held_first_at=None)
    page = client.post(f"/wrote/{reply.public_id}/", {"body": "A third qzxthird word."}, follow=True).text
    assert "Others see it as you changed it" in page
    assert "qzxthird" in fresh(reply).body


@pytest.mark.parametrize("goes_on", [False, True])
def test_an_appeal_shows_it_unless_its_author_went_on(reply, moderator, goes_on):
    reply.edit(OTHER)
    Change.objects.get().send_back(by=moderator, reason=WHY)
    if goes_on:
        fresh(reply).edit("Something else.")
    decision = Decision.objects.get()
    decision.reverse(by=make.user(role="moderator"), reason="It is as kind as it was.")
    assert fresh(reply).body == (MILD if goes_on else OTHER)
    assert Decision.objects.get().is_reversed


def test_nobody_decides_about_their_own_change_under_any_name(sign_in, topic):
    moderator = make.user(role="moderator")
    moderator.is_here = True
    there, conversation = make.board(anonymous_at=timezone.now()), uuid4()
    own = [make.topic(there, moderator), make.topic(there, speak_as(moderator, conversation), public_id=conversation)]
    there.look_first(by=make.user(role="owner"), reason="It runs hot here.")
    client = sign_in(moderator)
    for words in own:
        assert fresh(words).edit(OTHER)
        change = Change.of(words)
        assert f"change-{change.pk}" not in client.get("/admin/").text
        for verb in ("show", "send_back"):
            url = reverse("admin:contributions_change_verb", args=[change.pk, verb])
            assert client.post(url, {"seen": change.as_seen, "reason": WHY}).status_code == 403
    assert Change.objects.waiting().count() == 2


def test_a_closed_circle_is_closed_to_moderators_here_too(sign_in, moderator, owner):
    board = make.board(audience="group", audience_group=Group.objects.create(name="Night owls"))
    topic = make.topic(board, make.user())
    board.look_first(by=owner, reason="It runs hot here.")
    fresh(topic).edit(OTHER)
    change = Change.objects.get()
    assert f"change-{change.pk}" not in sign_in(moderator).get("/admin/").text
    assert sign_in(moderator).get(f"/admin/contributions/change/{change.pk}/change/").status_code in {302, 404}


def test_whoever_looks_after_tags_alone_reads_no_change_of_a_conversation(sign_in, topic):
    topic.edit(OTHER)
    client, change = sign_in(make.user(role="librarian")), Change.objects.get()
    assert client.get(f"/admin/forums/topic/{topic.pk}/change/").status_code == 200
    assert client.get(f"/admin/contributions/change/{change.pk}/change/").status_code in {302, 404}
    assert str(change) not in client.get("/admin/contributions/change/").text


def test_a_change_of_what_was_removed_puts_nothing_back(reply, moderator):
    reply.edit(OTHER)
    fresh(reply).remove(by=moderator, reason=WHY)
    Change.objects.get().show(by=moderator)
    assert fresh(reply).body == ""


# What was taken out -----------------------------------------------------------------------


def test_what_was_taken_out_does_not_come_back_unseen(sign_in, author, member, moderator, other):
    said = make.topic(author=author).reply(member, "I live at Qzx Lane 9, and I sleep badly.")
    said.redact(by=moderator, reason=WHY, passages=["Qzx Lane 9"])
    assert not fresh(said).edit("I sleep badly.")
    for body in ("I live at Qzx Lane 9.", "I live at  qzx  LANE 9."):
        assert fresh(said).edit(body)
        assert "lane" not in sign_in(other).get(said.topic.get_absolute_url()).text.lower()
    fresh(said).put_back(by=moderator, reason="It is a public place.")
    assert not User.objects.get(pk=member.pk).held_until
    assert not fresh(said).edit("I live at Qzx Lane 9.")
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    "hidden",
    [
        *("Q\u200bzx Lane 9", "Qzx\u2060\u00ad Lane 9", "Qzх Lane 9", "Ｑzx Lane 9", "Qzx&#32;Lane 9", "&#81;zx Lane 9"),
        *("Qzx **Lane** 9", "Qzx\\ Lane 9", "Q.z.x-L.a.n.e-9", "[here](https://example.org/Qzx-Lane-9)"),
    ],
)
def test_no_spelling_brings_it_back_unseen(author, member, moderator, hidden):
    said = make.topic(author=author).reply(member, "I live at Qzx Lane 9, and I sleep badly.")
    said.redact(by=moderator, reason=WHY, passages=["Qzx Lane 9"])
    assert fresh(said).edit(f"I live at {hidden}.")
    assert not fresh(said).edit("I live at a lane.")
