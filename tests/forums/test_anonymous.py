"""Posting anonymously: chosen with the first words in a conversation, kept there, and told by nothing else."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from community.audit.models import Entry
from community.contributions.models import Contribution, Draft, Submission
from community.identity import aliases
from community.identity.models import Persona, Sealed
from community.identity.seal import open_seal, read_tags
from community.members.models import Block, NewMemberLimits, User
from community.notifications.models import Notification
from forums.models import Board, ReadMark, Reply, Topic
from tests import make

pytestmark = pytest.mark.django_db

SEES = (
    "Others here see a name made for this conversation only. Two people in charge of safety can find out together, with a "
    "written reason, and tell you unless telling would put someone in danger. Whoever runs the server could break this; the "
    "rules forbid it."
)
REASON = "People here asked for it."


@pytest.fixture
def leads(db):
    return [make.user("larkspur", role="lead"), make.user("teasel", role="lead")]


@pytest.fixture
def board(leads, owner):
    """A board on which one can post anonymously."""
    made = make.board(guidelines="Be kind.")
    made.allow_anonymous(by=owner, reason=REASON)
    made.refresh_from_db()
    return made


@pytest.fixture
def topic(board, author):
    """A conversation that `author` began by name."""
    return make.topic(board, author)


@pytest.fixture
def hidden_topic(board, author, sign_in):
    """A conversation that `author` began anonymously."""
    start(sign_in(author), board, "alias", title="What I never said")
    return Topic.objects.get(title="What I never said")


def start(client: Client, board: Board, voice: str = "", title: str = "My week", **fields: str):
    words = {"title": title, "body": "It was *long*.", "mode": "listening", **fields} | ({"voice": voice} if voice else {})
    return client.post(reverse("topic_create", args=[board.slug]), words)


def answer(client: Client, topic: Topic, voice: str = "", body: str = "I read this, and I’m here.", **fields: str):
    words = {"body": body, **fields} | ({"voice": voice} if voice else {})
    return client.post(f"{topic.get_absolute_url()}reply/", words)


def limit(**numbers: int) -> None:
    NewMemberLimits.objects.update_or_create(pk=1, defaults=numbers)


def said(response) -> str:
    """The page as somebody reads it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


# Choosing -------------------------------------------------------------------------------------------------------------


def test_the_choice_is_offered_with_the_sentence_that_says_who_can_still_see(sign_in, member, board, topic):
    client = sign_in(member)
    for url in (reverse("topic_create", args=[board.slug]), f"{topic.get_absolute_url()}reply/", topic.get_absolute_url()):
        page = client.get(url)
        assert "How do you want to post?" in said(page)
        assert "As wren" in said(page)
        assert "Anonymously, under a name made for this conversation" in said(page)
        assert SEES in said(page)
        assert re.search(r'value="name"[^>]* checked', page.text)
        assert not re.search(r'value="alias"[^>]* checked', page.text)


def test_nothing_is_offered_where_the_board_does_not_allow_it(sign_in, member, leads):
    plain = make.topic()
    for url in (reverse("topic_create", args=[plain.board.slug]), plain.get_absolute_url()):
        page = sign_in(member).get(url).text
        assert "How do you want to post?" not in page
        assert "You speak here as" not in page


def test_without_two_leads_nobody_takes_an_alias(sign_in, member, board, topic, leads, owner):
    leads[0].dismiss("lead", by=owner, reason="They moved on.")
    client = sign_in(member)
    assert "How do you want to post?" not in client.get(topic.get_absolute_url()).text
    refused = answer(client, topic, "alias", body="Words that must not get lost")
    assert "two people in charge of safety are needed" in said(refused)
    assert "Words that must not get lost" in refused.text
    assert not Reply.objects.exists()
    assert not Persona.objects.exists()


def test_somebody_starts_anonymously(sign_in, member, other, board):
    made = start(sign_in(member), board, "alias")
    topic = Topic.objects.get()
    assert made.url == topic.get_absolute_url()
    assert topic.author is None
    assert open_seal(topic.persona) == member.pk
    page = said(sign_in(other).get(made.url))
    assert f"{topic.persona.alias} posting anonymously" in page
    assert f"{topic.persona.alias} (anonymous) would like company, not solutions." in page
    assert "wren" not in page


