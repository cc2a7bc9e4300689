"""Why these two: plain sentences, each made from one fact that counted and that both agreed to share, and nothing else.

What is told is the score itself: `facts.shared` has taken out what either keeps to themselves before anything is said or counted.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import scoring
from .facts import Asked, asked_by, offered_by, shared
from .forms.hours import CHOICES, PARTS, hours_of
from .models import Fact, Gender, Match, Side
from .renewing import language_names, utc_hours
from .scoring import Part
from .suggesting import Suggestion

_TIMES_SHOWN = 3
_HOURS_OF = {value: hours_of([value]) for value, _label in CHOICES}


class Reason(NamedTuple):
    """One fact that counted, and how to leave it out: `key` is what `seeking.strike` takes."""

    key: str
    sentence: str


class Struck(NamedTuple):
    """Something that is left out, as the newcomer asked."""

    key: str
    label: str


@dataclass(frozen=True)
class Explained:
    """A suggestion with all its reasons, and what did not count and why."""

    suggestion: Suggestion
    reasons: list[Reason]
    less: list[str]

    @property
    def mentor(self) -> Any:
        return self.suggestion.mentor

    @property
    def is_saved(self) -> bool:
        return self.suggestion.is_saved


def explained(suggestion: Suggestion) -> Explained:
    """What the newcomer reads beside a mentor."""
    asked, name = suggestion.asked, suggestion.mentor.user.username
    found = [
        reason
        for part in suggestion.score.parts
        if part.points
        for reason in _reasons(asked, part, suggestion.mentor, is_mentor=False, other=name)
    ]
    return Explained(suggestion, found, _less(suggestion, name))


def reasons(match: Match, viewer: Any) -> list[str]:
    """What brought the two together, as either of them reads it; of what both share now."""
    is_mentor = match.side_of(viewer) == Side.MENTOR
    asked = asked_by(match.request)
    offer = offered_by([match.mentor], asked)[match.mentor_id]
    score = shared(scoring.score(asked.scored, offer, asked.rarity), match.mentor)
    other = match.other_than(viewer).username
    told = [part for part in score.parts if part.points]
    return [each.sentence for part in told for each in _reasons(asked, part, match.mentor, is_mentor=is_mentor, other=other)]


def struck(asked: Asked) -> list[Struck]:
    """What is left out, to be taken in again."""
    names = {f"tag:{tag.pk}": tag.name for tag in asked.tags} | {f"help:{each.pk}": each.name for each in asked.helps}
    names |= {fact.value: str(fact.label) for fact in Fact}
    return [Struck(key, names[key]) for key in asked.request.struck if key in names]


def _reasons(asked: Asked, part: Part, mentor: Any, *, is_mentor: bool, other: str) -> list[Reason]:
    """The sentences of one part that counted."""
    if part.name == scoring.TOPICS:
        helps = [asked.helps[number] for number in part.facts]
        said = _("%(name)s looks for “%(what)s”; you offer it.") if is_mentor else _("You look for “%(what)s”; %(name)s offers it.")
        return [Reason(f"help:{each.pk}", said % {"what": each.name, "name": other}) for each in helps]
    if part.name == scoring.LIVED:
        tags = [asked.tags[number] for number in part.facts]
        return [Reason(f"tag:{tag.pk}", _("You both know this from the inside: %(tag)s.") % {"tag": tag.name}) for tag in tags]
    sentence = {
        scoring.HOURS: _hours,
        scoring.WISH: _wish,
        scoring.NEARNESS: _nearness,
        scoring.LANGUAGE: _language,
    }[part.name](asked, part, mentor, is_mentor, other)
    return [Reason(part.name, each) for each in sentence]


def _hours(asked: Asked, part: Part, mentor: Any, is_mentor: bool, other: str) -> list[str]:
    offset = mentor.offset if is_mentor else asked.request.offset
    number = len(part.facts)
    return [
        ngettext(
            "You are both free for one hour a week: %(times)s, by your clock.",
            "You are both free for %(number)s hours a week, such as %(times)s, by your clock.",
            number,
        )
        % {"number": number, "times": times_in_words(utc_hours(_bits(part.facts), -offset))}
    ]


def _wish(asked: Asked, part: Part, mentor: Any, is_mentor: bool, other: str) -> list[str]:
    if is_mentor:
        # That they were kept in mind, a mentor never learns.
        return [_("%(name)s would rather have somebody like you.") % {"name": other}] if scoring.GENDER in part.facts else []
    told = []
    if scoring.NAMED in part.facts:
        told.append(_("You keep %(name)s in mind.") % {"name": other})
    if scoring.GENDER in part.facts:
        wished = {
            Gender.WOMAN: _("You would rather have a woman, and %(name)s is one."),
            Gender.MAN: _("You would rather have a man, and %(name)s is one."),
        }.get(Gender(asked.request.wished_gender), _("%(name)s is who you would rather have."))
        told.append(wished % {"name": other})
    return told


def _nearness(asked: Asked, part: Part, mentor: Any, is_mentor: bool, other: str) -> list[str]:
    hours = round(part.facts[0] / 60)
    if not hours:
        return [_("Your clocks show about the same time.")]
    return [
        ngettext("Your clocks are an hour apart.", "Your clocks are %(hours)s hours apart.", hours) % {"hours": hours},
    ]


def _language(asked: Asked, part: Part, mentor: Any, is_mentor: bool, other: str) -> list[str]:
    return [_("You share more than one language: %(names)s.") % {"names": get_text_list(language_names(part.facts), _("and"))}]


def _less(suggestion: Suggestion, name: str) -> list[str]:
    """What was asked for and did not count, and why; of a mentor only what they share."""
    asked, offer = suggestion.asked, suggestion.offer
    scored, most = asked.scored, scoring.weights(asked.scored)
    open_here = [part for part in scoring.PARTS if part in suggestion.mentor.shares and most[part]]
    told = []
    if scoring.TOPICS in open_here:
        missing = [asked.helps[number].name for number in scoring.numbers(scored.asked_topics & ~offer.topics)]
        told += [_("%(name)s does not name “%(what)s” among what they offer.") % {"name": name, "what": each} for each in missing]
    if scoring.LIVED in open_here:
        missing = [asked.tags[number].name for number in scoring.numbers(scored.asked_lived & ~offer.lived)]
        told += [_("%(name)s does not tell of “%(what)s”.") % {"name": name, "what": each} for each in missing]
    if scoring.WISH in open_here and scored.soft_gender and offer.gender != scored.wished_gender:
        told.append(_("Whom you would rather have, %(name)s is not, or does not say.") % {"name": name})
    if scoring.NEARNESS in open_here and not suggestion.score.points[scoring.NEARNESS]:
        told.append(_("Your clocks are six hours apart or more."))
    kept = [part for part in scoring.PARTS if most[part] and part not in suggestion.mentor.shares]
    told += [
        _("Did not count, because %(name)s keeps it to themselves: %(what)s.") % {"name": name, "what": Fact(part).label}
        for part in kept
    ]
    return told


def times_in_words(hours: int) -> str:
    """A few of these hours of a week as one says them, those parts of days first in which most of them are."""
    found = [(-(hours & part).bit_count(), value) for value, part in _HOURS_OF.items()]
    best = sorted(each for each in found if each[0])[:_TIMES_SHOWN]
    said = []
    for value in sorted(value for _count, value in best):
        day, _dash, part = value.partition("-")
        said.append(_("%(day)s %(part)s") % {"day": WEEKDAYS[int(day)], "part": str(PARTS[int(part)][0]).lower()})
    return get_text_list(said, _("and"))


def _bits(numbers: Any) -> int:
    return sum(1 << number for number in numbers)
