"""Two people who do not meet here any more: by name everywhere, as an alias in its one conversation; and nobody is told."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.contributions.models import Quote
from community.identity.seal import speak_as
from community.members.models import Block, User
from community.notifications import activity, mail
from community.notifications.models import Notification, Outgoing
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "a robin with one white feather"
GAP = "One reply is not shown to you."
NOT_QUOTED = "The words quoted here are not shown to you."


def seen(client, url: str) -> str:
    return client.get(url, follow=True).content.decode()


def block(client, url: str):
    """Press the button on the page that stands behind “Not for me”."""
    page = client.get(f"{url}person/", follow=True)
    action = re.search(r'action="([^"]*/block/)"', page.content.decode())[1]
    return client.post(action, follow=True)


def lift(client, name: str):
    """Press the button beside that name among one's blocks."""
    page = seen(client, "/settings/filters/")
    row = next(row for row in page.split("<li>") if name in row and "formaction" in row)
    return client.post(re.search(r'formaction="([^"]+)"', row)[1], follow=True)


def alias(user, topic):
    user.is_here = True
    return speak_as(user, topic.public_id)


# From words to a block, and back -------------------------------------------------------------------------------------


def test_every_post_of_somebody_else_leads_to_how_not_to_meet_them(sign_in, member, author, client):
    topic = make.topic(make.board(audience="everyone"), author, audience="everyone")
    reply, own = make.reply(topic, author), make.reply(topic, member)
    page = seen(sign_in(member), topic.get_absolute_url())
    assert f'href="{topic.get_absolute_url()}person/"' in page
    assert f'href="{reply.get_absolute_url()}person/"' in page
    assert f'href="{own.get_absolute_url()}person/"' not in page
    assert 'Not for me<span class="only-heard"> reply 1</span>' in page
    assert "person/" not in seen(client, topic.get_absolute_url())


def test_a_post_by_name_leads_to_one_page_about_its_author(sign_in, member, author):
    topic = make.topic(author=author)
    answer = sign_in(member).get(f"{topic.get_absolute_url()}person/", follow=True)
    assert answer.redirect_chain == [(f"/members/{author.username}/person/", 302)]
    assert "You and <bdi>sorrel</bdi>" in answer.content.decode()


def test_nobody_blocks_themselves_under_any_name(sign_in, member):
    topic = make.topic(author=member)
    client = sign_in(member)
    assert client.get(f"{topic.get_absolute_url()}person/").status_code == 403
    assert client.get("/members/wren/person/").status_code == 403
    assert client.post("/members/wren/block/").status_code == 403
    elsewhere = make.topic()
    reply = make.reply(elsewhere, alias(member, elsewhere))
    assert client.post(f"{reply.get_absolute_url()}person/block/").status_code == 403
    assert not Block.objects.exists()


def test_words_taken_back_lead_to_nobody(sign_in, member, author):
    reply = make.reply(author=author)
    reply.withdraw()
    assert sign_in(member).get(f"{reply.get_absolute_url()}person/").status_code == 404


@pytest.mark.parametrize("verb", ["block", "block/delete", "person"])
def test_a_guest_is_asked_to_sign_in_whoever_it_is_about(client, author, verb):
    answers = [client.post(f"/members/{name}/{verb}/") for name in ("sorrel", "nobody-here")]
    assert {(answer.status_code, answer.url.split("?")[0]) for answer in answers} == {(302, "/accounts/login/")}


def test_a_second_press_changes_nothing_and_lifting_lets_them_meet_again(sign_in, member, author):
    topic = make.topic(author=author)
    client = sign_in(member)
    client.post("/members/sorrel/block/")
    client.post("/members/sorrel/block/")
    assert Block.objects.count() == 1
    assert client.get(topic.get_absolute_url()).status_code == 404
    assert "lifted" in lift(client, "sorrel").content.decode()
    assert client.get(topic.get_absolute_url()).status_code == 200
    assert client.post("/members/sorrel/block/delete/").status_code == 404


def test_only_whoever_made_a_block_can_lift_it(sign_in, member, author, other):
    topic = make.topic(author=other)
    voice = alias(author, topic)
    Block.put(member, author)
    Block.put(member, voice)
    for somebody in (author, other):
        client = sign_in(somebody)
        client.post("/members/sorrel/block/delete/")
        client.post("/members/wren/block/delete/")
        client.post(f"/settings/blocks/{voice.public_id}/delete/")
    assert Block.objects.count() == 2


# By name -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def apart(member, author):
    """`member` has blocked `author`."""
    Block.put(member, author)


BOTH_WAYS = [("member", "author"), ("author", "member")]


