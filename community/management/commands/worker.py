import asyncio
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, close_old_connections, connections
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.middleware import SyncCallNext
from procrastinate.worker import Worker

from community.health import unapplied_migrations
from community.tasks import GONE_SECONDS

HEARTBEAT_SECONDS = 3
# procrastinate forgets the news of a job that comes while it looks for one and finds none, and asks again after this long.
POLLING_SECONDS = 1
# On TERM a job that runs may end; after this many seconds it is given up, and the next worker does it again.
GRACE_SECONDS = 15


class Command(BaseCommand):
    """Do the work that pages put off: mail, sweeps, the audit chain. Ends cleanly on TERM."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4, help="how many jobs may run at once (4)")

    def handle(self, *, concurrency: int, **options: Any) -> None:
        require_tables()
        try:
            with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as worker_app:
                asyncio.run(_run(worker_app, concurrency))
        except ConnectorException as problem:
            raise CommandError("The worker lost the database.") from problem


def require_tables() -> None:
    """Say what is missing in a sentence; the first job would say it in fifty lines."""
    try:
        waiting = unapplied_migrations()
    except Error as problem:
        raise CommandError("The database does not answer.") from problem
    finally:
        connections.close_all()
    if waiting:
        raise CommandError("The database is behind. Run ./run manage migrate.")


async def _run(worker_app, concurrency: int) -> None:
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            concurrency=concurrency,
            delete_jobs="successful",
            fetch_job_polling_interval=POLLING_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=GONE_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            task_middleware=[with_fresh_connection],
        )


def with_fresh_connection(call_next: SyncCallNext, context: JobContext, worker: Worker) -> Any:
    """Give back the database connection after each task: a kept one would be dead after PostgreSQL restarts."""
    close_old_connections()
    try:
        return call_next()
    finally:
        connections.close_all()
