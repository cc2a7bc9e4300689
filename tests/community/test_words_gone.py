"""Words that were taken back, hidden or edited are gone: from every quote, form, list, letter and kept copy."""

import json

import pytest
from django.db import connection

from community.contributions.models import Draft, Note, Quote, Reference
from community.notifications import tasks
from community.notifications.models import Outgoing
from forums.models import Mode
from tests import make

pytestmark = pytest.mark.django_db

# No other word looks like it, so that it is found in a search column, too.
CANARY = "zaunkoenig"
EXCERPT = f"A {CANARY} sat there"
BODY = f"{EXCERPT}, all afternoon."

HAPPENS = pytest.mark.parametrize("happens", ["taken back", "hidden", "edited"])
KINDS = pytest.mark.parametrize("kind", ["topic", "reply"])


def go(words, happens, moderator):
    match happens:
        case "taken back":
            words.withdraw()
        case "hidden":
            words.hide(by=moderator, reason="It names somebody.")
        case "edited":
            words.edit("It rained.", **({"title": "Weather"} if words._meta.model_name == "topic" else {}))


def words_of(kind, author):
    """Words with the canary in them, and the conversation they stand in."""
    board = make.board(audience="everyone")
    if kind == "topic":
        topic = make.topic(board, author, title=f"One {CANARY}", body=BODY, notes=[], note_words=f"a {CANARY}")
        return topic, topic
    topic = make.topic(board, make.user())
    return make.reply(topic, author, body=BODY, note_words=f"a {CANARY}"), topic


def tables_with(word: str) -> set[str]:
    """The tables in whose rows the word stands, wherever."""
    found = set()
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{name}" AS t WHERE t::text ILIKE %s)', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.add(name)
    return found


def form_with_quote(client, topic, words):
    return client.get(f"{topic.get_absolute_url()}reply/?quote={words.public_id}&excerpt={EXCERPT}")


# On every page --------------------------------------------------------------------------------------------------------


@HAPPENS
@KINDS
def test_they_are_gone_for_everybody(client, sign_in, author, member, other, moderator, kind, happens):
    words, topic = words_of(kind, author)
    by_excerpt = topic.reply(member, "As you say.", quoting=[Quote(words, EXCERPT)])
    by_beginning = topic.reply(other, "Indeed.", quoting=[Quote(words, "")])
    readers = [client, sign_in(member), sign_in(other), sign_in(moderator)]
    pages = ["/", "/forums/", "/wrote/", "/inbox/", "/forums/waiting/", topic.board.get_absolute_url(), topic.get_absolute_url()]
    assert CANARY in client.get(topic.get_absolute_url()).content.decode()
    go(words, happens, moderator)
    if happens == "edited":
        words.edit("It rained.", notes=[])
    for reader in readers:
        for page in pages:
            assert CANARY not in reader.get(page).content.decode(), page
        for shown in (by_excerpt, by_beginning, words):
            assert CANARY not in reader.get(shown.get_absolute_url(), follow=True).content.decode()


@HAPPENS
@KINDS
def test_a_guests_kept_copy_is_renewed(client, author, member, moderator, kind, happens):
    words, topic = words_of(kind, author)
    topic.reply(member, "As you say.", quoting=[Quote(words, EXCERPT)])
    pages = [topic.get_absolute_url(), *(["/", topic.board.get_absolute_url()] if kind == "topic" else [])]
    kept = {page: client.get(page)["ETag"] for page in pages}
    go(words, happens, moderator)
    for page, tag in kept.items():
        answer = client.get(page, headers={"if-none-match": tag})
        assert answer.status_code != 304
        assert EXCERPT not in answer.content.decode()


def test_a_quote_of_a_quote_holds_nothing_of_the_first(author, member, other):
    words, topic = words_of("reply", author)
    first = topic.reply(member, "As you say.", quoting=[Quote(words, EXCERPT)])
    second = topic.reply(other, "Indeed.", quoting=[Quote(first, "")])
    assert "As you say." in second.body_html
    assert CANARY not in second.body_html


# In forms -------------------------------------------------------------------------------------------------------------


