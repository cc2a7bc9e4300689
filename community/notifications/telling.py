"""Telling people: `notify` writes the news and puts down a job for each, in one statement of the verb's own transaction."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from community.gathering import Gathering
from community.prepared import ask, key_array
from community.times import now_in_steps

from . import kinds
from .jobs import defer_each


def notify(voices: Iterable[Any], kind: str, *, target: Any, by: Any = None, note: str = "") -> None:
    """Tell each voice (once, and never `by` itself) that something of `kind` happened to `target`.

    `target` has `get_absolute_url()`, `thread`, and a model with `visible_to(viewer)`. Call it inside the verb's transaction:
    news of what was rolled back never leaves. While a piece of news of the same kind and conversation is unread, no second one
    is made; the worker sees to it that the old one is still about something its reader can see. One statement, however many
    are told.
    """
    told = {(voice.is_persona, voice.pk): voice for voice in voices}
    if by is not None:
        told.pop((by.is_persona, by.pk), None)
    notify_each(((voice, target, target.thread) for voice in told.values()), kind, note=note)


class _News(NamedTuple):
    """What is told: to a member or an alias, one of the two keys, with the kind, what it is about, and where."""

    member: int | None
    persona: int | None
    kind: str
    target_type: int
    target: int
    thread: uuid.UUID
    note: str

    @property
    def place(self) -> tuple[Any, ...]:
        """In one order for everybody, so that two who tell the same people do not wait for each other; each once."""
        return (self.persona is not None, self.persona or self.member, self.thread, self.kind)


def notify_each(news: Iterable[tuple[Any, Any, uuid.UUID]], kind: str, *, note: str = "") -> None:
    """The same for many targets of one model: whom to tell, of what, and in which conversation. One statement, too."""
    kinds.require(kind)
    told = [
        _News(
            member=None if voice.is_persona else voice.pk,
            persona=voice.pk if voice.is_persona else None,
            kind=kind,
            target_type=ContentType.objects.get_for_model(target).pk,
            target=target.pk,
            thread=thread,
            note=note[:500],
        )
        for voice, target, thread in news
    ]
    _news.add(told)


def _write(news: list[_News]) -> None:
    """Write the news for everybody who wants it and has none unread, and put down a job for each: for what stood, too, with what
    it was to be about now."""
    told: dict[Any, _News] = {}
    for each in news:
        told.setdefault(each.place, each)
    if not told:
        return
    rows = [told[place] for place in sorted(told)]
    members, personas, names, types, targets, threads, notes = map(list, zip(*rows, strict=True))
    wait = _some_seconds()
    ask(
        _TELL,
        *(
            [uuid.uuid4() for _ in rows],
            key_array(members),
            key_array(personas),
            names,
            key_array(types),
            key_array(targets),
            threads,
            notes,
        ),
        *(now_in_steps(), "community.notifications.tasks.mail_notification"),
        timezone.now() + timedelta(seconds=wait) if wait else None,
    )


_news = Gathering(_write)
# News that come up meanwhile are told at the end.
together = _news.together


_TELL = f"""
WITH told AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::int[], $6::bigint[], $7::uuid[], $8::text[])
        WITH ORDINALITY AS told (public_id, recipient_id, persona_id, kind, target_type_id, target_id, thread, note, place)
), made AS (
    INSERT INTO notifications_notification
        (public_id, recipient_id, persona_id, kind, target_type_id, target_id, thread, note, created_at)
    SELECT public_id, recipient_id, persona_id, kind, target_type_id, target_id, thread, note, $9::timestamptz
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM notifications_preference AS wish
        WHERE wish.user_id = told.recipient_id AND wish.kind = told.kind AND NOT wish.inbox
    )
    ORDER BY told.place
    ON CONFLICT DO NOTHING
    RETURNING public_id
), job AS (
    SELECT jsonb_build_object('public_id', public_id) AS arguments FROM made
    UNION ALL
    SELECT jsonb_build_object('public_id', stood.public_id, 'instead', jsonb_build_array(told.target_type_id, told.target_id))
    FROM notifications_notification AS stood
    JOIN told ON told.thread = stood.thread AND told.kind = stood.kind
        AND (told.recipient_id = stood.recipient_id OR told.persona_id = stood.persona_id)
    WHERE (stood.recipient_id = ANY($2::bigint[]) OR stood.persona_id = ANY($3::bigint[]))
        AND stood.kind = ANY($4::text[]) AND stood.thread = ANY($7::uuid[]) AND stood.read_at IS NULL
)
{defer_each("$10", "$11")}
"""  # noqa: S608 a statement of our own


def _some_seconds() -> int:
    """A little while at random, so that the time of a mail does not tell the time of a post."""
    return secrets.randbelow(settings.ACTIVITY_MAIL_JITTER_SECONDS + 1)
