"""What every journey stands on: a demo that really serves, on a database of its own, and a real browser.

The server and the worker run as the role that serves pages, in processes of their own; a journey sees what a visitor sees.
"""

import contextlib
import email
import email.policy
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Request, StorageState, sync_playwright

from community import serving
from community.database import Cluster, lock, make_folder
from tests.journeys.people import PASSWORD, sign_in

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
READY_SECONDS = 60
MAIL_SECONDS = 30
# Everything that a demo does before it serves, but for the keys and the tables.
SET_UP = """
from community.care import pages
from community.seeding import seeds
for seed in seeds():
    seed.fill_demo()
pages.write()
"""
# Somebody behind the stage, who carries out what `manage.py` would: loading Django takes longer than most of it.
STAGEHAND = """
import contextlib, io, json, sys, traceback
import django
django.setup()
from django.core.management import call_command
from django.db import connections
for line in sys.stdin:
    said, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            call_command(*json.loads(line))
    except (Exception, SystemExit):
        failed = traceback.format_exc()
    connections.close_all()
    print(json.dumps([said.getvalue(), failed]), flush=True)
"""
RECOVERY_CODE = """
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
codes = Authenticator.objects.get(user__email="{address}", type="recovery_codes")
import sys; sys.stdout.write(RecoveryCodes(codes).get_unused_codes()[0])
"""
COLLECT = "from community import storage; storage.collect()"


# A demo that serves ---------------------------------------------------------------------------------------------------