@pytest.mark.parametrize(("looks", "speaks"), BOTH_WAYS)
def test_neither_reads_what_the_other_says_by_name(request, sign_in, other, apart, looks, speaks):
    viewer, speaker = request.getfixturevalue(looks), request.getfixturevalue(speaks)
    board = make.board()
    own = make.topic(board, speaker, title=CANARY, body=CANARY)
    foreign = make.topic(board, other, title="Something else")
    reply = make.reply(foreign, speaker, body=CANARY)
    client = sign_in(viewer)
    assert client.get(own.get_absolute_url()).status_code == 404
    assert client.get(f"{own.get_absolute_url()}reply/").status_code == 404
    assert client.get(reply.get_absolute_url()).status_code == 404
    assert client.get(f"{reply.get_absolute_url()}person/").status_code == 404
    page = seen(client, foreign.get_absolute_url())
    assert GAP in page
    for url in ("/", "/forums/", "/forums/waiting/", board.get_absolute_url(), foreign.get_absolute_url(), "/inbox/", "/wrote/"):
        assert CANARY not in seen(client, url), url
    # Everybody else reads on.
    assert CANARY in seen(sign_in(other), foreign.get_absolute_url())


@pytest.mark.parametrize(("looks", "speaks"), BOTH_WAYS)
@pytest.mark.parametrize("address", ["", "person/", "block/"])
def test_a_page_across_a_block_answers_as_for_a_name_nobody_has(request, sign_in, apart, looks, speaks, address):
    viewer, speaker = request.getfixturevalue(looks), request.getfixturevalue(speaks)
    client = sign_in(viewer)

    def answered(name):
        url = f"/members/{name}/{address}"
        answer = client.post(url) if address == "block/" else client.get(url)
        return answer.status_code, answer.content.replace(name.encode(), b"-"), dict(answer.headers)

    assert answered(speaker.username) == answered("nobody-here")
    assert answered(speaker.username)[0] == 404


def test_a_picture_across_a_block_is_not_there(sign_in, member, author, other):
    url = f"/avatars/{author.profile.hang(b'no picture').public_id}.webp"
    assert sign_in(member).get(url).status_code == 200
    Block.put(author, member)
    assert sign_in(member).get(url).status_code == 404
    assert sign_in(other).get(url).status_code == 200


@pytest.mark.parametrize(("told", "speaks"), BOTH_WAYS)
def test_no_news_and_no_mail_crosses_a_block(request, sign_in, other, settings, told, speaks):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    reader, speaker = request.getfixturevalue(told), request.getfixturevalue(speaks)
    topic = make.topic(author=other)
    mine = make.reply(topic, reader)
    make.reply(topic, speaker, body=f"@{reader.username} {CANARY}", quoting=[Quote(mine, "I read this")])
    news = Notification.objects.filter(recipient=reader)
    assert {each.kind for each in news} == {"contributions.mentioned", "forums.quote"}
    for each in news:
        activity.consider(each.public_id)
    waiting = Outgoing.objects.get(notification__in=news)
    Block.put(request.getfixturevalue("member"), request.getfixturevalue("author"))
    # What was told and put on its way before is gone, and nothing new comes.
    assert speaker.username not in seen(sign_in(reader), "/inbox/")
    assert mail.deliver(waiting.pk)
    assert not Outgoing.objects.filter(notification__in=news).exists()
    before = Notification.objects.filter(recipient=reader).count()
    make.reply(make.topic(author=other), speaker, body=f"@{reader.username}")
    assert Notification.objects.filter(recipient=reader).count() == before


def test_words_across_a_block_cannot_be_quoted(sign_in, member, author, other, apart):
    topic = make.topic(author=other)
    reply = make.reply(topic, author, body=CANARY)
    client = sign_in(member)
    page = seen(client, f"{topic.get_absolute_url()}reply/?quote={reply.public_id}")
    assert CANARY not in page
    client.post(f"{topic.get_absolute_url()}reply/", {"body": "Hello.", "quote": reply.public_id, "excerpt": CANARY})
    assert CANARY not in topic.replies.get(author=member).body_html


@pytest.mark.parametrize(("looks", "speaks"), BOTH_WAYS)
def test_a_quote_in_a_third_persons_words_is_not_shown_across_a_block(request, sign_in, other, apart, looks, speaks):
    viewer, speaker = request.getfixturevalue(looks), request.getfixturevalue(speaks)
    topic = make.topic(author=other)
    said = make.reply(topic, speaker, body=CANARY)
    for _n in range(20):
        make.reply(topic, other)
    make.reply(topic, other, body="As was said here.", quoting=[Quote(said, "")])
    far = seen(sign_in(viewer), f"{topic.get_absolute_url()}?page=2")
    assert NOT_QUOTED in far
    assert "As was said here." in far
    make.reply(topic, other, body="And again.", quoting=[Quote(said, "a robin")])
    for page in (1, 2):
        shown = seen(sign_in(viewer), f"{topic.get_absolute_url()}?page={page}")
        assert "a robin" not in shown
        assert str(said.public_id) not in shown
    assert NOT_QUOTED not in seen(sign_in(other), f"{topic.get_absolute_url()}?page=2")


