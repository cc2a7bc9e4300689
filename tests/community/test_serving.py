"""Serving from outside: what refuses to start and why, what says that it is well, and a demo from its first start to `kill -9`."""

import asyncio
import contextlib
import fcntl
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connection, connections
from procrastinate.contrib.django import app

from community import health
from community.database import OWNER, PORT, PROJECT, WEB, Cluster
from community.identity.seal import make_keys
from community.management.commands.worker import with_fresh_connection
from community.serving import CannotStart, loopback
from community.tasks import MOST_ATTEMPTS, forget_ended, retry_stalled

REAL = {
    "SECRET_KEY": "for a test, and long enough for one: 0123456789abcdefghijklmnopqrstuvw",
    "ALLOWED_HOSTS": "hearth.example.org",
    **make_keys(),
}
READY_SECONDS = 90


def environment(**changes: str) -> dict[str, str]:
    """The environment without anything of ours, with these changes."""
    ours = re.compile("HEARTH_|DATABASE_|DJANGO_|IDENTITY_|SECRET_KEY|ALLOWED_HOSTS|SITE_URL|TRUSTED_PROXY_COUNT")
    return {name: value for name, value in os.environ.items() if not ours.match(name)} | changes


def manage(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROJECT / "manage.py", *command],
        cwd="/",
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refusal(*command: str, **changes: str) -> str:
    """The one line that a command says that won't start."""
    ran = manage(*command, **changes)
    assert ran.returncode not in (0, None), ran.stdout
    said = [line for line in (ran.stdout + ran.stderr).splitlines() if line]
    assert len(said) == 1, said
    return said[0]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


# What refuses to start ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8"])
def test_demo_may_listen_on_loopback(host):
    assert loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "hearth.example.org", ""])
def test_demo_listens_nowhere_else(host):
    with pytest.raises(CannotStart, match="this machine only"):
        loopback(host)


def test_demo_refuses_another_host_in_a_line(tmp_path):
    assert "./run serve" in refusal("demo", "--host", "0.0.0.0", HEARTH_STATE_DIR=str(tmp_path))


def test_demo_refuses_a_database_of_somebody_else(tmp_path):
    said = refusal("demo", DATABASE_URL="postgresql://a@b/c", HEARTH_STATE_DIR=str(tmp_path))
    assert "Unset DATABASE_URL" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_taken_port_gets_a_line_that_says_what_to_do(tmp_path, address):
    with socket.socket() as taken:
        # As another server of ours would listen: sharing the port with it must not count as having it.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal("demo", "--port", str(port), HEARTH_STATE_DIR=str(tmp_path))
    assert f"Port {port} is taken" in said
    assert "--port" in said


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_port_that_is_none_is_refused(tmp_path, port):
    ran = manage("demo", f"--port={port}", HEARTH_STATE_DIR=str(tmp_path))
    assert ran.returncode == 2
    assert "a number from 1 to 65535" in ran.stderr


def test_second_demo_of_a_folder_says_where_the_first_one_is(tmp_path):
    with open(tmp_path / "demo.lock", "w") as held:
        held.write("http://127.0.0.1:8123")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "http://127.0.0.1:8123" in refusal("demo", HEARTH_STATE_DIR=str(tmp_path))


def test_folder_for_the_state_that_cannot_be_made_gets_a_line():
    assert "HEARTH_STATE_DIR" in refusal("demo", HEARTH_STATE_DIR="/proc/hearth")


@pytest.mark.parametrize("missing", [*REAL, "DATABASE_URL"])
def test_serving_for_real_names_what_is_missing(missing):
    given = REAL | {"DATABASE_URL": "postgresql://hearth_web@localhost/hearth"}
    del given[missing]
    assert missing in refusal("serve", **given)


@pytest.mark.parametrize("missing", [*REAL, "DATABASE_URL"])
def test_worker_for_real_names_what_is_missing(missing):
    given = REAL | {"DATABASE_URL": "postgresql://hearth_web@localhost/hearth"}
    del given[missing]
    assert missing in refusal("worker", HEARTH_MODE="production", **given)


