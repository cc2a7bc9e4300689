"""As whom somebody speaks in a conversation: chosen with their first words there, and kept.

A member speaks in a conversation under one name only, their own or an alias. Whoever reads would else put the two side by side.
"""

from typing import Any
from uuid import UUID

from community.contributions.models import Voice
from community.identity.models import Persona
from community.identity.seal import one_at_a_time, speak_as
from community.members.models import Block
from community.moderation.models import Report
from community.prepared import Prepared

from .models import Reply, Topic


class OtherVoice(Exception):
    """Meanwhile this member spoke in the conversation under their other name; nothing was posted."""


def spoken_as(user: Any, topic: Topic) -> Voice | None:
    """The voice that the signed-in `user` has in this conversation for good; None as long as they have not spoken there.

    Words that were taken back or hidden count, too: they were read.
    """
    if persona := user.persona_in(topic.public_id):
        return persona
    # A page found it with the conversation.
    has_spoken = getattr(topic, "has_spoken", None)
    if has_spoken is None:
        has_spoken = bool(_replies_by_name.rows(None, None, user=user.pk, topic=topic.pk))
    return user if has_spoken or topic.author_id == user.pk else None


_replies_by_name = Prepared(  # type: ignore[type-var]
    lambda _viewer, user, topic: Reply.objects.filter(author=user, persona=None, topic=topic).values_list("pk")[:1],
    user=int,
    topic=int,
)


def voice_to_begin(user: Any, conversation: UUID, *, anonymously: bool) -> Voice:
    """The voice for opening words of the signed-in `user`, to be called in the transaction that posts them."""
    return _alias(user, conversation) if anonymously else user


def voice_to_reply(user: Any, topic: Topic, *, anonymously: bool, spoken: Voice | None = None) -> Voice:
    """The voice for a reply of the signed-in `user`, to be called in the transaction that posts it.

    However many ask at once, all get the same one. Raises OtherVoice for whoever asks for another than stands already. `spoken`
    is what `spoken_as` has said a moment ago; a voice is for good, so nobody has to wait for anything then.
    """
    if not (anonymously or topic.board.is_anonymous):
        return user
    if spoken is not None and spoken.is_persona == anonymously:
        return spoken
    one_at_a_time(user)
    user.forget_personas()
    topic.has_spoken = None  # type: ignore[attr-defined]
    spoken = spoken_as(user, topic)
    if spoken is not None and spoken.is_persona != anonymously:
        raise OtherVoice
    if spoken is None and anonymously:
        spoken = _alias(user, topic.public_id)
        _move_in(topic, user, spoken)
    return spoken or user


def _alias(user: Any, conversation: UUID) -> Persona:
    persona = speak_as(user, conversation)
    user.forget_personas()
    return persona


def _move_in(topic: Topic, user: Any, persona: Persona) -> None:
    """From now on it is the alias that has blocked and reported here."""
    blocks = Block.objects.of(user).filter(blocked_persona__conversation=topic.public_id)
    for block in blocks.select_related("blocked_persona"):
        Block.put(persona, block.blocked_persona)
    blocks.delete()
    Report.move(user, persona, about=Topic.objects.filter(pk=topic.pk))
    Report.move(user, persona, about=Reply.objects.filter(topic=topic))
