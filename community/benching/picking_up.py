"""How long a job waits for the worker: from the moment it is committed to the moment the worker has taken it."""

import time

from django.db import connection
from procrastinate.contrib.django import app

JOBS = 20
LONGEST_SECONDS = 20
# News that never was: the worker looks for it, finds nothing, and is done.
NOTHING = "00000000-0000-4000-8000-000000000000"


def waits() -> list[float]:
    """For each of some jobs, ms until the worker took it. The first one, which also waits for the worker to start, is left out."""
    return [_one() for _ in range(JOBS + 1)][1:]


def _one() -> float:
    deferrer = app.configure_task("community.notifications.tasks.mail_notification")
    job, begun = deferrer.defer(public_id=NOTHING), time.perf_counter()
    while _is_waiting(job):
        if time.perf_counter() - begun > LONGEST_SECONDS:
            raise TimeoutError("The worker took no job.")
        time.sleep(0.001)
    return (time.perf_counter() - begun) * 1000


def _is_waiting(job: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM procrastinate_jobs WHERE id = %s AND status = 'todo'", [job])
        return cursor.fetchone() is not None


def forget_all() -> None:
    """Jobs that earlier runs left: with them, the worker would have other things to do first."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
