"""The ruler: what it measures is ours, it stops what it starts, and it says what is outside."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command

from community.benching import cost, load, report, topics
from community.benching.pages import Budget, all_pages
from community.benching.rounds import MEMBER, Figure
from community.management.commands.bench import chosen
from community.prepared import Prepared, reach
from forums.models import Topic
from tests import make


def figure(**values) -> Figure:
    made = Figure("topic", "a topic", MEMBER, "/", Budget(8, 9, html=12))
    made.cpu, made.floors, made.took, made.rates, made.loads = [4.0], [4.0], [1.0, 2.0, 3.0], [100.0], [0.5]
    for name, value in values.items():
        setattr(made, name, value)
    return made


def gathered(*figures: Figure, memory: float = 100) -> dict:
    summaries = [each.summary() for each in figures]
    return report.gathered(summaries, floor=[1.0, 1.1], size={"posts": 10}, memory_mb=memory, pickup_ms=[5.0])


# What it says ---------------------------------------------------------------------------------------------------------


def test_every_page_has_a_name_a_budget_and_a_key_of_its_own():
    pages = all_pages()
    assert {"home", "boards", "board", "deep-board", "topic", "last-page", "reply"} <= {page.key for page in pages}
    assert len({page.key for page in pages}) == len(pages)
    assert all(page.guest or page.member or page.volunteer for page in pages)


def test_a_page_that_there_is_not_is_named():
    assert [page.key for page in chosen("topic, home")] == ["topic", "home"]
    with pytest.raises(CommandError, match="no page “attic”"):
        chosen("attic")


def test_a_figure_outside_its_budget_is_marked():
    inside, outside = figure(), figure(floors=[8.5], queries=10, html_kb=12.5)
    assert inside.outside == []
    assert outside.outside == ["CPU", "queries", "HTML"]
    assert report.is_inside(gathered(inside), 130)
    assert not report.is_inside(gathered(outside), 130)
    assert not report.is_inside(gathered(inside, memory=131), 130)
    assert "8.50!" in report.table(gathered(outside), memory_budget=130)
    assert "!" not in report.table(gathered(inside), memory_budget=130)


def test_a_comparison_says_what_changed(tmp_path):
    file = tmp_path / "before.json"
    report.write(gathered(figure()), file)
    words = report.differences(gathered(figure(floors=[6.0], queries=3)), report.read(file))
    assert "4.0 → 6.0 F (+50 %), SQL 0 → 3" in words


# Topics: what is measured beside pages --------------------------------------------------------------------------------


def test_a_topic_that_there_is_not_is_named():
    assert "matching" in topics.all_topics()
    with pytest.raises(CommandError, match="no topic “weather”"):
        call_command("bench", "weather")


def test_a_figure_stands_beside_its_bound_and_is_marked_outside_it(tmp_path):
    figures = [
        topics.Figure("quick", 0.4, "s", most=1),
        topics.Figure("slow", 1.2, "s", most=1),
        topics.Figure("few", 3, least=4),
        topics.Figure("exact", 1_234, most=1_234, least=1_234),
        topics.Figure("free", 2_000_000),
    ]
    assert [figure.is_inside for figure in figures] == [True, False, False, True, True]
    lines = topics.table(figures).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells == [
        *(["quick", "0.4 s", "≤ 1"], ["slow", "1.2 s!", "≤ 1"], ["few", "3!", "≥ 4"]),
        *(["exact", "1,234", "1,234"], ["free", "2,000,000", "–"]),
    ]
    topics.write(figures, tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text())[1]["name"] == "slow"


@pytest.mark.skipif(not cost.is_countable(), reason="memory is counted on Linux")
def test_memory_is_counted_in_a_process_of_its_own():
    length, small = topics.with_peak(len, b"")
    words, large = topics.with_peak(os.urandom, 50_000_000)
    assert (length, len(words)) == (0, 50_000_000)
    assert large > small + 40


# What it counts -------------------------------------------------------------------------------------------------------

needs_linux = pytest.mark.skipif(not cost.is_countable(), reason="CPU time is counted on Linux")


@needs_linux
def test_the_meter_counts_what_a_process_and_its_children_use():
    busy = "import os, time\nos.fork()\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\ntime.sleep(20)"
    with subprocess.Popen([sys.executable, "-c", busy], start_new_session=True) as working:
        try:
            meter = cost.Meter(server=working.pid, postmaster=os.getpid(), database="none")
            deadline, used = time.monotonic() + 20, 0.0
            while used < 550 and time.monotonic() < deadline:
                time.sleep(0.1)
                used = sum(ns for (pid, _thread), ns in meter.read().items() if meter.is_of_server(pid)) / 1e6
            assert 550 < used < 2_000
            assert meter.memory() > 1
            assert not meter.is_of_server(os.getpid())
        finally:
            os.killpg(working.pid, 9)


class Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sent: list[bytes] = []

    def do_GET(self):
        unchanged = self.headers.get("If-None-Match") == '"new"'
        self.send_response(304 if unchanged else 200)
        self.send_header("ETag", '"new"')
        self.send_header("Content-Length", "0" if unchanged else "5")
        self.end_headers()
        self.wfile.write(b"" if unchanged else b"hello")

    def do_POST(self):
        self.sent.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_the_load_is_bounded_by_number_and_by_time(port):
    order = {"port": port, "path": "/", "headers": {}, "connections": 3}
    few = load.carry_out(order | {"count": 20, "seconds": 20})
    assert (len(few["took"]), few["statuses"], few["troubles"]) == (20, {"200": 20}, [])
    brief = load.carry_out(order | {"count": 10**9, "seconds": 0.3})
    assert brief["seconds"] < 5


def test_no_words_are_sent_twice(port):
    order = {"port": port, "path": "/", "headers": {}, "connections": 2, "method": "POST", "body": f"body=word+{load.NUMBER}"}
    for _ in range(2):
        answer = load.carry_out(order | {"count": 20, "seconds": 20})
        assert (answer["statuses"], answer["troubles"]) == ({"200": 20}, [])
    assert len(set(Slow.sent)) == len(Slow.sent) == 40
    assert {len(body) for body in Slow.sent} == {len(order["body"])}


def test_a_kept_copy_is_renewed_when_the_page_changes(port):
    order = {"port": port, "path": "/", "connections": 1, "conditional": True, "headers": {"If-None-Match": '"old"'}}
    answer = load.carry_out(order | {"count": 5, "seconds": 20})
    assert answer["statuses"] == {"200": 1, "304": 4}


# A query that is worked out once --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_prepared_query_finds_what_the_queryset_finds(member, author):
    board = make.board(audience="everyone")
    shown, hidden = make.topic(board, author, audience="everyone", title="100 % here"), make.topic(board, author)
    query = Prepared(
        lambda viewer, title, board, keys: (
            Topic.objects.visible_to(viewer)
            .filter(title=title, board=board, pk__among=keys)
            .exclude(title__contains="50%")
            .with_place()
        ),
        title=str,
        board=int,
        keys=list,
    )
    guest = AnonymousUser()
    for viewer in (guest, member, guest):
        for topic in (shown, hidden):
            values = {"title": topic.title, "board": board.pk, "keys": [topic.pk]}
            found = query.rows(viewer, reach(viewer), **values)
            assert found == list(Topic.objects.visible_to(viewer).filter(pk=topic.pk))
            assert [(each.author.username, each.board.name) for each in found] == [(author.username, board.name)] * len(found)


# All of it ------------------------------------------------------------------------------------------------------------


@needs_linux
@pytest.mark.deep
def test_a_small_community_is_measured_and_nothing_stays_behind(tmp_path):
    file = tmp_path / "figures.json"
    command = [sys.executable, "manage.py", "bench", "--posts", "2000", "--rounds", "1", "--json", str(file)]
    environment = os.environ | {"HEARTH_STATE_DIR": str(tmp_path / "state")}
    ran = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    found = json.loads(file.read_text())
    assert {(page["page"], page["who"]) for page in found["pages"]} >= {("topic", "guest"), ("home", "signed in")}
    assert all(page["floors"] > 0.3 and page["queries"] is not None for page in found["pages"])
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False).stdout
    assert left == ""


def test_the_command_wants_pages_that_there_are():
    with pytest.raises(CommandError, match="no page"):
        call_command("bench", pages="nowhere")
