"""The people of whom is told: who they are, whom a text calls, and where their read marks lie."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from community import text
from community.contributions.models import Note
from community.identity.seal import shelf_tags
from community.members.handles import skeleton
from community.members.models import User
from community.tags.models import Tag
from forums.models.reading import week_of

# Reading that is older lies in no place by which it is found again (see `ReadMark`).
ON_SHELVES = timedelta(weeks=8)

Render = Callable[..., str]


class People:
    """Everybody, by their handle. `now` is the moment that `age_hours` counts back from; `regulars` miss nothing."""

    def __init__(self, users: Iterable[User], now: datetime, drawn: Random, *, render: Render = text.render) -> None:
        self.now, self.drawn, self.render = now, drawn, render
        self.users = {user.username: user for user in users}
        self.by_key = {user.handle_key: user for user in self.users.values()}
        self.regulars = [user for user in self.users.values() if user.email and user.is_settled]
        self.tags = {tag.name: tag for tag in Tag.objects.accepted().of_their_own()}
        self.notes = {note.name: note for note in Note.objects.all()}
        self.owner = next((user for user in self.users.values() if user.is_superuser), None)
        self.moderator = next((user for user in self.users.values() if user.is_staff and not user.is_superuser), None)
        # How many aliases each member has by now.
        self.slots: dict[int, int] = defaultdict(int)
        # The places that are left on the shelf of each member and week.
        self.places: dict[tuple[int, str], Iterator[bytes]] = {}

    def draw_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.drawn.getrandbits(128), version=4)

    def named(self, body: str) -> list[User]:
        """The members that a text calls."""
        return [self.by_key[key] for key in map(skeleton, text.mentions(body)) if key in self.by_key] if "@" in body else []

    def place(self, user: User, at: datetime) -> bytes | None:
        """Where a mark that `user` leaves at that moment is found again."""
        if at < self.now - ON_SHELVES:
            return None
        key = (user.pk, week_of(at))
        if key not in self.places:
            self.places[key] = iter(shelf_tags(user, key[1]))
        return next(self.places[key], None)

    def html(self, body: str) -> str:
        def mention(names: set[str]) -> dict[str, str]:
            return {name: self.by_key[skeleton(name)].get_absolute_url() for name in names if skeleton(name) in self.by_key}

        return self.render(body, mention=mention)
