"""Builders: one call makes one thing that is ready to use, with words nobody has to think about."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from community.members.joining import join
from community.members.models import User
from forums.models import Board, Mode, ReadMark, Reply, Topic
from mentorship.fields import bits
from mentorship.models import Match, Mentor, Message, Request
from mentorship.renewing import renew_mentor, renew_request
from resources.models import Collection, Kind, Resource, Review

PASSWORD = "a lamp in the window"
_number = count(1)


def user(handle: str = "", *, settled: bool = True, accepted: bool = True, groups: Iterable[Group] = (), **fields: Any) -> User:
    """A member who joined as everybody joins: confirmed address, profile, current texts agreed to, first days over.

    `role` (moderator, owner) or `is_staff` and `is_superuser` make staff; `password` is PASSWORD unless given, and None for
    somebody who signs in by code. Other fields are those of the profile or of the member.
    """
    flock, number = divmod(next(_number), 10_000)  # a handle holds no longer numbers
    handle = handle or f"robin{'s' * flock}{number}"
    staff, owner = fields.pop("is_staff", False), fields.pop("is_superuser", False)
    role = fields.pop("role", "owner" if owner else "moderator" if staff else "member" if settled else "newcomer")
    shown = {name: fields.pop(name) for name in ("about", "languages", "time_zone", "avatar_seed") if name in fields}
    email, password = fields.pop("email", f"{handle.lower()}@example.org"), fields.pop("password", PASSWORD)
    made = join(handle=handle, email=email, password=password, role=role, **shown).user
    if not accepted:
        made.acceptances.all().delete()
    for name, value in fields.items():
        setattr(made, name, value)
    if fields:
        made.save()
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
    author = author or user()
    return _read((board or globals()["board"]()).start(author, **words), author, 0)


def reply(topic: Topic | None = None, author: Any = None, body: str = "I read this, and I’m here.", **fields: Any) -> Reply:
    """An answer, at the next place in its conversation."""
    author = author or user()
    made = (topic or globals()["topic"]()).reply(author, body, **fields)
    _read(made.topic, author, made.position or made.topic.last_position)
    return made


def _read(topic: Topic, author: Any, position: int) -> Topic:
    """With the mark that whoever says something by name leaves in their request."""
    if not author.is_persona:
        reader = User(pk=author.pk)
        reader.is_here = True
        ReadMark.leave(topic, reader, position=position)
    return topic


def resource(author: Any = None, *, publish: bool = True, tags: Iterable[str] = (), by: Any = None, **fields: Any) -> Resource:
    """Something in the library, brought as a member brings it and put up by a librarian, unless it is to wait."""
    number = next(_number)
    values = {
        "kind": Kind.ARTICLE,
        "title": f"A good page, number {number}",
        "address": f"https://example.org/page-{number}",
        "body": "Short, and it *helped*.",
    } | fields
    made = Resource.bring(author or user(), tags=tags, **values)
    if publish:
        made.publish(by=by or user(role="librarian"))
    return made


def changed(words: Any, body: str, **fields: Any) -> None:
    """Change it as its author does, and let others see that where somebody looks first."""
    if words.edit(body, **fields):
        words.waiting_change.show(by=user(role="owner"))
        words.refresh_from_db()


def review(resource: Resource | None = None, author: Any = None, **fields: Any) -> Review:
    """A member's word about something in the library: it helped."""
    values = {"verdict": Review.Verdict.HELPED, "body": "I read it *twice*."} | fields
    return Review.say(resource or globals()["resource"](), author or user(), **values)


def collection(author: Any = None, *, things: Iterable[Resource] = (), **fields: Any) -> Collection:
    """A collection for everyone, unless `shared` says otherwise, with these things in it."""
    values = {"title": f"A few good things, part {next(_number)}", "body": "In *this* order.", "shared": "everyone"} | fields
    made = Collection.begin(author or user(), **values)
    for thing in things:
        made.add(thing)
    return made


# Every evening from six to ten.
EVENINGS = bits((day * 24 + hour for day in range(7) for hour in range(18, 22)), 168)


def mentor(user: Any = None, *, by: Any = None, **fields: Any) -> Mentor:
    """A mentor who can be found, with one place unless `capacity` says otherwise."""
    values = {"story": "I have been through *a* winter.", "languages": ["en"], "hours": EVENINGS, "capacity": 1} | fields
    user = user or globals()["user"]()
    made = Mentor.objects.create(user=user, applied_at=timezone.now(), **values)
    made.approve(by=by or user, reason="They listen well.")
    renew_mentor(made)
    return made


def request(user: Any = None, **fields: Any) -> Request:
    """Somebody looks for a mentor."""
    values = {"need": "Somebody to write to.", "hopes": "To sleep.", "languages": ["en"], "hours": EVENINGS} | fields
    made = Request.objects.create(user=user or globals()["user"](), **values)
    renew_request(made)
    return made


def match(newcomer: Any = None, mentor: Any = None, *, begun: bool = True, **fields: Any) -> Match:
    """Two who are together, or with `begun=False` a question of the newcomer to the mentor. Both may be members."""
    newcomer = newcomer or globals()["user"]()
    mentor = mentor or globals()["mentor"]()
    if isinstance(mentor, User):
        mentor = Mentor.objects.filter(user=mentor).first() or globals()["mentor"](mentor)
    made = Match.ask(Request.objects.open().filter(user=newcomer).first() or request(newcomer), mentor, **fields)
    if begun:
        made.accept(by=newcomer)
        made.accept(by=mentor.user)
    return made


def message(match: Match | None = None, author: Any = None, body: str = "How are *you* today?") -> Message:
    """Something that one of the two says, the newcomer unless told otherwise."""
    match = match or globals()["match"]()
    return Message.say(match, by=author or match.newcomer, body=body)
