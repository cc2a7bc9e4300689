"""What a page of a conversation or a list of conversations shows, worked out before the template runs: one flat pass each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community import text
from community.contributions.models import Contribution
from community.templatetags.community import byline, face, when

from . import finding
from .models import PAGE, Mode, ReadMark, Topic


@dataclass(frozen=True)
class Post:
    """One place in a conversation. It may be withdrawn, or a gap, which says nothing about why."""

    # Words, since a template spends ten times as long on a number; none for the opening words.
    number: str
    is_gap: bool = False
    is_withdrawn: bool = False
    id: str = ""
    url: str = ""
    face: SafeString | str = ""
    name: SafeString | str = ""
    is_starter: bool = False
    when: SafeString | str = ""
    edited: SafeString | str = ""
    html: SafeString | str = ""
    is_own: bool = False
    # For whoever can't see which words a button belongs to.
    which: str = ""
    key: UUID | None = None

    def __getitem__(self, name: str) -> Any:
        """What a template tries first."""
        return getattr(self, name)


def posts(topic: Topic, viewer: Any, page: int) -> list[Post]:
    """The places of one numbered page, in order; page 1 begins with the opening words, which have the number 0."""
    replies = {reply.position: reply for reply in finding.replies(viewer, topic, page)}
    url = topic.get_absolute_url()
    shown = [_post(topic, topic, viewer, number=0, url=url)] if page == 1 else []
    for position in range((page - 1) * PAGE + 1, min(page * PAGE, topic.last_position) + 1):
        if reply := replies.get(position):
            shown.append(_post(reply, topic, viewer, number=position, url=f"{url}r/{reply.public_id}/"))
        else:
            shown.append(Post(number=str(position), is_gap=True))
    return shown


def _post(words: Contribution, topic: Topic, viewer: Any, *, number: int, url: str) -> Post:
    anchor, place = f"r-{words.public_id}", str(number or "")
    if words.is_withdrawn:
        return Post(number=place, is_withdrawn=True, id=anchor)
    return Post(
        number=place,
        id=anchor,
        url=url,
        face=face(words.voice, for_guest=not viewer.is_authenticated),
        name=byline(words.voice),
        is_starter=number > 0 and words.speaks_as(topic.voice),
        when=when(words.created_at),
        edited=when(words.edited_at) if words.edited_at else "",
        html=text.kept(words.body_html),
        is_own=viewer.is_authenticated and words.speaks_as(viewer),
        which=f"{_('reply')} {place}" if place else _("the opening words"),
        key=words.public_id,
    )


@dataclass(frozen=True)
class Row:
    """One conversation in a list."""

    url: str
    title: str
    mode: Mode
    name: str
    board: str
    created_at: Any
    active_at: Any
    is_answered: bool
    is_locked: bool
    is_new: bool

    def __getitem__(self, name: str) -> Any:
        """What a template tries first."""
        return getattr(self, name)


def rows(topics: Iterable[Topic], viewer: Any, *, new: set[int] | None = None, starters: dict[int, str] | None = None) -> list[Row]:
    """The conversations of a list. `new` are the keys of those with something unread; unless given, one query finds them.

    `starters` are the names of who began them, by key, where they came without their voices.
    """
    topics = list(topics)
    if new is None:
        new = _with_news(topics, viewer)
    return [
        Row(
            url=topic.get_absolute_url(),
            title=topic.shown_title,
            mode=Mode(topic.mode),
            name=starters[topic.pk] if starters else topic.voice.name,
            board=topic.board.name,
            created_at=topic.created_at,
            active_at=topic.active_at,
            is_answered=topic.last_position > 0,
            is_locked=topic.is_locked,
            is_new=topic.pk in new,
        )
        for topic in topics
    ]


def _with_news(topics: list[Topic], viewer: Any) -> set[int]:
    """Which of these the viewer has read before and not to their end."""
    if not viewer.is_authenticated:
        return set()
    last = {topic.pk: topic.last_position for topic in topics}
    return {pk for pk, position in ReadMark.positions(viewer, list(last)).items() if position < last[pk]}
