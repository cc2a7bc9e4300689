"""From an address to what is reported there, in whatever room, and in whose voice.

A model takes part by `reported_as`, the word for it in the address, and `reportable_by(viewer)`, what of it `viewer` can report;
its rows have a `public_id`, a `voice`, a `shown_title`, `is_withdrawn` and `as_reported()`. Where others than usual read it,
`reported_with` is a template that says so.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django.apps import apps
from django.http import HttpRequest

from community.contributions.models import Contribution
from community.members import devices
from community.members.models import User

from .models import DeskSettings, Report


@cache
def kinds() -> dict[str, Any]:
    """The models of all that can be reported, beside members, by the word for each in an address."""
    return {word: model for model in apps.get_models() if (word := getattr(model, "reported_as", ""))}


def reasons_for(target: Any) -> list[tuple[str, Any]]:
    """What can be the matter with it."""
    unfit = set()
    if not getattr(target, "goes_stale", False):
        unfit.add(Report.Reason.STALE)
    if not isinstance(target, Contribution) or hasattr(target, "kept_from"):
        unfit.add(Report.Reason.NOTE)
    return [(value, label) for value, label in Report.Reason.choices if value not in unfit]


def voice_for(user: Any, target: Any) -> Any:
    """As whom `user` reports it: under their alias where they have one, so that nothing joins the two; nobody, for a guest."""
    if not user.is_authenticated:
        return None
    return user.voice_in(target.thread) if isinstance(target, Contribution) else user


def may_tell_more(request: HttpRequest) -> bool:
    """Has this member, or this guest's network, not told us a great deal within a short time?"""
    who = ("member", request.user.pk) if request.user.is_authenticated else ("network", get_ip(request))
    at_most = f"{DeskSettings.current().reports_a_day}/d"
    return devices.may_go_on(request, "report", key=devices.tag("report", *who), at_most=at_most)


def place_of(target: Any) -> str:
    """The address of the page where it stands."""
    return getattr(target, "reported_at", "") or getattr(target, "place", "") or target.get_absolute_url()


def titled(reports: Iterable[Report], viewer: Any) -> list[Report]:
    """These with `title`: what each is about as far as `viewer` can still see it; one statement for each kind of thing.

    What was reported is often gone for good reasons, and so are its words.
    """
    reports = list(reports)
    by_model: dict[Any, list[int]] = defaultdict(list)
    for report in reports:
        by_model[report.target_type.model_class()].append(report.target_id)
    seen = {(model, thing.pk): thing for model, keys in by_model.items() for thing in _seen(model, viewer).filter(pk__in=keys)}
    for report in reports:
        thing = seen.get((report.target_type.model_class(), report.target_id))
        is_there = thing is not None and not thing.is_withdrawn
        report.title = thing.shown_title if is_there else ""  # type: ignore[attr-defined,union-attr]
        report.place = place_of(thing) if is_there else ""  # type: ignore[attr-defined]
    return reports


def _seen(model: Any, viewer: Any) -> Any:
    return User.objects.visible_to(viewer) if model is User else model.reportable_by(viewer)
