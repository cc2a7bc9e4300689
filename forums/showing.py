"""What a page of a conversation or a list of conversations shows, worked out before the template runs: one flat pass each."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from community import text
from community.contributions import cards
from community.contributions.models import Voice
from community.contributions.quotes import folded, quoted_in, settle_mentions, without
from community.contributions.references import unfolded
from community.templatetags.community import alias_line, byline, clock, curtains, face, face_of, name_line, waited

from . import finding
from .models import PAGE, Mode, ReadMark, Reply, Topic

Clock = Callable[[datetime], SafeString]


class Post(NamedTuple):
    """One place in a conversation, for `{% each %}`. It may be withdrawn, or a gap, which says nothing about why."""

    # None for the opening words.
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
    key: str = ""
    # What the words are about; they are folded behind it, or because the reader asked for that.
    note: str = ""
    is_folded: bool = False
    # Where one can keep away from whoever wrote it.
    person: str = ""
    # Several asked for a volunteer to look at it, so it is folded for everybody.
    is_asked_about: bool = False


def posts(topic: Topic, viewer: Any, page: int) -> list[Post]:
    """The places of one numbered page, in order; page 1 begins with the opening words, which have the number 0."""
    replies = {reply.position: reply for reply in finding.replies(viewer, topic, page)}
    url = topic.get_absolute_url()
    _as_read(topic, replies.values(), viewer)
    _leave_out_cards(replies.values(), viewer)
    when = clock()
    reader = viewer.voice_in(topic.public_id) if viewer.is_authenticated else None
    shown = [_post(topic, topic, reader, when, number=0, url=url)] if page == 1 else []
    for position in range((page - 1) * PAGE + 1, min(page * PAGE, topic.last_position) + 1):
        if reply := replies.get(position):
            shown.append(_post(reply, topic, reader, when, number=position, url=f"{url}r/{reply.public_id}/"))
        else:
            shown.append(Post(number=str(position), is_gap=True))
    return shown


def _as_read(topic: Topic, replies: Collection[Reply], viewer: Any) -> None:
    """Let quotes and mentions in these show nothing that `viewer` is not shown of somebody; guests are shown what is there."""
    if viewer.is_authenticated:
        _settle_quotes(topic, replies, viewer)
        settle_mentions([topic, *replies], viewer)


def _settle_quotes(topic: Topic, replies: Collection[Reply], viewer: Any) -> None:
    """Leave out or fold what is so for `viewer` where it stands; one statement, if that is not on the page."""
    quoted = quoted_in(reply.body_html for reply in replies)
    here = {words.public_id: words.is_folded for words in (topic, *replies)}  # type: ignore[attr-defined]
    apart = quoted - here.keys()
    known = here | (finding.readable(viewer, topic, apart) if apart else {})
    unseen = quoted - known.keys()
    if topic.is_gap:  # type: ignore[attr-defined]
        unseen.add(topic.public_id)
    unwanted = {public_id for public_id in quoted & known.keys() if known[public_id]}
    for reply in replies if unseen or unwanted else ():
        reply.body_html = folded(without(reply.body_html, unseen), unwanted)


def _leave_out_cards(replies: Collection[Reply], viewer: Any) -> None:
    """Where a card shows what `viewer` may not or does not want to see, let it say so; one statement, if there are any."""
    unseen = cards.unseen(viewer, cards.shown_in(reply.body_html for reply in replies))
    for reply in replies if unseen else ():
        reply.body_html = cards.without(reply.body_html, unseen)


def _post(words: Topic | Reply, topic: Topic, reader: Voice | None, when: Clock, *, number: int, url: str) -> Post:
    anchor, place = f"r-{words.public_id}", str(number or "")
    if number == 0 and topic.is_gap:  # type: ignore[attr-defined]
        return Post(number="", is_gap=True)
    if words.is_withdrawn:
        return Post(number=place, is_withdrawn=True, id=anchor)
    drawing, name = _speaker(words, for_guest=reader is None)
    is_own = reader is not None and words.speaks_as(reader)
    is_folded = words.is_folded and not words.note  # type: ignore[attr-defined]
    return Post(
        number=place,
        id=anchor,
        url=url,
        face=drawing,
        name=name,
        is_starter=number > 0 and words.speaks_as(topic.voice),
        when=when(words.created_at),
        edited=when(words.edited_at) if words.edited_at else "",
        html=unfolded(words.body_html) if is_folded or words.note else text.kept(words.body_html),
        is_own=is_own,
        key=str(words.public_id),
        note=words.note,
        is_folded=is_folded,
        person="" if is_own or reader is None else f"{url}person/",
        is_asked_about=words.folded_at is not None,
    )


def _speaker(words: Any, *, for_guest: bool) -> tuple[SafeString, SafeString]:
    """The face and the name of whoever wrote this: a reply brings their values, a conversation whom they are of."""
    if isinstance(words, Topic):
        return face(words.voice, for_guest=for_guest), byline(words.voice)
    if words.alias:
        return curtains(), alias_line(words.alias)
    return face_of(words.seed, words.picture, for_guest=for_guest), name_line(words.name)


class Row(NamedTuple):
    """One conversation in a list, for `{% each %}`."""

    url: str
    title: str
    icon: str
    mode: str
    name: str
    board: str
    # Of the last reply, or of the beginning.
    when: SafeString
    is_answered: bool
    # How long somebody has waited for a first reply.
    waited: str
    is_locked: bool
    is_new: bool
    note: str
    # The reader asked for that; the title says nothing then.
    is_folded: bool


def rows(topics: Iterable[Topic], viewer: Any, *, new: set[int] | None = None, starters: dict[int, str] | None = None) -> list[Row]:
    """The conversations of a list. `new` are the keys of those with something unread; unless given, one query finds them.

    `starters` are the names of who began them, by key, where they came without their voices.
    """
    topics = list(topics)
    if new is None:
        new = _with_news(topics, viewer)
    when = clock()
    return [
        _row(topic, starters[topic.pk] if starters else topic.voice.told_name, when, is_new=topic.pk in new) for topic in topics
    ]


def _row(topic: Topic, starter: str, when: Clock, *, is_new: bool) -> Row:
    mode, is_answered = Mode(topic.mode), topic.last_position > 0
    return Row(
        url=topic.get_absolute_url(),
        title=topic.shown_title,
        icon=mode.icon,
        mode=str(mode.label),
        name=starter,
        board=topic.board.name,
        when=when((is_answered and topic.active_at) or topic.created_at),
        is_answered=is_answered,
        waited="" if is_answered else waited(topic.created_at),
        is_locked=topic.is_locked,
        is_new=is_new,
        note=topic.note,
        is_folded=topic.is_folded,  # type: ignore[attr-defined]
    )


def _with_news(topics: list[Topic], viewer: Any) -> set[int]:
    """Which of these the viewer has read before and not to their end."""
    if not viewer.is_authenticated:
        return set()
    read = ReadMark.positions(viewer, topics)
    return {topic.pk for topic in topics if read.get(topic.pk, topic.last_position) < topic.last_position}
