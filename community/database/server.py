"""The server's process: started on a cluster's data, asked whether it answers, stopped."""

import contextlib
import functools
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from .home import PORT, Home
from .problems import DatabaseError
from .programs import copied_programs, wheel_folder

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "jit": "off",
    "random_page_cost": "1.1",
    # A statement that failed, and the rows it met, hold members' words and who wrote them: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
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
        # Or a plan that a test looks at depends on when the statistics were last renewed.
        "autovacuum": "off",
    },
}

START_SECONDS = 60  # recovery after a crash may take a while; a healthy start takes a tenth of a second
SILENT_SECONDS = 10  # how long a live server may stay silent before it is stopped
LOG_BYTES = 5_000_000


class Server(Home):
    """PostgreSQL as a process, run by an account without power."""

    def __init__(self, name: str, state: Path) -> None:
        super().__init__(name, state)
        self.settings = SETTINGS | CLUSTERS[name]
        self._server: subprocess.Popen[bytes] | None = None

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
        return f"{complaints[-1]}." if complaints else f"{last_line(chr(10).join(lines))}."

    # Processes.

    def _binary(self, name: str) -> Path:
        return self._programs / "bin" / name

    @functools.cached_property
    def _programs(self) -> Path:
        return copied_programs(self._account) if self._account else wheel_folder() / "pginstall"

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


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."
