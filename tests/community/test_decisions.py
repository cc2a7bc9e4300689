"""What volunteers decide: each act leaves a statement of reasons, takes what it says and no more, and can be undone exactly."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Contribution, Draft, Quote, Revision
from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.notifications.models import Notification
from tests import make

WHY = "It names the clinic on the hill."


def statement(target) -> Decision:
    return Decision.objects.about(target).latest("pk")


def row(words) -> dict:
    """Everything that is kept of it but the number of its newest change and what is worked out from the rest."""
    left_out = {"version", "search"}
    fresh = type(words).objects.get(pk=words.pk)
    return {f.attname: getattr(fresh, f.attname) for f in words._meta.concrete_fields if f.name not in left_out}


MAKERS = {
    "topic": lambda author: make.topic(author=author, note_words="a fall"),
    "reply": lambda author: make.reply(author=author, note_words="a fall"),
    "resource": lambda author: make.resource(author),
    "review": lambda author: make.review(author=author),
    "collection": lambda author: make.collection(author),
    "message": lambda author: make.message(author=None),
}


@pytest.fixture(params=MAKERS)
def words(request, author) -> Contribution:
    return MAKERS[request.param](author)


ACTS = {
    Act.WORD: lambda words, **why: words.nudge(**why),
    Act.HIDE: lambda words, **why: words.hide(**why),
    Act.REMOVE: lambda words, **why: words.remove(**why),
    Act.REVISE: lambda words, **why: words.revise(**why),
    Act.REDACT: lambda words, **why: words.redact(passages=[words.body[:6]], **why),
    Act.FOLD: lambda words, **why: words.fold(**why),
    Act.NOTE: lambda words, **why: words.add_note(note_words="a hospital", **why),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_states_its_reasons_in_the_same_transaction(words, moderator, act):
    ACTS[act](words, by=moderator, reason=WHY, rule="Keep others’ names out")
    made = statement(words)
    assert (made.act, made.voice, made.by, made.reason) == (act, words.voice, moderator, WHY)
    assert made.rule == "Keep others’ names out"
    assert Entry.objects.filter(by=moderator, target_id=str(words.pk), words__reason=WHY).count() == 1
    assert Notification.objects.filter(kind="decisions.decision_made", recipient=words.author, target_id=made.pk).count() == 1


@pytest.mark.parametrize("act", ACTS)
def test_a_reversal_puts_everything_back_as_it_stood(words, moderator, owner, act):
    before = row(words)
    ACTS[act](words, by=moderator, reason=WHY)
    assert (row(words) == before) == (act == Act.WORD)
    statement(words).reverse(by=owner, reason="It was a misunderstanding.")
    assert row(words) == before
    assert statement(words).is_reversed
    words.refresh_from_db()
    assert words.is_visible_to(words.author) or words._meta.model_name == "message"


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_done_or_undone_twice(words, moderator, act):
    for _ in range(2):
        ACTS[act](words, by=moderator, reason=WHY)
    assert Decision.objects.about(words).count() == 1
    for _ in range(2):
        statement(words).reverse(by=moderator, reason="It was a misunderstanding.")
    assert Entry.objects.filter(words__reason="It was a misunderstanding.").count() == 1


def test_a_few_words_reach_whoever_wrote_it_and_change_nothing(sign_in, author, other, moderator):
    topic = make.topic()
    made = make.reply(topic, speak_as(author, topic.public_id))
    before, reader = row(made), sign_in(other)
    page = reader.get(topic.get_absolute_url()).text
    url = f"/admin/forums/reply/{made.pk}/do/nudge/"
    assert sign_in(moderator).post(url, {"reason": "They asked to be listened to."}).status_code == 302
    assert row(made) == before
    assert reader.get(topic.get_absolute_url()).text.count("listened") == page.count("listened")
    told = sign_in(author).get(statement(made).get_absolute_url()).text
    assert "A volunteer wrote you a few words about it" in told
    assert "They asked to be listened to." in told
    assert sign_in(other).get(statement(made).get_absolute_url()).status_code == 404


def test_removed_words_are_with_their_author_alone(sign_in, author, other, moderator):
    topic = make.topic(author=author, title="The clinic on the hill", body="Nurse Ash was there.")
    quoting = topic.reply(other, "I know.", quoting=[Quote(topic, "Nurse Ash")])
    topic.remove(by=moderator, reason=WHY)
    topic.refresh_from_db()
    assert (topic.title, topic.body, topic.body_html) == ("", "", "")
    assert topic.is_removed
    quoting.refresh_from_db()
    assert "Nurse Ash" not in quoting.body_html
    assert "Nurse Ash" not in sign_in(other).get("/wrote/").text
    page = sign_in(author).get(statement(topic).get_absolute_url()).text
    assert "Nurse Ash was there." in page and "The clinic on the hill" in page
    topic.restore(by=moderator, reason="It is not a real nurse.")
    quoting.refresh_from_db()
    assert "Nurse Ash" in quoting.body_html


def test_a_part_is_taken_out_with_a_mark_and_the_rest_stays(author, moderator):
    reply = make.reply(author=author, body="I met Ash.\n\nAsh lives at 3 Mill Lane.\n\nI slept well.")
    reply.redact(by=moderator, reason=WHY, passages=["Ash", "lives at 3 Mill Lane"])
    assert reply.body == "I met [taken out by a volunteer].\n\n[taken out by a volunteer].\n\nI slept well."
    assert Revision.objects.get(target_id=reply.pk).body.startswith("I met Ash.")
    assert statement(reply).kept["passages"] == ["Ash", "lives at 3 Mill Lane"]


def test_a_mark_and_what_follows_make_no_link(author, moderator):
    reply = make.reply(author=author, body="Ash(https://example.org/ash) and Ash[here]")
    reply.redact(by=moderator, reason=WHY, passages=["Ash"])
    assert "<a " not in reply.body_html.replace('href="https', "") or "taken out by a volunteer</a>" not in reply.body_html


def test_taking_out_twice_is_undone_in_any_order(author, moderator):
    body = "First Ash, then Birch, then Cedar."
    for order in ((0, 1), (1, 0)):
        reply = make.reply(author=author, body=body)
        reply.redact(by=moderator, reason=WHY, passages=["Ash"])
        reply.redact(by=moderator, reason=WHY, passages=["Birch"])
        made = list(Decision.objects.about(reply).order_by("pk"))
        made[order[0]].reverse(by=moderator, reason="It is a tree.")
        reply.refresh_from_db()
        assert [tree in reply.body for tree in ("Ash", "Birch", "Cedar")] == [order[0] == 0, order[0] == 1, True]
        made[order[1]].reverse(by=moderator, reason="It is a tree.")
        reply.refresh_from_db()
        assert reply.body == body


def test_what_its_author_wrote_since_then_stays(author, moderator):
    reply = make.reply(author=author, body="Ash was there.")
    reply.redact(by=moderator, reason=WHY, passages=["Ash"])
    reply.edit("Somebody was there.")
    statement(reply).reverse(by=moderator, reason="It is a tree.")
    reply.refresh_from_db()
    assert reply.body == "Somebody was there."


def test_two_decisions_hold_until_both_are_undone(author, member, moderator):
    reply = make.reply(author=author)
    said = reply.body
    reply.hide(by=moderator, reason=WHY)
    hidden = statement(reply)
    reply.remove(by=moderator, reason=WHY)
    removed = statement(reply)
    hidden.reverse(by=moderator, reason="Not for that.")
    reply.refresh_from_db()
    assert reply.is_removed
    removed.reverse(by=moderator, reason="Not for that either.")
    reply.refresh_from_db()
    assert not reply.is_hidden and reply.body == said


def test_what_was_taken_back_meanwhile_is_not_put_back(author, moderator):
    reply = make.reply(author=author)
    reply.remove(by=moderator, reason=WHY)
    reply.refresh_from_db()
    reply.withdraw()
    reply.restore(by=moderator, reason="A misunderstanding.")
    reply.refresh_from_db()
    assert reply.body == "" and reply.is_withdrawn


def test_no_draft_keeps_what_was_taken_out(author, other, moderator):
    reply = make.reply(author=author, body="Ash was there.")
    Draft.keep(other, "forums.reply:x", {"quote": str(reply.public_id), "excerpt": "Ash was", "body": "Hm."})
    reply.redact(by=moderator, reason=WHY, passages=["Ash"])
    assert "excerpt" not in Draft.of(other, "forums.reply:x")


def test_a_decision_reaches_an_alias_and_names_nobody(sign_in, author, moderator):
    topic = make.topic()
    author.is_here = True
    alias = speak_as(author, topic.public_id)
    reply = topic.reply(alias, "I will not say who I am.")
    reply.hide(by=moderator, reason=WHY)
    made = statement(reply)
    assert (made.member, made.persona) == (None, alias)
    client = sign_in(author)
    assert WHY in client.get("/decisions/").text
    page = client.get(made.get_absolute_url())
    assert WHY in page.text and page["Cache-Control"] == "no-store, private"


def test_nobody_reads_what_was_decided_about_others(sign_in, author, other, moderator, client):
    make.topic(author=author).hide(by=moderator, reason=WHY)
    made = Decision.objects.get()
    for who in (other, moderator):
        assert sign_in(who).get(made.get_absolute_url()).status_code == 404
        assert WHY not in sign_in(who).get("/decisions/").text
    assert client.get(made.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("act", [Act.HIDE, Act.REMOVE, Act.REVISE])
def test_whoever_has_words_in_it_learns_that_they_go_along_and_come_back(sign_in, author, other, member, moderator, act):
    topic = make.topic(author=author)
    make.reply(topic, author)
    said, again = make.reply(topic, other, "The *window* was open."), make.reply(topic, other)
    member.is_here = True
    alias = speak_as(member, topic.public_id)
    topic.reply(alias, "I know that window.")
    ACTS[act](topic, by=moderator, reason=WHY)
    within = Decision.objects.about(topic).filter(act=Act.WITHIN)
    assert {each.voice for each in within} == {other, alias}
    assert "The window was open." in sign_in(other).get(within.get(member=other).get_absolute_url()).text
    statement(topic).reverse(by=moderator, reason="It was a misunderstanding.")
    assert not within.standing().exists()
    assert Notification.objects.filter(kind="contributions.restored", recipient=other).exists()
    for words in (said, again):
        assert words.is_visible_to(other)


def test_somebody_whose_words_went_along_can_bring_the_whole_back(author, other, moderator):
    resource = make.resource(author)
    review = make.review(resource, other)
    resource.refuse(by=moderator, reason=WHY)
    Decision.objects.about(resource).get(act=Act.WITHIN).reverse(by=moderator, reason="It was a misunderstanding.")
    assert review.is_visible_to(other) and not Decision.objects.about(resource).standing().exists()


def test_news_says_that_it_stands_again_only_if_it_does(author, moderator):
    reply = make.reply(author=author)
    reply.fold(by=None, reason="Several asked.")
    reply.hide(by=moderator, reason=WHY)
    reply.unfold(by=moderator, reason="There was nothing to it.")
    assert not Notification.objects.filter(kind="contributions.restored").exists()


def test_what_the_house_counted_out_says_so(sign_in, author):
    reply = make.reply(author=author)
    reply.fold(by=None, reason="Several members asked to have it looked at.")
    page = sign_in(author).get(statement(reply).get_absolute_url()).text
    assert "Yes. The house counts how many ask" in page and "A volunteer folded" not in page
    reply.hide(by=make.user(role="moderator"), reason=WHY)
    assert "No machine had a part in it." in sign_in(author).get(statement(reply).get_absolute_url()).text


def test_a_statement_says_all_that_belongs_to_it(sign_in, author, moderator):
    reply = make.reply(author=author, body="Nurse Ash was there.")
    reply.hide(by=moderator, reason=WHY, rule="Keep others’ names out")
    page = sign_in(author).get(statement(reply).get_absolute_url()).text
    for said in (WHY, "Keep others’ names out", "Reply", "A volunteer hid it", "No machine had a part in it."):
        assert said in page
    for said in ("Nurse Ash was there.", "Ask for another look", 'href="/help/"'):
        assert said in page
    assert moderator.username not in page


# Conversations --------------------------------------------------------------------------------------------------------


def test_a_slow_conversation_asks_for_a_while_between_two_replies(sign_in, author, other, moderator):
    topic = make.topic(author=author)
    topic.reply(other, "And another thing.")
    until = timezone.now() + timedelta(days=1)
    topic.slow(by=moderator, reason="It goes very fast just now.", minutes=180, until=until)
    url = f"{topic.get_absolute_url()}reply/"
    refused = sign_in(other).get(url)
    assert refused.status_code == 403 and "goes slowly just now" in refused.text
    assert sign_in(author).get(url).status_code == 200
    assert statement(topic).until == until
    statement(topic).reverse(by=moderator, reason="It is calm again.")
    assert sign_in(other).get(url).status_code == 200


def test_a_moved_conversation_is_found_at_its_old_address(sign_in, author, other, moderator):
    topic = make.topic(author=author)
    reply, old = make.reply(topic), topic.get_absolute_url()
    left, board = topic.board, make.board()
    topic.move(by=moderator, reason="It is about sleep.", board=board)
    client = sign_in(other)
    assert client.get(old)["Location"] == topic.get_absolute_url()
    assert client.get(f"{old}r/{reply.public_id}/")["Location"].startswith(board.get_absolute_url())
    assert client.get(f"{old}reply/").status_code == 200
    statement(topic).reverse(by=moderator, reason="It was right there.")
    topic.refresh_from_db()
    assert topic.board == left
    assert client.get(topic.get_absolute_url()).status_code == 200


def test_moving_shows_nothing_to_anybody_new(author, moderator):
    circle, another = Group.objects.create(name="Night shift"), Group.objects.create(name="Day shift")
    closed = make.board(audience="group", audience_group=circle)
    topic = make.topic(closed, make.user(groups=[circle]))
    with pytest.raises(ValueError):
        topic.move(by=moderator, reason=WHY, board=make.board(audience="group", audience_group=another))
    topic.move(by=moderator, reason=WHY, board=make.board(audience="everyone"))
    assert (topic.audience, topic.audience_group) == ("group", circle)
    public = make.topic(make.board(audience="everyone"), author, audience="everyone")
    before = row(public)
    public.move(by=moderator, reason=WHY, board=make.board())
    assert public.audience == "members"
    statement(public).reverse(by=moderator, reason="It was right there.")
    assert row(public) == before


def test_a_pinned_conversation_stands_above_the_others(sign_in, author, moderator):
    board = make.board()
    pinned = make.topic(board, author, title="How this works")
    pinned.pin(by=moderator, reason="It answers what many ask.")
    page = sign_in(author).get(board.get_absolute_url()).text
    assert page.index("Good to know here") < page.index("How this works")
    assert not Decision.objects.exists()
    pinned.unpin(by=moderator, reason="It is old by now.")
    assert "Good to know here" not in sign_in(author).get(board.get_absolute_url()).text


def test_closing_goes_back_to_what_the_starter_wanted(author, moderator):
    topic = make.topic(author=author)
    topic.lock(by=author)
    before = row(topic)
    topic.lock(by=moderator, reason=WHY)
    statement(topic).reverse(by=moderator, reason="A misunderstanding.")
    assert row(topic) | {"locked_at": None} == before | {"locked_at": None}
    topic.refresh_from_db()
    assert topic.is_locked and not topic.lock_reason
