"""The embedded PostgreSQL: it starts, stops, and comes back whatever happened to it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from community.database import OWNER, PORT, PROJECT, SOCKET_PATH_BYTES, WEB, Cluster, DatabaseError

HOLD_FOREVER = """
import sys, time
from community.database import Cluster
Cluster(sys.argv[1], sys.argv[2]).start()
print("held", flush=True)
time.sleep(600)
"""


def remove(cluster: Cluster) -> None:
    cluster.release()
    cluster._stop("immediate")
    shutil.rmtree(cluster.folder, ignore_errors=True)
    if cluster.socket_dir.parent != cluster.home:
        shutil.rmtree(cluster.socket_dir, ignore_errors=True)


@pytest.fixture
def state(tmp_path):
    """A state folder of its own; what its clusters made is removed afterwards."""
    state = tmp_path / "state"
    yield state
    for name in ("main", "test"):
        remove(Cluster(name, state))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A durable cluster with one row in it, made once."""
    cluster = Cluster("main", tmp_path_factory.mktemp("made") / 'it\'s a "home" $HOME')
    with cluster.running():
        write_row(cluster)
    yield cluster
    remove(cluster)


@pytest.fixture
def main(made):
    """Another process's view of that cluster, which is stopped by now."""
    cluster = Cluster("main", made.state)
    assert not cluster.is_ready()
    yield cluster
    cluster.release()


def write_row(cluster: Cluster) -> None:
    cluster.ensure_database("hearth")
    with cluster.connect("hearth") as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('kept')")


def read_rows(cluster: Cluster) -> list:
    with cluster.connect("hearth") as connection:
        return connection.execute("SELECT word FROM kept").fetchall()


