"""What must be so before anything is served: a database that runs, sound settings, current tables, the worker's keys."""

import contextlib
import sys
from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from community.checks import loose_settings
from community.database import Cluster, cluster_of
from community.health import unapplied_migrations

from .endings import CannotStart


@contextlib.contextmanager
def embedded_database() -> Iterator[Cluster | None]:
    """Keep the embedded PostgreSQL running inside the block, if that is the one in the settings."""
    embedded = cluster_of(settings)
    if embedded is None:
        yield None
        return
    with embedded.running(str(settings.DATABASES["default"]["NAME"])):
        yield embedded


def require_sound() -> None:
    """Refuse to serve what is wrongly set up, or over tables that are not current."""
    problems = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    if errors := [problem for problem in problems if problem.is_serious()]:
        raise CannotStart("Hearth can't start: " + " ".join(error.msg for error in errors))
    for warning in problems:
        sys.stderr.write(f"{warning.id}: {warning.msg}\n")
    if waiting := unapplied_migrations():
        raise CannotStart(f"The database is {len(waiting)} migrations behind ({waiting[0]} first). Run ./run manage migrate.")


def require_durable() -> None:
    """An acknowledged post must be on the disk."""
    if loose := loose_settings():
        raise CannotStart(f"PostgreSQL runs with {', '.join(loose)}, so posts could be lost in a crash. Turn them on.")


def require_worker_keys() -> None:
    """The worker reads one key more than this process; say so before anything starts."""
    if settings.PRODUCTION and not settings.HAS_OPEN_KEY:
        raise ImproperlyConfigured(
            "set IDENTITY_OPEN_KEY in the environment first, or start the worker elsewhere and add --no-worker here."
        )


def let_go_of_database() -> None:
    """Close every connection and the pool: what follows starts other processes and asks nothing more."""
    connection.close()
    connections["default"].close_pool()  # type: ignore[attr-defined]
