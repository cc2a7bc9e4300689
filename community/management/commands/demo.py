import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.urls import reverse

from community import serving, storage
from community.care import pages
from community.database import Cluster, make_folder
from community.health import unapplied_migrations
from community.members.models import User
from community.members.seed import DEMO_PASSWORD, DemoAccount, demo_accounts
from community.seeding import seeds

from .keys import new_keys, write_new

# How long the processes of a demo that was killed may take to leave the port.
LEAVING_SECONDS = 5


class Command(BaseCommand):
    """Run an invented community on this machine, to look around in."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
        parser.add_argument("--port", type=serving.port_number, default=8000, help="the port to listen on (8000)")
        parser.add_argument("--fresh", action="store_true", help="forget what was written and begin anew")

    def handle(self, *, host: str, port: int, fresh: bool, **options: Any) -> None:
        host = serving.loopback(host)
        address = serving.address_of(host, port)
        with contextlib.suppress(serving.Stopped), contextlib.ExitStack() as held:
            serving.stop_on_signals()
            make_folder(settings.STATE_DIR, 0o700)
            was_killed = held.enter_context(alone(settings.STATE_DIR / "demo.lock", address))
            serving.require_free(host, port, patience=LEAVING_SECONDS if was_killed else 0)
            self._keep_keys()
            os.environ["SITE_URL"] = address
            embedded = held.enter_context(self._database(fresh))
            self._fill()
            self._collect()
            pages.write()
            serving.let_go_of_database()
            held.callback(self._say, "Stopped. What was written is kept: ./run demo brings it back.")
            serving.keep_running(
                [serving.WebServer(host, port), serving.worker()],
                embedded=embedded,
                when_ready=lambda: self._say(welcome(address, self.accounts)),
            )

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _keep_keys(self) -> None:
        """Make the demo's keys the first time, and begin again with them: the settings were read without."""
        path = settings.STATE_DIR / "keys.json"
        if path.exists():
            return
        write_new(path, json.dumps(new_keys()))
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 the same program once more

    @contextlib.contextmanager
    def _database(self, fresh: bool) -> Iterator[Cluster]:
        """The embedded PostgreSQL with current tables."""
        with serving.embedded_database() as embedded:
            if fresh:
                self._say("Forgetting what was written …")
                embedded.drop_database(settings.DATABASES["default"]["NAME"])
                shutil.rmtree(settings.MAIL_FOLDER, ignore_errors=True)
                embedded.ensure_database(settings.DATABASES["default"]["NAME"])
            serving.require_durable()
            if unapplied_migrations():
                self._say("Making the tables …")
                migrate()
            yield embedded

    def _fill(self) -> None:
        """Let every room tell its part, all or nothing: each of them leaves alone what is there already."""
        if not User.objects.exists():
            self._say("Inviting the invented people …")
        with transaction.atomic():
            for seed in seeds():
                seed.fill_demo()
        self.accounts = demo_accounts()

    def _collect(self) -> None:
        if storage.is_stale():
            self._say("Collecting styles and pictures …")
            storage.collect()


def migrate() -> None:
    """As the role that owns the tables, which this process is not."""
    done = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "migrate", "--no-input", "-v", "0"],
        env=os.environ | {"DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise serving.CannotStart(f"The tables can't be made: {reason}")


@contextlib.contextmanager
def alone(path: Path, address: str) -> Iterator[bool]:
    """Be the only demo of this clone inside the block; says whether the last one was killed. Raises CannotStart."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            there = os.pread(handle, 200, 0).decode() or "another address"
            raise serving.CannotStart(f"The demo of this folder runs already: {there}. Stop that one first (Ctrl-C).") from None
        was_killed = os.fstat(handle).st_size > 0
        os.truncate(handle, 0)
        os.pwrite(handle, address.encode(), 0)
        try:
            yield was_killed
        finally:
            os.truncate(handle, 0)
    finally:
        os.close(handle)


def welcome(address: str, accounts: list[DemoAccount]) -> str:
    width = max((len(account.email) for account in accounts), default=0)
    people = [f"    {account.email:{width}}  {account.role}, known as {account.handle}" for account in accounts]
    return "\n".join(
        [
            "",
            f"Hearth is at home: {address}/",
            "",
            f"  Sign in as one of these; the password is always “{DEMO_PASSWORD}”:",
            *people,
            f"  Mails, sign-up codes and the staff's codes are shown at {address}{reverse('demo_mail')}",
            "  Everybody here is invented. Ctrl-C stops it; ./run demo --fresh begins anew.",
            "",
        ]
    )
