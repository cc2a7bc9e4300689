"""Finding out who speaks under an alias takes two people, a reason, and the worker; it leaves a trace, and it is forgotten."""

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.identity.models import Sealed
from community.identity.seal import CannotOpen, speak_as
from community.moderation import tasks, unmasking
from community.moderation.models import Unmasking
from community.notifications.models import Notification
from tests import make
from tests.anonymity.world import due_jobs

REASON = "They wrote that they are going to the bridge tonight."


@pytest.fixture
def leads(db):
    return [make.user(handle, role="lead") for handle in ("larkspur", "teasel", "sedge")]


@pytest.fixture
def alias(author):
    """The alias of `author` in a conversation that they began."""
    author.is_here = True
    topic = make.topic()
    return make.reply(topic, speak_as(author, topic.public_id)).persona


def asked(alias, leads, **fields):
    return Unmasking.ask(alias, by=leads[0], reason=REASON, **fields)


def approved(alias, leads, **fields):
    made = asked(alias, leads, **fields)
    made.approve(by=leads[1], reason="I read it, too, and agree.")
    return made


def found_out(alias, leads, **fields):
    made = approved(alias, leads, **fields)
    unmasking.carry_out(made.pk)
    made.refresh_from_db()
    return made


def page(sign_in, who, made):
    return sign_in(who).get(reverse("admin:moderation_unmasking_change", args=[made.pk]))


def do(sign_in, who, made, verb):
    return sign_in(who).post(reverse("admin:moderation_unmasking_verb", args=[made.pk, verb]), {"reason": "It has to be."})


# Two people -----------------------------------------------------------------------------------------------------------


def test_a_lead_asks_another_agrees_and_both_read_who_it_is(sign_in, leads, alias, author):
    words = make.reply(make.topic(), alias)
    client = sign_in(leads[0])
    said = {"alias": f"https://example.org/forums/a-board/{words.public_id}/", "reason": REASON}
    answer = client.post(reverse("admin:moderation_unmasking_add"), said)
    assert answer.status_code == 302
    made = Unmasking.objects.get()
    assert (made.persona, made.asked_by, made.reason) == (alias, leads[0], REASON)
    assert do(sign_in, leads[1], made, "approve").status_code == 302
    assert author.username not in page(sign_in, leads[0], made).text
    assert ("open_unmasking", {"unmasking": made.pk}) in due_jobs()
    tasks.open_unmasking(unmasking=made.pk)
    for lead in leads[:2]:
        assert author.username in page(sign_in, lead, made).text
    third = page(sign_in, leads[2], made)
    assert author.username not in third.text
    assert "Only the two who agreed" in third.text


def test_one_alone_finds_out_nothing(sign_in, leads, alias):
    made = asked(alias, leads)
    refused = do(sign_in, leads[0], made, "approve")
    assert refused.status_code == 403
    assert "Somebody else in charge of safety has to agree" in refused.text
    made.approve(by=leads[0], reason="I agree with myself.")
    unmasking.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.approved_at, made.answer) == (None, None)


def test_the_database_itself_refuses_one_who_agrees_with_themselves(leads, alias):
    made = asked(alias, leads)
    with pytest.raises(IntegrityError, match="two_people_unmask"), transaction.atomic():
        Unmasking.objects.filter(pk=made.pk).update(approved_by=leads[0], approved_at=timezone.now())


def test_the_database_itself_refuses_to_open_what_nobody_agreed_to(leads, alias):
    made = asked(alias, leads)
    with pytest.raises(IntegrityError, match="nothing_is_opened_unapproved"), transaction.atomic():
        Unmasking.objects.filter(pk=made.pk).update(opened_at=timezone.now())


@pytest.mark.parametrize("who", ["moderator", "owner"])
def test_to_others_of_the_staff_there_is_no_such_thing(sign_in, request, who, leads, alias):
    made, client = found_out(alias, leads), sign_in(request.getfixturevalue(who))
    assert client.get(reverse("admin:moderation_unmasking_changelist")).status_code == 403
    assert client.get(reverse("admin:moderation_unmasking_add")).status_code == 403
    assert client.get(reverse("admin:moderation_unmasking_change", args=[made.pk])).status_code in {302, 403, 404}
    assert client.post(reverse("admin:moderation_unmasking_add"), {"alias": alias.public_id, "reason": REASON}).status_code == 403
    assert do(sign_in, request.getfixturevalue(who), made, "approve").status_code in {403, 404}