@pytest.mark.parametrize(("looks", "speaks"), [("member", "author"), ("author", "member")])
def test_a_name_called_across_a_block_is_as_one_that_nobody_has(request, sign_in, other, apart, looks, speaks):
    viewer, named = request.getfixturevalue(looks), request.getfixturevalue(speaks)
    topic = make.topic(author=other, body=f"Good morning, @{named.username}.")
    make.reply(topic, viewer, body=f"Where is @{named.username}, and where @nobody-here? @{other.username} is here.")
    page = seen(sign_in(viewer), topic.get_absolute_url())
    assert f"Good morning, @{named.username}." in page
    assert f"Where is @{named.username}, and where @nobody-here?" in page
    assert f'class="mention" href="/members/{other.username}/"' in page
    assert f"/members/{named.username}/" not in page
    assert page.count("mention") == 1
    assert seen(sign_in(other), topic.get_absolute_url()).count(f'class="mention" href="/members/{named.username}/"') == 2


def test_somebody_who_takes_back_their_words_reads_no_quote_in_them_across_a_block(sign_in, member, author, other):
    topic = make.topic(author=other)
    own = make.reply(topic, member, body="My own words.", quoting=[Quote(make.reply(topic, author, body=CANARY), "")])
    Block.put(author, member)
    client = sign_in(member)
    page = seen(client, f"{own.get_absolute_url()}withdraw/")
    assert "My own words." in page
    assert CANARY not in page
    assert CANARY not in seen(client, f"{own.get_absolute_url()}edit/")


def test_staff_can_be_blocked_and_what_they_decide_still_arrives(sign_in, member, moderator, other):
    topic = make.topic(author=other)
    said = make.reply(topic, member, body="It names somebody.")
    make.reply(topic, moderator, body=CANARY)
    client = sign_in(member)
    block(client, topic.replies.get(author=moderator).get_absolute_url())
    assert CANARY not in seen(client, topic.get_absolute_url())
    said.hide(by=moderator, reason="It named a street.")
    assert "It named a street." in seen(client, "/inbox/")


# An alias ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def topic(other):
    return make.topic(make.board(anonymous_at="2026-01-01T00:00:00Z"), other, title="Evenings")


@pytest.fixture
def heron(author, topic):
    """The alias of `author` in the conversation."""
    return alias(author, topic)


def test_an_alias_is_blocked_in_its_conversation_both_ways(sign_in, member, author, topic, heron):
    said, own = make.reply(topic, heron, body=CANARY), make.reply(topic, member, body="My own words.")
    client = sign_in(member)
    page = seen(client, f"{said.get_absolute_url()}person/")
    assert f"Block {heron.alias} here" in page
    assert author.username not in page
    assert "filter" not in re.findall(r'action="([^"]*)"', page)
    answer = block(client, said.get_absolute_url())
    assert answer.redirect_chain[-1][0] == topic.get_absolute_url()
    page = answer.content.decode()
    assert CANARY not in page
    assert GAP in page
    page = seen(sign_in(author), topic.get_absolute_url())
    assert CANARY in page
    assert "My own words." not in page
    assert client.get(said.get_absolute_url()).status_code == 404
    assert sign_in(author).get(own.get_absolute_url()).status_code == 404
    lift(client, heron.alias)
    assert CANARY in seen(client, topic.get_absolute_url())


@pytest.mark.parametrize("speaks", ["by name", "under an alias"])
def test_no_news_and_no_mail_comes_of_what_a_blocked_alias_says(sign_in, member, author, topic, heron, settings, speaks):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    mine = make.reply(topic, alias(member, topic) if speaks == "under an alias" else member)
    said = make.reply(topic, heron, body="Yes.", quoting=[Quote(mine, "I read this")])
    news = Notification.objects.get(kind="forums.quote")
    activity.consider(news.public_id)
    waiting = Outgoing.objects.get(notification=news)
    client = sign_in(member)
    assert "Your words were taken up" in seen(client, "/inbox/")
    block(client, said.get_absolute_url())
    assert "Your words were taken up" not in seen(client, "/inbox/")
    assert mail.deliver(waiting.pk)
    assert not Outgoing.objects.filter(pk=waiting.pk).exists()


