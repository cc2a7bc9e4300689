"""Many words at once: one reason and one statement for each, exactly those that were agreed to, all or none."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.many import PORTION
from community.decisions.models import Act, Decision, ReasonTemplate
from community.identity.seal import speak_as
from community.moderation.models import Claim
from community.notifications.models import Notification
from forums.models import Reply
from tests import make

WHY = "It sells something, again and again."
KINDS = {
    "forums/topic": lambda author: make.topic(author=author),
    "forums/reply": lambda author: make.reply(author=author),
    "resources/resource": lambda author: make.resource(author),
    "resources/review": lambda author: make.review(author=author),
    "resources/collection": lambda author: make.collection(author),
}


def choose(client, kind, words, act="hide", **data):
    """Choose `words` in the list and answer what is asked then."""
    chosen = {"action": f"{act}_many", "_selected_action": [each.pk for each in words]}
    kind = f"{kind}/?shelf=all" if kind == "resources/resource" else f"{kind}/"
    page = client.post(f"/admin/{kind}", chosen)
    if page.status_code != 200 or "upto" not in page.context:
        return page
    context = page.context
    answer = {"answer": act, "upto": context["upto"], "seen": context["found"].ready, "reason": WHY} | data
    return client.post(f"/admin/{kind}", chosen | answer)


@pytest.mark.parametrize("kind", KINDS)
def test_many_are_hidden_and_shown_again_with_one_reason(sign_in, owner, author, other, kind):
    words = [KINDS[kind](author), KINDS[kind](other), KINDS[kind](other)]
    client = sign_in(owner)
    assert choose(client, kind, words, rule="").status_code == 302
    for each in words:
        each.refresh_from_db()
        made = Decision.objects.about(each).get()
        assert each.is_hidden and (made.act, made.voice, made.by, made.reason) == (Act.HIDE, each.author, owner, WHY)
        assert made.kept == each.as_kept()
        assert Entry.objects.filter(action=each.action("hidden"), target_id=str(each.pk), words__reason=WHY).count() == 1
    # Nobody hears of it more than once.
    assert Notification.objects.filter(kind="decisions.decision_made").count() == 2
    statement = sign_in(other).get(Decision.objects.about(words[1]).get().get_absolute_url())
    assert "1 other thing you wrote" in statement.text
    assert choose(client, kind, words, "restore", reason="It was a mistake of ours.").status_code == 302
    for each in words:
        each.refresh_from_db()
        assert not each.is_hidden and Decision.objects.about(each).get().is_reversed
        assert Entry.objects.filter(action=each.action("restored"), target_id=str(each.pk)).count() == 1
    assert Notification.objects.filter(kind="contributions.restored", recipient=author).count() == 1


def test_an_alias_is_told_as_an_alias(author, moderator):
    topic = make.topic()
    author.is_here = True
    reply = topic.reply(speak_as(author, topic.public_id), "Buy my lamps.")
    assert Reply.objects.filter(pk=reply.pk).hide_all(by=moderator, reason=WHY) == 1
    assert Decision.objects.about(reply).get().member is None
    assert not Notification.objects.filter(kind="decisions.decision_made", recipient=author).exists()


def test_what_somebody_hid_meanwhile_is_counted_once(sign_in, moderator, author):
    first, second = make.reply(author=author), make.reply(author=author)
    client = sign_in(moderator)
    chosen = {"action": "hide_many", "_selected_action": [first.pk, second.pk]}
    page = client.post("/admin/forums/reply/", chosen)
    first.hide(by=moderator, reason=WHY)
    answer = chosen | {"answer": "hide", "reason": WHY, "upto": page.context["upto"], "seen": 2}
    done = client.post("/admin/forums/reply/", answer, follow=True)
    assert "Hidden: 1." in done.text and "so already" in done.text
    assert Decision.objects.about(first).count() == Decision.objects.about(second).count() == 1
    # Sent once more, nothing is left to do.
    assert "There is nothing to do." in client.post("/admin/forums/reply/", answer, follow=True).text
    assert Decision.objects.count() == 2


def test_ones_own_words_and_what_somebody_works_on_are_left(sign_in, moderator, owner, author):
    moderator.is_here = True
    topic = make.topic(author=author)
    own, alias = make.reply(author=moderator), topic.reply(speak_as(moderator, topic.public_id), "Me, too.")
    held, free = make.reply(author=author), make.reply(author=author)
    Claim.take(held, by=owner)
    client = sign_in(moderator)
    done = choose(client, "forums/reply", [own, alias, held, free])
    assert done.status_code == 302
    said = client.get("/admin/forums/reply/").text
    assert (
        "your own words or an owner’s, and somebody else decides: 2" in said and "somebody else works on them just now: 1" in said
    )
    assert [each.pk for each in Reply.objects.exclude(hidden_at=None)] == [free.pk]
    assert (
        "There is nothing to do."
        in client.post("/admin/forums/reply/", {"action": "hide_many", "_selected_action": [own.pk]}, follow=True).text
    )
    for verb in ("hide", "remove", "add_note"):
        assert client.post(f"/admin/forums/reply/{own.pk}/do/{verb}/", {"reason": WHY, "note_words": "x"}).status_code == 403


@pytest.mark.parametrize(
    "data",
    [
        {"reason": ""},
        {"reason": "short"},
        {"reason": "x" * 301},
        {"reason": "\0" * 20},
        {"template": "999999"},
        {"rule": "Be rich"},
    ],
)
def test_a_missing_or_a_forged_reason_does_nothing(sign_in, moderator, author, data):
    reply = make.reply(author=author)
    page = choose(sign_in(moderator), "forums/reply", [reply], **data)
    assert page.status_code == 200 and page.context["form"].errors
    retired = ReasonTemplate.objects.filter(act="hide").first()
    retired.retire(by=moderator, reason="We put it otherwise now.")
    assert choose(sign_in(moderator), "forums/reply", [reply], template=retired.pk).status_code == 200
    assert not Reply.objects.get(pk=reply.pk).is_hidden and not Decision.objects.exists()


@pytest.mark.parametrize("keys", [["x"], ["1", "9" * 40], ["\0"], ["-1"], ["1;2"]])
def test_a_forged_selection_does_nothing(sign_in, moderator, author, keys):
    make.reply(author=author)
    chosen = {"action": "hide_many", "_selected_action": keys, "answer": "hide", "reason": WHY, "upto": "x", "seen": "99"}
    assert sign_in(moderator).post("/admin/forums/reply/", chosen).status_code == 302
    assert not Decision.objects.exists()


def test_what_came_in_meanwhile_is_not_taken_along(sign_in, moderator, author):
    topic = make.topic(author=author)
    first = make.reply(topic, author)
    client = sign_in(moderator)
    chosen = {"action": "hide_many", "select_across": "1", "_selected_action": [first.pk]}
    page = client.post("/admin/forums/reply/", chosen)
    later = make.reply(topic, author)
    answer = chosen | {"answer": "hide", "reason": WHY, "upto": page.context["upto"], "seen": page.context["found"].ready}
    assert client.post("/admin/forums/reply/", answer).status_code == 302
    assert Reply.objects.get(pk=first.pk).is_hidden and not Reply.objects.get(pk=later.pk).is_hidden
    assert client.post("/admin/forums/reply/", chosen | {"answer": "hide", "reason": WHY}).status_code == 200
    assert not Reply.objects.get(pk=later.pk).is_hidden


def test_what_was_removed_comes_back_one_by_one(sign_in, moderator, author):
    hidden, removed = make.reply(author=author), make.reply(author=author)
    hidden.hide(by=moderator, reason=WHY)
    removed.remove(by=moderator, reason=WHY)
    client = sign_in(moderator)
    assert choose(client, "forums/reply", [hidden, removed], "restore").status_code == 302
    assert "look at each of them by itself: 1" in client.get("/admin/forums/reply/").text
    removed.refresh_from_db()
    assert removed.is_removed and not Reply.objects.get(pk=hidden.pk).is_hidden


def test_what_lies_in_a_circle_of_others_is_out_of_reach(sign_in, moderator, author, member):
    for who in (member, author):
        assert choose(sign_in(who), "forums/reply", [make.reply(author=author)]).status_code == 404
    librarian, topic = make.user(role="librarian"), make.topic(author=author)
    assert choose(sign_in(librarian), "forums/reply", [make.reply(topic, author)]).status_code == 403
    # Librarians see conversations, to set their tags, and have nothing to choose there.
    assert "upto" not in choose(sign_in(librarian), "forums/topic", [topic]).context
    assert not Decision.objects.exists()


def test_ten_thousand_are_hidden_and_shown_again_exactly(author, moderator):
    """The statements grow with the portions and not with the rows, so what is in memory is one portion."""
    topic, many = make.topic(author=author), 10_000
    for start in range(1, many + 1, 1_000):
        rows = [
            Reply(topic=topic, author=author, position=start + each, body="Buy my lamps. " * 20, created_at=timezone.now())
            for each in range(1_000)
        ]
        Reply.objects.bulk_create(rows)
    chosen, decided = Reply.objects.filter(topic=topic), Decision.objects.filter(by=moderator)
    for act in ("hide_all", "restore_all"):
        with CaptureQueriesContext(connection) as said:
            assert getattr(chosen, act)(by=moderator, reason=WHY) == many
        assert len(said) < 20 * many / PORTION, len(said)
        assert chosen.filter(hidden_at=None).count() == (0 if act == "hide_all" else many)
        assert decided.filter(reversed_at=None).count() == many - chosen.filter(hidden_at=None).count()
    assert decided.count() == many and Entry.objects.filter(by=moderator).count() == 2 * many
    assert Notification.objects.filter(recipient=author, kind="decisions.decision_made").count() == 1


def test_all_or_none(author, moderator, monkeypatch):
    monkeypatch.setattr("community.contributions.many.PORTION", 2)
    topic = make.topic(author=author)
    replies = [make.reply(topic, author) for _ in range(5)]
    # The database takes four statements and no more.
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF (SELECT count(*) FROM decisions_decision) >= 4 THEN RAISE unique_violation; END IF; RETURN NEW; END $$"
        )
        cursor.execute("CREATE TRIGGER no_more BEFORE INSERT ON decisions_decision FOR EACH ROW EXECUTE FUNCTION no_more()")
    with pytest.raises(IntegrityError):
        Reply.objects.filter(topic=topic).hide_all(by=moderator, reason=WHY)
    assert not Decision.objects.exists() and not Entry.objects.filter(by=moderator).exists()
    assert not Reply.objects.filter(pk__in=[each.pk for each in replies]).exclude(hidden_at=None).exists()