def test_serving_without_a_worker_needs_no_key_that_opens():
    given = REAL | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/hearth"}
    del given["IDENTITY_OPEN_KEY"]
    assert "The database does not answer" in refusal("serve", "--no-worker", "--port", str(free_port()), **given)


def url(cluster: Cluster, role: str, database: str) -> str:
    return f"postgresql://{quote(role)}@/{database}?{urlencode({'host': cluster.socket_dir, 'port': PORT})}"


@pytest.fixture
def real(tmp_path) -> Iterator[dict[str, str]]:
    """What serving for real is given: keys, and a durable PostgreSQL with an empty database and two roles."""
    with contextlib.ExitStack() as held:
        durable = Cluster("main", tmp_path / "state")
        held.callback(remove, durable)
        held.enter_context(durable.running())
        durable.ensure_database("real")
        yield REAL | {
            "DATABASE_URL": url(durable, WEB, "real"),
            "DATABASE_OWNER_URL": url(durable, OWNER, "real"),
            "HEARTH_STATE_DIR": str(tmp_path / "served"),
        }


def remove(cluster: Cluster) -> None:
    subprocess.run(["rm", "-rf", cluster.folder, cluster.socket_dir], check=True)


def test_serving_over_a_database_that_may_lose_posts_is_refused(embedded, template):
    assert "fsync = off" in refusal("serve", "--port", str(free_port()), **REAL, DATABASE_URL=url(embedded, WEB, template))


@pytest.mark.deep
def test_serving_for_real_wants_tables_then_is_clean_then_serves(real):
    assert "./run manage migrate" in refusal("serve", "--port", str(free_port()), **real)
    assert "./run manage migrate" in refusal("worker", HEARTH_MODE="production", **real)
    assert manage("migrate", "-v", "0", **real).returncode == 0
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **real)
    assert checked.returncode == 0, checked.stderr
    owning = manage("check", "--deploy", **real | {"DATABASE_URL": real["DATABASE_OWNER_URL"]})
    assert "hearth.W001" in owning.stderr
    with Started("serve", real) as served:
        assert served.status("/readyz") == 200
        for pid in served.pids("granian"):
            assert b"IDENTITY_OPEN_KEY" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert served.stop() == 0


@pytest.mark.deep
def test_serving_is_renewed_without_turning_anybody_away(real):
    manage("migrate", "-v", "0", **real)
    with Started("serve", real) as served:
        before, answers = served.pids("granian"), []
        served.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 120
        while served.pids("granian") & before != {served.main()} and time.monotonic() < deadline:
            answers.append(served.status("/healthz"))
        assert set(answers) == {200}
        assert len(served.pids("granian")) == len(before)


# What says that it is well --------------------------------------------------------------------------------------------


def test_process_says_that_it_lives_without_the_database(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_asked_for(client, path):
    assert client.post(path).status_code == 405


@pytest.fixture
def ready(transactional_db, client):
    """`ready()`: the status and the words of /readyz, which looks by a connection of its own."""

    def ask() -> tuple[int, dict[str, str]]:
        answer = client.get("/readyz")
        return answer.status_code, answer.json()

    return ask


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def a_worker_lives() -> None:
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


def test_ready_means_database_tables_and_worker(ready):
    assert ready() == (503, {"database": "ok", "migrations": "ok", "worker": "silent"})
    a_worker_lives()
    assert ready() == (200, {"database": "ok", "migrations": "ok", "worker": "ok"})
    sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '%s seconds'", health.HEARTBEAT_SECONDS + 1)
    assert ready() == (503, {"database": "ok", "migrations": "ok", "worker": "silent"})


def test_waiting_migration_is_not_ready(ready):
    a_worker_lives()
    sql("DELETE FROM django_migrations WHERE app = 'forums'")
    assert ready() == (503, {"database": "ok", "migrations": "waiting"})


def test_work_that_nobody_takes_is_not_ready(ready):
    a_worker_lives()
    retry_stalled.defer(timestamp=0)
    assert ready()[0] == 200
    sql("UPDATE procrastinate_events SET at = now() - interval '%s seconds'", health.LAG_SECONDS + 1)
    assert ready() == (503, {"database": "ok", "migrations": "ok", "worker": "behind"})


def test_work_for_later_is_no_delay(ready):
    a_worker_lives()
    retry_stalled.configure(schedule_in={"hours": 1}).defer(timestamp=0)
    sql("UPDATE procrastinate_events SET at = now() - interval '1 day'")
    assert ready()[0] == 200


def test_database_that_is_gone_is_told_and_not_raised(ready, monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "HOST", "/nowhere")
    assert ready() == (503, {"database": "down"})


# Work that a killed worker left ---------------------------------------------------------------------------------------


def work_until_nothing_waits() -> None:
    """A real worker, which ends when no job is left."""

    async def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            async with worker.open_async():
                await worker.run_worker_async(
                    wait=False, delete_jobs="successful", task_middleware=[with_fresh_connection], listen_notify=False
                )

    asyncio.run(work())


def put_job(task: str, status: str = "doing", *, queueing_lock: str | None = None, attempts: int = 0) -> None:
    """A job as it lies in the table; one that is being done here is that of a worker that is gone."""
    sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, queueing_lock, attempts) "
        "VALUES ('default', %s, '{\"timestamp\": 0}', %s, %s, %s)",
        *(task, status, queueing_lock, attempts),
    )