@dataclass
class Hearth:
    """A demo, its address and its letterbox. `stop()` and `start()` as often as a journey likes, also by `kill()`."""

    address: str
    state: Path
    database: str
    environment: dict[str, str]
    children: list[serving.Child] = field(default_factory=list)
    stagehand: subprocess.Popen[str] | None = None

    def start(self) -> None:
        port = urlsplit(self.address).port or 0
        self.children = [serving.WebServer("127.0.0.1", port), serving.worker()]
        for child in self.children:
            # Ours last: what the tests run with is not what a server runs with.
            child.environment |= self.environment
            child.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        server, deadline = self.children[0], time.monotonic() + READY_SECONDS
        while not server.is_ours():
            assert server.process.poll() is None, "the web server ended; its words are above"
            assert time.monotonic() < deadline, f"the web server did not answer within {READY_SECONDS} seconds"
            time.sleep(0.05)

    def stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.wait_until_stopped(time.monotonic() + serving.STOP_SECONDS)

    def kill(self) -> None:
        """End every process at once, as a power cut would; PostgreSQL goes on."""
        for child in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    def manage(self, *command: str) -> str:
        """What `manage.py` says to this command, in this demo."""
        if self.stagehand is None:
            self.stagehand = subprocess.Popen(
                [sys.executable, "-c", STAGEHAND],
                env=os.environ | self.environment,
                cwd=settings.BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.stagehand.stdin.write(json.dumps(command) + "\n")
        self.stagehand.stdin.flush()
        said, failed = json.loads(self.stagehand.stdout.readline())
        assert not failed, said + failed
        return said

    def run(self, program: str) -> str:
        """What this program says in a shell of this demo."""
        return self.manage("shell", "--no-imports", "--command", program)

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        if self.stagehand is not None:
            self.stagehand.communicate()
            self.stagehand = None

    def recovery_code(self, address: str) -> str:
        """A second factor for somebody of the staff, good once; an app's code would be used up for half a minute."""
        return self.run(RECOVERY_CODE.format(address=address)).strip()

    def mails(self, to: str) -> list[EmailMessage]:
        """What was mailed to this address so far, oldest first."""
        files = sorted((self.state / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [mail for mail in read if to in str(mail["To"])]

    def next_mail(self, to: str, *, after: int = 0) -> EmailMessage:
        """The mail to this address that follows the first `after` ones, as soon as the worker has sent it."""
        deadline = time.monotonic() + MAIL_SECONDS
        while len(found := self.mails(to)) <= after:
            assert time.monotonic() < deadline, f"no mail to {to} within {MAIL_SECONDS} seconds"
            time.sleep(0.1)
        return found[after]


@pytest.fixture(scope="package")
def filled(embedded: Cluster, template: str, tmp_path_factory) -> Iterator[Hearth]:
    """A demo that is filled in and never serves: what the others are copies of."""
    name = f"test_hearth_{os.getpid()}_filled"
    embedded.clone(template, name)
    made = _at_home(embedded, name, tmp_path_factory.mktemp("filled"))
    # Collecting takes seconds, so the demos of all runs share what was collected.
    shared = settings.STATE_DIR / "journeys"
    make_folder(settings.STATE_DIR, 0o700)
    make_folder(shared, 0o700)
    with lock(shared / "collect.lock", seconds=120):
        _run(COLLECT, made.environment | {"HEARTH_STATE_DIR": str(shared)})
    (made.state / "static").symlink_to(shared / "static")
    _run(SET_UP, made.environment)
    yield made
    embedded.drop_database(name)


@pytest.fixture(scope="package")
def open_hearth(embedded: Cluster, filled: Hearth, tmp_path_factory) -> Iterator:
    """`open_hearth()`: a context with a demo of its own, filled and serving. For journeys that break something."""
    made = []

    @contextlib.contextmanager
    def opened() -> Iterator[Hearth]:
        name = f"test_hearth_{os.getpid()}_journey{len(made)}"
        made.append(name)
        embedded.clone(filled.database, name)
        state = tmp_path_factory.mktemp("hearth")
        shutil.copytree(filled.state, state, symlinks=True, dirs_exist_ok=True)
        hearth = _at_home(embedded, name, state)
        try:
            hearth.start()
            yield hearth
        finally:
            hearth.close()
            embedded.drop_database(name)

    yield opened


@pytest.fixture(scope="package")
def hearth(chromium, open_hearth) -> Iterator[Hearth]:
    """The demo that all journeys share; each of them brings people of its own."""
    with open_hearth() as shared:
        yield shared


def _at_home(embedded: Cluster, database: str, state: Path) -> Hearth:
    address = f"http://127.0.0.1:{_free_port()}"
    environment = {
        "HEARTH_MODE": "demo",
        "HEARTH_STATE_DIR": str(state),
        "HEARTH_DATABASE": database,
        "HEARTH_DATABASE_HOST": str(embedded.socket_dir),
        "DATABASE_ROLE": "web",
        "SITE_URL": address,
    }
    return Hearth(address, state, database, environment)


def _run(program: str, environment: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{program}"],
        env=os.environ | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


# A real browser -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def chromium() -> str:
    """The path of the system's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found:
        sentence = "No Chromium here, so no journey in a browser. To run them: apt install chromium"
        if os.environ.get("HEARTH_JOURNEYS") == "required":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which makes Django fear for its connections; there is no other thread here.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def visit(hearth: Hearth, browser: Browser) -> Iterator:
    """`visit(scripts=True, …)`: a page in a fresh browser profile, as of somebody at another machine.

    At the end, nothing may have failed in it: no script error, nothing that the content policy refused, nothing from elsewhere.
    """
    visits: list[tuple[BrowserContext, list[str]]] = []

    def opened(*, base_url: str = "", **options) -> Page:
        troubles: list[str] = []
        context = open_context(browser, base_url or hearth.address, troubles, **options)
        visits.append((context, troubles))
        return context.new_page()

    yield opened
    found = [trouble for _context, troubles in visits for trouble in troubles]
    for context, _troubles in visits:
        context.close()
    assert found == []


def open_context(browser: Browser, home: str, troubles: list[str], *, scripts: bool = True, **options) -> BrowserContext:
    """A fresh browser profile; what fails in it is noted in `troubles`."""
    wanted = {"locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "reduce"} | options
    context = browser.new_context(base_url=home, java_script_enabled=scripts, **wanted)
    context.set_default_timeout(15_000)
    context.on("request", lambda request: _note_stranger(request, home, troubles))
    context.on("weberror", lambda error: troubles.append(f"script error: {error.error}"))
    context.on("console", lambda said: troubles.append(f"console: {said.text}") if _is_trouble(said) else None)
    return context


def _note_stranger(request: Request, home: str, troubles: list[str]) -> None:
    # The page to leave for is somebody else's by intent; only what our own pages fetch counts.
    if not request.url.startswith((home, "data:", "blob:")) and not request.is_navigation_request():
        troubles.append(f"fetched from elsewhere: {request.url}")


def _is_trouble(said) -> bool:
    # A refusal is a page like any other; the browser reports its status as a failure.
    return said.type == "error" and "the server responded with a status of" not in said.text


@pytest.fixture(params=["scripts on", "scripts off"])
def scripts(request) -> bool:
    """Makes a journey run twice; pass it on: `visit(scripts=scripts)`."""
    return request.param == "scripts on"


@pytest.fixture
def page(visit) -> Page:
    """A page with scripts on, in a fresh browser profile."""
    return visit()


@pytest.fixture(scope="package")
def sessions() -> dict[str, StorageState]:
    """What the browsers of people remember who signed in by `visit_as`, by address."""
    return {}


@pytest.fixture
def visit_as(visit, sessions: dict[str, StorageState]):
    """`visit_as("wren@example.net", …)`: a page of somebody who signed in before; only the first time takes its while."""

    def opened(address: str, password: str = PASSWORD, **options) -> Page:
        if address not in sessions:
            page = visit(**options)
            sign_in(page, address, password)
            sessions[address] = page.context.storage_state()
            return page
        return visit(storage_state=sessions[address], **options)

    return opened
