"""How well a mentor suits a newcomer: what rules a pair out, and a score of six parts that add up exactly.

Pure: sets of bits (`fields.py`) and small whole numbers go in, whole numbers come out, so that the same pair has the same score
here, in the vectorised `matching/pool.py`, and in ten years. Nothing here touches the database.

Where the weights come from. Having lived through the same, and what is asked and offered, carry most of it: deep-level similarity
is what goes with relationships of quality (Eby et al. 2013, Psychological Bulletin 139(2): 173 samples, N = 40,737; ρ .38–.59), far
ahead of gender or origin, which count only as somebody's own stated wish. Contact that is often enough comes next (same source,
.25), so hours in common are needed and weigh. Choosing helps: who had a say in the match felt closer and was supported more (Allen,
Eby & Lentz 2006, Journal of Applied Psychology 91:567; Kendall & Smith-Jentsch 2015, random assignment), so naming a mentor counts,
and the newcomer's own most important part counts half as much again. Matching on characteristics as such is “insufficient research”
(National Mentoring Resource Center). The numbers themselves are a judgement from that, not fitted to outcomes: score and outcome
are kept together so that they can be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt, log2

from .fields import HELPS, TAGS, numbers

# The parts, in the order in which they are shown; the same words as `models.Fact`.
TOPICS, LIVED, HOURS, WISH, NEARNESS, LANGUAGE = "topics", "lived", "hours", "wish", "nearness", "language"
PARTS = (TOPICS, LIVED, HOURS, WISH, NEARNESS, LANGUAGE)
MOST = 1000
# Points of each part for somebody who states something on all of them and finds them all equally important.
WEIGHTS: Mapping[str, int] = {TOPICS: 350, LIVED: 250, HOURS: 200, WISH: 120, NEARNESS: 50, LANGUAGE: 30}

# How much a part matters to the newcomer; the same words as `models.Weight`. In quarters: a judgement, such that what matters
# a lot counts three times what matters little. A must is ruled out before it is scored, and then counts like what matters a lot.
MUST, HIGH, MEDIUM, LOW = "must", "high", "medium", "low"
QUARTERS: Mapping[str, int] = {MUST: 6, HIGH: 6, MEDIUM: 4, LOW: 2}
# The one most important part: half as much again.
MOST_IMPORTANT = (3, 2)

LEAST_HOURS = 1  # a week in common, else they could not meet
FULL_HOURS = 4  # a week in common: more is no better
FAR = 360  # minutes between two clocks at which nearness is over: six hours, when evenings no longer meet
DAY = 1440
# Facts of the part WISH, and what each is worth beside the other.
NAMED, GENDER = 1, 2
SHARES: Mapping[int, int] = {NAMED: 2, GENDER: 1}

# What can rule a pair out, in the order in which the funnel tells it.
# WISHES are the newcomer's, LIMITS the mentor's.
APART, WISHES, LIMITS, TRAINING, PLACE = "apart", "wishes", "limits", "training", "place"
STEPS = (APART, LANGUAGE, TOPICS, LIVED, HOURS, WISHES, LIMITS, TRAINING, PLACE)
# What the newcomer could see less strictly, or add to.
THEIRS = (LANGUAGE, TOPICS, LIVED, HOURS, WISHES)


@dataclass(frozen=True)
class Newcomer:
    """Somebody who looks for a mentor.

    Sets are ints of bits: `topics` (kinds of help) and `lived` (tags) as asked, `without` the tags a mentor must not carry,
    `languages`, `hours` of the week in UTC. `offset` is in minutes ahead of UTC, `waited` in days. `named` and `apart` hold keys of
    mentors: wished for, and never to be brought (blocks either way, ended before, “not for me”). `struck` are facts not to be
    matched on: parts, or single ones such as “tag:12” and “help:3”; one that nobody knows strikes nothing. `kept` are parts that
    they share with nobody: these count for nothing, and a must on one is still a must.
    """

    key: int  # of the request
    person: int  # of the member: nobody mentors themselves
    topics: int = 0
    lived: int = 0
    without: int = 0
    languages: int = 0
    hours: int = 0
    offset: int = 0
    gender: str = ""
    wished_gender: str = ""
    named: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()
    weigh_topics: str = MEDIUM
    weigh_lived: str = MEDIUM
    weigh_hours: str = MEDIUM
    weigh_gender: str = MUST
    most_important: str = ""
    struck: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    flagged: bool = False  # needs somebody trained for harder stories
    waited: int = 0

    @cached_property
    def asked_topics(self) -> int:
        """The kinds of help that are matched on: those asked for, less what is struck."""
        return 0 if TOPICS in self.struck else self.topics & ~self._struck("help", HELPS)

    @cached_property
    def asked_lived(self) -> int:
        """The tags that are matched on. With one struck, the mentor's own limits still look at all of `lived`."""
        return 0 if LIVED in self.struck else self.lived & ~self._struck("tag", TAGS)

    @property
    def asked_named(self) -> frozenset[int]:
        return frozenset() if WISH in self.struck else self.named

    @property
    def must_gender(self) -> bool:
        return bool(self.wished_gender) and WISH not in self.struck and self.weigh_gender == MUST

    @property
    def soft_gender(self) -> bool:
        """Whether a gender is wished for, and not as a must: a must is never scored."""
        return bool(self.wished_gender) and WISH not in self.struck and self.weigh_gender != MUST

    @property
    def least_hours(self) -> int:
        """How many hours a week they must have in common."""
        if HOURS in self.struck:
            return 0
        return FULL_HOURS if self.weigh_hours == MUST else LEAST_HOURS

    def _struck(self, kind: str, width: int) -> int:
        found = 0
        for fact in self.struck:
            word, _colon, number = fact.partition(":")
            if word == kind and number.isascii() and number.isdecimal():
                found |= 1 << (int(number) % width)
        return found


