"""Pausing: nobody posts while they are paused, everything else works, and behind an alias nobody learns who it is."""

import json
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Act, Decision
from community.identity.seal import CannotOpen, speak_as
from community.members import tasks
from community.members.backends import MemberBackend
from community.members.models import Standing, User
from community.members.models.standing import LONGEST, carry_out, places
from community.notifications.models import Notification
from forums.models import Reply
from tests import make
from tests.addresses import forms_in
from tests.copies import sure

pytestmark = pytest.mark.django_db
REASON = "Please take a break from this; it hurt somebody."


def until(days: int = 3):
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def board(db):
    for _ in range(2):
        make.user(role="lead")
    return make.board(anonymous_at=timezone.now())


def alias_words(member, board):
    """Something that this member says under an alias, in a conversation of its own."""
    conversation = uuid4()
    member.is_here = True
    return make.topic(board, speak_as(member, conversation), public_id=conversation)


def jobs() -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%carry_out_pause' ORDER BY id")
        return [json.loads(arguments) for (arguments,) in cursor.fetchall()]


def work() -> None:
    """What the worker does with all that lies before it; twice, since it may."""
    for arguments in jobs() * 2:
        tasks.carry_out_pause(**arguments)


# By name ----------------------------------------------------------------------------------------------------------------


def test_a_paused_member_posts_nowhere_and_is_told_until_when_and_what_still_works(sign_in, member, moderator):
    topic, own = make.topic(make.board()), make.topic(author=member)
    member.pause(by=moderator, reason=REASON, until=until())
    client, url = sign_in(member), topic.get_absolute_url()
    page = client.get(url).content.decode()
    assert "Your posting is paused until" in page and "say goodbye to a mentor" in page
    for target in (f"{url}reply/", f"{topic.board.get_absolute_url()}new/", f"{own.get_absolute_url()}edit/"):
        answer = client.post(target, {"body": "Still here.", "title": "A title", "mode": "advice"})
        assert answer.status_code == 403
        assert "Still here." in answer.content.decode(), "the words are given back"
    assert not Reply.objects.filter(author=member).exists()
    assert client.post(f"{own.get_absolute_url()}withdraw/").status_code == 302


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/forums/",
        "/inbox/",
        "/wrote/",
        "/settings/",
        "/settings/export/",
        "/saved/",
        "/decisions/",
        "/reports/",
        "/help/",
        "/mentorship/",
    ],
)
def test_a_paused_member_goes_on_reading(sign_in, member, moderator, url):
    member.pause(by=moderator, reason=REASON, until=until())
    assert sign_in(member).get(url, follow=True).status_code == 200


def test_a_paused_member_takes_a_copy_of_what_is_theirs_along_and_still_reports(sign_in, member, moderator):
    member.pause(by=moderator, reason=REASON, until=until())
    assert sure(sign_in(member)).post("/settings/export/")["Content-Type"] == "application/zip"
    assert sign_in(member).get(f"/report/reply/{make.reply().public_id}/").status_code == 200


def test_a_paused_member_says_goodbye_to_a_mentor_and_writes_no_message(sign_in, member, author, moderator):
    match = make.match(member, author)
    member.pause(by=moderator, reason=REASON, until=until())
    client, room = sign_in(member), match.get_absolute_url()
    assert client.post(f"{room}write/", {"body": "Hello?"}).status_code == 403
    page = client.get(f"{room}parting/").content.decode()
    form = next(form for form in forms_in(page) if "thanks" in form.fields)
    assert client.post(f"{room}parting/", form.sent() | {"thanks": "Thank you for the winter."}).status_code == 302
    match.refresh_from_db()
    assert match.is_over and match.newcomer_thanks == "Thank you for the winter."


def test_a_pause_ends_by_itself_before_its_time_and_when_it_is_reversed(sign_in, member, moderator, owner):
    topic = make.topic()
    url = f"{topic.get_absolute_url()}reply/"
    member.pause(by=moderator, reason=REASON, until=until(2))
    with time_machine.travel(until(3)):
        assert sign_in(member).get(url).status_code == 200
    member.let_write(by=moderator, reason="We talked, and it is fine.")
    assert sign_in(member).get(url).status_code == 200
    member.pause(by=moderator, reason=REASON, until=until(2))
    assert sign_in(member).get(url).status_code == 403
    Decision.objects.standing().get(member=member).reverse(by=owner, reason="It was somebody else.")
    assert sign_in(member).get(url).status_code == 200
    assert Notification.objects.filter(recipient=member, kind="members.pause_ended").exists()