def processes_of(cluster: Cluster) -> list[int]:
    """Every PostgreSQL process on this data: all of them work inside the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(cluster.data):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def kill_all(cluster: Cluster) -> None:
    for pid in processes_of(cluster):
        os.kill(pid, signal.SIGKILL)


def test_asking_where_the_sockets_are_makes_and_starts_nothing(state):
    assert Cluster("main", state).socket_dir.is_absolute()
    assert not state.exists()
    assert not Cluster("main", state).is_ready()


def test_server_stops_when_its_last_holder_leaves(main):
    other = Cluster("main", main.state)
    main.start()
    other.start()
    main.release()
    assert other.is_ready()
    other.release()
    assert not other.is_ready()
    assert processes_of(other) == []


def test_holding_twice_in_one_process_counts_twice(main):
    with main.running():
        with main.running():
            pass
        assert main.is_ready()
    assert not main.is_ready()


def test_the_log_holds_nothing_of_a_statement_that_failed(main):
    with main.running(), main.connect("hearth") as connection:
        connection.execute("CREATE TEMPORARY TABLE once (word text UNIQUE)")
        for _twice in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO once VALUES ('a thing told in confidence')")
    assert "once_word_key" in main.log.read_text()
    assert "confidence" not in main.log.read_text()


def test_server_of_a_killed_holder_is_found_and_used(main):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_FOREVER, "main", main.state], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    assert main.is_ready()
    before = main.pid()
    with main.running():
        assert main.pid() == before
    assert not main.is_ready()


def test_rows_survive_when_every_process_of_the_server_is_killed(main):
    main.start()
    for pid in processes_of(main):
        os.kill(pid, signal.SIGKILL)
    again = Cluster("main", main.state)
    with again.running():
        assert read_rows(again) == [("kept",)]


def test_server_whose_main_process_alone_was_killed_comes_back(main):
    main.start()
    os.kill(main.pid(), signal.SIGKILL)
    again = Cluster("main", main.state)
    with again.running():
        assert read_rows(again) == [("kept",)]


def test_pid_file_that_names_somebody_else_does_not_keep_the_server_from_starting(main):
    with main.running():
        left = (main.data / "postmaster.pid").read_text().split("\n")
    (main.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *left[1:]]))
    with main.running():
        assert read_rows(main) == [("kept",)]


def test_data_of_another_postgresql_is_left_alone_with_a_sentence(main):
    right = (main.data / "PG_VERSION").read_text()
    (main.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseError, match="written by PostgreSQL 12"):
        main.start()
    (main.data / "PG_VERSION").write_text(right)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the server in person")
def test_server_of_root_does_not_run_as_root(main):
    with main.running():
        assert Path(f"/proc/{main.pid()}").stat().st_uid != 0


def test_half_made_cluster_is_made_again(state):
    cluster = Cluster("test", state)
    cluster._make_folders()
    cluster._make_home()
    cluster._run("initdb", "-D", cluster.data, "-U", "somebody", "--no-sync")
    with cluster.running():
        assert cluster.ensure_database("hearth")


@pytest.mark.deep
def test_test_cluster_is_made_again_after_the_machine_went_down(state):
    cluster = Cluster("test", state)
    with cluster.running():
        cluster.ensure_database("old")
    (cluster.home / ".boot").write_text("another day")
    with cluster.running():
        assert "old" not in cluster.databases()


def test_socket_path_stays_short_however_deep_the_project_lies(tmp_path):
    cluster = Cluster("test", tmp_path / ("deep/" * 40))
    assert len(f"{cluster.socket_dir}/.s.PGSQL.{PORT}") <= SOCKET_PATH_BYTES
    try:
        with cluster.running():
            assert cluster.is_ready()
            assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700
    finally:
        remove(cluster)


@pytest.mark.deep
def test_two_states_have_two_servers(tmp_path):
    one, other = Cluster("test", tmp_path / "one"), Cluster("test", tmp_path / "other")
    try:
        with one.running(), other.running():
            one.ensure_database("only_here")
            assert "only_here" not in other.databases()
            assert one.pid() != other.pid()
    finally:
        remove(one)
        remove(other)


@pytest.mark.deep
@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps its clusters outside the project")
def test_new_project_at_an_old_path_never_sees_the_old_data(state):
    cluster = Cluster("main", state)
    with cluster.running():
        cluster.ensure_database("old")
    shutil.rmtree(state)
    again = Cluster("main", state)
    with again.running():
        assert "old" not in again.databases()
    assert (again.folder / "main.before" / "data" / "PG_VERSION").exists()


def test_web_role_may_write_rows_of_the_owners_tables_but_neither_change_nor_empty_them(embedded):
    name = f"test_hearth_{os.getpid()}_roles"
    embedded.ensure_database(name)
    try:
        with embedded.connect(name, OWNER) as owner:
            owner.execute("CREATE TABLE word (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
            owner.execute("CREATE EXTENSION unaccent")
        with embedded.connect(name, WEB) as web:
            web.execute("INSERT INTO word (word) VALUES ('one')")
            web.execute("UPDATE word SET word = 'two'")
            assert web.execute("SELECT word FROM word").fetchall() == [("two",)]
            web.execute("DELETE FROM word")
            for forbidden in ("TRUNCATE word", "DROP TABLE word", "CREATE TABLE mine (id int)", f"SET ROLE {OWNER}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    web.execute(forbidden)
        with embedded.connect(name, OWNER) as owner:
            owner.execute(f"SET ROLE {WEB}")
    finally:
        embedded.drop_database(name)


def test_clone_holds_what_its_template_held(embedded):
    first, second = (f"test_hearth_{os.getpid()}_{part}" for part in ("first", "second"))
    embedded.ensure_database(first)
    try:
        with embedded.connect(first, OWNER) as owner:
            owner.execute("CREATE TABLE word AS SELECT 'here' AS word")
        embedded.clone(first, second)
        with embedded.connect(second, WEB) as web:
            assert web.execute("SELECT word FROM word").fetchall() == [("here",)]
    finally:
        embedded.drop_database(first)
        embedded.drop_database(second)


@pytest.mark.deep
def test_starting_at_the_same_time_makes_one_server(state):
    command = [sys.executable, "-c", HOLD_FOREVER, "test", state]
    holders = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) for _ in range(3)]
    try:
        assert [holder.stdout.readline() for holder in holders] == ["held\n"] * 3
        mains = [pid for pid in processes_of(Cluster("test", state)) if b"-D\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(mains) == 1
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()
        deadline = time.monotonic() + 5
        while any(holder.poll() is None for holder in holders) and time.monotonic() < deadline:
            time.sleep(0.05)
