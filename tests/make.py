"""Builders: one call makes one thing that is ready to use, with words nobody has to think about."""

from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from community.members.models import Acceptance, Agreement, Profile, User
from forums.models import Board, Mode, Reply, Topic

PASSWORD = "a lamp in the window"
_number = count(1)


def user(handle: str = "", *, settled: bool = True, accepted: bool = True, groups: tuple[Group, ...] = (), **fields: Any) -> User:
    """A member with a profile and a confirmed address, who has agreed to the current texts and left the first days behind."""
    handle = handle or f"member-{next(_number)}"
    fields.setdefault("email", f"{handle.lower()}@example.org")
    fields.setdefault("settled_at", timezone.now() if settled else None)
    profile = {name: fields.pop(name) for name in ("about", "languages", "time_zone", "avatar_seed") if name in fields}
    made = User(username=handle, **fields)
    made.set_password(fields.get("password") or PASSWORD)
    made.save()
    Profile.objects.create(user=made, **profile)
    made.emailaddress_set.create(email=made.email, verified=True, primary=True)
    if accepted:
        Acceptance.objects.bulk_create(Acceptance(user=made, agreement=text) for text in Agreement.objects.current())
    made.groups.add(*groups)
    return made


def board(**fields: Any) -> Board:
    """A board for members, unless `audience` says otherwise."""
    number = next(_number)
    values = {"slug": f"board-{number}", "name": f"Board {number}", "purpose": "A place for one theme.", **fields}
    return Board.objects.create(**values)


def topic(board: Board | None = None, author: Any = None, **fields: Any) -> Topic:
    """A conversation, opened the way the application opens one; `author` may be a member or a persona."""
    words = {"title": f"How was your day, part {next(_number)}", "body": "It was *long*.", "mode": Mode.LISTENING} | fields
    return (board or globals()["board"]()).start(author or user(), **words)


def reply(topic: Topic | None = None, author: Any = None, body: str = "I read this, and I’m here.", **fields: Any) -> Reply:
    """An answer, at the next place in its conversation."""
    return (topic or globals()["topic"]()).reply(author or user(), body, **fields)
