"""What counted between two and what counted against, whom nobody could be found for and why: in words for coordinators."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.tags.models import Tag

from . import scoring
from .explaining import times_in_words
from .facts import Asked, asked_by, offered_by, shared
from .models import Fact, Gender, Help, Mentor, Request, Weight
from .renewing import language_names, utc_hours
from .serving import Served

LABELS = {
    scoring.TOPICS: gettext_lazy("kinds of help"),
    scoring.LIVED: gettext_lazy("been through the same"),
    scoring.HOURS: gettext_lazy("free at the same time"),
    scoring.WISH: gettext_lazy("wishes"),
    scoring.NEARNESS: gettext_lazy("clocks"),
    scoring.LANGUAGE: gettext_lazy("a second language"),
}


class Line(NamedTuple):
    """One part of a score: its points, and what was found and what was missing."""

    label: Any
    points: int
    most: int
    words: str


def in_brief(parts: Mapping[str, int]) -> str:
    """The parts of a score that counted, the largest first."""
    found = sorted(((points, part) for part, points in parts.items() if points and part in LABELS), reverse=True)
    return ", ".join(f"{LABELS[part]} {points}" for points, part in found) or "–"


def place_of(rank: int | None, eligible: int) -> str:
    """As in “3rd of 31”."""
    if not rank:
        return "–"
    return _("%(place)s of %(all)s") % {"place": ordinal(rank), "all": eligible}


def counted(request: Request, mentors: Iterable[Mentor]) -> dict[int, list[Line]]:
    """Part by part, by the keys of these mentors; five statements however many. What either keeps to themselves counted for
    nothing, and it is said so and not what it is.
    """
    mentors = list(mentors)
    asked = asked_by(request)
    offers = offered_by(mentors, asked)
    return {mentor.pk: _lines(asked, mentor, offers[mentor.pk]) for mentor in mentors}


def _lines(asked: Asked, mentor: Mentor, offer: scoring.Mentor) -> list[Line]:
    request, newcomer = asked.request, asked.scored
    score = shared(scoring.score(newcomer, offer, asked.rarity), mentor)
    helps = [each.name for each in asked.helps]
    tags = [tag.name for tag in asked.tags]
    kept = {part for part in scoring.PARTS if part not in mentor.shares or part not in request.shares}
    words = {
        scoring.TOPICS: _has_and_lacks(helps, newcomer.asked_topics, offer.topics),
        scoring.LIVED: _has_and_lacks(tags, newcomer.asked_lived, offer.lived),
        scoring.HOURS: _hours(newcomer.hours & offer.hours, request),
        scoring.WISH: _wish(newcomer, offer),
        scoring.NEARNESS: _clocks(scoring.minutes_apart(newcomer.offset, offer.offset)),
        scoring.LANGUAGE: _names(language_names(scoring.numbers(newcomer.languages & offer.languages))),
    }
    keeps = _("one of the two keeps it to themselves, so it counts for nothing")
    return [
        Line(LABELS[part.name], part.points, part.most, keeps if part.name in kept else words[part.name])
        for part in score.parts
        if part.most or part.name in kept
    ]


def _has_and_lacks(names: list[str], asked: int, offered: int) -> str:
    has = _names(names[number] for number in scoring.numbers(asked & offered))
    lacks = _names(names[number] for number in scoring.numbers(asked & ~offered))
    return " · ".join(filter(None, [has, _("against: not %(names)s") % {"names": lacks} if lacks else ""]))


def _hours(common: int, request: Request) -> str:
    number = common.bit_count()
    if not number:
        return _("against: no hour in common")
    words = ngettext("%(number)s hour a week: %(times)s", "%(number)s hours a week: %(times)s", number)
    return words % {"number": number, "times": times_in_words(utc_hours(common, -request.offset))}


def _wish(newcomer: scoring.Newcomer, offer: scoring.Mentor) -> str:
    if newcomer.soft_gender and offer.gender != newcomer.wished_gender:
        return _("against: not whom they would rather have, or it is not said")
    return _("a wish of theirs is met") if newcomer.soft_gender or offer.key in newcomer.asked_named else ""


def _clocks(minutes: int) -> str:
    hours = round(minutes / 60)
    return ngettext("%(hours)s hour apart", "%(hours)s hours apart", hours) % {"hours": hours} if hours else _("the same time")


def _names(names: Iterable[Any]) -> str:
    return get_text_list([str(name) for name in names], _("and"))


def served(others: Iterable[Served]) -> str:
    """Who else would be well served by a mentor, as in “robin (1st of 2), wren (3rd of 7)”."""
    return ", ".join(f"{one.name} ({place_of(one.rank, one.eligible)})" for one in others)


# A request, as a coordinator reads it ---------------------------------------------------------------


def asks(request: Request) -> list[tuple[Any, str]]:
    """What somebody asks for, without their words, and how much each matters."""
    fact, weight = dict(Fact.choices), dict(Weight.choices)
    wished = f"{request.get_wished_gender_display()} ({weight[request.weigh_gender]})" if request.wished_gender else ""
    tags, helps = _names(request.tags.order_by("name")), _names(request.helps.all())
    without = _names(each.tag for each in request.without.select_related("tag"))
    free = times_in_words(request.hours)
    lines = [
        (_("what they are going through"), f"{tags} ({weight[request.weigh_lived]})" if tags else ""),
        (_("what would help"), f"{helps} ({weight[request.weigh_topics]})" if helps else ""),
        (_("what should not be in a mentor’s story"), without),
        (_("languages"), _names(language_names(scoring.numbers(request.language_bits)))),
        (_("free"), f"{free} ({request.time_zone}; {weight[request.weigh_hours]})" if free else ""),
        (_("what they say they are"), str(request.get_gender_display()) if request.gender != Gender.UNSAID else ""),
        (_("whom they would rather have"), wished),
        (_("what matters most to them"), str(fact.get(request.most_important, ""))),
        (_("parts not to be matched on"), _names(fact[each] for each in request.struck if each in fact)),
    ]
    return [(label, words) for label, words in lines if words]


# Nobody was found -----------------------------------------------------------------------------------

_LEFT = {
    scoring.APART: gettext_lazy("can be brought to them at all"),
    scoring.LANGUAGE: gettext_lazy("share a language with them"),
    scoring.TOPICS: gettext_lazy("offer the help that it has to be"),
    scoring.LIVED: gettext_lazy("have been through what it has to be"),
    scoring.HOURS: gettext_lazy("are free when they are"),
    scoring.WISHES: gettext_lazy("are whom they wish for"),
    scoring.LIMITS: gettext_lazy("would guide them"),
    scoring.TRAINING: gettext_lazy("are trained for it"),
    scoring.PLACE: gettext_lazy("have a place free"),
}
_RELAXED = {
    scoring.LANGUAGE: gettext_lazy("one language more"),
    scoring.TOPICS: gettext_lazy("the kind of help not being a must"),
    scoring.LIVED: gettext_lazy("having been through the same not being a must"),
    scoring.HOURS: gettext_lazy("more hours at which they are free"),
    scoring.WISHES: gettext_lazy("not minding who it is"),
}


def funnel(left: Mapping[str, int], mentors: int) -> list[str]:
    """How many mentors are left after each step that ruled somebody out."""
    lines, before = [], mentors
    for step in scoring.STEPS:
        if step in left and left[step] != before:
            lines.append(f"{left[step] or _('None')} {_LEFT[step]}")
            before = left[step]
    return lines


def relaxation(step: str | None, opens: Mapping[str, int]) -> str:
    """The one thing that opens most mentors to them; it is theirs to change."""
    if not step or step not in _RELAXED:
        return _("No single thing that they could ask for less would bring anybody.")
    number = opens[step]
    words = ngettext("%(what)s would open %(number)s mentor", "%(what)s would open %(number)s mentors", number)
    return words % {"what": str(_RELAXED[step]).capitalize(), "number": number}


# Whom to look for -------------------------------------------------------------------------------------

_KINDS = {
    scoring.LANGUAGE: gettext_lazy("Languages"),
    scoring.HOURS: gettext_lazy("Hours"),
    scoring.LIVED: gettext_lazy("Been through"),
    scoring.TOPICS: gettext_lazy("Kinds of help"),
}


def sought(found: Mapping[str, list[list[int]]]) -> list[tuple[Any, list[str]]]:
    """What mentors to look for, from the certificate of a draft."""
    tags = Tag.objects.in_bulk([each[0] for each in found.get(scoring.LIVED, ())])
    helps = Help.objects.in_bulk([each[0] for each in found.get(scoring.TOPICS, ())])

    def name(kind: str, number: int) -> str:
        if kind == scoring.LANGUAGE:
            return _names(language_names([number]))
        if kind == scoring.HOURS:
            return _("%(day)s %(clock)s UTC") % {"day": WEEKDAYS[number // 24 % 7], "clock": f"{number % 24:02}:00"}
        return str((tags if kind == scoring.LIVED else helps).get(number, ""))

    kinds = []
    for kind, label in _KINDS.items():
        lines = []
        for number, _price, places, waiting in found.get(kind, ()):
            if said := name(kind, number):
                words = ngettext("%(name)s: %(waiting)s waits", "%(name)s: %(waiting)s wait", waiting)
                there = ngettext("%(places)s place there", "%(places)s places there", places) % {"places": places}
                lines.append(f"{words % {'name': said, 'waiting': waiting}}, {there}")
        if lines:
            kinds.append((label, lines))
    return kinds


def against(step: str) -> str:
    """Why two can't be brought together. What is between two people is theirs, so nothing is said of it."""
    return {
        "gone": _("One of the two is not to be had any more: the search is over, a question is open, or the mentor has stopped."),
        "forbidden": _("You don’t want them together."),
        scoring.APART: _("These two can’t be brought together."),
        scoring.LANGUAGE: _("They share no language."),
        scoring.TOPICS: _("The mentor does not offer the help that it has to be."),
        scoring.LIVED: _("The mentor has not been through what it has to be."),
        scoring.HOURS: _("They are not free at the same time often enough."),
        scoring.WISHES: _("Something that the newcomer wishes for rules it out."),
        scoring.LIMITS: _("Something that the mentor wishes for rules it out."),
        scoring.TRAINING: _("The newcomer needs somebody who is trained for harder stories."),
        scoring.PLACE: _("The mentor rests, or has no place free just now."),
    }[step]


def unpinned(step: str) -> str:
    return _("You wanted somebody else for them, and that can’t be: %(why)s") % {"why": against(step)}
