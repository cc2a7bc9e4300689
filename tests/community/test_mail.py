"""All outgoing mail: an outbox row in the transaction of its cause, then the worker."""

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

import pytest
import time_machine
from django.core.mail import EmailMessage, get_connection, send_mail
from django.core.mail.message import BadHeaderError
from django.db import connection, connections, transaction
from django.utils import timezone

from community.notifications import mail, tasks
from community.notifications.models import Outgoing

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def outbox(settings):
    """Mail goes where it goes outside the suite: Django's test runner puts a list there."""
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"


@pytest.fixture
def folder(settings, tmp_path):
    """Where the worker hands mail on to in these tests."""
    settings.MAIL_FOLDER = tmp_path / "mail"
    return settings.MAIL_FOLDER


def write(to="somebody@example.org", subject="Your code", body="123456") -> Outgoing:
    send_mail(subject, body, None, [to])
    return Outgoing.objects.latest("pk")


def jobs(task: str) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [f"community.notifications.tasks.{task}"]
        )
        return [json.loads(args) for (args,) in cursor.fetchall()]


def letters(folder) -> list:
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


# The outbox ---------------------------------------------------------------------------


def test_mail_is_a_row_and_a_job_for_each_recipient(folder):
    EmailMessage("Hello", "Words", None, ["one@example.org"], cc=["two@example.org"]).send()
    rows = list(Outgoing.objects.order_by("pk"))
    assert [row.to for row in rows] == ["one@example.org", "two@example.org"]
    assert jobs("send_mail") == [{"mail_id": row.pk} for row in rows]
    assert not folder.exists()


