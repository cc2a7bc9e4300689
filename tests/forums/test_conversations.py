"""Boards, conversations and replies, from outside."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from forums.models import Mode, ReadMark, Reply, Topic
from forums.speaking import voice_to_reply
from tests import make

pytestmark = pytest.mark.django_db


def fields_of(response) -> dict[str, str]:
    """The hidden fields that the page's form carries for itself."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def write(client, url, follow=False, **words):
    """Open the form at `url` and send it with these words."""
    return client.post(url, fields_of(client.get(url)) | words, follow=follow)


def test_a_member_starts_a_conversation_and_another_answers(sign_in, author, other):
    board = make.board()
    answer = write(
        sign_in(author), reverse("topic_create", args=[board.slug]), title="My week", body="It was *long*.", mode="listening"
    )
    topic = Topic.objects.get()
    assert answer.url == topic.get_absolute_url()
    answer = write(sign_in(other), reverse("reply_create", args=[board.slug, topic.public_id]), body="I’m here.", follow=True)
    page = answer.content.decode()
    assert "It was <em>long</em>." in page
    assert "I’m here." in page
    assert "company, not solutions" in page
    reply = Reply.objects.get()
    assert answer.redirect_chain[-1][0] == f"{topic.get_absolute_url()}#r-{reply.public_id}"


def test_reply_keeps_its_place_and_page(sign_in, member):
    topic = make.topic()
    replies = [make.reply(topic, body=f"Answer {n}") for n in range(1, 46)]
    assert [reply.position for reply in replies] == list(range(1, 46))
    assert replies[40].place == f"{topic.get_absolute_url()}?page=3#r-{replies[40].public_id}"
    page = sign_in(member).get(topic.get_absolute_url(), {"page": 3}).content.decode()
    assert "Answer 41" in page
    assert "Answer 40<" not in page
    assert sign_in(member).get(topic.get_absolute_url(), {"page": 4}).status_code == 404
    for nonsense in ("0", "-1", "x", "1e3", "٣", "99999999999999999999"):
        assert sign_in(member).get(topic.get_absolute_url(), {"page": nonsense}).status_code == 404


def test_hidden_reply_leaves_a_gap_that_tells_nothing(sign_in, member, author, moderator):
    topic = make.topic(author=author)
    reply = make.reply(topic, author, body="A secret sentence")
    make.reply(topic, body="Something after it")
    reply.hide(by=moderator, reason="It names a place of work.")
    for viewer in (member, author, moderator):
        page = sign_in(viewer).get(topic.get_absolute_url()).content.decode()
        assert "A secret sentence" not in page
        assert "One reply is not shown to you." in page
        assert "Something after it" in page
    assert sign_in(member).get(reply.get_absolute_url()).status_code == 404
    reply.restore(by=moderator, reason="It was taken for something else.")
    assert "A secret sentence" in sign_in(member).get(topic.get_absolute_url()).content.decode()


def test_withdrawn_words_leave_a_gravestone(sign_in, member, author):
    topic = make.topic(author=author, title="A title that goes too")
    reply = make.reply(topic, author, body="Words that go")
    client = sign_in(author)
    assert client.get(f"{reply.get_absolute_url()}withdraw/").status_code == 200
    client.post(f"{reply.get_absolute_url()}withdraw/")
    client.post(f"{topic.get_absolute_url()}withdraw/")
    page = sign_in(member).get(topic.get_absolute_url()).content.decode()
    assert page.count("The person who wrote this took it back. Its place is kept.") == 2
    assert "Words that go" not in page
    assert "A title that goes too" not in page
    assert "A conversation" in page
    assert client.post(f"{reply.get_absolute_url()}edit/", {"body": "back again"}).status_code == 403


def test_only_the_author_changes_words(sign_in, member, author):
    reply = make.reply(author=author)
    for what in ("edit", "withdraw"):
        answer = sign_in(member).post(f"{reply.get_absolute_url()}{what}/", {"body": "taken over"})
        assert answer.status_code == 403
        assert "Only the person who wrote this can change it." in answer.content.decode()
    reply.refresh_from_db()
    assert reply.body == "I read this, and I’m here."


