"""Floor, page, floor, page: what is asked in which order, and what comes of it.

CPU time is that of the server's processes and of PostgreSQL, read just before and just after a slice of requests; a page's cost
in floors is told by the two floors beside it, since a machine is not as fast at every moment.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from statistics import mean, median
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from .cost import Meter
from .load import NUMBER
from .pages import FLOOR, Budget, Page
from .visitors import ACCEPTED, VOLUNTEER, Answer, Visitor, WrongAnswer

GUEST, KEPT, MEMBER, STAFF = "guest", "guest, kept copy", "signed in", "volunteer"
# No slice is longer than either.
REQUESTS, SECONDS = 200, 6.0


@dataclass
class Figure:
    """What one page costs one kind of visitor. Times in ms."""

    page: str
    name: str
    who: str
    path: str
    budget: Budget
    cpu: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    queries: int = 0
    html_kb: float = 0.0
    assets_kb: float = 0.0
    assets_budget: float | None = None

    @property
    def multiple(self) -> float:
        return median(self.floors)

    def summary(self) -> dict[str, Any]:
        took = sorted(self.took)
        at = lambda share: round(took[min(len(took) - 1, int(len(took) * share))], 1)  # noqa: E731
        return {
            "page": self.page,
            "name": self.name,
            "who": self.who,
            "path": self.path,
            "floors": round(self.multiple, 2),
            "cpu_ms": round(median(self.cpu), 2),
            "cpu_ms_least": round(sorted(self.cpu)[len(self.cpu) // 10], 2),
            "requests_per_second": round(median(self.rates)),
            "p50_ms": at(0.5),
            "p95_ms": at(0.95),
            "p99_ms": at(0.99),
            "queries": self.queries,
            "html_kb": round(self.html_kb, 1),
            "assets_kb": round(self.assets_kb, 1),
            "load": round(median(self.loads), 1),
            "budget": asdict(self.budget) | {"assets": self.assets_budget},
            "outside": self.outside,
        }

    @property
    def outside(self) -> list[str]:
        """Which budgets this is outside of."""
        pairs = {
            "CPU": (self.multiple, self.budget.floors),
            "queries": (self.queries, self.budget.queries),
            "HTML": (self.html_kb, self.budget.html),
            "CSS + JS": (self.assets_kb, self.assets_budget),
        }
        return [name for name, (is_, may) in pairs.items() if may is not None and is_ > may]


class Bench:
    """Measures pages of a server that runs; `orders` asks the process that makes the load."""

    def __init__(self, port: int, meter: Meter, orders: Callable[[dict[str, Any]], dict[str, Any]], *, connections: int) -> None:
        self.port, self.meter, self.orders, self.connections = port, meter, orders, connections
        self.home = f"http://127.0.0.1:{port}"
        self.guest, self.member = Visitor(self.home), Visitor(self.home).sign_in()
        self.floor: list[float] = []

    @cached_property
    def volunteer(self) -> Visitor:
        return Visitor(self.home).sign_in(VOLUNTEER)

    def run(self, pages: Iterable[Page], rounds: int, say: Callable[[str], None]) -> list[Figure]:
        prepared = [self._prepare(page, who) for page in pages for who in _visitors(page)]
        self._slice(_get(FLOOR))
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds} …")
            before = self._floor()
            for figure, order in prepared:
                cost, answer = self._slice(order)
                after = self._floor()
                figure.cpu.append(cost)
                figure.floors.append(cost / mean((before, after)))
                figure.took += answer["took"]
                figure.rates.append(len(answer["took"]) / answer["seconds"])
                figure.loads.append(os.getloadavg()[0])
                before = after
        return [figure for figure, _order in prepared]

    def _floor(self) -> float:
        cost, _answer = self._slice(_get(FLOOR))
        self.floor.append(cost)
        return cost

    def _slice(self, order: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """CPU ms of one request of this kind, and the answer of who asked."""
        before = self.meter.read()
        answer = self.orders({"count": REQUESTS, "seconds": SECONDS} | order | {"port": self.port, "connections": self.connections})
        after = self.meter.read()
        wanted = {str(order["status"]), "200"} if order.get("conditional") else {str(order["status"])}
        if answer["troubles"] or not set(answer["statuses"]) <= wanted:
            raise WrongAnswer(f"{order['path']} answered {answer['statuses']}; {' '.join(answer['troubles'][:1])}")
        return self.meter.between(before, after) / len(answer["took"]), answer

    # One page and one visitor -------------------------------------------------------

    def _prepare(self, page: Page, who: str) -> tuple[Figure, dict[str, Any]]:
        """Look at the page once: what it weighs, what it asks of the database, and that it is what it should be."""
        path = page.address()
        visitor = self.member if who == MEMBER else self.volunteer if who == STAFF else self.guest
        figure = Figure(page.key, page.name, who, path, _visitors(page)[who])
        order = _get(path)
        if who in (MEMBER, STAFF):
            order["headers"]["Cookie"] = visitor.cookies
        if page.posts:
            return self._prepare_posting(page, figure, order, visitor)
        # Each process looks up what it remembers from then on, such as the kinds of things that carry tags.
        for _ in range(4):
            visitor.ask(path)
        headers = {**ACCEPTED, "X-Bench": "1"}
        answer = visitor.ask(path, headers)
        if who == KEPT:
            order |= {"conditional": True, "status": 304}
            order["headers"]["If-None-Match"] = answer.headers["ETag"]
            answer = visitor.ask(path, headers | {"If-None-Match": answer.headers["ETag"]})
        if answer.status != order["status"]:
            raise WrongAnswer(f"{path} answered {answer.status} to a {who}.")
        if who != KEPT:
            figure.html_kb = answer.compressed_kb
            if page.assets:
                figure.assets_kb, figure.assets_budget = visitor.assets_kb(answer), page.assets
        return self._counted(figure, answer), order

    def _prepare_posting(
        self, page: Page, figure: Figure, order: dict[str, Any], visitor: Visitor
    ) -> tuple[Figure, dict[str, Any]]:
        named = page.words_in
        form = {"csrfmiddlewaretoken": visitor.token(figure.path), **page.form, named: f"{page.posts} {NUMBER}"}
        order["headers"] |= {"Cookie": visitor.cookies, "Referer": self.home + figure.path}
        order |= {"method": "POST", "body": urlencode(form), "status": 302, "count": REQUESTS // 2}
        if page.addresses:
            order["paths"] = page.addresses()
        # The first one of a place does a little more: it marks the place as read. So does the first one in each process.
        for number in range(8):
            visitor.ask(figure.path, data=form | {named: f"{page.posts} {number}"})
        answer = visitor.ask(figure.path, {"X-Bench": "1"}, data=form | {named: f"{page.posts} {time.time_ns()}"})
        if answer.status != 302:
            raise WrongAnswer(f"Posting to {figure.path} answered {answer.status}.")
        return self._counted(figure, answer), order

    def _counted(self, figure: Figure, answer: Answer) -> Figure:
        if not self.meter.is_of_server(int(answer.headers["X-Bench-Pid"])):
            raise WrongAnswer("Somebody else answers at our address.")
        figure.queries = int(answer.headers["X-Bench-Queries"])
        return figure


def _get(path: str) -> dict[str, Any]:
    return {"path": path, "headers": dict(ACCEPTED), "status": 200}


def _visitors(page: Page) -> dict[str, Budget]:
    wanted = {GUEST: page.guest, KEPT: page.kept, MEMBER: page.member, STAFF: page.volunteer}
    return {who: budget for who, budget in wanted.items() if budget is not None}


@contextmanager
def load() -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """The process that asks: hand it an order, get its answer. It ends with the block."""
    command = [sys.executable, "-m", "community.benching.load"]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as asking:

        def orders(order: dict[str, Any]) -> dict[str, Any]:
            if asking.stdin is None or asking.stdout is None:
                raise WrongAnswer("Nobody is there to ask.")
            asking.stdin.write(json.dumps(order) + "\n")
            asking.stdin.flush()
            return json.loads(asking.stdout.readline())

        try:
            yield orders
        finally:
            asking.kill()