def jobs(task: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task])
        return [status for (status,) in cursor.fetchall()]


SWEEP = "community.contributions.tasks.sweep"


def test_job_that_a_killed_worker_left_is_done(transactional_db):
    put_job(SWEEP)
    retry_stalled.defer(timestamp=0)
    work_until_nothing_waits()
    assert jobs(SWEEP) == []


def test_job_whose_twin_waits_is_done_once(transactional_db):
    put_job(SWEEP, queueing_lock="contributions.sweep")
    put_job(SWEEP, "todo", queueing_lock="contributions.sweep")
    retry_stalled.configure(priority=10).defer(timestamp=0)
    work_until_nothing_waits()
    assert jobs(SWEEP) == []


def test_job_that_takes_every_worker_down_is_given_up(transactional_db):
    put_job(SWEEP, attempts=MOST_ATTEMPTS)
    retry_stalled.defer(timestamp=0)
    work_until_nothing_waits()
    assert jobs(SWEEP) == ["failed"]


def test_failed_jobs_are_forgotten_after_a_month(transactional_db):
    put_job(SWEEP, "failed")
    put_job("community.gone", "failed")
    sql(
        "INSERT INTO procrastinate_events (job_id, type, at) "
        "SELECT id, 'failed', now() FROM procrastinate_jobs WHERE task_name = %s",
        SWEEP,
    )
    sql(
        "INSERT INTO procrastinate_events (job_id, type, at) "
        "SELECT id, 'failed', now() - interval '31 days' FROM procrastinate_jobs WHERE task_name = 'community.gone'"
    )
    forget_ended.defer(timestamp=0)
    work_until_nothing_waits()
    assert (jobs(SWEEP), jobs("community.gone")) == (["failed"], [])


# A demo, from its first start to `kill -9` ----------------------------------------------------------------------------


