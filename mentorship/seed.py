"""The demo's mentors and those who look for one, and those of a community of any size; `telling` makes rows of either."""

import tomllib
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from community.members.models import User
from community.seeding import Size, tidy_up

from .inventing import Invention
from .models import CheckIn, Cohort, Match, Mentor, Message, Place, Request
from .telling import Teller

PEOPLE = Path(__file__).with_name("demo.toml")


def fill_demo(*, now: datetime | None = None) -> None:
    """Let some of the invented people find each other; does nothing where there is a mentor already."""
    if not Mentor.objects.exists():
        tell(tomllib.loads(PEOPLE.read_text()), now or timezone.now())


@transaction.atomic
def tell(told: dict[str, Any], now: datetime) -> None:
    """Write down hand-written mentors and searches; and begin a draft for whoever waits, if there is somebody to begin it."""
    # The same addresses in every demo: nobody's safety hangs on them.
    teller = Teller(_users(), now, Random(4))  # noqa: S311
    teller.mentors(told["mentors"])
    # Oldest first, so that numbers grow with time as they do in life.
    teller.tell(sorted(told["searches"], key=lambda search: -search["days_ago"]))
    teller.write()
    if "cohort" in told and teller.coordinator:
        Cohort.begin(by=teller.coordinator, name=told["cohort"], aim=Cohort.Aim.MANY)


def fill(size: Size, *, now: datetime | None = None) -> None:
    """Invent mentors among the members there are, and what became of those who looked for one."""
    # A community for looking at speed, the same for each seed: nothing in it is a secret.
    drawn = Random(size.seed)  # noqa: S311
    invention = Invention(drawn)
    teller = Teller(_users(), now or timezone.now(), drawn, render=invention.render)
    with transaction.atomic():
        teller.mentors(invention.mentors(size, teller))
        teller.tell(invention.searches(size, teller))
        teller.write()
    tidy_up([Mentor, Place, Request, Match, Message, CheckIn])


def _users() -> Any:
    return User.objects.select_related("profile").order_by("date_joined", "pk")
