"""What is measured beside pages, by name: `./run bench matching`. Every app names its own topics in `bench.TOPICS`."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from .report import MARK

Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """Something measured, in some unit, with what it may be at most, or must be at least."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def is_inside(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def bound(self) -> str:
        if self.most is not None and self.most == self.least:
            return f"{self.most:,g}"
        return " ".join(f"{sign} {bound:,g}" for sign, bound in (("≥", self.least), ("≤", self.most)) if bound is not None) or "–"


Measure = Callable[[Say], list[Figure]]


@dataclass(frozen=True)
class Topic:
    """One topic: what is measured of it in memory alone, and `stored` in the database of a small community, as its owner.

    A measure tells what it is about through `say`, and leaves nothing behind.
    """

    key: str
    name: str
    measures: Sequence[Measure] = ()
    stored: Sequence[Measure] = ()


def all_topics() -> dict[str, Topic]:
    """The topics of every app that names some, by their keys."""
    found: dict[str, Topic] = {}
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "bench"):
            found |= {topic.key: topic for topic in getattr(import_module(f"{app.name}.bench"), "TOPICS", ())}
    return found


def with_peak(measure: Callable[..., Any], *values: Any) -> tuple[Any, float]:
    """What `measure(*values)` answers in a new process, and the most MB of memory that this process ever held. Linux only.

    `measure` is a function of a module; what it answers has to travel between processes.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(_peaking, measure, *values).result()


def _peaking(measure: Callable[..., Any], *values: Any) -> tuple[Any, float]:
    answer = measure(*values)
    status = Path("/proc/self/status").read_text()
    return answer, int(status.split("VmHWM:")[1].split()[0]) / 1024


def table(figures: Sequence[Figure]) -> str:
    """For a terminal and for Markdown alike. A figure outside its bound has a mark."""
    rows = [("what", "measured", "bound")]
    for figure in figures:
        value = f"{round(figure.value, 3):,g}" if abs(figure.value) < 1_000 else f"{figure.value:,.0f}"
        rows.append((figure.name, f"{value} {figure.unit}".strip() + ("" if figure.is_inside else MARK), figure.bound))
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write(figures: Sequence[Figure], file: Path) -> None:
    file.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