@dataclass
class Started:
    """`./run demo` or `./run serve` in processes of its own, on a free port."""

    command: str
    given: dict[str, str]
    arguments: tuple[str, ...] = ()
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> "Started":
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, PROJECT / "manage.py", self.command, "--port", str(self.port), *self.arguments],
            cwd="/",
            env=environment(**self.given),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stdout:
            self.said.append(line)
            if f":{self.port}" in line:
                return self
        raise AssertionError(f"it did not start: {self.said}")

    def __exit__(self, *_: object) -> None:
        self.kill()

    def status(self, path: str) -> int:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request("GET", path, headers={"Host": self.given.get("ALLOWED_HOSTS", "localhost")})
            return asked.getresponse().status
        finally:
            asked.close()

    def is_ready(self) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.status("/readyz") == 200:
                    return True
            time.sleep(0.2)
        return False

    def pids(self, word: str = "") -> set[int]:
        """The processes below ours whose command holds the word."""
        parents = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        family, grown = {self.process.pid}, set()
        while family != grown:
            grown = set(family)
            family |= {pid for pid, parent in parents.items() if parent in family}
        found = set()
        for pid in family - {self.process.pid}:
            with contextlib.suppress(OSError):
                if word in Path(f"/proc/{pid}/cmdline").read_text():
                    found.add(pid)
        return found

    def main(self) -> int:
        """Granian's main process: the one that is our child."""
        return min(self.pids("granian"))

    def stop(self) -> int:
        family = self.pids()
        self.process.terminate()
        self.said += self.process.stdout.readlines()
        code = self.process.wait(timeout=60)
        assert not [pid for pid in family if Path(f"/proc/{pid}/cmdline").exists() and is_alive(pid)]
        return code

    def kill(self) -> None:
        """End every process at once, PostgreSQL included."""
        for pid in [self.process.pid, *self.pids()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> Iterator[Path]:
    state = tmp_path_factory.mktemp("demo") / "state"
    yield state
    with Cluster("main", state).running():
        pass
    remove(Cluster("main", state))


def demo(state: Path, *arguments: str) -> Started:
    return Started("demo", {"HEARTH_STATE_DIR": str(state)}, arguments)


def people(state: Path) -> int:
    with psycopg.connect(host=str(Cluster("main", state).socket_dir), port=PORT, dbname="hearth", user=WEB) as there:
        return there.execute("SELECT count(*) FROM members_user").fetchone()[0]


def test_demo_serves_says_where_and_stops(state):
    with demo(state) as served:
        assert served.is_ready()
        assert served.status("/") == 200
        assert served.status("/forums/") == 200
        assert served.status("/help/") == 200
        assert served.stop() == 0
    said = "".join(served.said)
    for account in ("newcomer@example.org", "member@example.org", "moderator@example.org", "owner@example.org", "/demo/mail/"):
        assert account in said
    assert (state / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.deep
def test_demo_finds_everything_after_every_process_was_killed(state):
    with demo(state) as first:
        before = people(state)
        with psycopg.connect(host=str(Cluster("main", state).socket_dir), port=PORT, dbname="hearth", user=WEB) as there:
            there.execute("UPDATE members_profile SET about = 'kept' WHERE user_id = (SELECT min(id) FROM members_user)")
        first.kill()
    with demo(state) as again:
        assert again.is_ready()
        assert people(state) == before
        with psycopg.connect(host=str(Cluster("main", state).socket_dir), port=PORT, dbname="hearth", user=WEB) as there:
            assert there.execute("SELECT count(*) FROM members_profile WHERE about = 'kept'").fetchone() == (1,)
        assert again.stop() == 0


@pytest.mark.deep
@pytest.mark.parametrize("word", ["granian", "worker", "postgres"])
def test_demo_mends_itself_when_a_part_is_killed(state, word):
    with demo(state) as served:
        assert served.is_ready()
        for pid in served.pids(word):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(1)
        assert served.is_ready()
        assert served.pids(word)
        assert served.stop() == 0


@pytest.mark.deep
def test_children_end_when_their_parent_is_killed(state):
    with demo(state) as served:
        children = served.pids("granian") | served.pids("worker")
        os.kill(served.process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(map(is_alive, children))


@pytest.mark.deep
def test_fresh_demo_forgets_what_was_written(state):
    with demo(state) as served:
        with psycopg.connect(host=str(Cluster("main", state).socket_dir), port=PORT, dbname="hearth", user=WEB) as there:
            there.execute("UPDATE members_profile SET about = 'mine'")
        served.stop()
    with demo(state, "--fresh") as served:
        with psycopg.connect(host=str(Cluster("main", state).socket_dir), port=PORT, dbname="hearth", user=WEB) as there:
            assert there.execute("SELECT count(*) FROM members_profile WHERE about = 'mine'").fetchone() == (0,)
        assert served.stop() == 0


@pytest.mark.deep
def test_demo_that_was_killed_while_it_was_filled_is_filled(tmp_path):
    state = tmp_path / "state"
    try:
        process = subprocess.Popen(
            [sys.executable, PROJECT / "manage.py", "demo", "--port", "18999"],
            env=environment(HEARTH_STATE_DIR=str(state)),
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in process.stdout:
            if "Inviting" in line:
                break
        process.kill()
        process.wait()
        process.stdout.close()
        with demo(state) as served:
            assert people(state) > 30
            assert served.stop() == 0
    finally:
        remove(Cluster("main", state))