def test_the_longest_of_several_counts(member, moderator):
    member.pause(by=moderator, reason=REASON, until=until(9))
    member.pause(by=moderator, reason=REASON, until=until(2))
    with time_machine.travel(until(5)):
        assert User.objects.get(pk=member.pk).paused_until is not None
    member.pause(by=moderator, reason=REASON, until=until(1000))
    assert User.objects.get(pk=member.pk).paused_until <= timezone.now() + LONGEST


def test_every_pause_is_a_statement_of_reasons_in_the_same_transaction(member, moderator):
    member.pause(by=moderator, reason=REASON, until=until(), rule="Be kind")
    decision = Decision.objects.get()
    assert (decision.act, decision.member, decision.rule, decision.reason) == (Act.PAUSE, member, "Be kind", REASON)
    assert Notification.objects.filter(recipient=member, kind="decisions.decision_made").exists()
    assert Entry.objects.filter(action="members.member_paused", by=moderator, target_id=str(member.pk)).count() == 1


def test_whoever_is_signed_in_comes_with_it_in_one_query(sign_in, member, moderator, django_assert_num_queries):
    member.pause(by=moderator, reason=REASON, until=until())
    member.look_first(by=moderator, reason=REASON, until=until())
    MemberBackend().get_user(member.pk)
    with django_assert_num_queries(1):
        user = MemberBackend().get_user(member.pk)
        assert user.paused_until and user.held_until


# Behind an alias ----------------------------------------------------------------------------------------------------------


def test_whoever_stands_behind_an_alias_is_paused_by_the_worker_under_every_name(sign_in, member, moderator, board):
    words, elsewhere = alias_words(member, board), make.topic()
    words.pause_writer(by=moderator, reason=REASON, until=until())
    client, url = sign_in(member), f"{elsewhere.get_absolute_url()}reply/"
    assert client.get(url).status_code == 200, "the worker has not been there yet"
    work()
    assert client.get(url).status_code == 403
    assert client.get(f"{words.get_absolute_url()}reply/").status_code == 403
    assert "Your posting is paused until" in client.get(words.get_absolute_url()).content.decode()
    assert Entry.objects.filter(action="members.seal_opened_for_pause", by=moderator).count() == 1
    with time_machine.travel(until(4)):
        tasks.forget_standings(0)
        assert not Standing.objects.exists()
        assert sign_in(member).get(url).status_code == 200


def test_reversed_it_ends_for_whoever_stands_behind_it(sign_in, member, moderator, owner, board):
    first, second = alias_words(member, board), alias_words(member, board)
    first.pause_writer(by=moderator, reason=REASON, until=until(3))
    second.pause_writer(by=moderator, reason=REASON, until=until(5))
    work()
    assert Standing.objects.count() == 2
    Decision.objects.get(persona=second.persona).reverse(by=owner, reason="It was somebody else.")
    work()
    assert Standing.objects.get().paused_until == Decision.objects.get(persona=first.persona).until
    first.let_writer_write(by=owner, reason="We talked, and it is fine.")
    work()
    assert sign_in(member).get(f"{make.topic().get_absolute_url()}reply/").status_code == 200


def test_a_pause_by_name_ends_without_the_one_behind_an_alias(member, moderator, board):
    words = alias_words(member, board)
    words.pause_writer(by=moderator, reason=REASON, until=until(5))
    work()
    member.pause(by=moderator, reason=REASON, until=until(9))
    member.let_write(by=moderator, reason="We talked, and it is fine.")
    again = User.objects.get(pk=member.pk)
    again.is_here = True
    assert again.paused_until == Decision.objects.get(persona=words.persona).until


def test_the_process_that_serves_pages_cannot_carry_it_out(member, moderator, board, settings):
    words = alias_words(member, board)
    words.pause_writer(by=moderator, reason=REASON, until=until())
    settings.IDENTITY_OPEN_KEY = ""
    with pytest.raises(CannotOpen):
        work()
    assert not Standing.objects.exists()
    assert not Entry.objects.filter(action="members.seal_opened_for_pause").exists()


def test_nothing_is_written_by_halves(member, moderator, board, monkeypatch):
    """The standing and the entry in the audit are there together or not at all."""
    words = alias_words(member, board)
    decision = words.pause_writer(by=moderator, reason=REASON, until=until()) or Decision.objects.get(persona=words.persona)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    with pytest.raises(Exception, match="no"):
        carry_out(decision.public_id)
    assert not Standing.objects.exists()