@HAPPENS
@KINDS
def test_no_form_brings_them_back(sign_in, author, member, moderator, kind, happens):
    words, topic = words_of(kind, author)
    words.edit(BODY, notes=[])
    client, address = sign_in(member), f"{topic.get_absolute_url()}reply/"
    page = form_with_quote(client, topic, words).content.decode()
    assert EXCERPT in page
    sent = {"body": "As you say.", "quote": str(words.public_id), "excerpt": EXCERPT}
    signs = form_with_quote(client, topic, words).context["form"].initial
    kept = {**sent, "member": signs["member"], "draft": signs["draft"]}
    assert client.post("/write/draft/", kept, headers={"hx-request": "true"}).status_code == 204
    go(words, happens, moderator)
    for answer in (
        form_with_quote(client, topic, words),
        client.get(address),
        client.get(topic.get_absolute_url()),
        client.post(address, {**sent, "body": ""}),
        client.post(address, {**sent, "preview": "yes"}),
        client.post(address, sent, follow=True),
    ):
        assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("happens", ["taken back", "hidden", "edited"])
def test_a_kept_draft_forgets_the_words_of_others(sign_in, author, member, moderator, happens):
    words, topic = words_of("reply", author)
    client = sign_in(member)
    signs = form_with_quote(client, topic, words).context["form"].initial
    kept = {"body": "As you say.", "quote": str(words.public_id), "excerpt": EXCERPT}
    client.post("/write/draft/", {**kept, "member": signs["member"], "draft": signs["draft"]})
    go(words, happens, moderator)
    assert Draft.objects.get().fields == {"body": "As you say.", "quote": str(words.public_id)}


def test_words_of_others_are_not_given_back_as_ones_own(client, author):
    words, topic = words_of("reply", author)
    sent = {"body": "As you say.", "quote": str(words.public_id), "excerpt": EXCERPT, "member": "x"}
    page = client.post(f"{topic.get_absolute_url()}reply/", sent, headers={"sec-fetch-site": "same-origin"}).content.decode()
    assert "As you say.</textarea>" in page
    assert f"{EXCERPT}</textarea>" not in page


# In the database and on its way ---------------------------------------------------------------------------------------


@KINDS
def test_what_was_taken_back_is_left_in_the_moderators_history_alone(sign_in, author, member, other, kind):
    words, topic = words_of(kind, author)
    quoting = topic.reply(member, f"As you say, @{other.username}.", quoting=[Quote(words, EXCERPT)])
    topic.reply(other, "Indeed.", quoting=[Quote(words, ""), Quote(quoting, "")])
    client = sign_in(other)
    signs = form_with_quote(client, topic, words).context["form"].initial
    kept = {"body": "So.", "quote": str(words.public_id), "excerpt": EXCERPT}
    client.post("/write/draft/", {**kept, "member": signs["member"], "draft": signs["draft"]})
    assert len(tables_with(CANARY)) > 2
    words.withdraw()
    assert tables_with(CANARY) == {"contributions_revision"}
    assert set(Reference.objects.to(words).values_list("excerpt", flat=True)) == {""}


@HAPPENS
@KINDS
def test_no_letter_has_held_them(author, member, moderator, kind, happens):
    words, topic = words_of(kind, author)
    topic.reply(member, f"As you say, @{author.username}.", quoting=[Quote(words, EXCERPT)])
    go(words, happens, moderator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%mail_notification'")
        jobs = [args if isinstance(args, dict) else json.loads(args) for (args,) in cursor.fetchall()]
    assert jobs
    for job in jobs:
        tasks.mail_notification(**job)
    assert not Outgoing.objects.filter(body__contains=CANARY).exists()
    assert not Outgoing.objects.filter(subject__contains=CANARY).exists()
    assert tables_with(CANARY).isdisjoint({"procrastinate_jobs", "notifications_outgoing", "notifications_notification"})


def test_noted_words_are_no_more_in_letters_or_lists_than_others(client, author, member):
    topic = make.topic(make.board(audience="everyone"), author, mode=Mode.LISTENING, body=BODY, notes=[Note.objects.first()])
    topic.reply(member, BODY, note_words="small birds")
    assert tables_with(CANARY) == {"forums_topic", "forums_reply"}
    for page in ("/", topic.board.get_absolute_url()):
        assert CANARY not in client.get(page).content.decode()
