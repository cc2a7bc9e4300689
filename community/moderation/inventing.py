"""Years of reports in a community that never was, most of them looked at, and what was decided about some of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from psycopg.types.json import Jsonb

from community.contributions.models import Contribution
from community.decisions.models import Act, Decision
from community.members.models import MODERATORS, User
from community.seeding import Rows, Size, writer
from community.times import in_steps

from .models import Report

# One report for so many posts, one open one for so many reports, and of closed ones so many led to a decision.
POSTS_A_REPORT, REPORTS_AN_OPEN_ONE, DECIDED = 4, 2_500, 0.1
# However small the community is, so many wait.
OPEN = 12
# Enough for nobody to be reported twice too often.
SAMPLE, BATCH = 20_000, 5_000
RECENT = timedelta(days=3)
HELD_FOR = timedelta(days=14)
REASONS = [*("rule",) * 4, *("note",) * 3, *("other",) * 2, "private", "harmful", "selling", "worried"]
WORDS = ("", "", "Please look.", "It could be read in two ways.", "They asked to be listened to.")
OUTCOME = "We looked, and wrote to whoever said it. Thank you."
BECAUSE = "For two weeks one of us reads along first."
# As COPY takes them.
KEPT, NOTHING = Jsonb({"title": "A quiet day", "body": "It was a quiet day."}), Jsonb({})


def past_of_the_desk(size: Size, now: datetime) -> None:
    """Write it down: reports in the order of their time, and decisions whose time is over, so that all words stand as they did."""
    # A community for looking at speed, the same for each seed: nothing in it is a secret.
    drawn = Random(size.seed)  # noqa: S311
    said = _said(drawn)
    staff = list(User.objects.filter(groups__name=MODERATORS).order_by("pk"))
    if not said or not staff:
        return
    number = max(OPEN, size.posts // POSTS_A_REPORT)
    users = list(User.objects.order_by("pk").values_list("pk", flat=True))
    with writer() as there:
        for rows in _in_batches(_reports(number, said, users, staff, now, drawn)):
            there.write(rows, _decisions(rows, said, drawn))


# What was said: type, key, author and time of each.
Said = list[tuple[int, int, int, datetime]]


def _said(drawn: Random) -> Said:
    """Some of what members said by name, of every kind that waits when somebody looks first."""
    found: Said = []
    for model in Contribution.kinds():
        if getattr(model, "waits_first", False):
            kind = ContentType.objects.get_for_model(model).pk
            rows = model._default_manager.filter(~Q(author=None), hidden_at=None, withdrawn_at=None).order_by("-pk")
            columns = rows.values_list("pk", "author", "created_at")[:SAMPLE]
            found += [(kind, key, author, at) for key, author, at in columns]
    drawn.shuffle(found)
    return found


def _reports(number: int, said: Said, users: list[int], staff: list[User], now: datetime, drawn: Random) -> Iterator[Report]:
    waiting = min(max(OPEN, number // REPORTS_AN_OPEN_ONE), len(said))
    for place in range(number):
        kind, key, author, at = said[place % len(said)]
        is_open = place < waiting
        told_at = now - RECENT * drawn.random() if is_open else at + (now - at) * drawn.random() ** 4
        reporter = drawn.choice(users)
        reason = drawn.choice(REASONS)
        report = Report(
            public_id=UUID(int=drawn.getrandbits(128), version=4),
            reporter_id=reporter if reporter != author else None,
            target_type_id=kind,
            target_id=key,
            reason=reason,
            harm=int(Report.harm_of(reason)),
            words=drawn.choice(WORDS),
            kept=KEPT,
            created_at=in_steps(told_at),
        )
        if not is_open:
            report.closed_at = in_steps(min(told_at + timedelta(hours=drawn.expovariate(1 / 6)), now))
            report.closed_by, report.outcome = drawn.choice(staff), OUTCOME
        yield report


def _decisions(reports: Rows, said: Said, drawn: Random) -> list[Decision]:
    authors = {(kind, key): author for kind, key, author, _at in said}
    return [
        Decision(
            public_id=UUID(int=drawn.getrandbits(128), version=4),
            act=Act.HOLD.value,
            member_id=authors[report.target_type_id, report.target_id],
            target_type_id=report.target_type_id,
            target_id=report.target_id,
            reason=BECAUSE,
            by_id=report.closed_by_id,
            at=report.closed_at,
            until=report.closed_at + HELD_FOR,
            kept=NOTHING,
        )
        for report in reports
        if isinstance(report, Report) and report.closed_at and drawn.random() < DECIDED
    ]


def _in_batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
