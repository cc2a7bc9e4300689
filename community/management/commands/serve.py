import contextlib
import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from community import serving, storage
from community.care import pages


class Command(BaseCommand):
    """Serve for real, behind a proxy that speaks HTTPS. Refuses to start over anything that is not set up."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
        parser.add_argument("--port", type=serving.port_number, default=8000, help="the port to listen on (8000)")
        parser.add_argument("--no-worker", action="store_true", help="the worker runs elsewhere: ./run manage worker")

        parser.add_argument("--prepare", action="store_true", help="only make ready what serving needs, and say what is missing")

    def handle(self, *, host: str, port: int, no_worker: bool, prepare: bool, **options: Any) -> None:
        if not no_worker:
            serving.require_worker_keys()
        if not prepare:
            serving.require_free(host, port, patience=2)
        with contextlib.suppress(serving.Stopped), contextlib.ExitStack() as held:
            serving.stop_on_signals()
            embedded = held.enter_context(serving.embedded_database())
            serving.require_sound()
            storage.collect()
            pages.write()
            serving.let_go_of_database()
            if prepare:
                return
            children: list[serving.Child] = [serving.WebServer(host, port)]
            if not no_worker:
                children.append(serving.worker())
            serving.keep_running(
                children,
                embedded=embedded,
                when_ready=lambda: self._say(serving.address_of(host, port)),
                # In a terminal HUP means that it was closed.
                may_renew=None if sys.stdin.isatty() else prepared,
            )

    def _say(self, address: str) -> None:
        self.stdout.write(f"Hearth serves at {address}")
        self.stdout.flush()


def prepared() -> bool:
    """Whether the programs that lie on the disk now can serve; if not, it says why, and the old ones go on."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", "--prepare"]
    return subprocess.run(command, env=os.environ, stdin=subprocess.DEVNULL, check=False).returncode == 0
