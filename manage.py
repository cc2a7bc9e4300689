#!/usr/bin/env python3
"""The front door of every command.

It sets what must be known before the settings are read (which kind of Hearth, which database role), and keeps the embedded
PostgreSQL running for as long as the command does. What goes wrong with the set-up is told in a sentence.
"""

import contextlib
import os
import signal
import sys

# These read nothing from the database, or look after it themselves.
WITHOUT_DATABASE = set(
    "bench collectstatic compilemessages demo diffsettings findstatic help keys makemessages screenshots serve startapp "
    "version".split()
)
# These change tables, so they work as the role that owns them.
AS_OWNER = set(
    "createcachetable dbshell flush makemigrations migrate optimizemigration pgtrigger seed sqlflush sqlmigrate "
    "squashmigrations".split()
)
FOR_REAL = (
    "SECRET_KEY IDENTITY_TAG_KEY IDENTITY_SEAL_KEY IDENTITY_OPEN_KEY ALLOWED_HOSTS SITE_URL DATABASE_ROLE "
    "DATABASE_OWNER_URL HEARTH_DATABASE HEARTH_DATABASE_HOST HEARTH_WORKER"
).split()


def main(arguments: list[str]) -> int:
    command = next((word for word in arguments if not word.startswith("-")), "help")
    os.environ["DJANGO_SETTINGS_MODULE"] = "community.settings"
    if command == "demo":
        if os.environ.get("DATABASE_URL"):
            return say("The demo brings its own database. Unset DATABASE_URL, or use ./run serve to serve for real.")
        os.environ["HEARTH_MODE"] = "demo"
        # A demo lives by its own keys and names, whatever the shell holds for other purposes.
        for name in FOR_REAL:
            os.environ.pop(name, None)
    elif command in ("bench", "screenshots"):
        # These bring their own databases, too.
        os.environ["HEARTH_MODE"] = "development"
        for name in ("DATABASE_URL", *FOR_REAL):
            os.environ.pop(name, None)
    elif command == "serve":
        os.environ.setdefault("HEARTH_MODE", "production")
    elif command == "keys":
        # It makes what production asks for.
        os.environ["HEARTH_MODE"] = "development"
    elif command == "worker":
        os.environ["HEARTH_WORKER"] = "1"
    elif command in AS_OWNER:
        os.environ.setdefault("DATABASE_ROLE", "owner")

    try:
        from django.conf import settings  # noqa: PLC0415 the lines above must come before
        from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ImportError:
        return say("Django is not installed here. Start with ./run manage, which installs what Hearth needs.")
    from community.database import DatabaseError, cluster_of  # noqa: PLC0415

    with contextlib.ExitStack() as held:
        try:
            asks = command not in WITHOUT_DATABASE and not {"-h", "--help", "--version"} & set(arguments)
            if asks and (embedded := cluster_of(settings)):
                # TERM must run what follows the command too: leaving the server.
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
                held.enter_context(embedded.running(settings.DATABASES["default"]["NAME"]))
            execute_from_command_line(["manage.py", *arguments])
        except ImproperlyConfigured as problem:
            return say(f"Hearth can't start: {problem}")
        except DatabaseError as problem:
            return say(f"Hearth can't start. {problem}")
        except KeyboardInterrupt:
            return 130
    return 0


def say(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
