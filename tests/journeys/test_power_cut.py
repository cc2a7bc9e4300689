"""Nothing that was acknowledged is lost and nothing is doubled, whatever is killed while people post."""

import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from django.conf import settings

from community.database import OWNER, Cluster
from tests.addresses import Form, forms_in

PASSWORD = "seven slow otters"
AWAY = {502, 503, 504}
PATIENCE = 60  # seconds in which somebody who presses the button again and again must have got through
DRAINED = 120  # seconds in which the worker must have done everything, a killed one's work included


class Browser:
    """Somebody without scripts: keeps cookies, follows nothing, and presses again when there was no answer."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        self.silences = 0

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """One try: status, Location, page. Raises OSError or HTTPException when there is no answer."""
        connection = http.client.HTTPConnection(self.host, timeout=15)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Origin": f"http://{self.host}"}
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        self.statuses[answer.status] += 1
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), page

    def insist(self, method: str, path: str, fields: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Try until there is an answer from a house that is open."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.ask(method, path, fields)
                if answer[0] not in AWAY:
                    return answer
            self.silences += 1
            assert time.monotonic() < deadline, f"no answer to {method} {path} within {PATIENCE} seconds"
            time.sleep(0.1)

    def form(self, path: str, field: str) -> Form:
        """The form on that page which has this field."""
        status, location, page = self.insist("GET", path)
        found = [form for form in forms_in(page) if field in form.fields and form.method == "post"]
        assert found, f"{path}: {status} {location} without the form"
        return found[0]

    def sign_in(self, email: str) -> None:
        fields = self.form("/accounts/login/", "password").sent() | {"login": email, "password": PASSWORD}
        status, location, _page = self.insist("POST", "/accounts/login/", fields)
        assert (status, location) == (302, "/"), f"{status} {location}"

    def open_conversation(self, title: str) -> str:
        """Start one on the first board of the list; its address."""
        boards = re.findall(r'href="(/forums/[\w-]+/)"', self.insist("GET", "/forums/")[2].partition('id="main"')[2])
        path = next(f"{board}new/" for board in boards if board != "/forums/waiting/")
        fields = self.form(path, "title").sent() | {"title": title, "body": "It was long.", "mode": "listening"}
        status, location, page = self.insist("POST", path, fields)
        assert status == 302, page
        return location


class Poster(threading.Thread):
    """Posts one reply after another until told to stop; `acknowledged` holds the words the house said yes to, and where."""

    def __init__(self, browser: Browser, topics: list[str]) -> None:
        super().__init__(daemon=True)
        self.browser, self.topics = browser, topics
        self.sent: list[str] = []
        self.acknowledged: dict[str, str] = {}
        self.stopping = threading.Event()
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self._post()
        except BaseException as problem:  # told by `finish`, in the test's own thread
            self.problem = problem
            raise

    def _post(self) -> None:
        path = f"{random.choice(self.topics)}reply/"
        # Letters alone: what looks like a number is asked about first.
        words = f"I am here: {''.join(random.choices('abcdefghjkmnpqrstuvwxyz', k=24))}"
        fields = self.browser.form(path, "body").sent() | {"body": words}
        self.sent.append(words)
        status, location, page = self.browser.insist("POST", path, fields)
        assert status == 302 and "/r/" in location, f"{status} {location} {page[:2000]}"
        self.acknowledged[words] = location

    def finish(self) -> None:
        self.stopping.set()
        self.join(timeout=PATIENCE + 30)
        assert not self.is_alive()
        assert self.problem is None, self.problem


def everybody_posts(address: str, emails: list[str], topics: list[str]) -> list[Poster]:
    posters = []
    for email in emails:
        browser = Browser(address)
        browser.sign_in(email)
        posters.append(Poster(browser, topics))
    for poster in posters:
        poster.start()
    return posters


def wait_for(what: Callable[[], Any], *, seconds: float, why: str) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(0.1)


def acknowledged_by(posters: list[Poster]) -> int:
    return sum(len(poster.acknowledged) for poster in posters)


def let_post(posters: list[Poster], more: int, *, seconds: float = 60) -> None:
    """Wait until so many more were acknowledged."""
    before = acknowledged_by(posters)
    wait_for(
        lambda: acknowledged_by(posters) >= before + more, seconds=seconds, why=f"fewer than {more} posts in {seconds} seconds"
    )


def assert_exactly_once(database: psycopg.Connection, posters: list[Poster], topics: list[str]) -> None:
    """Every acknowledged reply is there once, at its address; none is there twice; places have no gaps; news came once."""
    stored = database.execute("SELECT body, public_id::text FROM forums_reply WHERE body LIKE 'I am here: %'").fetchall()
    times = Counter(body for body, _id in stored)
    assert [body for body, count in times.items() if count > 1] == []
    addresses = dict(stored)
    for poster in posters:
        lost = [body for body, location in poster.acknowledged.items() if addresses.get(body, "lost") not in location]
        assert lost == []
        assert set(poster.browser.statuses) <= {200, 302} | AWAY, poster.browser.statuses
    assert set(times) <= {body for poster in posters for body in poster.sent}
    ids = [location.strip("/").split("/")[-1] for location in topics]
    # What waits to be looked at has no place yet.
    shown = "SELECT position FROM forums_reply WHERE topic_id = %s AND position IS NOT NULL ORDER BY 1"
    for topic, last in database.execute("SELECT id, last_position FROM forums_topic").fetchall():
        positions = database.execute(shown, [topic]).fetchall()
        assert [position for (position,) in positions] == list(range(1, last + 1))
    told = "SELECT thread::text, count(*) FROM notifications_notification WHERE kind = %s AND thread::text = ANY(%s) GROUP BY 1"
    news = database.execute(told, ["forums.reply", ids]).fetchall()
    answered = database.execute(
        "SELECT public_id::text FROM forums_topic WHERE last_position > 0 AND public_id::text = ANY(%s)", [ids]
    )
    assert dict(news) == {thread: 1 for (thread,) in answered.fetchall()}
    doubled = database.execute(
        "SELECT notification_id FROM notifications_outgoing WHERE notification_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
    )
    assert doubled.fetchall() == []


# Processes -----------------------------------------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(status.parent.name))
    return found


def all_below(pid: int) -> list[int]:
    return [found for child in children_of(pid) for found in [child, *all_below(child)]]


def end(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes under /proc")


# Journeys ------------------------------------------------------------------------------------------------------------


@needs_proc
def test_nothing_acknowledged_is_lost_when_everything_is_killed_while_people_post(open_hearth, embedded):
    """A web process at a time, then everything but PostgreSQL, whose turn comes in the long journey below."""
    with open_hearth() as hearth:
        emails = ["one@example.org", "two@example.org"]
        for number, email in enumerate(emails):
            hearth.manage(
                "make_member", "--handle", f"poster{number}", "--email", email, "--password", PASSWORD, "--role", "member"
            )
        starter = Browser(hearth.address)
        starter.sign_in(emails[0])
        topics = [starter.open_conversation("A quiet evening")]
        posters = everybody_posts(hearth.address, emails, topics)
        let_post(posters, 3)
        end(random.choice(children_of(hearth.children[0].process.pid)))
        let_post(posters, 3)
        hearth.kill()
        hearth.start()
        let_post(posters, 3)
        for poster in posters:
            poster.finish()
        with embedded.connect(hearth.database, OWNER) as database:
            assert_exactly_once(database, posters, topics)
            assert acknowledged_by(posters) >= 9


class Demo:
    """`./run demo` in a clone of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = trial.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.cluster = Cluster("main", folder / ".hearth")
        names = ("DATABASE_URL", "DATABASE_ROLE", "DJANGO_SETTINGS_MODULE")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("HEARTH_", "PYTEST")) and k not in names}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 60) -> None:
        command = [sys.executable, str(self.folder / "run"), "demo", "--port", str(self.port)]
        with (self.folder / "demo.out").open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=self.environment)
        wait_for(self.is_ready, seconds=seconds, why=f"the demo did not serve within {seconds} seconds")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "demo.out").read_text()[-3000:]
        with contextlib.suppress(OSError, http.client.HTTPException):
            return Browser(self.address).ask("GET", "/readyz")[0] == 200
        return False

    def manage(self, *command: str) -> None:
        environment = self.environment | {"HEARTH_MODE": "demo"}
        subprocess.run([sys.executable, self.folder / "run", "manage", *command], env=environment, check=True, capture_output=True)

    def web_processes(self) -> list[int]:
        granian = [pid for pid in children_of(self.process.pid) if "granian" in command_of(pid)]
        return [child for pid in granian for child in children_of(pid)]

    def workers(self) -> list[int]:
        return [pid for pid in children_of(self.process.pid) if command_of(pid).rstrip().endswith("manage.py worker")]

    def database_processes(self) -> list[int]:
        main = self.cluster.pid()
        return [main, *all_below(main)] if main else []

    def kill_everything(self) -> None:
        end(self.process.pid, *all_below(self.process.pid), *self.database_processes())
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)