def test_no_row_and_no_job_joins_the_alias_with_its_person(member, other, moderator, board):
    """Several aliases of one member and one of another: what lies in the tables tells nothing of who belongs together."""
    mine, theirs = [alias_words(member, board) for _ in range(3)], alias_words(other, board)
    for number, words in enumerate([*mine, theirs]):
        words.pause_writer(by=moderator, reason=REASON, until=until(2 + number))
    work()
    tags = [bytes(row.tag) for row in Standing.objects.all()]
    assert len(set(tags)) == 4
    assert all(len(tag) == 32 for tag in tags)
    # Nothing but times and tags; a time leads to an alias, a tag to nobody without the key.
    assert {field.name for field in Standing._meta.fields} == {"id", "tag", "paused_until"}
    for arguments in jobs():
        assert set(arguments) == {"decision"}
    for entry in Entry.objects.filter(action__in=["members.alias_paused", "members.seal_opened_for_pause"]):
        assert entry.target_id not in {str(member.pk), str(other.pk)} or entry.target_type.model != "user"
    beginnings = Counter(tag[:2] for tag in tags)
    assert max(beginnings.values()) == 1


def test_a_place_is_used_for_one_pause_only(member, moderator, board):
    """Two copies of the tables, taken at different times, join no two aliases by one tag."""
    seen = set()
    for number in range(3):
        with time_machine.travel(until(20 * number)):
            alias_words(member, board).pause_writer(by=moderator, reason=REASON, until=until(3))
            work()
            seen |= {bytes(row.tag) for row in Standing.objects.all()}
            tasks.forget_standings(0)
    assert len(seen) == 3


def test_every_pause_that_is_possible_has_a_place(member):
    found = set(places(member))
    for days in range(LONGEST.days + 1):
        Standing.objects.all().delete()
        Standing.pause(member, until(days))
        assert bytes(Standing.objects.get().tag) in found, days


# Who may ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "moderator"])
def test_a_moderator_pauses_neither_themselves_nor_who_looks_after_the_place(sign_in, moderator, role):
    target = moderator if role == "moderator" else make.user(role="owner")
    answer = sign_in(moderator).post(reverse("admin:members_user_verb", args=[target.pk, "pause"]), {"days": "3", "reason": REASON})
    assert answer.status_code == 403
    assert not Decision.objects.exists()


def test_a_moderator_does_not_pause_their_own_alias(sign_in, moderator, board):
    words = alias_words(moderator, board)
    url = reverse("admin:forums_topic_verb", args=[words.pk, "pause_writer"])
    assert sign_in(moderator).post(url, {"days": "3", "reason": REASON}).status_code == 403


@pytest.mark.parametrize("role", ["librarian", "coordinator"])
def test_other_roles_pause_nobody(sign_in, member, role):
    somebody = sign_in(make.user(role=role))
    for name in ("members_user", "forums_topic", "resources_resource"):
        thing = {"members_user": member, "forums_topic": make.topic(author=member)}.get(name) or make.resource(member)
        verb = "pause" if name == "members_user" else "pause_writer"
        somebody.post(reverse(f"admin:{name}_verb", args=[thing.pk, verb]), {"days": "3", "reason": REASON})
    assert not Decision.objects.filter(act=Act.PAUSE).exists()


def test_a_moderator_pauses_from_words_and_from_the_page_of_a_member(sign_in, member, moderator, board):
    client = sign_in(moderator)
    for days, url in (
        ("3", reverse("admin:members_user_verb", args=[member.pk, "pause"])),
        ("7", reverse("admin:forums_topic_verb", args=[alias_words(member, board).pk, "pause_writer"])),
    ):
        assert client.post(url, {"days": days}).status_code == 200, "a reason is missing"
        assert client.post(url, {"days": "9999", "reason": REASON}).status_code == 200
        assert client.post(url, {"days": days, "reason": REASON}).status_code == 302
    assert Decision.objects.filter(act=Act.PAUSE).count() == 2
    page = client.get(reverse("admin:members_user_change", args=[member.pk])).content.decode()
    assert "End the pause" in page


def test_the_page_of_a_member_says_nothing_of_what_their_alias_did(sign_in, member, moderator, board):
    client, url = sign_in(moderator), reverse("admin:members_user_change", args=[member.pk])
    client.get(url)
    before = client.get(url).content.decode()
    words = alias_words(member, board)
    words.pause_writer(by=moderator, reason=REASON, until=until())
    words.hold_writer(by=moderator, reason=REASON, until=until())
    work()

    def without_tokens(page: str) -> str:
        return "\n".join(line for line in page.splitlines() if "csrf" not in line)

    assert without_tokens(client.get(url).content.decode()) == without_tokens(before)