def test_edit_is_marked_and_the_old_words_stay_for_moderators(sign_in, member, author, moderator):
    topic = make.topic(author=author, title="Before", body="Old words")
    client = sign_in(author)
    write(client, f"{topic.get_absolute_url()}edit/", title="After", body="New words", mode="advice")
    page = sign_in(member).get(topic.get_absolute_url()).content.decode()
    assert "New words" in page
    assert "Old words" not in page
    assert "edited" in page
    assert "Advice welcome" in page
    admin = sign_in(moderator).get(reverse("admin:forums_topic_change", args=[topic.pk])).content.decode()
    assert "Old words" in admin
    assert "Before" in admin


def test_author_closes_and_opens_their_conversation(sign_in, member, author):
    topic = make.topic(author=author)
    assert sign_in(member).post(f"{topic.get_absolute_url()}lock/").status_code == 403
    client = sign_in(author)
    client.post(f"{topic.get_absolute_url()}lock/")
    refused = sign_in(member).post(f"{topic.get_absolute_url()}reply/", {"body": "Too late, but kept"})
    assert refused.status_code == 403
    text = refused.content.decode()
    assert "sorrel has closed this conversation." in text
    assert "Too late, but kept" in text
    client.post(f"{topic.get_absolute_url()}lock/delete/")
    assert sign_in(member).get(f"{topic.get_absolute_url()}reply/").status_code == 200


def test_what_a_moderator_closed_the_author_cannot_open(sign_in, author, moderator):
    topic = make.topic(author=author)
    topic.lock(by=moderator, reason="Let us all sleep a night over it.")
    assert sign_in(author).post(f"{topic.get_absolute_url()}lock/delete/").status_code == 403
    assert "Let us all sleep a night over it." in sign_in(author).get(topic.get_absolute_url()).content.decode()
    topic.unlock(by=moderator, reason="We have slept, and it is quiet.")
    inbox = sign_in(author).get("/inbox/").content.decode()
    assert "opened your conversation" in inbox
    assert "We have slept, and it is quiet." in inbox


def test_a_moderator_closes_what_its_author_has_closed_and_could_open(sign_in, author, moderator):
    topic = make.topic(author=author)
    topic.lock(by=author)
    sign_in(moderator).post(f"/admin/forums/topic/{topic.pk}/do/lock/", {"reason": "It has become unkind."})
    assert sign_in(author).post(f"{topic.get_absolute_url()}lock/delete/").status_code == 403
    topic.unlock(by=author)
    topic.refresh_from_db()
    assert topic.lock_reason == "It has become unkind."


def test_a_long_reason_stands_whole_above_what_was_closed(author, moderator):
    topic, reason = make.topic(author=author), "It has become unkind, and so we stop here for a while. " * 18
    topic.lock(by=moderator, reason=reason[:1000])
    topic.refresh_from_db()
    assert topic.lock_reason == reason[:1000]


def test_moderator_hides_with_a_reason_and_the_author_is_told(sign_in, moderator, author):
    reply = make.reply(author=author)
    client = sign_in(moderator)
    url = reverse("admin:forums_reply_verb", args=[reply.pk, "hide"])
    assert client.post(url, {"reason": "short"}).status_code == 200
    client.post(url, {"reason": "It names a clinic, which we leave out here."})
    reply.refresh_from_db()
    assert reply.is_hidden
    assert "A volunteer hid it" in sign_in(author).get("/inbox/").content.decode()
    assert reply.body in sign_in(author).get("/wrote/").content.decode()


@pytest.mark.parametrize("audience", ["members", "group"])
def test_closed_board_does_not_exist_for_those_outside(sign_in, member, author, audience, django_user_model):
    group = Group.objects.create(name="Night shift")
    inside = make.user(groups=[group])
    board = make.board(audience=audience, audience_group=group if audience == "group" else None)
    topic = make.topic(board, inside, title="Only for us", body="Only for us, really")
    reply = make.reply(topic, inside)
    outside = [Client()] + ([sign_in(member)] if audience == "group" else [])
    for client in outside:
        for url in (board.get_absolute_url(), topic.get_absolute_url(), reply.get_absolute_url()):
            assert client.get(url).status_code == 404
        for page in ("/", "/forums/"):
            text = client.get(page).content.decode()
            assert "Only for us" not in text
            assert board.name not in text
    assert sign_in(inside).get(topic.get_absolute_url()).status_code == 200


