"""What `check --deploy` says about a Hearth that serves for real. `serve` asks the same before it starts."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.db import Error as DatabaseProblem
from django.db import connection


@checks.register(checks.Tags.security, deploy=True)
def database_keeps_its_promises(**options: Any) -> list[checks.CheckMessage]:
    """An acknowledged post is on the disk, and who serves pages can neither drop tables nor rewrite the audit log."""
    try:
        loose, owned, telling = loose_settings(), _tables_of_the_web_role(), _telling_settings()
    except DatabaseProblem:
        return [checks.Error("The database does not answer. Check DATABASE_URL, and whether PostgreSQL runs.", id="hearth.E001")]
    found: list[checks.CheckMessage] = []
    if loose:
        found.append(
            checks.Error(
                f"PostgreSQL runs with {', '.join(loose)}, so posts could be lost in a crash. Turn them on.",
                id="hearth.E002",
            )
        )
    if owned:
        found.append(
            checks.Warning(
                f"The role {settings.WEB_ROLE} serves pages and owns {owned} of the tables, so the audit log is not safe from it. "
                "Migrate as another role: set DATABASE_OWNER_URL.",
                id="hearth.W001",
            )
        )
    if telling:
        found.append(
            checks.Warning(
                f"PostgreSQL runs with {', '.join(telling)}, so its log keeps what members write, and which aliases are whose. "
                f"Turn that off for the role {settings.WEB_ROLE}, as the README says.",
                id="hearth.W002",
            )
        )
    return found


# What synchronous_commit may be: each of these waits for our own disk.
LASTING = {"on", "local", "remote_write", "remote_apply"}


def loose_settings() -> list[str]:
    """The settings with which PostgreSQL may forget what it has acknowledged, as `name = value`."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s), current_setting(%s), current_setting(%s)", names)
        values = cursor.fetchone()
    return [f"{name} = {value}" for name, value in zip(names, values, strict=True) if value not in LASTING]


# By what, and at which value, PostgreSQL writes no statement down: in one stand a member's own key and those of their aliases.
SILENT = {"log_statement": "none", "log_min_duration_statement": "-1", "log_min_duration_sample": "-1"}


def _telling_settings() -> list[str]:
    """The settings with which PostgreSQL writes down what it is asked, as `name = value`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [list(SILENT)])
        return [f"{name} = {value}" for name, value in cursor.fetchall() if value != SILENT[name]]


def _tables_of_the_web_role() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND pg_has_role(%s, tableowner, 'USAGE')",
            [settings.WEB_ROLE],
        )
        return cursor.fetchone()[0]