def test_a_blocked_alias_does_not_reach_by_name_whoever_blocked_it_under_an_alias(sign_in, member, topic, heron, settings):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    make.reply(topic, alias(member, topic))
    said = make.reply(topic, heron, body="Good morning.")
    block(sign_in(member), said.get_absolute_url())
    make.reply(topic, heron, body=f"Are you there, @{member.username}?")
    activity.consider(Notification.objects.get(kind="contributions.mentioned").public_id)
    assert not Outgoing.objects.exists()


def test_a_block_made_under_ones_own_alias_is_listed_and_lifted_like_any_other(sign_in, member, topic, heron):
    mine = alias(member, topic)
    said = make.reply(topic, heron, body=CANARY)
    client = sign_in(member)
    block(client, said.get_absolute_url())
    assert list(Block.objects.values_list("blocker", "blocker_persona", "blocked_persona")) == [(None, mine.pk, heron.pk)]
    page = seen(client, "/settings/filters/")
    assert heron.alias in page
    assert "in “Evenings”" in page
    lift(client, heron.alias)
    assert not Block.objects.exists()


def test_the_two_worlds_tell_nothing_of_each_other(sign_in, member, author, other, topic, heron):
    board = topic.board
    by_name = make.topic(board, author, title="Said by name")
    said = make.reply(topic, heron, body=CANARY)
    client = sign_in(member)
    urls = ("/", board.get_absolute_url(), "/members/sorrel/", by_name.get_absolute_url())
    before = [client.get(url).status_code for url in urls], "Said by name" in seen(client, board.get_absolute_url())
    block(client, said.get_absolute_url())
    assert ([client.get(url).status_code for url in urls], "Said by name" in seen(client, board.get_absolute_url())) == before
    lift(client, heron.alias)
    client.post("/members/sorrel/block/")
    assert CANARY in seen(client, topic.get_absolute_url())
    # Nor do mentions by an alias depend on who is blocked by name.
    make.reply(topic, heron, body="@wren, are you there?")
    assert Notification.objects.filter(recipient=member, kind="contributions.mentioned").exists()
    assert heron.alias in seen(client, "/inbox/")


def test_a_conversation_that_a_blocked_alias_began_stays_open_with_a_gap(sign_in, member, author, other, topic):
    public_id = uuid4()
    begun = make.topic(topic.board, speak_as(author, public_id), title="Mornings", body=CANARY, public_id=public_id)
    make.reply(begun, other, body="I am here.", quoting=[Quote(begun, "one white feather")])
    client = sign_in(member)
    assert "stands in your lists" in seen(client, f"{begun.get_absolute_url()}person/")
    block(client, begun.get_absolute_url())
    page = seen(client, begun.get_absolute_url())
    assert "The opening words are not shown to you." in page
    assert "I am here." in page
    assert "white feather" not in page
    assert "Mornings" not in seen(client, topic.board.get_absolute_url())
    assert client.get(f"{begun.get_absolute_url()}person/").status_code == 404
    assert CANARY not in seen(client, f"{begun.get_absolute_url()}reply/?quote={begun.public_id}")


def test_a_quote_of_a_blocked_alias_is_not_shown_either(sign_in, member, other, topic, heron):
    said = make.reply(topic, heron, body=CANARY)
    make.reply(topic, other, body="As was said.", quoting=[Quote(said, "")])
    client = sign_in(member)
    block(client, said.get_absolute_url())
    page = seen(client, topic.get_absolute_url())
    assert CANARY not in page
    assert heron.alias not in page
    assert NOT_QUOTED in page


# The list ------------------------------------------------------------------------------------------------------------


def test_a_blocked_alias_is_listed_without_a_title_that_is_not_open_any_more(sign_in, member, moderator, topic, heron):
    Block.put(member, heron)
    topic.hide(by=moderator, reason="It names somebody.")
    page = seen(sign_in(member), "/settings/filters/")
    assert heron.alias in page
    assert "Evenings" not in page
    assert "a name in a conversation that is not open to you any more" in page


def test_somebody_may_have_blocked_thousands(sign_in, member):
    client = sign_in(member)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/settings/filters/").status_code == 200
        return len(captured)

    make.topic()
    Block.put(member, make.user("first-one"))
    few = asked()
    people = User.objects.bulk_create(
        User(username=f"crowd{n}", handle_key=f"crowd-{n}", email=f"crowd{n}@example.org") for n in range(300)
    )
    Block.objects.bulk_create(Block(blocker=member, blocked=somebody) for somebody in people)
    assert asked() == few
    page = seen(client, "/settings/filters/")
    assert page.count("Lift the block") == 50
    assert "crowd299" in page
    assert "first-one" not in page
    found = seen(client, "/settings/filters/?name=First-One")
    assert found.count("Lift the block") == 1
    assert "first-one" in found
    assert "Nobody of this name" in seen(client, "/settings/filters/?name=somebody%00else")