def test_somebody_answers_anonymously_and_stays_it(sign_in, member, other, topic):
    client = sign_in(member)
    answer(client, topic, "alias")
    page = said(client.get(topic.get_absolute_url()))
    alias = Persona.objects.get().alias
    assert f"You speak here as {alias}, anonymous." in page
    assert "How do you want to post?" not in page
    answer(client, topic, body="Once more.")
    answer(client, topic, "alias", body="And once more.")
    assert [reply.voice.name for reply in Reply.objects.order_by("position")] == [alias] * 3
    assert "wren" not in said(sign_in(other).get(topic.get_absolute_url()))


def test_somebody_who_spoke_by_name_stays_it(sign_in, member, topic):
    client = sign_in(member)
    answer(client, topic, "name")
    page = said(client.get(topic.get_absolute_url()))
    assert "You speak here as wren." in page
    assert "How do you want to post?" not in page


@pytest.mark.parametrize("fate", ["shown", "hidden", "withdrawn", "opening words"])
def test_the_other_voice_is_refused_and_the_words_are_given_back(sign_in, author, moderator, board, fate):
    topic = make.topic(board, author if fate == "opening words" else None)
    if fate != "opening words":
        reply = make.reply(topic, author)
        if fate == "hidden":
            reply.hide(by=moderator, reason="It names a place of work.")
        if fate == "withdrawn":
            reply.withdraw()
    before = Reply.objects.count()
    refused = answer(sign_in(author), topic, "alias", body="Words that must not get lost")
    assert refused.status_code == 200
    assert "You speak here as sorrel. That stays so in this conversation." in said(refused)
    assert "Words that must not get lost" in refused.text
    assert Reply.objects.count() == before
    assert not Persona.objects.exists()


def test_an_alias_does_not_turn_into_a_name(sign_in, author, hidden_topic):
    refused = answer(sign_in(author), hidden_topic, "name", body="Words that must not get lost")
    assert f"You speak here as {hidden_topic.persona.alias}, anonymous. That stays so" in said(refused)
    assert "Words that must not get lost" in refused.text
    assert not Reply.objects.exists()


def test_a_wrong_choice_is_no_choice(sign_in, member, topic):
    refused = answer(sign_in(member), topic, "somebody else", body="Words that must not get lost")
    assert "Choose one of the two." in said(refused)
    assert not Reply.objects.exists()


def test_who_has_an_alias_goes_on_when_the_board_ends_it(sign_in, member, other, board, topic, owner):
    client = sign_in(member)
    answer(client, topic, "alias")
    board.end_anonymous(by=owner, reason="It became too much.")
    assert answer(client, topic, body="Once more.").status_code == 302
    assert {reply.persona for reply in Reply.objects.all()} == {Persona.objects.get()}
    refused = answer(sign_in(other), topic, "alias", body="Words that must not get lost")
    assert "Posting anonymously is not possible on this board." in said(refused)
    assert "Words that must not get lost" in refused.text


def test_the_choice_is_kept_in_a_draft_and_alone_is_none(sign_in, member, topic):
    client = sign_in(member)
    form = fields_of(client.get(topic.get_absolute_url()))
    client.post("/write/draft/", form | {"body": "", "voice": "alias"}, headers={"hx-request": "true"})
    assert not Draft.objects.exists()
    client.post("/write/draft/", form | {"body": "Not yet.", "voice": "alias"}, headers={"hx-request": "true"})
    assert re.search(r'value="alias"[^>]* checked', client.get(topic.get_absolute_url()).text)


@pytest.mark.parametrize("place", ["reply", "topic"])
def test_a_draft_meant_for_an_alias_does_not_go_out_by_name_where_none_can_be_taken_any_more(
    sign_in, member, owner, board, topic, place
):
    client = sign_in(member)
    url = f"{topic.get_absolute_url()}reply/" if place == "reply" else reverse("topic_create", args=[board.slug])
    words = {"body": "Words that must not get lost", "title": "My week", "mode": "listening"}
    client.post("/write/draft/", fields_of(client.get(url)) | words | {"voice": "alias"})
    board.end_anonymous(by=owner, reason="It became too much.")
    refused = client.post(url, fields_of_all(client.get(url).text) | words)
    assert "Posting anonymously is not possible on this board." in said(refused)
    assert "Sent once more, this goes out as wren." in said(refused)
    assert "Words that must not get lost" in refused.text
    assert not Reply.objects.exists()
    assert not Topic.objects.filter(author=member).exists()
    assert client.post(url, fields_of_all(refused.text) | words).status_code == 302


