"""Where somebody stands among mentors and newcomers, in the words of the pages that say it."""

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, ngettext_lazy

from community.templatetags.community import when

from . import finding, scoring, suggesting, waiting
from .explaining import Explained, explained, struck
from .facts import Asked, asked_by
from .forms.hours import CHOICES, hours_of
from .models import MOST_ASKED, Fact, Match, Mentor, Request
from .renewing import utc_hours

# A search that runs out in so many days says so.
SOON = 14
# So many parts of days are added for whoever would find somebody at other times.
_MORE_TIMES = 2


class Step(NamedTuple):
    """One line of where a request stands."""

    title: str
    words: Any
    state: str  # "done", "now", or empty for what is still to come


class Own(NamedTuple):
    """What the first page says to a member: a sentence on where they stand, and the one next step."""

    sentence: str
    label: str
    url: str
    # Questions to answer, rooms that one is in.
    questions: list[Match]
    rooms: list[Match]
    mentor: Mentor | None


def at_home(user: Any) -> Own:
    matches = finding.own_matches(user)
    rooms = [match for match in matches if match.is_active]
    questions = [match for match in matches if match.is_open and not match.is_late and not _said_yes(match, user)]
    request, mentor = finding.search(user), finding.own(user)
    own = next((match for match in rooms if match.newcomer_id == user.pk), None)
    asked = [match for match in matches if match.is_open and match.newcomer_id == user.pk and match not in questions]
    if questions:
        said = ngettext("Somebody would like to begin with you.", "Some would like to begin with you.", len(questions))
        step = (said, _("Read the question"), questions[0].get_absolute_url())
    elif own:
        step = (_("%(name)s is your mentor.") % {"name": own.other_than(user).username}, _("To your room"), own.get_absolute_url())
    elif asked:
        said = ngettext(
            "You asked a mentor, who is thinking about it.", "You asked mentors, who are thinking about it.", len(asked)
        )
        step = (said, _("See where it stands"), reverse("request_detail"))
    elif request:
        step = (_("You are looking for a mentor, and can choose whom to ask."), _("See who could fit"), reverse("suggestion_list"))
    elif rooms:
        step = (_("You guide somebody just now."), _("To your room"), rooms[0].get_absolute_url())
    elif mentor and mentor.is_approved:
        step = ("", "", "")
    else:
        step = (_("You are not looking for anybody just now."), _("Ask for a mentor"), reverse("request_create"))
    return Own(*step, questions, rooms, mentor)


def _said_yes(match: Match, user: Any) -> bool:
    return (match.newcomer_accepted_at if match.newcomer_id == user.pk else match.mentor_accepted_at) is not None


# A request ---------------------------------------------------------------------------------


def of(request: Request) -> dict[str, Any]:
    """What the page of a request says: its state as steps, how long it usually takes, and who could be asked next."""
    matches = finding.matches_of(request)
    asked = [match for match in matches if match.is_open and not match.is_late]
    own, whole = next((match for match in matches if match.is_active), None), asked_by(request) if request.is_open else None
    context = {
        "search": request,
        "questions": asked,
        "room": own,
        "steps": _steps(request, matches, asked, own),
        "wait": wait_in_words() if request.is_open else "",
        "runs_out": request.is_open and (request.open_until - timezone.localdate()).days <= SOON,
        "tags": [tag.pk for tag in whole.tags[: whole.asked_tags]] if whole else [],
    }
    if whole and len(asked) < MOST_ASKED:
        found = suggesting.suggestions(whole, most=1)
        context |= {"next": explained(found[0]) if found else None, "was_declined": _was_declined(matches)}
        if not found:
            context |= nobody(whole)
    return context


def _was_declined(matches: list[Match]) -> bool:
    """Did the newest question end without a yes, and not by taking it back?"""
    return bool(matches) and matches[0].ending in (Match.Ending.DECLINED, Match.Ending.EXPIRED)


def _steps(request: Request, matches: list[Match], asked: list[Match], own: Match | None) -> list[Step]:
    steps = [Step(_("You asked for somebody who has been there"), when(request.created_at), "done")]
    if not request.is_open and own is None:
        ended = {
            Request.Ending.FOUND.value: _("You found a mentor"),
            Request.Ending.TAKEN_BACK.value: _("You took it back"),
            Request.Ending.RUN_OUT.value: _("It ran out, after a long time without a word from you"),
        }
        return [*steps, Step(ended.get(request.ending, ""), when(request.closed_at or request.changed_at), "now")]
    if own:
        steps.append(Step(_("You chose %(name)s") % {"name": own.mentor.user.username}, when(own.asked_at), "done"))
        return [*steps, Step(_("You both said yes"), when(own.began_at or own.asked_at), "now")]
    if asked:
        steps += [
            Step(_("You chose %(name)s") % {"name": each.mentor.user.username}, when(each.asked_at), "done") for each in asked
        ]
        latest = max(match.answer_until for match in asked)
        steps.append(Step(_("They are thinking about it"), _answer_by(latest), "now"))
    else:
        steps.append(Step(_("You choose whom to ask"), _("From a few who could fit, with the reasons."), "now"))
        steps.append(Step(_("They think about it"), _("A week at most; you hear either way."), ""))
    return [*steps, Step(_("You both say yes"), _("Then you get a quiet room for two, and agree how to begin."), "")]


