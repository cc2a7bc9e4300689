"""Whom one newcomer could have, ranked as in a draft, in the web process: without the solver."""

from dataclasses import dataclass

from . import scoring
from .models import Request
from .people import read
from .scoring import Score


@dataclass(frozen=True)
class Option:
    """A mentor who could be brought to somebody, and the place among all of them."""

    mentor: int
    score: Score
    rank: int


@dataclass(frozen=True)
class Options:
    """Everybody who could be brought to somebody, the best first; and how many mentors are left after each of `scoring.STEPS`."""

    found: tuple[Option, ...]
    mentors: int
    left: dict[str, int]
    opens: dict[str, int]

    def of(self, mentor: int) -> Option | None:
        return next((option for option in self.found if option.mentor == mentor), None)


def options_for(request: Request) -> Options:
    """Whom this newcomer could have, as a draft ranks them."""
    people = read(Request.objects.filter(pk=request.pk))
    newcomer = people.newcomers[0]
    scored, left, opens = [], dict.fromkeys(scoring.STEPS, 0), dict.fromkeys(scoring.STEPS, 0)
    for mentor in people.mentors:
        against = scoring.obstacles(newcomer, mentor)
        for step in scoring.STEPS:
            if step in against:
                opens[step] += len(against) == 1
                break
            left[step] += 1
        if not against:
            scored.append((mentor.key, scoring.score(newcomer, mentor, people.rarity)))
    # Of two alike the lower key is first.
    scored.sort(key=lambda one: (-one[1].total, one[0]))
    return Options(tuple(Option(key, score, rank) for rank, (key, score) in enumerate(scored, 1)), len(people.mentors), left, opens)
