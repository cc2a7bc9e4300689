"""What a draft costs end to end, from rows in the database to rows in the database: invented people, the same ones every time."""

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from community.benching.topics import Figure, Say
from community.members.models import User

from . import drafting, people
from .bench_suggesting import _fill as fill
from .models import Cohort, Mentor

NEWCOMERS, MENTORS, ROUNDS = 1_000, 300, 3


def drafted(say: Say) -> list[Figure]:
    """For `./run bench matching`: a thousand who look and three hundred who guide, both aims, and once more after a pin."""
    say(f"Drafting a cohort of {NEWCOMERS:,} × {MENTORS:,}, from rows to rows.")
    found, size = measure(), f"{NEWCOMERS:,} × {MENTORS:,}, from rows to rows"
    load = os.getloadavg()[0]
    # A second is for a quiet machine, three times as much for one that has more to do than it can.
    slow = 1 if load <= (os.cpu_count() or 1) else 3
    return [
        Figure(f"{size}: CPU of this process", found["busy"], "s", most=1),
        Figure(f"{size}: by the clock, at a load of {load:.1f}", found["draft"], "s", most=slow),
        Figure(f"{size}: of that, reading", found["read"], "s"),
        Figure(f"{size}: again after a pin, CPU of this process", found["pinned busy"], "s", most=1),
        Figure(f"{size}: again after a pin, by the clock", found["pinned"], "s"),
        Figure(f"{size}: memory of the worker at its most", found["peak"], "MB"),
        Figure(f"{size}: of that, for the draft and its solver", found["more"], "MB", most=150),
        Figure(f"{size}: statements for reading", found["statements"], most=12),
        Figure(f"{size}: people served, of the most there could be", found["served"], most=found["most"], least=found["most"]),
    ]


def measure(newcomers: int = NEWCOMERS, mentors: int = MENTORS) -> dict[str, float]:
    """Seconds and MB of a draft. Of some rounds the quickest counts. Nothing stays in the database. Linux only."""
    with transaction.atomic():
        fill(mentors, newcomers, 1)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        by = User.objects.create(username=f"bench-{uuid4().hex[:16]}", email="coordinator@bench.invalid")
        cohort = Cohort.begin(by=by, name="bench", aim=Cohort.Aim.MANY)
        gc.collect()
        before = _memory("VmRSS")
        # The most that was held is counted anew from here.
        Path("/proc/self/clear_refs").write_text("5")
        found = min((_round(cohort, by) for _ in range(ROUNDS)), key=lambda one: one["draft"])
        peak = _memory("VmHWM")
        statements: list[str] = []

        def noted(execute: Callable[..., Any], statement: str, *more: Any) -> Any:
            statements.append(statement)
            return execute(statement, *more)

        with connection.execute_wrapper(noted):
            begun = time.perf_counter()
            people.read(cohort.requests())
            found["read"] = time.perf_counter() - begun
        row = cohort.pairings.drafted().filter(rank__gt=1).first()
        if row is not None:
            better = Mentor.objects.get(pk=row.why["ahead"][0][0])
            cohort.pin(by=by, pairing=row, mentor=better)
            again = _timed(cohort)
            found |= {"pinned": again["draft"], "pinned busy": again["busy"]}
        cohort.refresh_from_db()
        figures = cohort.certificate["aims"][cohort.aim]
        transaction.set_rollback(True)
    served = {"served": figures["served"], "most": figures["served_bound"]}
    return found | served | {"peak": peak, "more": peak - before, "statements": len(statements)}


def _round(cohort: Cohort, by: User) -> dict[str, float]:
    cohort.solve(by=by)
    return _timed(cohort)


def _timed(cohort: Cohort) -> dict[str, float]:
    busy, begun = time.process_time(), time.perf_counter()
    drafting.draft(cohort.pk)
    return {"draft": time.perf_counter() - begun, "busy": time.process_time() - busy}


def _memory(name: str) -> float:
    """MB of this process, as Linux counts them."""
    return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) / 1024
