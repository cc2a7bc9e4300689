"""Boards and conversations of a community that never was: as many as are wanted, drawn from a seed.

Long-tailed as life is: most conversations are short, one has thousands of replies, a third of all stand on one board. Every text
is made of a few thousand paragraphs, so that each of those is rendered once.
"""

import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from community import text
from community.identity.aliases import CREATURES, QUIET
from community.members.models import User
from community.seeding import Size

from .models import Mode

YEARS = 3
LONGEST = 5_000
PARAGRAPHS = 4_000
# Of all replies or conversations.
EDITED, WITHDRAWN, HIDDEN, QUOTING, CALLING = 0.03, 0.01, 0.002, 0.015, 0.002
ANONYMOUS, CLOSED, EVERYONE_MAY_READ = 0.06, 0.02, 0.7
NOTED, NOTED_IN_OWN_WORDS = 0.05, 0.2
# Of all paragraphs, where there are filters that shall find something.
WITH_RARE_WORD = 0.1

SAID = tomllib.loads(Path(__file__).with_name("invented.toml").read_text())
BOARDS, WORDS = SAID["boards"], {name: words.split() for name, words in SAID["words"].items()}
MODES = [mode.value for mode in Mode]


class Invention:
    """Everything said in a community of this size, in the form that `Teller` takes; the same for the same `drawn`."""

    def __init__(
        self,
        size: Size,
        users: Sequence[User],
        now: datetime,
        drawn: Random,
        notes: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> None:
        self.size, self.now, self.drawn, self.notes, self.tags = size, now, drawn, notes, tags
        # Apart, so that the same is said whatever is in the vocabulary.
        self.tagging = Random(size.seed)  # noqa: S311
        self.handles = [user.username for user in users]
        self.joined = [user.date_joined for user in users]
        self.aliases = [f"{quiet} {creature}" for quiet in QUIET for creature in CREATURES]
        # Words that stand in a few paragraphs each, most of them; somebody does not want to read them.
        self.rare = [alias.replace(" ", "").lower() for alias in drawn.sample(self.aliases, size.filters)]

    # Texts ------------------------------------------------------------------------

    def _sentence(self, patterns: Sequence[str]) -> str:
        pattern = self.drawn.choice(patterns)
        return pattern.format(**{name: self.drawn.choice(words) for name, words in WORDS.items()})

    def _paragraph(self) -> str:
        """Thirty to seventy-five words; the first sentence is plain, so that it can be quoted."""
        room = self.drawn.randint(24, 62)
        said = [self._sentence(SAID["openings"]) + "."]
        while sum(len(each.split()) for each in said) < room:
            middle = self._sentence(SAID["middles"])
            said.append(f"{middle[0].upper()}{middle[1:]}.")
        if self.rare and self.drawn.random() < WITH_RARE_WORD:
            said.append(f"We called it the {self.drawn.choice(self.rare)}.")
        if self.drawn.random() < 0.1:
            said[-1] = f"*{said[-1][:-1]}.*"
        return " ".join([*said, self._sentence(SAID["endings"]) + "."])

    @cached_property
    def paragraphs(self) -> dict[str, str]:
        """The paragraphs that every text is made of, each with its HTML."""
        number = max(50, min(PARAGRAPHS, self.size.posts // 4))
        return {paragraph: text.render(paragraph) for paragraph in (self._paragraph() for _ in range(number))}

    @cached_property
    def pool(self) -> list[str]:
        return list(self.paragraphs)

    def render(self, body: str, **how: Any) -> str:
        """What `text.render` makes of a text; of one that is made of our paragraphs, without doing it again."""
        if "@" not in body:
            parts = body.split("\n\n")
            if all(part in self.paragraphs for part in parts):
                return "".join(self.paragraphs[part] for part in parts)
        return text.render(body, **how)

    def _body(self) -> str:
        return "\n\n".join(self.drawn.sample(self.pool, 2))

    # Boards and conversations -------------------------------------------------------

    def boards(self) -> list[dict[str, Any]]:
        return [
            board
            | {
                "guidelines": "Say what it was like for you. Leave out what others should do, **unless they asked**.",
                "reads_from": time(8 + number % 4),
                "reads_until": time(20 + number % 4),
                "audience": "members" if number % 3 == 2 else "everyone",
                "anonymous": bool(self.size.anonymous),
            }
            for number, board in enumerate(BOARDS)
        ]

    def _lengths(self) -> list[int]:
        """How many replies each conversation has: one very many, one a page with its opening words, the rest a long tail."""
        topics, replies = self.size.topics, max(0, self.size.posts - self.size.topics)
        longest = min(LONGEST, replies // 4)
        first = [longest, min(19, replies - longest)][:topics]
        rest, left = topics - len(first), replies - sum(first)
        if not rest:
            return first
        weights = [min(self.drawn.paretovariate(1.2) - 0.97, 60) for _ in range(rest)]
        lengths = [int(weight * left / sum(weights)) for weight in weights]
        for _ in range(left - sum(lengths)):
            lengths[self.drawn.randrange(rest)] += 1
        return first + lengths

    def talks(self, *, batch: int) -> Iterator[list[dict[str, Any]]]:
        """All conversations, oldest first, in batches of about so many posts."""
        lengths = self._lengths()
        hours = YEARS * 365 * 24
        plans = [(self.drawn.random() * hours, length, self._board()) for length in lengths]
        # The two that are looked at are old enough to be whole, and stand where a guest can read them.
        plans[:2] = [(hours * 0.6, length, 0) for length in lengths[:2]]
        talks, posts = [], 0
        for age, length, board in sorted(plans, reverse=True):
            talks.append(self._talk(age, length, board))
            posts += length + 1
            if posts >= batch:
                yield talks
                talks, posts = [], 0
        if talks:
            yield talks

    def _board(self) -> int:
        """A third of all conversations stand on the first board."""
        return 0 if self.drawn.random() < 1 / 3 else self.drawn.randrange(1, len(BOARDS))

    def _somebody(self, at: datetime) -> str:
        """Somebody who had joined by then; some write much more than others."""
        return self.handles[int(max(1, bisect_left(self.joined, at)) * self.drawn.random() ** 1.5)]

    def _talk(self, age: float, length: int, board: int) -> dict[str, Any]:
        drawn, begun = self.drawn, self.now - timedelta(hours=age)
        people = [self._somebody(begun) for _ in range(2 + min(length, 80) // 2)]
        looked_at = length in {19, LONGEST}
        everyone = board % 3 != 2 and (looked_at or drawn.random() < EVERYONE_MAY_READ)
        talk: dict[str, Any] = {
            "board": BOARDS[board]["slug"],
            "author": people[0],
            "title": self._sentence(SAID["titles"]),
            "mode": drawn.choice(MODES),
            "audience": "everyone" if everyone else "members",
            "age_hours": age,
            "body": self._body(),
            **self._note(),
            "tags": self._tags(),
        }
        talk["replies"] = self._replies(talk, age, length, people)
        if self.size.anonymous:
            speakers = sorted({talk["author"], *(reply["author"] for reply in talk["replies"])})
            behind = [handle for handle in speakers if drawn.random() < self.size.anonymous]
            talk["anonymous"] = dict(zip(behind, drawn.sample(self.aliases, len(behind)), strict=True))
        elif drawn.random() < ANONYMOUS:
            hidden_behind = {people[0], drawn.choice(people)} if drawn.random() < 0.5 else {drawn.choice(people)}
            talk["anonymous"] = dict(zip(sorted(hidden_behind), drawn.sample(self.aliases, 2), strict=False))
        if looked_at:
            return talk
        self._fate(talk, 0, age)
        if drawn.random() < CLOSED and age > max([reply["after_hours"] for reply in talk["replies"]], default=0) + 3:
            talk |= {"closed": True, "closed_reason": ""}
        return talk

    def _replies(self, talk: dict[str, Any], age: float, length: int, people: list[str]) -> list[dict[str, Any]]:
        drawn = self.drawn
        # Most conversations are over in days, long ones go on.
        span = min(age * 0.98, drawn.expovariate(1 / 40) * (1 + length / 4))
        if length == LONGEST:
            span = age * 0.98
        replies: list[dict[str, Any]] = []
        for after in sorted(drawn.random() * span for _ in range(length)):
            said = {"author": drawn.choice(people), "after_hours": after, "body": self._body(), **self._note()}
            chance = drawn.random()
            if chance < QUOTING:
                self._quote(said, talk, replies)
            elif chance < QUOTING + CALLING:
                said["body"] = f"@{drawn.choice(people)}, this is for you.\n\n{said['body']}"
            self._fate(said, after, age)
            replies.append(said)
        return replies

    def _quote(self, said: dict[str, Any], talk: dict[str, Any], replies: list[dict[str, Any]]) -> None:
        place = self.drawn.randrange(-1, len(replies))
        words = (talk if place < 0 else replies[place])["body"]
        said |= {"quotes": place, "excerpt": words.rpartition("\n\n")[2].partition(". ")[0]}

    def _tags(self) -> list[str]:
        """Up to three; some tags are carried much more than others."""
        number = min(self.tagging.choice((0, 1, 1, 2, 3)), len(self.tags))
        return list({self.tags[int(len(self.tags) * self.tagging.random() ** 3)]: None for _ in range(number)})

    def _note(self) -> dict[str, Any]:
        """What a few texts are about, from the list `notes` if there is one."""
        if not self.notes or self.drawn.random() >= NOTED:
            return {}
        own = f"about a {self.drawn.choice(WORDS['person'])}" if self.drawn.random() < NOTED_IN_OWN_WORDS else ""
        return {"notes": [self.drawn.choice(self.notes)], "note_words": own}

    def _fate(self, said: dict[str, Any], after: float, age: float) -> None:
        """What became of these words, for a few of them."""
        chance = self.drawn.random()
        if chance < EDITED:
            # Before `now`, whatever was said only just now.
            said["edited_after_hours"] = after + min(0.4, (age - after) / 2)
            said["before_edit"] = f"{said['body']} And one more thing."
        elif chance < EDITED + WITHDRAWN:
            said["withdrawn"] = age - after > 1
        elif chance < EDITED + WITHDRAWN + HIDDEN:
            said["hidden"] = age - after > 6
