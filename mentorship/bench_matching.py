"""Cohorts are matched: invented people, and what it costs to match them."""

import random

from mentorship.fields import HOURS
from mentorship.scoring import HIGH, LOW, MEDIUM, MUST, Mentor, Newcomer

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
