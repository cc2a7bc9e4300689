import contextlib
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from community import serving
from community.benching import cost, picking_up, report, rounds, topics
from community.benching.pages import Page, all_pages
from community.benching.place import Place
from community.benching.visitors import WrongAnswer
from community.database import cluster
from community.seeding import PROFILES

MEMORY_MB = 130
USUAL = PROFILES["usual"]
# A topic brings what it needs itself; the community around it is small.
POSTS_AROUND_TOPICS = 2_000


class Command(BaseCommand):
    """Measure what pages cost in a community of some size, and say which are outside their budgets."""

    help = (
        "Measure what pages cost in a community of some size, on the real server with production's settings (but for TLS), in a "
        "database of its own that is kept for the next time. The unit is F, the floor: the CPU time of a bare view with one "
        "query. Ends with 1 when a figure is outside its budget, with 2 when it could not be measured. Linux only."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("topic", nargs="?", default="", help="instead of pages, something with figures of its own: matching")
        parser.add_argument("--profile", choices=PROFILES, default="usual", help="crowded: many people, aliases and blocks")
        parser.add_argument("--posts", type=int, default=USUAL.posts, help=f"how large the community is ({USUAL.posts})")
        parser.add_argument("--seed", type=int, default=USUAL.seed, help=f"what it is drawn from ({USUAL.seed})")
        parser.add_argument("--pages", default="", help="only these, for example: home,topic")
        parser.add_argument("--rounds", type=int, default=5, help="how often each page is measured (5)")
        parser.add_argument("--connections", type=int, default=8, help="how many ask at once (8)")
        parser.add_argument("--json", type=Path, help="write the figures into this file")
        parser.add_argument("--compare", type=Path, help="say what changed since the figures in this file")

    def handle(self, *, topic: str = "", **options: Any) -> None:
        if topic:
            self._handle_topic(topic, options["json"])
        else:
            self._handle_pages(**options)

    def _handle_topic(self, key: str, file: Path | None) -> None:
        known = topics.all_topics()
        if key not in known:
            raise CommandError(f"There is no topic “{key}”. There are: {', '.join(known)}.", returncode=2)
        if not cost.is_countable():
            raise CommandError("Memory can only be counted on Linux, with /proc.")
        figures = [figure for measure in known[key].measures for figure in measure(self._say)]
        if known[key].stored:
            figures += self._stored(known[key])
        self._say("\n" + topics.table(figures))
        if file:
            topics.write(figures, file)
        sys.exit(0 if all(figure.is_inside for figure in figures) else 1)

    def _stored(self, topic: topics.Topic) -> list[topics.Figure]:
        embedded = cluster("main", settings.STATE_DIR)
        try:
            with embedded.running():
                Place(embedded, "usual", USUAL.with_posts(POSTS_AROUND_TOPICS), self._say).fill()
                # A measure fills tables and has them analysed.
                connections["default"].settings_dict.update(USER="hearth_owner")
                figures = [figure for measure in topic.stored for figure in measure(self._say)]
                serving.let_go_of_database()
                return figures
        except (serving.CannotStart, TimeoutError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem

    def _handle_pages(
        self, *, profile: str = "usual", posts: int, seed: int, pages: str, rounds: int, connections: int, **options: Any
    ) -> None:
        wanted = chosen(pages)
        before = report.read(options["compare"]) if options["compare"] else None
        if not cost.is_countable():
            raise CommandError("CPU time can only be counted on Linux, with /proc.")
        size = replace(PROFILES[profile].with_posts(posts), seed=seed)
        embedded = cluster("main", settings.STATE_DIR)
        try:
            with contextlib.suppress(serving.Stopped), embedded.running():
                serving.stop_on_signals()
                place = Place(embedded, profile, size, self._say)
                found = self._measure(place, wanted, max(1, rounds), connections)
                self._tell(found, before, options["json"])
                sys.exit(0 if report.is_inside(found, MEMORY_MB) else 1)
        except (WrongAnswer, serving.CannotStart, TimeoutError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem

    def _measure(self, place: Place, pages: list[Page], times: int, connections: int) -> dict[str, Any]:
        place.fill()
        picking_up.forget_all()
        with place.worker():
            waits = picking_up.waits()
        with place.server() as server, rounds.load() as orders:
            postmaster = place.embedded.pid()
            if server.process is None or postmaster is None:
                raise WrongAnswer("The server or the database is not there.")
            meter = cost.Meter(server=server.process.pid, postmaster=postmaster, database=place.database)
            bench = rounds.Bench(place.port, meter, orders, connections=connections)
            figures = bench.run(pages, times, self._say)
            memory = meter.memory()
        serving.let_go_of_database()
        summaries = [figure.summary() for figure in figures]
        return report.gathered(summaries, floor=bench.floor, size=asdict(place.size), memory_mb=memory, pickup_ms=waits)

    def _tell(self, found: dict[str, Any], before: dict[str, Any] | None, file: Path | None) -> None:
        self._say(report.table(found, memory_budget=MEMORY_MB))
        if before:
            self._say("\n" + report.differences(found, before))
        if file:
            report.write(found, file)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def chosen(keys: str) -> list[Page]:
    """The pages that were asked for, all of them unless some are named. Raises CommandError for one there is not."""
    pages = {page.key: page for page in all_pages()}
    wanted = [key.strip() for key in keys.split(",") if key.strip()] or list(pages)
    if unknown := [key for key in wanted if key not in pages]:
        raise CommandError(f"There is no page “{unknown[0]}”. There are: {', '.join(pages)}.", returncode=2)
    return [pages[key] for key in wanted]