def test_the_choice_is_kept_when_a_preview_or_a_mistake_comes_between(sign_in, member, topic):
    client = sign_in(member)
    for fields in ({"preview": "yes", "body": "Not yet."}, {"body": ""}):
        page = answer(client, topic, "alias", **fields)
        assert re.search(r'value="alias"[^>]* checked', page.text)
    assert not Persona.objects.exists()


def test_the_choice_is_kept_over_an_ended_session(sign_in, member, topic):
    client = sign_in(member)
    form = fields_of(client.get(topic.get_absolute_url())) | {"body": "Written before.", "voice": "alias"}
    gone = Client(headers={"origin": "http://testserver"})
    kept = gone.post(f"{topic.get_absolute_url()}reply/", form)
    gone.post("/kept/", {"payload": unescape(re.search(r'name="payload" value="([^"]*)"', kept.text)[1])})
    gone.force_login(member)
    # While they wait beside the name of who signed in, nobody can read in the tables what waits, and where it belongs.
    waiting = [session.get_decoded() for session in Session.objects.all()]
    mine = next(each for each in waiting if "kept" in each)
    assert mine["_auth_user_id"] == str(member.pk)
    assert not any(told in str(mine) for told in ("Written before.", str(topic.public_id), "alias"))
    again = gone.get("/kept/").text
    assert 'name="voice" value="alias"' in again
    gone.post(f"{topic.get_absolute_url()}reply/", fields_of_all(again))
    assert Reply.objects.get().persona


def test_the_same_form_sent_again_leads_to_the_same_post(sign_in, member, board, topic):
    client = sign_in(member)
    for url, words in (
        (f"{topic.get_absolute_url()}reply/", {"body": "Once."}),
        (reverse("topic_create", args=[board.slug]), {"body": "Once.", "title": "Once", "mode": "advice"}),
    ):
        form = fields_of(client.get(url)) | words | {"voice": "alias"}
        assert len({client.post(url, form).url for _ in range(3)}) == 1
        # Going back, a browser puts the old words beside a new key.
        assert client.post(url, form | {"key": form["key"][::-1]}).url == client.post(url, form).url
    assert Reply.objects.count() == 1
    assert Topic.objects.count() == 2
    assert Persona.objects.count() == 2


def test_an_alias_cannot_speak_to_one_of_its_members_circles_alone(sign_in, member, board):
    circle = Group.objects.create(name="Night owls")
    member.groups.add(circle)
    client = sign_in(member)
    refused = start(client, board, "alias", audience=f"group:{circle.pk}", body="Words that must not get lost")
    assert "The few in a group could guess who you are." in said(refused)
    assert "Words that must not get lost" in refused.text
    assert start(client, board, "name", audience=f"group:{circle.pk}").status_code == 302


# Never two voices -----------------------------------------------------------------------------------------------------