def test_a_lead_who_is_none_any_more_reads_nothing(sign_in, leads, alias, owner, author):
    made = found_out(alias, leads)
    leads[0].dismiss("lead", by=owner, reason="Their time is over.")
    assert author.username not in page(sign_in, leads[0], made).text


@pytest.mark.parametrize(
    "fields",
    [{"reason": ""}, {"reason": "short"}, {"reason": "\0" * 20}, {"alias": ""}, {"alias": "nobody at all"}, {"alias": "sorrel"}],
)
def test_without_a_reason_or_an_alias_nothing_is_asked(sign_in, leads, alias, fields):
    answer = sign_in(leads[0]).post(
        reverse("admin:moderation_unmasking_add"), {"alias": alias.public_id, "reason": REASON} | fields
    )
    assert answer.status_code == 200
    assert not Unmasking.objects.exists()


def test_while_one_waits_another_is_not_asked(sign_in, leads, alias):
    made = asked(alias, leads)
    assert Unmasking.ask(alias, by=leads[1], reason="Me, too.") is None
    answer = sign_in(leads[1]).post(reverse("admin:moderation_unmasking_add"), {"alias": alias.public_id, "reason": REASON})
    assert "Somebody asked this already" in answer.text
    assert Unmasking.objects.get() == made


def test_what_was_refused_is_found_out_by_nobody_and_can_be_asked_anew(sign_in, leads, alias):
    made = asked(alias, leads)
    do(sign_in, leads[1], made, "refuse")
    do(sign_in, leads[2], made, "approve")
    unmasking.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.approved_at, made.answer) == (None, None)
    assert asked(alias, leads) is not None


def test_what_nobody_answers_in_a_week_is_over_and_can_be_asked_anew(leads, alias):
    made = asked(alias, leads)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        made.approve(by=leads[1], reason="I was away.")
        made.refresh_from_db()
        assert made.approved_at is None
        assert asked(alias, leads) is not None


def test_nobody_decides_about_an_alias_of_their_own(sign_in, leads):
    leads[1].is_here = True
    topic = make.topic()
    own = make.reply(topic, speak_as(leads[1], topic.public_id)).persona
    made = asked(own, leads)
    client = sign_in(leads[1])
    assert own.alias not in client.get(reverse("admin:moderation_unmasking_changelist")).text
    assert do(sign_in, leads[1], made, "approve").status_code == 404
    answer = client.post(reverse("admin:moderation_unmasking_add"), {"alias": own.public_id, "reason": REASON})
    assert "This is you." in answer.text


# What is written down, and who is told --------------------------------------------------------------------------------


def test_each_step_is_an_entry_and_the_finding_out_is_exactly_one(sign_in, leads, alias):
    made = found_out(alias, leads)
    unmasking.carry_out(made.pk)
    unmasking.carry_out_waiting()
    page(sign_in, leads[0], made)
    page(sign_in, leads[2], made)
    entries = Entry.objects.filter(action__startswith="moderation.unmasking_").order_by("pk")
    steps = [(entry.action.rpartition("_")[2], entry.by) for entry in entries]
    assert steps == [("asked", leads[0]), ("approved", leads[1]), ("opened", leads[1]), ("read", leads[0])]
    opened = Entry.objects.get(action="moderation.unmasking_opened")
    assert (opened.target_id, opened.words.reason) == (str(made.pk), REASON)


def test_the_member_is_told_through_the_alias_with_the_reason(sign_in, leads, alias, author, other):
    made = found_out(alias, leads)
    news = Notification.objects.get(kind="moderation.unmasking_opened")
    assert (news.persona, news.recipient, news.note) == (alias, None, REASON)
    client = sign_in(author)
    inbox = client.get("/inbox/").text
    assert f"found out who <bdi>{alias.told_name}</bdi> is" in inbox
    told = client.get(reverse("inbox_item", args=[news.public_id]), follow=True)
    assert told.redirect_chain[-1][0] == made.get_absolute_url()
    assert REASON in told.text
    assert told["Cache-Control"] == "no-store, private"
    assert sign_in(other).get(made.get_absolute_url()).status_code == 404
    assert not [lead for lead in leads[:2] if lead.username in told.text]


def test_where_telling_is_dangerous_the_reason_is_kept_and_nothing_is_told(sign_in, leads, alias, author):
    made = found_out(alias, leads, untold_because="The police asked us to wait.")
    assert not Notification.objects.filter(kind="moderation.unmasking_opened").exists()
    assert sign_in(author).get(made.get_absolute_url()).status_code == 404
    assert "The police asked us to wait." in page(sign_in, leads[2], made).text