@dataclass(frozen=True)
class Mentor:
    """Somebody who has been there, with `free` places.

    Sets are bits as for `Newcomer`; `not_about` are the tags that they are not brought for. What they keep to themselves counts
    for nothing.
    """

    key: int  # of the member
    topics: int = 0
    lived: int = 0
    not_about: int = 0
    languages: int = 0
    hours: int = 0
    offset: int = 0
    gender: str = ""
    wished_gender: str = ""
    free: int = 1
    trained: bool = False
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """One part of a score: `points` of at most `most`, and what it was built from, nothing else.

    `facts` are bit numbers: kinds of help, tags, hours of the week in UTC, or languages that both have; for WISH `NAMED` and
    `GENDER`; for NEARNESS the minutes between the clocks. A part that the newcomer struck, or states nothing on, has none.
    """

    name: str
    points: int
    most: int
    facts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Score:
    """Six parts, in the order of `PARTS`."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        """From 0 to 1000, and exactly the sum of the parts."""
        return sum(part.points for part in self.parts)

    @property
    def points(self) -> dict[str, int]:
        return {part.name: part.points for part in self.parts}


def rarities(stories: Iterable[int]) -> tuple[int, ...]:
    """What each of the tags weighs, from the `lived` bits of every mentor there is."""
    mentors, counts = 0, [0] * TAGS
    for story in stories:
        mentors += 1
        for number in numbers(story):
            counts[number] += 1
    return rarities_of(counts, mentors)


def rarities_of(counts: Sequence[int], mentors: int) -> tuple[int, ...]:
    """What each tag weighs when `counts[n]` of so many mentors carry tag n: from 16 for what all carry, 16 more at each halving.

    Inverse document frequency (Spärck Jones 1972, Journal of Documentation 28:11), in whole numbers.
    """
    return tuple(16 + round(16 * log2((1 + mentors) / (1 + min(count, mentors)))) for count in counts)


def weights(newcomer: Newcomer) -> dict[str, int]:
    """The most points that each part can bring: 1000 in all, or 0 if there is nothing to match on.

    A part that is struck, or on which the newcomer states nothing, weighs nothing, and the others take its place: who says little
    is no worse off in a cohort. Scaled back to 1000 in whole numbers by largest remainder; what ties goes to the part that comes
    first.
    """
    quarters = {
        TOPICS: QUARTERS[newcomer.weigh_topics] if newcomer.asked_topics else 0,
        LIVED: QUARTERS[newcomer.weigh_lived] if newcomer.asked_lived else 0,
        HOURS: QUARTERS[newcomer.weigh_hours] if newcomer.hours else 0,
        WISH: QUARTERS[MEDIUM] if newcomer.asked_named else QUARTERS[newcomer.weigh_gender] if newcomer.soft_gender else 0,
        NEARNESS: QUARTERS[MEDIUM],
        LANGUAGE: QUARTERS[MEDIUM] if newcomer.languages.bit_count() > 1 else 0,
    }
    more, usual = MOST_IMPORTANT
    raw = {}
    for part, base in WEIGHTS.items():
        is_out = part in newcomer.struck or part in newcomer.kept
        raw[part] = 0 if is_out else base * quarters[part] * (more if part == newcomer.most_important else usual)
    whole = sum(raw.values())
    if not whole:
        return dict.fromkeys(PARTS, 0)
    found = {part: MOST * raw[part] // whole for part in PARTS}
    largest = sorted(PARTS, key=lambda part: (-(MOST * raw[part] % whole), PARTS.index(part)))
    for part in largest[: MOST - sum(found.values())]:
        found[part] += 1
    return found


def score(newcomer: Newcomer, mentor: Mentor, rarity: Sequence[int]) -> Score:
    """How well the two suit each other, whether or not something rules them out. `rarity` is what `rarities` answers."""
    most = weights(newcomer)
    topics = newcomer.asked_topics & mentor.topics
    lived = newcomer.asked_lived & mentor.lived
    hours = newcomer.hours & mentor.hours
    languages = newcomer.languages & mentor.languages
    asked, wishes = _wishes(newcomer, mentor)
    apart = minutes_apart(newcomer.offset, mentor.offset)

    def part(name: str, got: int, of: int, facts: Sequence[int]) -> Part:
        if name in mentor.kept:
            return Part(name, 0, most[name])
        return Part(name, most[name] * got // of if of else 0, most[name], tuple(facts) if most[name] else ())

    return Score(
        (
            part(TOPICS, topics.bit_count(), newcomer.asked_topics.bit_count(), numbers(topics)),
            part(LIVED, _weighed(lived, rarity), _weighed(newcomer.asked_lived, rarity), numbers(lived)),
            part(HOURS, min(hours.bit_count(), FULL_HOURS), FULL_HOURS, numbers(hours)),
            part(WISH, sum(SHARES[wish] for wish in wishes), sum(SHARES[wish] for wish in asked), wishes),
            part(NEARNESS, max(0, FAR - apart), FAR, (apart,)),
            part(LANGUAGE, int(languages.bit_count() > 1), 1, numbers(languages)),
        )
    )


def _weighed(tags: int, rarity: Sequence[int]) -> int:
    return sum(rarity[number] for number in numbers(tags))


def _wishes(newcomer: Newcomer, mentor: Mentor) -> tuple[list[int], list[int]]:
    """What is wished for, and what of it this mentor is."""
    asked, met = [], []
    if newcomer.asked_named:
        asked.append(NAMED)
        if mentor.key in newcomer.asked_named:
            met.append(NAMED)
    if newcomer.soft_gender:
        asked.append(GENDER)
        if mentor.gender == newcomer.wished_gender:
            met.append(GENDER)
    return asked, met


def minutes_apart(one: int, other: int) -> int:
    """How far two clocks are apart, the short way round the day: 0 to 720."""
    difference = abs(one - other) % DAY
    return min(difference, DAY - difference)


def obstacles(newcomer: Newcomer, mentor: Mentor) -> tuple[str, ...]:
    """Everything that rules the pair out, in the order of `STEPS`; empty for a pair that may meet.

    A must on kinds of help or on tags is met by one of those asked for; a must on hours by `FULL_HOURS`, else `LEAST_HOURS` is
    needed. What the newcomer struck rules nothing out. Somebody who does not say what they are meets no wish for a gender.
    """
    may = {
        APART: newcomer.person != mentor.key and mentor.key not in newcomer.apart,
        LANGUAGE: bool(newcomer.languages & mentor.languages),
        TOPICS: not (newcomer.weigh_topics == MUST and newcomer.asked_topics) or bool(newcomer.asked_topics & mentor.topics),
        LIVED: not (newcomer.weigh_lived == MUST and newcomer.asked_lived) or bool(newcomer.asked_lived & mentor.lived),
        HOURS: (newcomer.hours & mentor.hours).bit_count() >= newcomer.least_hours,
        WISHES: not newcomer.without & mentor.lived and (not newcomer.must_gender or mentor.gender == newcomer.wished_gender),
        LIMITS: not mentor.not_about & newcomer.lived and (not mentor.wished_gender or newcomer.gender == mentor.wished_gender),
        TRAINING: mentor.trained or not newcomer.flagged,
        PLACE: mentor.free > 0,
    }
    return tuple(step for step in STEPS if not may[step])


def utility(total: int) -> int:
    """What a match of this score is worth to a cohort, from 1 to 1001: its root, so that the worst-off gain more than the best-off.

    Also the scale of prices: mentors are shown in the order of `utility(total) - price`.
    """
    return 1 + isqrt(MOST * total)