def test_topic_may_be_narrower_than_its_board_never_wider(sign_in, author):
    public, closed = make.board(audience="everyone"), make.board(audience="members")
    client = sign_in(author)
    write(client, f"/forums/{public.slug}/new/", title="For members", body="Words", mode="stories", audience="members")
    write(client, f"/forums/{closed.slug}/new/", title="Wider", body="Words", mode="stories", audience="everyone")
    assert Topic.objects.get(title="For members").audience == "members"
    assert Topic.objects.get(title="Wider").audience == "members"
    guest = Client()
    assert guest.get(Topic.objects.get(title="For members").get_absolute_url()).status_code == 404
    with pytest.raises(ValueError):
        closed.start(author, title="Wider", body="x", mode=Mode.ADVICE, audience="everyone")


def test_topic_of_a_public_board_is_gone_for_guests_once_the_board_is_closed(guest):
    board = make.board(audience="everyone")
    topic = make.topic(board)
    assert Topic.objects.visible_to(guest).filter(pk=topic.pk).exists()
    board.audience = "members"
    board.save()
    assert not Topic.objects.visible_to(guest).filter(pk=topic.pk).exists()


def test_lists_go_on_by_keyset(sign_in, member):
    board = make.board()
    topics = [make.topic(board, member, title=f"Talk {n:02}") for n in range(45)]
    client, seen, url = sign_in(member), [], board.get_absolute_url()
    while url:
        page = client.get(url).content.decode()
        seen += re.findall(r'dir="auto">(Talk \d\d)</a>', page.partition('id="all"')[2])
        found = re.search(r'href="(\?from=[^"]+)" rel="next"', page)
        url = found and board.get_absolute_url() + found[1]
    assert sorted(seen) == sorted(topic.title for topic in topics)
    for nonsense in ("x", "1-2", "-", "99999999999999-" + "0" * 32):
        assert client.get(board.get_absolute_url(), {"from": nonsense}).status_code == 404


def test_whoever_waits_longest_stands_first_and_leaves_when_answered(sign_in, member):
    first, _second = make.topic(title="Waits longest"), make.topic(title="Waits less")
    Topic.objects.filter(pk=first.pk).update(created_at="2020-01-01T00:00Z")
    page = sign_in(member).get("/forums/waiting/").content.decode()
    assert page.index("Waits longest") < page.index("Waits less")
    make.reply(first)
    assert "Waits longest" not in sign_in(member).get("/forums/waiting/").content.decode()


def test_unread_is_marked_for_those_who_read_before(sign_in, member, other):
    board = make.board()
    topic = make.topic(board, other)
    client = sign_in(member)
    assert 'row-title unread"' not in client.get(board.get_absolute_url()).content.decode()
    client.get(topic.get_absolute_url())
    make.reply(topic, other)
    assert 'row-title unread"' in client.get(board.get_absolute_url()).content.decode()
    client.get(topic.get_absolute_url())
    assert 'row-title unread"' not in client.get(board.get_absolute_url()).content.decode()


def test_looking_ahead_is_not_reading(sign_in, member):
    topic = make.topic()
    sign_in(member).get(topic.get_absolute_url(), headers={"sec-purpose": "prefetch"})
    assert ReadMark.objects.filter(topic=topic).count() == 1, "of whoever began it"


def test_times_are_told_in_five_minute_steps():
    reply = make.reply()
    for moment in (reply.created_at, reply.topic.created_at, reply.topic.active_at):
        assert (moment.minute % 5, moment.second, moment.microsecond) == (0, 0, 0)


def test_no_list_names_who_spoke_last(sign_in, member):
    board = make.board()
    make.reply(make.topic(board, make.user("starter1")), make.user("answerer1"))
    for page in (board.get_absolute_url(), "/forums/", "/"):
        assert "answerer1" not in sign_in(member).get(page).content.decode()


# Quotes and mentions ------------------------------------------------------------------------