# The worker, and what lies in the tables ------------------------------------------------------------------------------


def test_no_process_but_the_worker_can_do_it(leads, alias, settings):
    made = approved(alias, leads)
    settings.IDENTITY_OPEN_KEY = ""
    with pytest.raises(CannotOpen):
        unmasking.carry_out(made.pk)
    made.refresh_from_db()
    assert made.answer is None
    assert not Entry.objects.filter(action="moderation.unmasking_opened").exists()


def test_the_tables_name_nobody(leads, alias, author):
    made = found_out(alias, leads)
    assert author.username.encode() not in bytes(made.answer)
    assert str(author.pk).encode() not in bytes(made.answer)[24:]
    assert author.pk not in {made.asked_by_id, made.approved_by_id}


def test_an_answer_put_into_another_row_opens_no_more(leads, alias, author):
    made = found_out(alias, leads)
    topic = make.topic()
    other_alias = make.reply(topic, speak_as(author, topic.public_id)).persona
    second = found_out(other_alias, leads)
    Unmasking.objects.filter(pk=second.pk).update(answer=made.answer)
    second.refresh_from_db()
    assert unmasking.answer(second, to=leads[0]) is None
    assert unmasking.answer(made, to=leads[0]) == author


def test_with_another_secret_key_the_answer_is_lost_and_no_page_breaks(sign_in, leads, alias, author, settings):
    made = found_out(alias, leads)
    settings.SECRET_KEY = "another one " * 5
    answer = page(sign_in, leads[0], made)
    assert answer.status_code == 200
    assert author.username not in answer.text


def test_where_the_account_is_gone_nobody_is_found(sign_in, leads, alias):
    Sealed.objects.all().delete()
    made = found_out(alias, leads)
    assert "Nobody is behind this alias any more." in page(sign_in, leads[0], made).text


def test_after_a_week_the_answer_is_forgotten(sign_in, leads, alias, author):
    made = found_out(alias, leads)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert unmasking.answer(made, to=leads[0]) is None
        tasks.forget_unmaskings(timestamp=0)
        made.refresh_from_db()
        assert made.answer is None
        assert author.username not in page(sign_in, leads[0], made).text


def test_what_a_killed_worker_left_behind_is_done_later(leads, alias):
    made = approved(alias, leads)
    tasks.forget_unmaskings(timestamp=0)
    made.refresh_from_db()
    assert made.is_opened


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_find_out_once():
    author, leads = make.user("sorrel"), [make.user(role="lead") for _ in range(2)]
    topic = make.topic()
    made = approved(make.reply(topic, speak_as(author, topic.public_id)).persona, leads)

    def over_own_connection(_):
        try:
            unmasking.carry_out(made.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as lanes:
        list(lanes.map(over_own_connection, range(10)))
    assert Entry.objects.filter(action="moderation.unmasking_opened").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_the_opening_and_its_entry_leaves_neither():
    """The database makes the entry wait, and meanwhile the process ends as in a power cut."""
    author, leads = make.user("sorrel"), [make.user(role="lead") for _ in range(2)]
    topic = make.topic()
    made = approved(make.reply(topic, speak_as(author, topic.public_id)).persona, leads)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;"
            "CREATE TRIGGER slowly BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION slowly()"
        )
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        with contextlib.suppress(BaseException):
            unmasking.carry_out(made.pk)
        os._exit(0)
    _wait_until_it_sleeps()
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    _end_sleepers()
    made.refresh_from_db()
    assert (made.opened_at, made.answer) == (None, None)
    assert not Entry.objects.filter(action="moderation.unmasking_opened").exists()
    assert not Notification.objects.filter(kind="moderation.unmasking_opened").exists()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER slowly ON audit_entry")
    unmasking.carry_out(made.pk)
    made.refresh_from_db()
    assert unmasking.answer(made, to=leads[0]) == author
    assert Entry.objects.filter(action="moderation.unmasking_opened").count() == 1


_SLEEPERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event = 'PgSleep'"


def _wait_until_it_sleeps() -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {_SLEEPERS}")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("the worker did not come to the entry")


def _end_sleepers() -> None:
    """What the server does by itself once it notices that nobody is there any more."""
    with contextlib.suppress(psycopg.Error), connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid, 5000) {_SLEEPERS}")
