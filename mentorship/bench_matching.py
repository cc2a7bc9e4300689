"""What it costs to match cohorts, and whether what is promised of them holds: invented people, the same ones every time."""

import os
import random
import time
from collections import Counter
from importlib import import_module
from typing import Any

from community.benching.topics import Figure, Say, with_peak
from mentorship.fields import HOURS
from mentorship.scoring import HIGH, LOW, MEDIUM, MUST, Mentor, Newcomer, obstacles

TOPICS, TAGS, LANGUAGES = 40, 80, 12
WEIGHTS = (MUST, HIGH, HIGH, MEDIUM, MEDIUM, MEDIUM, LOW, LOW)


def invent(newcomers: int, mentors: int, *, seed: int = 1) -> tuple[list[Newcomer], list[Mentor]]:
    """So many people, the same ones for the same seed: tags as rare as words are (Zipf), most speak one of twelve languages,
    three of ten newcomers wish for a gender, one in eight needs a trained mentor, one in ten names mentors, a few have blocked
    somebody.
    """
    chance = random.Random(seed)  # noqa: S311 invented people
    zipf = [1 / (place + 1) for place in range(TAGS)]
    tongues = [1 / (place + 1) ** 1.2 for place in range(LANGUAGES)]

    def some(of: int, least: int, most: int, weights: list[float] | None = None) -> int:
        chosen = chance.choices(range(of), weights, k=chance.randint(least, most))
        return sum(1 << number for number in set(chosen))

    def week(offset: int) -> int:
        """Four to seven stretches of an hour or three, by day or evening at home."""
        found = 0
        for _ in range(chance.randint(4, 7)):
            begin = 24 * chance.randrange(7) + chance.choice((9, 12, 17, 18, 19, 20)) - offset // 60
            for hour in range(begin, begin + chance.randint(1, 3)):
                found |= 1 << (hour % HOURS)
        return found

    def person() -> dict:
        offset = 60 * chance.choices((-8, -5, -3, 0, 1, 2, 3, 5, 8), (2, 4, 1, 6, 8, 4, 2, 2, 1))[0]
        return {
            "topics": some(TOPICS, 2, 5),
            "lived": some(TAGS, 2, 6, zipf),
            "languages": some(LANGUAGES, 1, 2, tongues),
            "hours": week(offset),
            "offset": offset,
            "gender": chance.choice(("", "woman", "woman", "man", "other")),
        }

    def wished(share: float) -> str:
        return chance.choice(("woman", "man")) if chance.random() < share else ""

    guides = []
    for key in range(1, mentors + 1):
        much = person() | {"topics": some(TOPICS, 4, 12), "lived": some(TAGS, 3, 9, zipf), "wished_gender": wished(0.15)}
        guides.append(Mentor(key, free=chance.randint(1, 5), trained=chance.random() < 0.4, **much))
    seekers = []
    for key in range(1, newcomers + 1):
        keys = range(1, mentors + 1)
        seekers.append(
            Newcomer(
                key,
                mentors + key,
                wished_gender=wished(0.3),
                named=frozenset(chance.sample(keys, min(2, mentors)) if chance.random() < 0.1 else ()),
                apart=frozenset(chance.sample(keys, min(1, mentors)) if chance.random() < 0.05 else ()),
                weigh_topics=chance.choice(WEIGHTS),
                weigh_lived=chance.choice(WEIGHTS[1:]),
                weigh_gender=chance.choice(WEIGHTS),
                most_important=chance.choice(("", "topics", "lived", "hours")),
                flagged=chance.random() < 0.12,
                waited=int(chance.expovariate(1 / 15)),
                **person(),
            )
        )
    return seekers, guides


def usual(say: Say) -> list[Figure]:
    """A thousand who look, three hundred who guide."""
    return _cohort(say, 1_000, 300, rounds=5, seconds=1, memory=150) + _pinned(1_000, 300)


def large(say: Say) -> list[Figure]:
    """Ten thousand who look, two thousand who guide: for the worker, in its own time."""
    return _cohort(say, 10_000, 2_000, rounds=1, seconds=60, memory=700)


def many_small(say: Say, cohorts: int = 10_000) -> list[Figure]:
    """How often something promised does not hold, in that many small cohorts."""
    say(f"Matching {cohorts:,} small cohorts …")
    matching = import_module("mentorship.matching")
    wrong: Counter[str] = Counter()
    for seed in range(cohorts):
        pool = matching.gather(*invent(seed % 9, seed % 5, seed=seed))
        found = matching.solve(pool)
        wrong["musts"] += _violations(pool, found)
        wrong["bounds"] += found.certificate.gap + found.certificate.served_bound - found.certificate.served
    return [
        Figure(f"{cohorts:,} small cohorts: pairs that a must or a capacity rules out", wrong["musts"], most=0, least=0),
        Figure(f"{cohorts:,} small cohorts: short of their bounds", wrong["bounds"], most=0, least=0),
    ]