def test_quote_is_a_reference_that_follows_its_source(sign_in, member, author, moderator):
    topic = make.topic(author=author)
    source = make.reply(topic, author, body="The **first** part. The second part.")
    client = sign_in(member)
    url = f"{topic.get_absolute_url()}reply/?quote={source.public_id}&excerpt=The+first+part."
    assert "The first part." in client.get(url).content.decode()
    write(client, url, body="I know that one.")
    page = client.get(topic.get_absolute_url()).content.decode()
    assert page.count("The first part.") == 1
    assert 'class="quote"' in page
    source.edit("Something else entirely.")
    assert "The first part." not in client.get(topic.get_absolute_url()).content.decode()
    source.hide(by=moderator, reason="Reason enough.")
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "Something else" not in page
    assert "not shown at the moment" in page
    source.restore(by=moderator, reason="Reason enough.")
    source.withdraw()
    assert "took it back" in client.get(topic.get_absolute_url()).content.decode()


def test_quoting_what_one_may_not_see_is_like_quoting_nothing(sign_in, member, moderator):
    topic = make.topic()
    hidden = make.reply(topic, body="A hidden canary")
    hidden.hide(by=moderator, reason="Reason enough.")
    elsewhere = make.reply(body="A canary from elsewhere")
    client, answers = sign_in(member), []
    for public_id in (hidden.public_id, elsewhere.public_id, "00000000-0000-4000-8000-000000000000"):
        answer = client.get(f"{topic.get_absolute_url()}reply/?quote={public_id}").content.decode()
        assert "canary" not in answer
        answers.append(re.sub(r'value="[^"]*"|[0-9a-f-]{36}', "", answer))
    assert answers[0] == answers[1] == answers[2]
    write(client, f"{topic.get_absolute_url()}reply/?quote={hidden.public_id}", body="Words")
    assert "blockquote" not in Reply.objects.latest("pk").body_html


def test_made_up_excerpt_is_not_put_into_anybodys_mouth(sign_in, member, author):
    topic = make.topic(author=author, body="What I really said.")
    client = sign_in(member)
    write(client, f"{topic.get_absolute_url()}reply/?quote={topic.public_id}&excerpt=Something+cruel", body="Words")
    html = Reply.objects.get().body_html
    assert "cruel" not in html
    assert "What I really said." in html


def test_mention_tells_readers_only_and_its_link_does_not_show_who_they_are(sign_in, member, other):
    group = Group.objects.create(name="Small circle")
    inside = make.user("insider", groups=[group])
    board = make.board(audience="group", audience_group=group)
    apart = make.topic(board, inside, body="@yarrow and @insider2, and nobody@example.org")
    assert "mentioned you" not in sign_in(other).get("/inbox/").content.decode()
    assert 'href="/members/yarrow/"' in apart.body_html
    topic = make.topic(author=member, body="Thank you, @Yarrow.")
    assert 'href="/members/yarrow/"' in topic.body_html
    assert "mentioned you" in sign_in(other).get("/inbox/").content.decode()


def test_topic_may_be_for_one_of_ones_own_groups_only(sign_in, author, member):
    circle, others = Group.objects.create(name="Night shift"), Group.objects.create(name="Another circle")
    author.groups.add(circle)
    board, client = make.board(), sign_in(author)
    page = client.get(f"/forums/{board.slug}/new/").content.decode()
    assert "Night shift" in page
    assert "Another circle" not in page
    write(client, f"/forums/{board.slug}/new/", title="Us", body="Words", mode="stories", audience=f"group:{circle.pk}")
    topic = Topic.objects.get(title="Us")
    assert topic.audience_group == circle
    assert sign_in(member).get(topic.get_absolute_url()).status_code == 404
    refused = write(client, f"/forums/{board.slug}/new/", title="Them", body="Words", mode="stories", audience=f"group:{others.pk}")
    assert refused.status_code == 200
    assert not Topic.objects.filter(title="Them").exists()


def test_own_words_out_of_reach_can_still_be_taken_back(sign_in, author, moderator, member):
    topic = make.topic(author=member)
    reply = make.reply(topic, author, body="Words I want back")
    topic.hide(by=moderator, reason="It names a clinic.")
    client, url = sign_in(author), f"/wrote/{reply.public_id}/withdraw/"
    assert f"{reply.public_id}/withdraw/" in client.get("/wrote/").content.decode()
    assert sign_in(make.user()).get(url).status_code == 404
    assert "Words I want back" in client.get(url).content.decode()
    assert client.post(url).url == "/wrote/"
    assert client.get(url).status_code == 404
    reply.refresh_from_db()
    assert reply.is_withdrawn
    assert reply.body == ""


