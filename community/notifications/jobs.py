"""Work for the worker, put down in the current transaction: it is there exactly when the change is."""

from typing import Any

from procrastinate import tasks
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager


def defer_each(task: str, at: str) -> str:
    """The end of a statement that has the worker do a task once for each row of `job`, with its `arguments`.

    `task` and `at` stand for the task with its module, and for when at the soonest.
    """
    job = f"ROW('default', {task}::text, 0, NULL, NULL, arguments, {at}::timestamptz)::procrastinate_job_to_defer_v1"
    return f"SELECT procrastinate_defer_jobs_v1(array_agg({job})) FROM job"  # noqa: S608 places of a statement of our own


def defer(task: str, *arguments: dict[str, Any], wait_seconds: int = 0) -> None:
    """Have the worker do `task` once for each of `arguments`, after a while if `wait_seconds` says so.

    It is one of this app, unless it is named with its module.

    One statement on Django's own connection. The worker has another connection for its jobs, and a job put down there would
    run ahead of our commit.
    """
    wait: dict[str, Any] = {"schedule_in": {"seconds": wait_seconds}} if wait_seconds else {}
    name = task if "." in task else f"community.notifications.tasks.{task}"
    if arguments:
        tasks.configure_task(name=name, job_manager=JobManager(DjangoConnector()), **wait).batch_defer(*arguments)
