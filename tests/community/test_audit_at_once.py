"""Fifty who write to the log at once, while it is linked and some of them are killed: it holds what was done, and nothing else."""

import contextlib
import os
import signal
import time
from random import Random

import pytest
from django.db import connections, transaction

from community.audit import chain
from community.audit.models import Entry, Link, record
from community.moderation.models import HandOver
from tests import make

WRITERS, EACH, KILLED = 50, 6, 15


def write(by, seed: int) -> None:
    """A deed and its entry, again and again, with the pauses of somebody who does other things in between."""
    drawn = Random(seed)
    for number in range(EACH):
        with transaction.atomic():
            note = HandOver.objects.create(by=by, words=f"{seed}, {number}")
            time.sleep(drawn.random() / 50)
            record("moderation.handover_added", by=by, target=note, reason="So that the next one knows.")
            time.sleep(drawn.random() / 50)


def forked(by, seed: int) -> int:
    if child := os.fork():
        return child
    with contextlib.suppress(BaseException):
        write(by, seed)
    os._exit(0)


@pytest.mark.django_db(transaction=True)
def test_whoever_is_killed_leaves_neither_a_deed_without_its_entry_nor_a_gap_in_the_chain():
    moderator = make.user(role="moderator")
    connections.close_all()
    writers = [forked(moderator, seed) for seed in range(WRITERS)]
    for writer in writers[:KILLED]:
        chain.extend()
        os.kill(writer, signal.SIGKILL)
    for writer in writers:
        os.waitpid(writer, 0)
    _wait_for_silence()
    chain.extend()
    assert chain.verify() is None
    assert Link.objects.count() == Entry.objects.count() >= (WRITERS - KILLED) * EACH
    deeds = HandOver.objects.values_list("pk", flat=True)
    assert sorted(deeds) == sorted(map(int, Entry.objects.values_list("target_id", flat=True)))


def _wait_for_silence() -> None:
    """What a killed process had begun is rolled back once the server notices."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connections["default"].cursor() as cursor:
            cursor.execute(others)
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("somebody still writes")
