"""All outgoing mail: an outbox row in the transaction of its cause, then the worker."""

import json
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

import pytest
from django.core.mail import EmailMessage, send_mail
from django.core.mail.message import BadHeaderError
from django.db import connection, transaction
from django.utils import timezone

from community.notifications import mail, tasks
from community.notifications.models import Outgoing

pytestmark = pytest.mark.django_db


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
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [f"community.notifications.tasks.{task}"])
        return [json.loads(args) for (args,) in cursor.fetchall()]


def letters(folder) -> list:
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


def test_mail_is_a_row_and_a_job_for_each_recipient(folder):
    EmailMessage("Hello", "Words", None, ["one@example.org"], cc=["two@example.org"]).send()
    rows = list(Outgoing.objects.order_by("pk"))
    assert [row.to for row in rows] == ["one@example.org", "two@example.org"]
    assert jobs("send_mail") == [{"mail_id": row.pk} for row in rows]
    assert not folder.exists()


def test_mail_of_an_undone_change_never_leaves(folder):
    with suppress(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert not Outgoing.objects.exists()
    assert jobs("send_mail") == []


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
