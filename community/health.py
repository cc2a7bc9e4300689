"""Two questions that machines ask: does the process live, and can it do its work?

Neither answer names a version, and neither may hang: whoever asks wants to know just then.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

ANSWER_SECONDS = 3
# The worker says that it lives every three seconds.
HEARTBEAT_SECONDS = 10
# A job that is due waits for milliseconds; after this many seconds nobody takes it.
LAG_SECONDS = 120

# One thread asks the database, so that a database that never answers holds up one thread and not the server.
_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")
_asked: Future[dict[str, str]] | None = None


@require_safe
@login_not_required
@never_cache
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives. Asks nobody; says which run it belongs to, so that who started it knows its own."""
    response = HttpResponse("ok\n", content_type="text/plain")
    if settings.RUN:
        response["X-Hearth-Run"] = settings.RUN
    return response


@require_safe
@login_not_required
@never_cache
@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, its tables are current, and the worker works."""
    found = _ask()
    return JsonResponse(found, status=200 if set(found.values()) == {"ok"} else 503)


def _ask() -> dict[str, str]:
    global _asked
    if _asked is None or _asked.done():
        _asked = _asking.submit(_look)
    try:
        return _asked.result(timeout=ANSWER_SECONDS)
    except TooLate:
        return {"database": "silent"}


def _look() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '2s'")
        if unapplied_migrations():
            return {"database": "ok", "migrations": "waiting"}
        return {"database": "ok", "migrations": "ok", "worker": _worker()}
    except Error:
        return {"database": "down"}
    finally:
        connection.close()


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers),
                   (SELECT extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at)))
                      FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
                     WHERE job.status = 'todo' AND event.type = 'deferred'
                       AND (job.scheduled_at IS NULL OR job.scheduled_at <= now()))
            """
        )
        silent, lag = cursor.fetchone()
    if silent is None or silent > HEARTBEAT_SECONDS:
        return "silent"
    return "behind" if lag is not None and lag > LAG_SECONDS else "ok"


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Every migration that this release brings; read from the disk once."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def unapplied_migrations() -> list[str]:
    """The migrations that the database lacks, as `app.name`, in the order of their names."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in _migrations() - set(applied))
