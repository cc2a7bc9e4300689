"""Mentors and searches of a community that never was: as many as are wanted, drawn from a seed, in the form that `Teller` takes.

Two who suit each other better stay together more often, as one would hope, so that there is something to be found out from it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from community import text
from community.members.models import User
from community.seeding import Size

from . import scoring
from .models import RELEASED_AFTER, Weight
from .telling import Guide, Teller

# One mentor for so many members, one who looks for a mentor lately for so many.
GUIDED, LOOKED = 30, 8
# More searches than these tell nothing new.
MOST = 2_000
HISTORY = 300
# So many mentors are looked at for each search, and so many are shown to whoever looks.
LOOKED_AT, SHOWN = 24, 4
# The tags that most of it is about, the first of them most of all.
COMMON = 200
# Of all answers; of the searches of the last weeks; and of those in which nobody was asked.
DECLINED, UNANSWERED, HAS_YET_TO_ASK, TAKEN_BACK = 0.12, 0.06, 0.4, 0.3
LATELY = 60
# How pairs end that do not come to a good end, and how likely that is for two who do not suit each other at all.
OTHERWISE, WORST = {"no_fit": 5, "stopped": 4, "quiet": 6, "safety": 1}, 0.75
LONG_ROOM = 240

_LINES = {
    "opening": [
        "Good morning from {place}.",
        "It is {time}, and the kettle is on.",
        "Thank you for yesterday’s lines.",
        "I have thought about what you said about {thing}.",
        "A short one today.",
        "You asked how it went.",
    ],
    "middle": [
        "I sat by {place} and did nothing in particular.",
        "The part with {thing} was easier than last time.",
        "It was heavy until {time}, and then it was only {time}.",
        "I said it aloud to {person}, more or less.",
        "{person} laughed, and I did not mind.",
        "I put {thing} where I can see it.",
    ],
    "closing": [
        "How is it with {thing}?",
        "Tell me about {place} when you like.",
        "More on Sunday.",
        "No need to answer before {time}.",
        "That is all, and it is enough.",
    ],
}
_WORDS = {
    "place": ["the window", "the allotment", "the bus stop", "the library steps", "the kitchen", "the harbour", "the back door"],
    "thing": ["the letter", "the bread", "the list", "the telephone", "the garden gate", "the spare room", "the blue cup"],
    "time": ["noon", "four o’clock", "the news", "supper", "the last bus", "first light"],
    "person": ["my sister", "the neighbour", "a friend from work", "the postman", "my father", "somebody in the queue"],
}
TEXTS = 400


class Invention:
    """The same for the same `drawn`."""

    def __init__(self, drawn: Random) -> None:
        self.drawn = drawn
        self.rendered = {words: text.render(words) for words in self.texts}

    @cached_property
    def texts(self) -> list[str]:
        kinds = ("opening", "middle", "middle", "closing")
        return [" ".join(self._line(kind) for kind in kinds) for _ in range(TEXTS)]

    def _line(self, kind: str) -> str:
        line = self.drawn.choice(_LINES[kind]).format(**{name: self.drawn.choice(words) for name, words in _WORDS.items()})
        return line[0].upper() + line[1:]

    def render(self, words: str) -> str:
        return self.rendered[words]

    # Mentors ----------------------------------------------------------------------

    def mentors(self, size: Size, teller: Teller) -> list[dict[str, Any]]:
        oldest = teller.now - timedelta(days=HISTORY + 60)
        users = [user for user in teller.users.values() if not user.email and user.date_joined < oldest]
        chosen = self.drawn.sample(users, min(len(users), max(3, size.members // GUIDED)))
        return [self._mentor(user, teller) for user in chosen]

    def _mentor(self, user: User, teller: Teller) -> dict[str, Any]:
        told = self._asked(user, teller, tags=5, helps=4, parts=6) | {
            "days_ago": self.drawn.uniform(15, HISTORY + 45),
            "approved_after_days": self.drawn.uniform(1, 9),
            "capacity": self.drawn.choice((1, 2, 2, 3, 3, 4)),
            "gender": self.drawn.choice(("", "", "woman", "woman", "man", "other")),
            "story": self.drawn.choice(self.texts),
            "offers": self.drawn.choice(self.texts),
            "limits": self.drawn.choice(self.texts),
            "case": self.drawn.choice(self.texts),
        }
        if self.drawn.random() < 0.06:
            del told["approved_after_days"]
            told["days_ago"] = self.drawn.uniform(0.1, 9)
        elif self.drawn.random() < 0.08:
            told["rests_since_days"] = self.drawn.uniform(0, 10)
        if "approved_after_days" in told and self.drawn.random() < 0.2:
            told["trusted_after_days"] = told["approved_after_days"] + self.drawn.uniform(0, 4)
        return told

    def _asked(self, user: User, teller: Teller, *, tags: int, helps: int, parts: int) -> dict[str, Any]:
        names, kinds = list(teller.tags)[:COMMON], list(teller.helps)
        carried = {names[int(len(names) * self.drawn.random() ** 2.5)] for _ in range(self.drawn.randint(1, tags))}
        # Most are free in the evening.
        free = {f"{self.drawn.randrange(7)}-{self.drawn.choice((0, 1, 1, 2, 2, 3, 3, 3, 3, 4))}" for _ in range(2 + parts)}
        return {
            "handle": user.username,
            "tags": sorted(carried),
            "helps": self.drawn.sample(kinds, self.drawn.randint(1, min(helps, len(kinds)))),
            "free": sorted(free),
        }

    # Searches -----------------------------------------------------------------------

    def searches(self, size: Size, teller: Teller) -> list[dict[str, Any]]:
        """Oldest first. Whoever can sign in, and looks after nobody, has a room in which much was said."""
        others = [user for user in teller.users.values() if user.username not in teller.guides and not user.email]
        chosen = self.drawn.sample(others, min(len(others), size.members // LOOKED, MOST))
        told = [self._search(user, teller) for user in chosen]
        told += [self._long_search(user, teller) for user in teller.users.values() if user.email and not user.is_staff]
        told.sort(key=lambda each: -each["days_ago"])
        guides = list(teller.guides.values())
        busy: dict[str, list[tuple[datetime, datetime]]] = {name: [] for name in teller.guides}
        for each in told:
            among = guides if each.get("is_long") else self.drawn.sample(guides, min(len(guides), LOOKED_AT))
            if each["days_ago"] < LATELY and self.drawn.random() < HAS_YET_TO_ASK:
                continue
            each["questions"] = list(self._questions(each, teller, among, len(guides), busy))
            if not each["questions"] and self.drawn.random() < TAKEN_BACK:
                each["taken_back_after_days"] = self.drawn.uniform(3, 80)
        return told

    def _search(self, user: User, teller: Teller) -> dict[str, Any]:
        longest = min(HISTORY, (teller.now - user.date_joined) / timedelta(days=1))
        weigh = {"lived": Weight.MUST.value} if self.drawn.random() < 0.15 else {}
        return self._asked(user, teller, tags=3, helps=3, parts=4) | {
            "days_ago": longest * self.drawn.random(),
            "need": self.drawn.choice(self.texts),
            "hopes": self.drawn.choice(self.texts),
            "weigh": weigh,
        }

    def _long_search(self, user: User, teller: Teller) -> dict[str, Any]:
        every = [f"{day}-{part}" for day in range(7) for part in range(1, 4)]
        return self._search(user, teller) | {"days_ago": 200.0, "free": every, "weigh": {}, "is_long": True}

    def _questions(
        self,
        told: dict[str, Any],
        teller: Teller,
        among: Sequence[Guide],
        mentors: int,
        busy: dict[str, list[tuple[datetime, datetime]]],
    ) -> Iterator[dict[str, Any]]:
        """Whom somebody asks, one after the other, until one says yes."""
        begun, after = teller.now - timedelta(days=told["days_ago"]), 0.0
        _request, newcomer = teller.seeker(told)
        asked: set[int] = set()
        for _time in range(2):
            after += self.drawn.uniform(0.3, 6)
            at = begun + timedelta(days=after)
            if at > teller.now:
                return
            fitting = [
                (score, guide)
                for score, guide in teller.fitting(newcomer, at, among)
                if guide.row.pk not in asked and self._has_place(guide, at, busy)
            ]
            if not fitting:
                return
            rank = self.drawn.randrange(min(SHOWN, len(fitting)))
            score, guide = fitting[rank]
            asked.add(guide.row.pk)
            # Of those who were looked at so many could be brought, so of all of them about this share.
            eligible = max(len(fitting), len(fitting) * mentors // len(among))
            question: dict[str, Any] = {
                "mentor": guide.row.user.username,
                "after_days": after,
                "rank": rank + 1,
                "eligible": eligible,
            }
            until = self._go_on(question, told, at, score, teller.now)
            busy[guide.row.user.username].append((at, until))
            yield question
            if "declined" not in question:
                return
            after += question["answered_after_hours"] / 24

    def _has_place(self, guide: Guide, at: datetime, busy: dict[str, list[tuple[datetime, datetime]]]) -> bool:
        """As if whoever comes now stayed for good, so that no two ever hold the same place."""
        return sum(until > at for _begun, until in busy[guide.row.user.username]) < guide.row.capacity

    def _go_on(self, question: dict[str, Any], told: dict[str, Any], at: datetime, score: scoring.Score, now: datetime) -> datetime:
        """What became of a question; the moment from which on nobody holds a place for it."""
        fate, hours = self.drawn.random(), self.drawn.uniform(2, 120)
        question["hello"] = self.drawn.choice(self.texts)
        answered = at + timedelta(hours=hours)
        is_long = told.get("is_long", False)
        if not is_long and (fate < UNANSWERED or answered >= now):
            return at + timedelta(days=8)
        question["answered_after_hours"] = hours
        if not is_long and fate < UNANSWERED + DECLINED:
            question["declined"] = "I have taken on as much as I can carry just now."
            return answered
        lasts = (now - answered) / timedelta(hours=1)
        if is_long:
            question["messages"] = self._messages(lasts, lasts / LONG_ROOM)
            return datetime.max.replace(tzinfo=at.tzinfo)
        ended = self._ended(score)
        question["messages"] = said = self._messages(min(lasts, ended["after_hours"]))
        if ended["how"] == "quiet":
            # The task comes round once an hour.
            ended["after_hours"] = (said[-1]["after_hours"] if said else 0) + RELEASED_AFTER / timedelta(hours=1) + 1
        question["answers"] = self._answers(ended["how"])
        if ended["after_hours"] >= lasts:
            return datetime.max.replace(tzinfo=at.tzinfo)
        question["ended"] = ended
        return answered + timedelta(hours=ended["after_hours"])

    def _ended(self, score: scoring.Score) -> dict[str, Any]:
        if self.drawn.random() < WORST * (1 - score.total / scoring.MOST):
            how = self.drawn.choices(list(OTHERWISE), list(OTHERWISE.values()))[0]
            hours = self.drawn.uniform(100, 900)
            return {"how": how, "after_hours": hours} | ({"by": "newcomer"} if how in ("no_fit", "stopped") else {})
        ended = {"how": "planned", "after_hours": self.drawn.uniform(1000, 5000), "by": self.drawn.choice(("newcomer", "mentor"))}
        if self.drawn.random() < 0.5:
            ended |= {"newcomer_thanks": self.drawn.choice(self.texts), "mentor_thanks": self.drawn.choice(self.texts)}
        if self.drawn.random() < 0.3:
            ended |= {"testimonial": self.drawn.choice(self.texts), "shown": self.drawn.random() < 0.7}
        return ended

    def _messages(self, lasts: float, apart: float = 0) -> list[dict[str, Any]]:
        """Words every few days for as long as it lasts, in turn."""
        said, at, apart = [], self.drawn.uniform(0.2, 20), apart or self.drawn.uniform(30, 110)
        while at < lasts:
            by = "newcomer" if len(said) % 2 else "mentor"
            said.append({"by": by, "after_hours": at, "body": self.drawn.choice(self.texts)})
            at += self.drawn.uniform(0.5, 1.5) * apart
        return said

    def _answers(self, how: str) -> dict[str, list[str]]:
        usual = {"no_fit": "not", "stopped": "deciding"}.get(how, "good")
        return {side: [usual] * self.drawn.randrange(5) for side in ("newcomer", "mentor")}