@pytest.fixture
def demo(tmp_path_factory) -> Iterator[Demo]:
    """A demo from a fresh clone."""
    folder = tmp_path_factory.mktemp("clone") / "hearth"
    subprocess.run(["git", "clone", "--quiet", str(settings.BASE_DIR), str(folder)], check=True)
    demo = Demo(folder)
    demo.start(seconds=300)
    yield demo
    demo.stop()
    shutil.rmtree(demo.cluster.folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@needs_proc
@pytest.mark.deep
def test_nothing_is_lost_in_a_fresh_clone_whatever_is_killed_how_often(demo):
    """A minute and more of posting while web processes, the worker and PostgreSQL die at random, and in the end everything."""
    emails = [f"poster{number}@example.org" for number in range(8)]
    for number, email in enumerate(emails):
        demo.manage("make_member", "--handle", f"poster{number}", "--email", email, "--password", PASSWORD, "--role", "member")
    starter = Browser(demo.address)
    starter.sign_in(emails[0])
    topics = [starter.open_conversation(f"A quiet evening, part {number}") for number in range(3)]
    posters = everybody_posts(demo.address, emails, topics)
    chaos = random.Random(7)
    for turn in range(30):
        time.sleep(2)
        end(chaos.choice(demo.web_processes() or [demo.process.pid + 10**7]))
        if turn % 6 == 5:
            end(*demo.database_processes())
            let_post(posters, 1, seconds=30)
        if turn % 7 == 6:
            end(*demo.workers())
    for round_ in range(3):
        let_post(posters, 5)
        demo.kill_everything()
        demo.start()
        assert demo.is_ready(), round_
    let_post(posters, 5)
    for poster in posters:
        poster.finish()
    with demo.cluster.connect("hearth", OWNER) as database:

        def is_drained() -> bool:
            due = "status = 'doing' OR status = 'todo' AND coalesce(scheduled_at < now(), true)"
            jobs = f"SELECT count(*) FROM procrastinate_jobs WHERE {due}"
            mails = "SELECT count(*) FROM notifications_outgoing WHERE sent_at IS NULL"
            return database.execute(f"SELECT ({jobs}) + ({mails})").fetchone() == (0,)

        wait_for(is_drained, seconds=DRAINED, why=f"the worker was not done within {DRAINED} seconds")
        assert_exactly_once(database, posters, topics)
        mailed = "SELECT count(*) FROM notifications_notification WHERE mailed_at IS NOT NULL AND thread::text = ANY(%s)"
        (told,) = database.execute(mailed, [[location.strip("/").split("/")[-1] for location in topics]]).fetchone()
        (sent,) = database.execute("SELECT count(*) FROM notifications_outgoing").fetchone()
        files = list((demo.folder / ".hearth" / "mail").glob("*.eml"))
        assert told == sent == len(files), "each mail was handed on once"
    assert acknowledged_by(posters) > 100
    reader = Browser(demo.address)
    reader.sign_in(emails[1])
    for location in list(posters[0].acknowledged.values())[-20:]:
        assert reader.insist("GET", location)[0] == 302
