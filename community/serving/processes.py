"""The web server and the worker as processes: started, started again when they die, stopped in order."""

import contextlib
import ctypes
import http.client
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from django.conf import settings

from community.database import Cluster

from .endings import CannotStart

# What the pages' process must not know: it seals and finds, it does not open, and it owns no table.
NOT_FOR_PAGES = ("IDENTITY_OPEN_KEY", "HEARTH_WORKER", "DATABASE_OWNER_URL")
NOT_FOR_WORKER = ("DATABASE_OWNER_URL",)
PROCESSES = 2
READY_SECONDS = 60
STOP_SECONDS = 20
# How long a new process has to get ready before the old one may go.
RENEW_SECONDS = 4
# A child that ends by itself this soon, this often, will not get better.
QUICK_SECONDS = 5
TRIES = 5
LONGEST_PAUSE = 8.0


class Child:
    """One process that we keep running."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._quick_ends = 0
        self._pause = 0.0

    def start(self) -> None:
        # The second line makes the kernel stop the child when we are killed; nothing else runs between fork and exec.
        self.process = subprocess.Popen(
            self.command,
            preexec_fn=end_with(os.getpid()),
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._started = time.monotonic()

    def look_after(self) -> None:
        """Start it again if it has died, after a pause that grows. Raises CannotStart when that is of no use."""
        if self.process is None:
            if time.monotonic() - self._started >= self._pause:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        quick = time.monotonic() - self._started < QUICK_SECONDS
        # Being killed says nothing about the next time; ending by itself does.
        self._quick_ends = self._quick_ends + 1 if quick and code > 0 else 0
        if self._quick_ends >= TRIES:
            raise CannotStart(f"The {self.name} ended {TRIES} times just after starting, so Hearth stops. Its words are above.")
        self._pause = min(LONGEST_PAUSE, 2 * self._pause or 0.5) if quick else 0.2
        self._started = time.monotonic()
        self.process = None

    def renew(self) -> None:
        """Go on with the programs that lie on the disk now: end well, and be started again."""
        self.ask_to_stop()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until it has ended; at `deadline` (monotonic) its whole session is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class WebServer(Child):
    """Granian: slow clients wait in its native part and keep no Python thread."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        # Whoever answers with this mark was started by us.
        self.run = secrets.token_hex(16)
        environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_PAGES}
        command = [
            *(sys.executable, "-m", "granian", "community.wsgi:application", "--interface", "wsgi"),
            *("--host", host, "--port", str(port), "--http", "1", "--no-ws"),
            *("--workers", str(PROCESSES), "--blocking-threads", str(settings.WEB_THREADS)),
            *("--respawn-failed-workers", "--respawn-interval", str(RENEW_SECONDS), "--workers-kill-timeout", "10"),
            *("--log-level", "error"),
        ]
        super().__init__("web server", command, environment | {"DATABASE_ROLE": "web", "HEARTH_RUN": self.run})

    def renew(self) -> None:
        """Granian starts new processes before it lets the old ones finish what they answer, so nobody is turned away."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)

    def is_ours(self) -> bool:
        """Whether the one who answers at our address is our child, and not somebody who sat there before."""
        asked = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            host = (
                (settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost").removeprefix(".").replace("*", "localhost")
            )
            asked.request("GET", "/healthz", headers={"Host": host})
            return asked.getresponse().getheader("X-Hearth-Run") == self.run
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()


def worker() -> Child:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_WORKER}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
    return Child("worker", command, environment | {"DATABASE_ROLE": "web", "HEARTH_WORKER": "1"})


def end_with(parent: int) -> Callable[[], None] | None:
    """What a child of `parent` runs before it becomes its program, so that the kernel stops it when the parent dies."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def promise() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return promise


def keep_running(
    children: Sequence[Child],
    *,
    embedded: Cluster | None,
    when_ready: Callable[[], None],
    may_renew: Callable[[], bool] | None = None,
) -> NoReturn:
    """Run the children until somebody stops us; `when_ready` is called once, when our own server answers.

    With `may_renew`, HUP makes the children go on with the programs that lie on the disk now, if it says yes.
    """
    asked = threading.Event()
    if may_renew is not None:
        signal.signal(signal.SIGHUP, lambda *_: asked.set())
    try:
        for child in children:
            child.start()
        _wait_for_answer(children)
        when_ready()
        while True:
            if embedded is not None:
                embedded.revive()
            if may_renew is not None and asked.is_set():
                asked.clear()
                if may_renew():
                    for child in children:
                        child.renew()
            for child in children:
                child.look_after()
            time.sleep(0.25)
    finally:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            child.wait_until_stopped(deadline)


def _wait_for_answer(children: Sequence[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    servers = [child for child in children if isinstance(child, WebServer)]
    while not all(server.is_ours() for server in servers):
        if time.monotonic() > deadline:
            raise CannotStart(f"The web server did not answer within {READY_SECONDS} seconds.")
        for child in children:
            child.look_after()
        time.sleep(0.05)
