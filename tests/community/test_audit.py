"""The audit log can only grow, shows when somebody changed it, and can forget its words."""

import pgtrigger
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError

from community.audit import chain, tasks
from community.audit.models import Entry, EntryWords, Link, record

FORBIDDEN = [
    "UPDATE audit_entry SET action = 'x'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry CASCADE",
    "UPDATE audit_link SET hash = 'x'",
    "DELETE FROM audit_link",
    "TRUNCATE audit_link",
    "UPDATE audit_entrywords SET reason = 'x'",
    "TRUNCATE audit_entrywords",
]
FOR_THE_OWNER_TOO = [statement for statement in FORBIDDEN if not statement.startswith("TRUNCATE")]


@pytest.fixture
def three(moderator):
    """Three linked entries."""
    entries = [record("forums.topic_locked", by=moderator, reason=f"for the {n} time") for n in ("first", "second", "third")]
    chain.extend()
    return entries


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def behind_its_back(statement: str, *values) -> None:
    """What only somebody with the owner's rights can do, who also switches the trigger off."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# Only ever added -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_role_that_serves_pages_cannot_change_the_log(three, as_web_role, statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(statement)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_nor_can_it_with_the_triggers_switched_off(three, as_web_role, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), pgtrigger.ignore():
        run(statement)


@pytest.mark.parametrize("statement", FOR_THE_OWNER_TOO)
def test_the_owner_is_stopped_by_a_trigger(three, statement):
    with pytest.raises(DatabaseError, match=r"Cannot update( or delete)? rows"):
        run(statement)


def test_the_role_that_serves_pages_can_record_and_link(moderator, as_web_role):
    record("members.limits_changed", by=moderator, reason="spring cleaning")
    assert chain.extend() == 1
    assert chain.verify() is None


def test_words_can_be_forgotten_and_the_chain_still_holds(three, as_web_role):
    EntryWords.objects.filter(entry=three[1]).delete()
    assert Entry.objects.count() == 3
    assert chain.verify() is None


# What is written -----------------------------------------------------------------------------------------------------


def test_an_entry_says_who_what_and_to_what_and_keeps_the_words_apart(moderator, member):
    entry = record("members.renamed", by=moderator, target=member, reason="they asked for it")
    entry.refresh_from_db()
    assert (entry.action, entry.by, entry.target_id) == ("members.renamed", moderator, str(member.pk))
    assert entry.words.reason == "they asked for it"
    assert "they asked" not in entry.line()


def test_the_same_words_leave_different_digests(moderator):
    assert record("x.y", by=moderator, reason="same").digest != record("x.y", by=moderator, reason="same").digest


def test_the_house_itself_can_act(db):
    assert record("care.page_written", by=None).by is None


def test_what_is_rolled_back_was_never_recorded(moderator):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("x.y", by=moderator)
        1 / 0  # noqa: B018
    assert not Entry.objects.exists()


# The chain -----------------------------------------------------------------------------------------------------------


def test_a_whole_log_is_said_to_be_whole(three, capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == "The audit log is whole.\n"


def test_linking_twice_links_once(three):
    assert chain.extend() == 0
    assert Link.objects.count() == 3


def test_an_empty_log_is_whole(db):
    assert chain.verify() is None


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        (0, "UPDATE audit_entry SET action = 'forums.topic_unlocked' WHERE id = %s"),
        (1, "UPDATE audit_entry SET at = at + interval '1 second' WHERE id = %s"),
        (1, "UPDATE audit_entry SET by_id = NULL WHERE id = %s"),
        (2, "UPDATE audit_entry SET digest = repeat('0', 64) WHERE id = %s"),
        (2, "UPDATE audit_link SET hash = repeat('0', 64) WHERE entry_id = %s"),
        (0, "UPDATE audit_entrywords SET reason = 'another' WHERE entry_id = %s"),
    ],
)
def test_verifying_names_the_first_entry_that_was_changed(three, place, statement):
    behind_its_back(statement, three[place].pk)
    with pytest.raises(CommandError, match=rf"^Entry {three[place].pk}: "):
        call_command("verify_audit")


def test_an_entry_that_was_taken_out_is_missed(three):
    behind_its_back("DELETE FROM audit_entrywords WHERE entry_id = %s", three[1].pk)
    behind_its_back("DELETE FROM audit_link WHERE entry_id = %s", three[1].pk)
    behind_its_back("DELETE FROM audit_entry WHERE id = %s", three[1].pk)
    assert chain.verify().entry == three[2].pk


def test_an_entry_that_was_slipped_in_is_noticed(three, moderator):
    behind_its_back(
        "INSERT INTO audit_entry (id, action, at, by_id, target_id, digest) VALUES (%s, 'x.y', now(), %s, '', repeat('0', 64))",
        three[0].pk - 1_000_000,
        moderator.pk,
    )
    assert chain.verify().entry == three[0].pk - 1_000_000


@pytest.mark.parametrize("pk", ["-5", "nextval('audit_entry_id_seq')"])
def test_nor_is_one_taken_for_new_that_says_it_is_old(three, moderator, as_web_role, pk):
    run(
        "INSERT INTO audit_entry (id, action, at, by_id, target_id, digest) "
        f"VALUES ({pk}, 'x.y', now() - interval '2 days', {moderator.pk}, '', repeat('0', 64))"
    )
    forged = Entry.objects.get(action="x.y")
    with pytest.raises(CommandError, match=rf"^Entry {forged.pk}: the entry was written after others"):
        call_command("verify_audit")


# What the owners keep outside ------------------------------------------------------------------------------------------


def test_every_morning_the_owners_are_mailed_the_newest_link_and_nothing_of_what_was_done(three, owner, member, moderator):
    record("members.moderator_appointed", by=owner, target=member, reason="They asked for it.")
    tasks.mail_head(timestamp=0)
    (sent,) = mail.outbox
    head = Link.objects.latest("pk")
    assert sent.to == [owner.email]
    assert head.hash in sent.body
    assert "all of them fit" in sent.body
    for words in ("asked for it", member.username, "appointed", moderator.username):
        assert words not in sent.body


def test_a_mail_says_when_something_does_not_fit(three, owner):
    behind_its_back("UPDATE audit_entry SET action = 'nothing' WHERE id = %s", three[1].pk)
    tasks.mail_head(timestamp=0)
    assert f"entry {three[1].pk}." in mail.outbox[0].body


def test_where_nothing_was_done_nothing_is_mailed(owner):
    tasks.mail_head(timestamp=0)
    assert mail.outbox == []


def test_a_log_that_was_written_anew_fits_and_is_found_out_all_the_same(three, owner, capsys):
    tasks.mail_head(timestamp=0)
    mailed = Link.objects.latest("pk").hash
    assert mailed in mail.outbox[0].body
    call_command("verify_audit", head=mailed)
    behind_its_back("UPDATE audit_entry SET action = 'nothing' WHERE id = %s", three[1].pk)
    behind_its_back("DELETE FROM audit_link")
    call_command("verify_audit")
    with pytest.raises(CommandError, match="written anew"):
        call_command("verify_audit", head=mailed)