def _cohort(say: Say, newcomers: int, mentors: int, *, rounds: int, seconds: float, memory: float) -> list[Figure]:
    size = f"{newcomers:,} × {mentors:,}"
    say(f"Matching a cohort of {size} …")
    found, peak = with_peak(measure, newcomers, mentors, rounds)
    return [
        Figure(f"{size}: from rows in memory to an explained draft, CPU", found["busy"], "s", most=seconds),
        Figure(f"{size}: the same by the clock, at a load of {os.getloadavg()[0]:.1f}", found["seconds"], "s", most=seconds),
        Figure(f"{size}: of that, everybody against everybody", found["gather"], "s"),
        Figure(f"{size}: of that, the best matching and its proof", found["solve"], "s"),
        Figure(f"{size}: of that, the reasons", found["explain"], "s"),
        Figure(f"{size}: importing the solver, once in a worker", found["import"], "s"),
        Figure(f"{size}: memory of the process", peak, "MB", most=memory),
        Figure(f"{size}: progress was told so often", found["told"], least=5),
        Figure(f"{size}: people served, of the most there could be", found["served"], most=found["most"], least=found["most"]),
        Figure(f"{size}: gap to the bound of linear programming", found["gap"], most=0, least=0),
        Figure(f"{size}: pairs that a must or a capacity rules out", found["violations"], most=0, least=0),
        Figure(f"{size}: served of the hardest tenth, beside the rest", found["hard"], "%", least=found["rest"]),
        Figure(f"{size}: of everybody served or not, explained", found["explained"], "%", least=100),
    ]


def measure(newcomers: int, mentors: int, rounds: int) -> dict[str, float]:
    """Seconds and promises of one cohort. Of some rounds the quickest counts: what else the machine does is not measured."""
    people, guides = invent(newcomers, mentors)
    begun = time.perf_counter()
    matching = import_module("mentorship.matching")
    imported = time.perf_counter() - begun
    return min((_round(matching, people, guides) for _ in range(rounds)), key=lambda one: one["seconds"]) | {"import": imported}


def _round(matching: Any, people: list[Newcomer], guides: list[Mentor]) -> dict[str, float]:
    told: list[int] = []
    busy = time.process_time()
    times = [time.perf_counter()]
    pool = matching.gather(people, guides, progress=told.append)
    times.append(time.perf_counter())
    found = matching.solve(pool, progress=told.append)
    times.append(time.perf_counter())
    rows = matching.explain(pool, found)
    matching.sought(pool, found)
    times.append(time.perf_counter())
    busy = time.process_time() - busy
    hard, served = (pool.levels & matching.HARD) > 0, found.columns >= 0
    return {
        "gather": times[1] - times[0],
        "solve": times[2] - times[1],
        "explain": times[3] - times[2],
        "seconds": times[3] - times[0],
        "busy": busy,
        "told": len(told),
        "served": found.certificate.served,
        "most": found.certificate.served_bound,
        "gap": found.certificate.gap,
        "violations": _violations(pool, found),
        "hard": round(100 * float(served[hard].mean()), 1),
        "rest": round(100 * float(served[~hard & (pool.eligible > 0)].mean()), 1),
        "explained": 100 * sum(row.score is not None or row.funnel is not None for row in rows) / len(rows),
    }


def _violations(pool: Any, found: Any) -> int:
    """Pairs that something rules out, and people beyond a mentor's places."""
    seekers, guides = ({one.key: one for one in side} for side in (pool.newcomers, pool.mentors))
    ruled_out = sum(bool(obstacles(seekers[pair.newcomer], guides[pair.mentor])) for pair in found.pairs)
    taken = Counter(pair.mentor for pair in found.pairs)
    return ruled_out + sum(max(0, count - guides[mentor].free) for mentor, count in taken.items())


def _pinned(newcomers: int, mentors: int) -> list[Figure]:
    """A coordinator holds somebody together with their first choice, and the draft is solved again."""
    matching = import_module("mentorship.matching")
    pool = matching.gather(*invent(newcomers, mentors))
    found = matching.solve(pool)
    row = next(row for row in matching.explain(pool, found) if row.mentor and row.ahead)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        again = matching.solve(pool, pins={row.newcomer: row.ahead[0].mentor})
        times.append(time.perf_counter() - begun)
    return [
        Figure(f"{newcomers:,} × {mentors:,}: solved again after a pin", min(times), "s", most=1),
        Figure(f"{newcomers:,} × {mentors:,}: gap after a pin", again.certificate.gap, most=0, least=0),
    ]