def test_mail_of_an_undone_change_never_leaves():
    with suppress(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert not Outgoing.objects.exists()
    assert jobs("send_mail") == []


def test_writing_a_mail_costs_two_statements(django_assert_num_queries):
    with django_assert_num_queries(2):
        send_mail("Hello", "Words", None, ["one@example.org"])


def test_web_role_can_write_and_send_mail(as_web_role, folder):
    mail.deliver(write().pk)
    tasks.sweep(0)
    assert len(letters(folder)) == 1


@pytest.mark.parametrize("address", ["a@example.org\nBcc: b@example.org", "a@example.org\r\nX: y", "a\x00@example.org"])
def test_address_with_a_line_break_writes_no_header(address):
    with pytest.raises(BadHeaderError), transaction.atomic():
        write(to=address)
    assert not Outgoing.objects.exists()


def test_subject_with_line_breaks_is_one_line(folder):
    tasks.send_mail(write(subject="Hello\r\nBcc: everybody@example.org\x00 \ud800 " + "x" * 500).pk)
    [letter] = letters(folder)
    assert letter["Subject"].startswith("Hello Bcc: everybody@example.org")
    assert letter["Bcc"] is None
    assert len(letter["Subject"]) <= 200


def test_body_may_hold_what_no_database_takes(folder):
    tasks.send_mail(write(body="a\x00b\ud800c").pk)
    assert letters(folder)[0].get_content().startswith("ab")


def test_name_beside_an_address_is_left_out(folder):
    tasks.send_mail(write(to="Real Name <somebody@example.org>").pk)
    assert letters(folder)[0]["To"] == "somebody@example.org"


def test_every_mail_says_where_help_is(folder, settings):
    settings.SITE_URL = "https://hearth.example"
    tasks.send_mail(write().pk)
    assert "Get help now: https://hearth.example/help/" in letters(folder)[0].get_content()


def test_headers_hold_nothing_but_what_they_must(folder, settings):
    settings.SITE_URL = "https://hearth.example"
    tasks.send_mail(write().pk)
    [letter] = letters(folder)
    assert set(letter.keys()) == {
        *("Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To"),
        *("Message-ID", "Date", "Auto-Submitted"),
    }
    assert letter["Message-ID"].endswith("@hearth.example>")
    assert letter["From"] == settings.DEFAULT_FROM_EMAIL


# The worker ---------------------------------------------------------------------------


def test_sent_mail_is_in_the_folder_and_its_row_is_empty(folder):
    row = write()
    message_id = row.message_id
    tasks.send_mail(row.pk)
    [letter] = letters(folder)
    assert (letter["To"], letter["Subject"], letter["Message-ID"]) == ("somebody@example.org", "Your code", message_id)
    assert letter.get_content().startswith("123456")
    row.refresh_from_db()
    assert (row.to, row.subject, row.body, row.sender) == ("", "", "", "")
    assert row.sent_at
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_task_that_runs_twice_sends_once(folder):
    row = write()
    for _ in range(2):
        tasks.send_mail(row.pk)
        for file in folder.iterdir():
            file.rename(file.with_suffix(".seen"))
    assert len(list(folder.iterdir())) == 1


def test_mail_whose_job_was_lost_is_found(folder):
    write()
    tasks.send_due(0)
    assert len(letters(folder)) == 1


def test_job_of_a_mail_that_is_gone_does_nothing(folder):
    tasks.send_mail(10**9)
    assert not folder.exists()


def test_mail_is_forgotten_after_a_week(folder):
    sent, waiting = write(), write()
    tasks.send_mail(sent.pk)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        tasks.sweep(0)
    assert list(Outgoing.objects.all()) == [waiting]


class Killed(BaseException):
    """The worker dies here."""


def dying(when, hand_on):
    """Handing on by a worker that dies at this step."""

    def die(message):
        if when == "after the server took it":
            hand_on(message)
        raise Killed

    return die


@pytest.mark.parametrize(("when", "copies"), [("before the server took it", 1), ("after the server took it", 2)])
def test_worker_killed_while_sending_loses_nothing_and_doubles_at_most_once(when, copies, monkeypatch, settings):
    with smtp_server(settings) as server:
        row = write()
        with monkeypatch.context() as patched:
            patched.setattr(mail, "_hand_on", dying(when, mail._hand_on))
            with pytest.raises(Killed):
                tasks.send_mail(row.pk)
        tasks.send_due(0)
        tasks.send_due(0)
    assert len(server.taken) == copies
    assert {message["Message-ID"] for message in server.taken} == {row.message_id}


# A mail server that is not well -----------------------------------------------------------


class Server(threading.Thread):
    """A mail server on loopback that answers as it is told: `answers` by command, None to say nothing at all."""

    def __init__(self):
        super().__init__(daemon=True)
        self.answers, self.taken = {}, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open, self.visits = [], 0

    def run(self):
        while True:
            try:
                visitor, _address = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            self.open.append(visitor)
            with suppress(OSError):
                self.talk(visitor)

    def talk(self, visitor):
        lines = visitor.makefile("rb")

        def say(command, usual):
            answer = self.answers.get(command, usual)
            if answer is None:
                raise OSError
            if answer == "hang up":
                visitor.shutdown(socket.SHUT_RDWR)
                raise OSError
            visitor.sendall(answer.encode() + b"\r\n")

        say("HELLO", "220 here")
        for line in lines:
            command = line[:4].upper().decode().strip()
            if command != "DATA":
                say(command, "221 bye" if command == "QUIT" else "250 ok")
                continue
            say("DATA", "354 go on")
            content = b"".join(iter(lambda: lines.readline().replace(b"\r\n", b"\n"), b".\n"))
            self.taken.append(message_from_bytes(content, policy=policy.default))
            say("TAKEN", "250 taken")

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for visitor in self.open:
            visitor.close()


@contextmanager
def smtp_server(settings, **answers):
    server = Server()
    server.answers |= answers
    settings.MAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.3
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    server.start()
    try:
        yield server
    finally:
        server.close()


SICK = {
    "hangs at once": {"HELLO": None},
    "hangs after the words": {"TAKEN": None},
    "hangs up at once": {"HELLO": "hang up"},
    "hangs up in the middle": {"DATA": "hang up"},
    "is too busy": {"MAIL": "451 later"},
    "is full": {"RCPT": "452 full"},
    "refuses the address": {"RCPT": "550 nobody here"},
    "refuses the words": {"TAKEN": "554 no"},
}


@pytest.mark.parametrize("answers", SICK.values(), ids=SICK.keys())
def test_mail_waits_while_the_server_is_not_well_and_arrives_soon_after(answers, settings):
    with smtp_server(settings, **answers) as server:
        row = write()
        began = time.monotonic()
        tasks.send_mail(row.pk)
        assert time.monotonic() - began < 3
        row.refresh_from_db()
        assert row.sent_at is None
        assert row.attempts == 1
        assert row.problem
        assert "somebody" not in row.problem
        server.taken.clear()
        server.answers.clear()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            tasks.send_due(0)
        row.refresh_from_db()
        assert row.sent_at
        assert [message["Message-ID"] for message in server.taken] == [row.message_id]


def test_clumsy_goodbye_does_not_double_a_mail(settings):
    with smtp_server(settings, QUIT=None) as server:
        row = write()
        tasks.send_mail(row.pk)
        row.refresh_from_db()
        assert row.sent_at
        assert len(server.taken) == 1


def test_nobody_listening_is_no_error_for_whoever_writes(settings):
    with smtp_server(settings):
        pass
    row = write()
    tasks.send_mail(row.pk)
    row.refresh_from_db()
    assert row.problem == "ConnectionRefusedError"


def test_after_half_an_hour_without_a_server_mail_is_tried_at_least_every_five_minutes():
    row = write()
    row.postpone("Timeout", unreachable=True)
    start = row.created_at
    while row.next_try_at - start < timedelta(minutes=30):
        with time_machine.travel(row.next_try_at):
            before = row.next_try_at
            row.postpone("Timeout", unreachable=True)
            assert row.next_try_at - before <= timedelta(minutes=5)
    assert row.attempts < 30


def test_mail_is_tried_for_more_than_a_day_then_given_up_and_emptied():
    row = write()
    last = row.created_at
    while not row.given_up_at:
        last = row.next_try_at
        with time_machine.travel(last):
            row.postpone("Timeout", unreachable=True)
    assert last - row.created_at > timedelta(hours=24)
    assert row.attempts < 80
    row.refresh_from_db()
    assert (row.to, row.subject, row.body) == ("", "", "")
    assert row.state == "given up"
    tasks.send_due(0)


def test_only_one_mail_a_minute_asks_whether_the_server_is_back(settings):
    with smtp_server(settings, HELLO=None) as server:
        rows = [write(to=f"{n}@example.org") for n in range(5)]
        for row in rows:
            tasks.send_mail(row.pk)
        tasks.send_due(0)
        assert server.visits <= 2
        server.answers.clear()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            tasks.send_due(0)
        assert len(server.taken) == 5


def test_mail_that_cannot_be_put_into_an_envelope_does_not_hold_up_the_others(folder):
    Outgoing.put(to="no address", sender="hello@example.org", subject="x", body="x")
    Outgoing.objects.update(created_at=timezone.now() - timedelta(hours=1))
    Outgoing.put(to="somebody@example.org", sender="not an address at all <<", subject="x", body="x")
    good = write()
    tasks.send_due(0)
    good.refresh_from_db()
    assert good.sent_at


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hand_on_the_same_mail_at_once(settings):
    with smtp_server(settings) as server:
        row = write()

        def work():
            mail.deliver(row.pk)
            connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert len(server.taken) == 1


def test_folder_holds_each_mail_whole_and_once(folder):
    row = write(subject="Grüße", body="Ein Wort – und noch eins\n\n.\nEnde")
    message = mail._message(row)
    server = get_connection("community.notifications.mail.FolderBackend")
    server.send_messages([message])
    server.send_messages([message])
    [letter] = letters(folder)
    assert letter["Subject"] == "Grüße"
    assert "Ein Wort – und noch eins\n\n.\nEnde" in letter.get_content()
    assert [path.suffix for path in folder.iterdir()] == [".eml"]


def test_sign_in_mail_carries_its_own_time(folder):
    before = timezone.now().replace(microsecond=0)
    tasks.send_mail(write().pk)
    assert parsedate_to_datetime(letters(folder)[0]["Date"]) >= before


# Behind the scenes -----------------------------------------------------------------------


def test_owner_sees_whether_mail_gets_through_and_nothing_of_it(sign_in, owner):
    row = write(to="somebody@example.org", subject="Your code", body="123456")
    row.postpone("SMTPDataError 451", unreachable=False)
    client = sign_in(owner)
    for address in ("/admin/notifications/outgoing/", f"/admin/notifications/outgoing/{row.pk}/change/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "SMTPDataError 451" in page.text
        assert "trying again" in page.text
        for secret in ("somebody@example.org", "Your code", "123456", row.message_id):
            assert secret not in page.text
    assert client.get("/admin/notifications/outgoing/add/").status_code == 403


def test_moderator_sees_no_outgoing_mail(sign_in, moderator):
    row = write()
    client = sign_in(moderator)
    assert "outgoing" not in client.get("/admin/lists/").text
    assert client.get("/admin/notifications/outgoing/").status_code == 403
    assert client.get(f"/admin/notifications/outgoing/{row.pk}/change/").status_code == 403


def test_mail_of_sign_in_and_joining_goes_the_same_way(client, member):
    with time_machine.travel(timezone.now()):
        client.post("/accounts/login/code/", {"email": member.email})
    row = Outgoing.objects.get()
    assert row.to == member.email
    assert member.username not in row.subject


def test_owners_are_not_shown_what_was_sent(owner, sign_in, settings):
    sent, waiting = write(), write()
    tasks.send_mail(sent.pk)
    client = sign_in(owner)
    assert f"/outgoing/{waiting.pk}/change/" in client.get("/admin/notifications/outgoing/").text
    assert f"/outgoing/{sent.pk}/change/" not in client.get("/admin/notifications/outgoing/").text