def all_at_once(count: int, act):
    """The answers to `act(n)`, all begun together over connections of their own."""
    gate = Barrier(count)

    def one(number: int):
        try:
            gate.wait()
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as lanes:
        return list(lanes.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_fifty_first_posts_at_once_speak_through_one_persona(sign_in, member, topic):
    limit(replies_a_day=1000)
    clients = [sign_in(member) for _ in range(10)]

    def five(lane: int) -> list[int]:
        return [answer(clients[lane], topic, "alias", body=f"Answer {lane}, {n}").status_code for n in range(5)]

    found = all_at_once(10, five)
    assert {status for lane in found for status in lane} == {302}
    assert Persona.objects.count() == Sealed.objects.count() == 1
    assert Reply.objects.filter(persona=Persona.objects.get()).count() == 50


@pytest.mark.django_db(transaction=True)
def test_first_posts_of_both_kinds_at_once_leave_one_voice(sign_in, member, author, board):
    limit(replies_a_day=1000)
    for _round in range(4):
        topic = make.topic(board, author)
        clients = [sign_in(member) for _ in range(6)]

        def first_words(number: int, topic=topic, clients=clients):
            return answer(clients[number], topic, ("alias", "name")[number % 2], body=f"Answer {number}")

        found = all_at_once(6, first_words)
        voices = {(reply.author_id, reply.persona_id) for reply in topic.replies.all()}
        assert len(voices) == 1
        for number, response in enumerate(found):
            assert response.status_code in (200, 302)
            if response.status_code == 200:
                assert "That stays so in this conversation." in said(response)
                assert f"Answer {number}" in response.text
        assert sum(response.status_code == 302 for response in found) == topic.replies.count() == 3
        is_alias = next(iter(voices))[1] is not None
        assert Persona.objects.filter(conversation=topic.public_id).count() == is_alias
        # A key that was refused its voice is good for another press.
        assert not Submission.objects.exclude(target__in=Reply.objects.values("public_id")).exists()


# What moves to the alias ----------------------------------------------------------------------------------------------


def test_the_blocks_go_over_to_the_alias(sign_in, member, other, author, topic):
    answer(sign_in(other), topic, "alias")
    heron = Persona.objects.get()
    client = sign_in(member)
    client.get(topic.get_absolute_url())
    Block.put(member, heron)
    Block.put(member, author.__class__.objects.create(username="faraway"))
    answer(client, topic, "alias", body="Me, too.")
    persona = Reply.objects.get(body="Me, too.").persona
    assert Block.objects.get(blocked_persona=heron).blocker_persona == persona
    assert Block.objects.get(blocked__username="faraway").blocker == member


def test_there_is_one_read_mark_under_whatever_name(sign_in, member, topic):
    member.is_here = True
    client = sign_in(member)
    client.get(topic.get_absolute_url())
    before = ReadMark.objects.get(reader=read_tags(member, [topic.public_id])[0])
    answer(client, topic, "alias")
    assert ReadMark.positions(member, [topic]) == {topic.pk: 1}
    make.reply(topic)
    client.get(topic.get_absolute_url())
    assert ReadMark.positions(member, [topic]) == {topic.pk: 2}
    assert ReadMark.objects.get(pk=before.pk).shelf == before.shelf


def test_what_is_new_for_an_alias_is_new_in_its_members_lists(sign_in, member, topic):
    client = sign_in(member)
    answer(client, topic, "alias")
    client.get(topic.get_absolute_url())
    assert "new for you" not in client.get(topic.board.get_absolute_url()).text
    make.reply(topic)
    for url in (topic.board.get_absolute_url(), "/"):
        assert "new for you" in client.get(url).text


# Acting under an alias ------------------------------------------------------------------------------------------------


def test_an_alias_changes_takes_back_closes_and_opens_and_nothing_names_its_member(sign_in, author, other, hidden_topic):
    client = sign_in(author)
    url, alias = hidden_topic.get_absolute_url(), hidden_topic.persona.alias
    answer(client, hidden_topic, body="Frist words")
    reply = Reply.objects.get()
    page = client.get(url).text
    assert f"{reply.get_absolute_url()}edit/" in page
    before = Entry.objects.count()
    client.post(f"{reply.get_absolute_url()}edit/", {"body": "First words"})
    client.post(f"{url}lock/")
    seen = said(sign_in(other).get(url))
    assert "First words" in seen
    assert f"{alias} (anonymous) has closed this conversation." in seen
    assert "sorrel" not in seen
    client.post(f"{url}lock/delete/")
    hidden_topic.refresh_from_db()
    assert not hidden_topic.is_locked
    client.post(f"{reply.get_absolute_url()}withdraw/")
    reply.refresh_from_db()
    assert reply.is_withdrawn
    assert Entry.objects.count() == before
    for act in ("edit/", "withdraw/", "lock/", "lock/delete/"):
        assert sign_in(other).post(f"{url}{act}", {"body": "Mine now", "title": "Mine", "mode": "advice"}).status_code == 403


def test_an_alias_has_the_buttons_and_nobody_else(sign_in, author, other, hidden_topic):
    for viewer, has in ((author, True), (other, False)):
        page = sign_in(viewer).get(hidden_topic.get_absolute_url()).text
        assert ("Close this conversation" in page) == has
        assert (f"{hidden_topic.get_absolute_url()}withdraw/" in page) == has


def test_a_named_starter_can_refuse_an_alias_and_an_anonymous_one_nobody(sign_in, author, other, topic, hidden_topic):
    client = sign_in(other)
    answer(client, topic, "alias")
    answer(client, hidden_topic, "alias")
    here, there = (Persona.objects.exclude(pk=hidden_topic.persona_id).get(conversation=t.public_id) for t in (topic, hidden_topic))
    Block.put(author, here)
    Block.put(hidden_topic.persona, there)
    refused = answer(client, topic, body="Words that must not get lost")
    assert refused.status_code == 403
    assert "You can’t answer in this conversation." in said(refused)
    assert "Words that must not get lost" in refused.text
    assert answer(client, hidden_topic, body="Still here.").status_code == 302


# Limits, which depend on nothing but the voice ------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["newcomer", "member", "moderator"])
def test_every_anonymous_post_has_the_limits_of_the_first_days_in_the_same_words(request, sign_in, who, topic):
    client = sign_in(request.getfixturevalue(who))
    links = " ".join(f"https://example.org/{n}" for n in range(3))
    refused = said(answer(client, topic, "alias", body=f"{links} @ada @bob @cyd"))
    assert "In an anonymous post there is room for 2 links." in refused
    assert "In an anonymous post 2 people can be called by name." in refused
    assert "first days" not in refused
    assert not Persona.objects.exists()


@pytest.mark.parametrize("who", ["newcomer", "member"])
def test_anonymous_posts_of_a_day_are_counted_over_all_aliases(request, sign_in, who, board):
    limit(replies_a_day=2, topics_a_day=2)
    client = sign_in(request.getfixturevalue(who))
    for number in range(2):
        assert start(client, board, "alias", title=f"Part {number}").status_code == 302
        assert answer(client, make.topic(board), "alias").status_code == 302
    refused = start(client, board, "alias", title="Part 3", body="Words that must not get lost")
    assert "There is room for 2 conversations a day that you start anonymously." in said(refused)
    assert "Words that must not get lost" in refused.text
    assert "There is room for 2 anonymous replies a day." in said(answer(client, make.topic(board), "alias"))
    by_name = answer(client, make.topic(board), "name")
    assert (by_name.status_code == 302) == (who == "member")


def test_named_posts_of_a_settled_member_leave_room_for_anonymous_ones(sign_in, member, board):
    limit(replies_a_day=1)
    client = sign_in(member)
    for _ in range(3):
        assert answer(client, make.topic(board), "name").status_code == 302
    assert answer(client, make.topic(board), "alias").status_code == 302


def test_changed_words_of_an_alias_have_its_limits_too(sign_in, author, hidden_topic):
    links = " ".join(f"https://example.org/{n}" for n in range(3))
    fields = {"body": links, "title": hidden_topic.title, "mode": hidden_topic.mode}
    refused = sign_in(author).post(f"{hidden_topic.get_absolute_url()}edit/", fields)
    assert "In an anonymous post there is room for 2 links." in said(refused)


# The switch -----------------------------------------------------------------------------------------------------------


def test_owners_switch_it_on_and_off_with_a_reason_that_is_kept(sign_in, owner, leads):
    board, client = make.board(), sign_in(owner)
    for verb, is_on in (("allow_anonymous", True), ("end_anonymous", False)):
        url = reverse("admin:forums_board_verb", args=[board.pk, verb])
        assert url in client.get(reverse("admin:forums_board_change", args=[board.pk])).text
        client.post(url, {"reason": REASON})
        board.refresh_from_db()
        assert board.is_anonymous == is_on
        entry = Entry.objects.latest("pk")
        assert (entry.by, entry.target_id, entry.words.reason) == (owner, str(board.pk), REASON)
    assert [e.action for e in Entry.objects.order_by("-pk")[:2]] == [
        "forums.board_anonymous_ended",
        "forums.board_anonymous_allowed",
    ]


def test_outside_the_demo_it_is_switched_on_like_everywhere(sign_in, owner, leads, settings):
    settings.MODE = "production"
    board = make.board()
    sign_in(owner).post(reverse("admin:forums_board_verb", args=[board.pk, "allow_anonymous"]), {"reason": REASON})
    board.refresh_from_db()
    assert board.is_anonymous


def test_with_one_lead_the_switch_refuses_and_says_why(sign_in, owner):
    make.user("larkspur", role="lead")
    refused = sign_in(owner).post(reverse("admin:forums_board_verb", args=[make.board().pk, "allow_anonymous"]), {"reason": REASON})
    assert refused.status_code == 403
    assert "First put two people in charge of safety" in refused.text


def test_board_and_list_say_where_one_can_post_anonymously(sign_in, member, board):
    plain = make.board()
    client = sign_in(member)
    assert client.get("/forums/").text.count("Anonymous posts are possible") == 1
    assert "Anonymous posts are possible" in client.get(board.get_absolute_url()).text
    assert "Anonymous posts are possible" not in client.get(plain.get_absolute_url()).text


# What one wrote -------------------------------------------------------------------------------------------------------


def test_ones_own_list_has_the_anonymous_words_and_the_answers_to_them(sign_in, author, other, hidden_topic):
    make.reply(hidden_topic, other, body="You are not alone.")
    make.topic(author=author, title="A thing under my name")
    page = sign_in(author).get("/wrote/")
    assert page["Cache-Control"] == "no-store, private"
    text = said(page)
    assert f"as {hidden_topic.persona.alias}, anonymous" in text
    assert text.count(", anonymous") == 1
    assert "A thing under my name" in text
    assert "Answers to what you wrote anonymously" in text
    assert "There is an answer in “ What I never said ”." in text
    theirs = said(sign_in(other).get("/wrote/"))
    assert "Answers to what you wrote anonymously" not in theirs
    assert "What I never said" in theirs  # They answered there.
    assert ", anonymous" not in theirs


def test_answers_stay_in_the_list_when_they_were_read_and_go_when_they_are_hidden(sign_in, author, other, moderator, hidden_topic):
    reply = make.reply(hidden_topic, other)
    client = sign_in(author)
    news = Notification.objects.get(persona=hidden_topic.persona)
    assert client.get(f"/inbox/{news.public_id}/").url == reply.get_absolute_url()
    assert "There is an answer in" in said(client.get("/wrote/"))
    reply.hide(by=moderator, reason="It names a place of work.")
    assert "There is an answer in" not in said(client.get("/wrote/"))


def test_the_list_goes_on_over_both_voices_in_order_and_with_constant_queries(
    sign_in, author, board, django_assert_max_num_queries
):
    limit(topics_a_day=1000)
    client = sign_in(author)
    client.get("/wrote/")
    for number in range(25):
        start(client, board, "alias" if number % 2 else "name", title=f"Number {number:02}.")
    # One for each kind of words and way of speaking, and seven for the page.
    lists = sum(1 if kind.is_by_name else 2 for kind in Contribution.kinds())
    with django_assert_max_num_queries(7 + lists):
        first = client.get("/wrote/").text
    onward = re.search(r'href="(\?from=[^"]+)" rel="next"', first)[1]
    second = client.get(f"/wrote/{onward}").text
    found = [re.findall(r"Number \d\d\.", page) for page in (first, second)]
    assert len(found[0]) == 20
    assert sorted(found[0] + found[1]) == [f"Number {n:02}." for n in range(25)]


def test_ones_own_anonymous_words_can_be_taken_back_where_the_place_is_closed_to_one(sign_in, author, moderator, hidden_topic):
    client = sign_in(author)
    answer(client, hidden_topic, body="Words of mine")
    reply = Reply.objects.get()
    hidden_topic.hide(by=moderator, reason="It names a place of work.")
    url = reverse("wrote_withdraw", args=[reply.public_id])
    assert f"{reply.public_id}/withdraw/" in client.get("/wrote/").text
    assert sign_in(make.user()).get(url).status_code == 404
    client.post(url)
    reply.refresh_from_db()
    assert reply.is_withdrawn


# Nothing tells --------------------------------------------------------------------------------------------------------


def test_a_mention_of_an_alias_calls_nobody(sign_in, member, author, topic):
    quiet = make.user("Quiet")
    assert not aliases.without_called({"Quiet", "quiet"}, "@Quiet Heron and @quiet *heron*")
    assert aliases.without_called({"Quiet"}, "@Quiet, a heron") == {"Quiet"}
    reply = make.reply(topic, body="@Quiet Heron, I am with you. So is @wren.")
    assert "/members/Quiet/" not in reply.body_html
    assert "/members/wren/" in reply.body_html
    assert not Notification.objects.to(quiet).exists()


@pytest.mark.parametrize("handle", ["QuietHeron", "quiet-heron", "quiet_heron", "Quiet_Heron7", "Qu1etHer0n", "MossyOtter"])
def test_no_handle_looks_like_an_alias(handle):
    assert User.objects.count() == 0
    with pytest.raises(Exception, match="made for anonymous posts"):
        make.user(handle)


def test_the_word_anonymous_stands_beside_an_alias_wherever_it_is_told(sign_in, author, other, moderator, hidden_topic):
    """In every page, each place that tells the alias tells what it is."""
    alias = hidden_topic.persona.alias
    client = sign_in(author)
    answer(client, hidden_topic, body="@yarrow, see above.")
    mine = Reply.objects.get()
    answer(sign_in(other), hidden_topic, "name", body="Yes.", quote=str(mine.public_id))
    hidden_topic.lock(by=hidden_topic.persona)
    looks = [
        (other, url)
        for url in (hidden_topic.get_absolute_url(), hidden_topic.board.get_absolute_url(), "/forums/waiting/", "/", "/inbox/")
    ] + [(moderator, f"/admin/forums/{kind}/") for kind in ("topic", "reply")]
    looks += [(moderator, reverse("admin:forums_topic_change", args=[hidden_topic.pk]))]
    found = 0
    for viewer, url in looks:
        text = said(sign_in(viewer).get(url))
        assert "sorrel" not in text, url
        for place in re.finditer(re.escape(alias), text):
            found += 1
            beside = text[place.end() : place.end() + 22]
            assert "anonymous" in beside, f"{url}: {text[place.start() - 40 : place.end() + 40]}"
    assert found >= 8


def test_posting_anonymously_changes_nothing_of_the_account(sign_in, newcomer, board, topic):
    client = sign_in(newcomer)
    client.get(topic.get_absolute_url())
    before = User.objects.filter(pk=newcomer.pk).values().get()
    start(client, board, "alias")
    answer(client, topic, "alias", body="@newcomer said so.")
    client.get(topic.get_absolute_url())
    assert User.objects.filter(pk=newcomer.pk).values().get() == before


def test_a_mention_of_oneself_under_an_alias_is_news_as_any_other(sign_in, member, topic):
    answer(sign_in(member), topic, "alias", body="@wren said it better.")
    assert Notification.objects.to(member).get().kind == "contributions.mentioned"
    alias = Persona.objects.get().alias
    assert f"{alias} (anonymous) mentioned you in" in said(sign_in(member).get("/inbox/"))


def test_no_row_made_by_an_anonymous_post_names_its_member(sign_in, member, topic):
    """What is written in the one request, whichever table it is in."""
    client = sign_in(member)
    client.get(topic.get_absolute_url())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.key_column_usage k "
            "USING (table_schema, table_name, column_name) JOIN information_schema.referential_constraints r "
            "ON r.constraint_name = k.constraint_name JOIN information_schema.constraint_column_usage u "
            "ON u.constraint_name = k.constraint_name WHERE u.table_name = 'members_user'"
        )
        columns = cursor.fetchall()
    assert len(columns) > 5

    def mentions() -> dict:
        found = {}
        with connection.cursor() as cursor:
            for table, column in columns:
                cursor.execute(f'SELECT count(*), max(xmin::text::bigint) FROM {table} WHERE "{column}" = %s', [member.pk])
                found[table, column] = cursor.fetchone()
        return found

    before = mentions()
    answer(client, topic, "alias")
    after = mentions()
    changed = {key: (before[key][0], after[key][0]) for key in before if before[key] != after[key]}
    assert changed == {}


def fields_of(response) -> dict[str, str]:
    """The hidden fields that the page's form carries for itself."""
    found = fields_of_all(response.text)
    return {name: found[name] for name in ("key", "member", "draft") if name in found}


def fields_of_all(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}