# The first days ---------------------------------------------------------------------------


def test_newcomer_meets_limits_and_keeps_the_text(sign_in, newcomer):
    board = make.board()
    client = sign_in(newcomer)
    url = f"/forums/{board.slug}/new/"
    refused = write(client, url, title="Links", mode="stories", body="https://a.example https://b.example https://c.example")
    assert refused.status_code == 200
    assert "https://c.example" in refused.content.decode()
    assert not Topic.objects.exists()
    for n in range(3):
        write(client, url, title=f"Talk {n}", mode="stories", body="Words")
    refused = write(client, url, title="One more", mode="stories", body="The fourth today")
    assert "The fourth today" in refused.content.decode()
    assert Topic.objects.count() == 3


def test_second_press_of_the_days_last_one_leads_to_it(sign_in, newcomer):
    client, url = sign_in(newcomer), f"/forums/{make.board().slug}/new/"
    for n in range(2):
        write(client, url, title=f"Talk {n}", mode="stories", body="Words")
    fields = fields_of(client.get(url)) | {"title": "Talk 2", "mode": "stories", "body": "Words"}
    assert len({client.post(url, fields).url for _press in range(2)}) == 1
    assert Topic.objects.count() == 3


def test_limits_lift_by_time_and_reading(sign_in, newcomer, time_machine=None):
    newcomer.date_joined = timezone.now() - timedelta(days=4)
    newcomer.save()
    client = sign_in(newcomer)
    for topic in [make.topic() for _ in range(20)]:
        newcomer.refresh_from_db()
        assert not newcomer.is_settled
        client.get(topic.get_absolute_url())
    newcomer.refresh_from_db()
    assert newcomer.is_settled


def drawn(html: str) -> str:
    """The reply box of a page or of a form, without what is new in each: its key and its token."""
    box = html[html.index('<form class="composer"') :]
    box = re.sub(r'(name="(?:key|csrfmiddlewaretoken)" value=")[^"]+', r"\1", box[: box.index("</form>")])
    return re.sub(r"\n\s*", "\n", box)


@pytest.mark.parametrize("voice", ["by name", "a choice", "by name for good", "by alias for good"])
def test_a_box_that_nobody_touched_is_drawn_as_its_form_would_be(sign_in, member, other, voice):
    topic = make.topic()
    if voice != "by name":
        for _ in range(2):
            make.user(role="lead")
        topic.board.allow_anonymous(by=make.user(role="owner"), reason="Members asked for it.")
    pages = []
    for user in (other, member, member):
        client, url = sign_in(user), topic.get_absolute_url()
        if voice.endswith("for good"):
            chosen = "alias" if "alias" in voice else "name"
            client.post(f"{url}reply/", {"body": f"An answer {len(pages)}", "voice": chosen})
        pages.append(drawn(client.get(f"{url}?page=1").content.decode()))
    # With words that were left there, it is drawn from its form; without them again from what was drawn before.
    hidden = dict(re.findall(r'name="(draft|member)" value="([^"]+)', pages[1]))
    client.post(reverse("draft_save"), {**hidden, "body": "Almost"})
    left = drawn(client.get(url).content.decode())
    assert "Almost" in left
    assert re.sub("Almost|These are your words[^<]+", "", left) == pages[1] == pages[2]
    assert pages[0] != pages[1]
    assert ('type="radio"' in pages[1]) == (voice == "a choice")


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_closes_while_somebody_answers_gives_the_words_back(sign_in, author, other, monkeypatch):
    topic = make.topic(author=author)
    client = sign_in(other)
    url = reverse("reply_create", args=[topic.board.slug, topic.public_id])
    form = fields_of(client.get(url))

    def close_just_then(*args, **kwargs):
        Topic.objects.filter(pk=topic.pk).update(locked_at=timezone.now())
        return voice_to_reply(*args, **kwargs)

    monkeypatch.setattr("forums.views.replies.voice_to_reply", close_just_then)
    answer = client.post(url, form | {"body": "I’m still here."})
    assert answer.status_code == 403
    assert "I’m still here." in answer.content.decode()
    assert not Reply.objects.filter(topic=topic).exists()