def _answer_by(latest: Any) -> str:
    return _("You hear by %(day)s at the latest.") % {"day": date_format(timezone.localtime(latest), "j F")}


def wait_in_words() -> str:
    """How long it usually takes; never a number that nobody measured."""
    days = waiting.usual_days()
    if days is None:
        return _("We don’t know yet how long this takes: too few have begun here so far.")
    return ngettext(
        "Usually about a day: half of the last ones who found somebody waited less.",
        "Usually about %(days)s days: half of the last ones who found somebody waited less.",
        days,
    ) % {"days": days}


# Suggestions -------------------------------------------------------------------------------


def suggested(request: Request) -> dict[str, Any]:
    """What the page of suggestions shows."""
    asked = asked_by(request)
    people: list[Explained] = [explained(each) for each in suggesting.suggestions(asked)]
    return {
        "search": request,
        "people": people,
        "struck": struck(asked),
        "kept": [fact.label for fact in _kept(request)],
        "not_for_me": finding.not_for_me(request),
        **({} if people else nobody(asked)),
    }


def _kept(request: Request) -> list[Any]:
    return [Fact(part) for part in scoring.PARTS if part not in request.shares]


def nobody(asked: Asked) -> dict[str, Any]:
    """Why there is nobody, step by step, and the one thing to ask less of that opens most mentors."""
    found = suggesting.funnel(asked)
    lines, before = [], found.mentors
    for step in suggesting.STEPS:
        left = found.left[step]
        if left != before or step == "language":
            lines.append(_FUNNEL[step] % {"left": left} if left else str(_NONE_LEFT[step]))
        before = left
        if not left:
            break
    relaxation = found.best_relaxation
    return {
        "mentors": found.mentors,
        "funnel": lines,
        "ask_less": relaxation,
        "ask_less_words": _ask_less(relaxation, found.without[relaxation]) if relaxation else "",
    }


_FUNNEL = {
    "language": ngettext_lazy(
        "%(left)s mentor reads one of your languages.", "%(left)s mentors read one of your languages.", "left"
    ),
    "topics": ngettext_lazy(
        "%(left)s of them offers the help that it must be.", "%(left)s of them offer the help that it must be.", "left"
    ),
    "lived": ngettext_lazy(
        "%(left)s of them has been through the same.",
        "%(left)s of them have been through the same.",
        "left",
    ),
    "hours": ngettext_lazy(
        "%(left)s of them is free when you are.",
        "%(left)s of them are free when you are.",
        "left",
    ),
    "without": ngettext_lazy(
        "%(left)s of them has nothing in their story that should not be in it.",
        "%(left)s of them have nothing in their story that should not be in it.",
        "left",
    ),
    "limits": ngettext_lazy(
        "%(left)s of them can be asked about this.",
        "%(left)s of them can be asked about this.",
        "left",
    ),
    "gender": ngettext_lazy(
        "%(left)s of them is whom you would rather have.", "%(left)s of them are whom you would rather have.", "left"
    ),
    "wish": ngettext_lazy(
        "With the wishes of the mentors themselves, %(left)s is left.",
        "With the wishes of the mentors themselves, %(left)s are left.",
        "left",
    ),
    "training": ngettext_lazy(
        "%(left)s of them is trained for what you wrote.", "%(left)s of them are trained for what you wrote.", "left"
    ),
    "apart": ngettext_lazy(
        "Without those who were asked, or whom you set aside, %(left)s is left.",
        "Without those who were asked, or whom you set aside, %(left)s are left.",
        "left",
    ),
    "place": ngettext_lazy(
        "%(left)s of them has a place free just now.",
        "%(left)s of them have a place free just now.",
        "left",
    ),
}

_NONE_LEFT = {
    "language": _lazy("None of them reads one of your languages."),
    "topics": _lazy("None of them offers the help that it must be."),
    "lived": _lazy("None of them has been through the same."),
    "hours": _lazy("None of them is free when you are."),
    "without": _lazy("All of them have something in their story that should not be in it."),
    "limits": _lazy("None of them can be asked about this."),
    "gender": _lazy("None of them is whom you would rather have."),
    "wish": _lazy("With the wishes of the mentors themselves, nobody is left."),
    "training": _lazy("None of them is trained for what you wrote."),
    "apart": _lazy("Without those who were asked, or whom you set aside, nobody is left."),
    "place": _lazy("None of them has a place free just now."),
}


def _ask_less(step: str, number: int) -> str:
    what = {
        "topics": _("Choose “It matters a lot” for the help that they offer"),
        "lived": _("Choose “It matters a lot” for having been through the same"),
        "hours": _("Add times at which mentors are free"),
        "without": _("Leave out what should not be in their story"),
        "gender": _("Choose “It matters a lot” for whom you would rather have"),
    }[step]
    opens = ngettext("then %(number)s mentor could fit", "then %(number)s mentors could fit", number) % {"number": number}
    return f"{what}: {opens}"


def best_parts(request: Request) -> list[str]:
    """The parts of days, by the newcomer's clock, at which most mentors are free who would suit but for the time."""
    free = suggesting.free_hours(request)
    counted = []
    for value, _label in CHOICES:
        hours = scoring.numbers(utc_hours(hours_of([value]), request.offset))
        counted.append((-sum(free[hour] for hour in hours), value))
    return [value for count, value in sorted(counted)[:_MORE_TIMES] if count]
