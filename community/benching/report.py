"""What was measured: as a table, as a file, and beside another file."""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

HEAD = ("page", "who", "F", "of", "CPU ms", "req/s", "p50", "p95", "p99", "SQL", "of", "HTML kB", "load")
MARK = "!"


def gathered(
    figures: Sequence[dict[str, Any]], *, floor: Sequence[float], size: dict[str, int], memory_mb: float, pickup_ms: Sequence[float]
) -> dict[str, Any]:
    """Everything in one, ready for a file."""
    return {
        "size": size,
        "floor_ms": round(median(floor), 2),
        "floor_ms_least": round(sorted(floor)[len(floor) // 10], 2),
        "memory_mb": round(memory_mb),
        "pickup_ms": {"p50": round(median(pickup_ms)), "most": round(max(pickup_ms))} if pickup_ms else None,
        "pages": list(figures),
    }


def is_inside(found: dict[str, Any], memory_budget: float) -> bool:
    return found["memory_mb"] <= memory_budget and not any(page["outside"] for page in found["pages"])


def table(found: dict[str, Any], *, memory_budget: float) -> str:
    """For a terminal and for Markdown alike. A figure outside its budget has a mark."""
    rows = [HEAD, *(_row(page) for page in found["pages"])]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    lines += ["", f"F, the floor: {found['floor_ms']} ms of CPU (the least {found['floor_ms_least']} ms)."]
    for page in found["pages"]:
        if page["assets_kb"]:
            lines.append(f"CSS + JS of {page['name']}, {page['who']}: {_against(page['assets_kb'], page['budget']['assets'])} kB.")
    lines.append(f"Memory of a web worker after that: {_against(found['memory_mb'], memory_budget)} MB.")
    if found["pickup_ms"]:
        lines.append(f"A job waits {found['pickup_ms']['p50']} ms for the worker, {found['pickup_ms']['most']} ms at most.")
    return "\n".join(lines)


def _row(page: dict[str, Any]) -> tuple[str, ...]:
    budget, outside = page["budget"], page["outside"]
    html = f"{page['html_kb']}" + (f" of {budget['html']}" if budget["html"] else "") + (MARK if "HTML" in outside else "")
    return (
        *(page["name"], page["who"]),
        *(f"{page['floors']:.2f}{MARK if 'CPU' in outside else ''}", f"{budget['floors']:g}"),
        *(f"{page['cpu_ms']:.2f}", str(page["requests_per_second"])),
        *(f"{page[name]:.0f}" for name in ("p50_ms", "p95_ms", "p99_ms")),
        *(f"{page['queries']}{MARK if 'queries' in outside else ''}", str(budget["queries"] or "–")),
        *(html if page["html_kb"] else "–", f"{page['load']:.1f}"),
    )


def _against(is_: float, may: float) -> str:
    return f"{is_:g} of {may:g}{MARK if is_ > may else ''}"


def differences(found: dict[str, Any], before: dict[str, Any]) -> str:
    """What changed since another file: floors, queries, kB. Only runs that alternate tell about small changes."""
    known = {(page["page"], page["who"]): page for page in before["pages"]}
    lines = [f"F {before['floor_ms']} → {found['floor_ms']} ms, memory {before['memory_mb']} → {found['memory_mb']} MB"]
    for page in found["pages"]:
        old = known.get((page["page"], page["who"]))
        if old is None:
            lines.append(f"{page['name']}, {page['who']}: new, {page['floors']} F")
            continue
        percent = (page["floors"] / old["floors"] - 1) * 100
        told = [f"{old['floors']} → {page['floors']} F ({percent:+.0f} %)"]
        for name, word in (("queries", "SQL"), ("html_kb", "HTML kB"), ("assets_kb", "CSS + JS kB")):
            if old[name] != page[name]:
                told.append(f"{word} {old[name]} → {page[name]}")
        lines.append(f"{page['name']}, {page['who']}: {', '.join(told)}")
    return "\n".join(lines)


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def write(found: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(found, indent=1) + "\n")
