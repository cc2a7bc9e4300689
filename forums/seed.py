"""The demo's boards and conversations, and those of a community of any size; `telling` makes rows of either."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.db import transaction
from django.utils import timezone

from community.contributions.models import Filter, Note, Reference, Revision
from community.identity.models import Persona, Sealed
from community.members.models import Block, User
from community.notifications.models import Notification
from community.seeding import Size, tidy_up, write, writer
from community.tags.models import Tag, Tagged
from community.times import in_steps

from .inventing import Invention
from .keeping_away import keep_away
from .models import Board, ReadMark, Reply, Topic
from .telling import Teller

TALKS = Path(__file__).with_name("demo.toml")
# How many posts make one batch: enough for PostgreSQL to be busy, few enough to wait in memory.
BATCH = 5_000


def fill_demo(*, now: datetime | None = None) -> None:
    """Let the invented people talk; does nothing where there is a board already."""
    if not Board.objects.exists():
        tell(tomllib.loads(TALKS.read_text()), now or timezone.now())


@transaction.atomic
def tell(told: dict, now: datetime) -> None:
    """Write down hand-written boards and conversations."""
    # The same addresses in every demo: nobody's safety hangs on them.
    teller = Teller(User.objects.all(), now, Random(2))  # noqa: S311
    boards = teller.boards(told["boards"])
    # Oldest first, so that numbers grow with time as they do in life.
    batch = teller.tell(sorted(told["topics"], key=lambda talk: -talk["age_hours"]), boards)
    write(*batch.tables)
    teller.hide(batch.hidden)
    for talk in told.get("looked_at_first", ()):
        _let_wait(talk, teller)


def _let_wait(told: dict, teller: Teller) -> None:
    """What waits until a volunteer has looked, in a conversation where that is so for everybody."""
    topic = Topic.objects.get(title=told["topic"])
    topic.look_first(by=teller.moderator, reason=told["reason"])
    for said in told["waiting"]:
        reply = topic.reply(teller.users[said["author"]], said["body"].strip())
        at = in_steps(teller.now - timedelta(hours=said["hours_ago"]))
        Reply.objects.filter(pk=reply.pk).update(created_at=at, hidden_at=at, held_at=at)


def fill(size: Size, *, now: datetime | None = None) -> None:
    """Invent boards and conversations of that size among the members there are."""
    now = in_steps(now or timezone.now())
    # A community for looking at speed, the same for each seed: nothing in it is a secret.
    drawn = Random(size.seed)  # noqa: S311
    users = list(User.objects.order_by("date_joined", "pk"))
    invention = Invention(size, users, now, drawn, notes=[note.name for note in Note.objects.offered()], tags=_names())
    teller = Teller(users, now, drawn, render=invention.render)
    boards = teller.boards(invention.boards())
    hidden = []
    with writer() as there:
        for talks in invention.talks(batch=BATCH):
            batch = teller.tell(talks, boards)
            there.write(*batch.tables)
            hidden += batch.hidden
    teller.hide(hidden)
    if size.blocks or size.filters:
        keep_away(size, invention.rare, now)
    tidy_up([Tagged, Block, Filter, Board, Persona, Sealed, Topic, Reply, Reference, Revision, ReadMark, Notification])


def _names() -> list[str]:
    """The names of the vocabulary."""
    return list(Tag.objects.accepted().of_their_own().order_by("pk").values_list("name", flat=True))
