"""A community of the wanted size in a database of its own, and the real server on it.

The server runs with production's settings, but for TLS: it listens on a loopback address and speaks HTTP.
"""

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connections

from community import serving
from community.database import PORT, Cluster, make_folder
from community.identity.seal import make_keys
from community.seeding import Size

PREFIX = "bench_"
SEEDING_SECONDS = 1_800
READY_SECONDS = 60


class Place:
    """Where it happens: the embedded durable cluster, a folder for keys and static files, a free port."""

    def __init__(self, embedded: Cluster, profile: str, size: Size, say: Callable[[str], None]) -> None:
        self.embedded, self.profile, self.size, self.say = embedded, profile, size, say
        self.family = f"{PREFIX}{'' if profile == 'usual' else profile + '_'}{size.posts}_{size.seed}_"
        self.database = f"{self.family}{_migrations_digest()}"
        self.state = settings.STATE_DIR / "bench"
        make_folder(self.state, 0o700)
        self.port = _free_port()

    def environment(self, database: str) -> dict[str, str]:
        """Production, over that database; whatever the shell holds for other purposes is left out."""

        def url(role: str) -> str:
            return f"postgresql://{role}@localhost:{PORT}/{database}?host={self.embedded.socket_dir}"

        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEARTH_", "DATABASE_", "SMTP_"))}
        return kept | {
            "HEARTH_MODE": "production",
            "HEARTH_STATE_DIR": str(self.state),
            "DATABASE_URL": url("hearth_web"),
            "DATABASE_OWNER_URL": url("hearth_owner"),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "TRUSTED_PROXY_COUNT": "0",
            **self._keys(),
        }

    def _keys(self) -> dict[str, str]:
        """The same keys for every run: what is sealed in a database that is used again must fit."""
        path = self.state / "keys.json"
        if not path.exists():
            path.write_text(json.dumps({"SECRET_KEY": "x" * 50, **make_keys()}))
        return json.loads(path.read_text())

    # The community -----------------------------------------------------------------

    def fill(self) -> None:
        """Make the database, unless it is there from another day; it gets its name when it is whole."""
        if self.database not in self.embedded.databases():
            self.say(f"Filling a community of {self.size.posts:,} posts, once …")
            beginning = f"{PREFIX}beginning_{os.getpid()}"
            self.embedded.ensure_database(beginning)
            try:
                self._manage(beginning, "migrate", "--no-input", "-v", "0")
                said = self._manage(
                    *(beginning, "seed", "--profile", self.profile),
                    *("--posts", str(self.size.posts), "--seed", str(self.size.seed)),
                )
                self.say(said.strip())
                self.embedded.rename_database(beginning, self.database)
            finally:
                self.embedded.drop_database(beginning)
            self._forget_older()
        # Our own questions go to the same place.
        connections["default"].settings_dict.update(NAME=self.database, HOST=str(self.embedded.socket_dir), USER="hearth_web")
        # The second factor of whoever comes to the desk is locked with it.
        settings.SECRET_KEY = self._keys()["SECRET_KEY"]
        self._manage(self.database, "serve", "--no-worker", "--prepare")

    def _forget_older(self) -> None:
        """Drop what was filled for tables as they were before."""
        for name in self.embedded.databases():
            if name.startswith(self.family) and name != self.database:
                self.embedded.drop_database(name)

    def _manage(self, database: str, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, settings.BASE_DIR / "manage.py", *command],
            env=self.environment(database),
            capture_output=True,
            text=True,
            check=False,
            timeout=SEEDING_SECONDS,
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
            raise serving.CannotStart(f"{command[0]} failed: {reason}")
        return done.stdout

    # The server --------------------------------------------------------------------

    @contextlib.contextmanager
    def server(self) -> Iterator[serving.WebServer]:
        """The real server, serving the house and the floor; it answers, and it is ours."""
        server = serving.WebServer("127.0.0.1", self.port)
        server.command[server.command.index("community.wsgi:application")] = "community.benching.wsgi:application"
        self._adopt(server, without=serving.NOT_FOR_PAGES)
        with _running(server):
            deadline = time.monotonic() + READY_SECONDS
            while not server.is_ours():
                if server.process is None or server.process.poll() is not None or time.monotonic() > deadline:
                    raise serving.CannotStart("The web server did not answer; its words are above.")
                time.sleep(0.05)
            yield server

    @contextlib.contextmanager
    def worker(self) -> Iterator[serving.Child]:
        worker = serving.worker()
        self._adopt(worker, without=serving.NOT_FOR_WORKER)
        with _running(worker):
            yield worker

    def _adopt(self, child: serving.Child, *, without: tuple[str, ...]) -> None:
        ours = {name: child.environment[name] for name in ("HEARTH_RUN", "HEARTH_WORKER") if name in child.environment}
        wanted = {name: value for name, value in self.environment(self.database).items() if name not in without}
        child.environment = wanted | {"DATABASE_ROLE": "web"} | ours


@contextlib.contextmanager
def _running(child: serving.Child) -> Iterator[None]:
    child.start()
    try:
        yield
    finally:
        child.ask_to_stop()
        child.wait_until_stopped(time.monotonic() + serving.STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def _migrations_digest() -> str:
    """A digest of the tables and of what is filled into them."""
    digest = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    for app in sorted({app.split(".")[0] for app in settings.INSTALLED_APPS}):
        found = [file for pattern in ("migrations/*.py", "seed.py", "inventing*.py") for file in (root / app).glob(f"**/{pattern}")]
        for file in sorted(found):
            digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    return digest.hexdigest()[:8]
