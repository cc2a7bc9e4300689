"""What the pages that are opened most ask of the database, worked out once for each kind of viewer (see `community.prepared`).

Every list here begins with `visible_to`, whose SQL differs by what `reach` names and by nothing else, and leaves out what the
viewer does not want (`wanted_by`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from community.contributions import cards
from community.identity.aliases import told
from community.prepared import Prepared, byte_array, key_array, reach
from community.tags.finding import names_on
from community.tags.models import Tagged

from .models import PAGE, Audience, Board, ReadMark, Reply, Topic

_VOICE = ("author__username", "author__profile__avatar_seed", "author__profile__avatar__public_id", "persona__alias")
# The same as values beside a post: objects of their own for twenty voices take longer than finding their words.
_SPEAKER = {
    "name": "author__username",
    "seed": "author__profile__avatar_seed",
    "picture": "author__profile__avatar__public_id",
    "alias": "persona__alias",
}
_POST = ("public_id", "author", "persona", "body_html", "note", "created_at", "edited_at", "withdrawn_at", "folded_at")
_LINE = (*("public_id", "withdrawn_at", "created_at", "board", "title", "note", "mode", "last_position", "active_at", "locked_at"),)
_ROW = (*_LINE, "author", "persona", "author__username", "persona__alias")
_BOARD = ("board__slug", "board__name")


def _rows(topics: QuerySet[Topic], viewer: Any) -> QuerySet[Topic]:
    """What the viewer wants of these, with no more than a line in a list shows."""
    return _rows_here(topics, viewer).select_related("author", "persona", "board").only(*_ROW, *_BOARD)


def _rows_here(topics: QuerySet[Topic], viewer: Any) -> QuerySet[Topic]:
    """The same in a list of one board, which is known."""
    wanted = topics.wanted_by(viewer).with_folds(viewer, of_wanted=True)  # type: ignore[attr-defined]
    return wanted.select_related("author", "persona").only(*_ROW)


# A guest's validator tells of nothing but what is, or was, open to anyone.
_OPEN = Topic.objects.filter(audience=Audience.EVERYONE)

# Boards --------------------------------------------------------------------------------------------------------------

_boards = Prepared(lambda viewer: Board.objects.visible_to(viewer))
_board = Prepared(
    lambda viewer, slug: (
        Board.objects.visible_to(viewer)
        .filter(slug=slug)
        .annotate(newest=Subquery(_OPEN.filter(board=OuterRef("pk")).order_by("-version").values("version")[:1]))
    ),
    slug=str,
)


def boards(viewer: Any) -> list[Board]:
    return _boards.rows(viewer, reach(viewer))


def board(viewer: Any, slug: str) -> Board | None:
    """The board, with `newest`: the number of the newest change in what is open to anyone there."""
    return _board.first(viewer, reach(viewer), slug=slug)


# Conversations in a list ---------------------------------------------------------------------------------------------

_first = Prepared(
    lambda viewer, board: _rows_here(Topic.objects.visible_to(viewer).filter(board=board).newest_first(), viewer)[: PAGE + 1],
    board=int,
)
_further = Prepared(
    lambda viewer, board, moment, public_id: _rows_here(
        Topic.objects.visible_to(viewer)
        .filter(Q(active_at__lte=moment) & (Q(active_at__lt=moment) | Q(public_id__lt=public_id)), board=board)
        .newest_first(),
        viewer,
    )[: PAGE + 1],
    board=int,
    moment=datetime,
    public_id=UUID,
)
_waiting = Prepared(
    lambda viewer, board: _rows_here(
        Topic.objects.visible_to(viewer).filter(board=board).unanswered().longest_waiting_first(), viewer
    )[:3],
    board=int,
)
_pinned = Prepared(
    lambda viewer, board: _rows_here(
        Topic.objects.visible_to(viewer).filter(board=board, pinned_at__isnull=False).order_by("-pinned_at", "-public_id"), viewer
    )[:3],
    board=int,
)
_newest = Prepared(lambda viewer: _rows(Topic.objects.visible_to(viewer).filter(withdrawn_at=None).newest_first(), viewer)[:5])
_waiting_anywhere = Prepared(
    lambda viewer: _rows(
        Topic.objects.visible_to(viewer)
        .unanswered()
        .exclude(Q(author=viewer.pk) | Q(persona__pk__among=viewer.persona_keys))
        .longest_waiting_first(),
        viewer,
    )[:5],
)


class Mark(NamedTuple):
    """How far somebody has read a conversation. Few of them are shown, so the conversation is made where it is."""

    position: int
    # Who began it: a member's name or an alias.
    name: str | None
    alias: str | None
    is_folded: bool
    # Of the conversation, from here on.
    id: int
    public_id: UUID
    note: str
    created_at: datetime
    withdrawn_at: datetime | None
    board_id: int
    title: str
    mode: str
    last_position: int
    active_at: datetime
    locked_at: datetime | None

    @property
    def has_news(self) -> bool:
        return self.position < self.last_position

    @property
    def topic(self) -> Topic:
        topic = Topic.from_db("default", _ON_A_LINE, [getattr(self, name) for name in _ON_A_LINE])
        topic.is_folded = self.is_folded  # type: ignore[attr-defined]
        return topic

    @property
    def starter(self) -> str:
        return self.name or told(self.alias or "")


# In the model's own order, as `from_db` takes them.
_ON_A_LINE = [field.attname for field in Topic._meta.concrete_fields if field.attname in Mark._fields]


def _newest_marks(shelves: Any) -> ArraySubquery:
    """The keys of the newest ones; no more than are shown, since of each is asked what is wanted."""
    return ArraySubquery(ReadMark.objects.filter(shelf__among=shelves).newest_first().values("pk")[:40])


def _has_folded_news(viewer: Any) -> ExpressionWrapper:
    """Whether it is folded; asked where there is news, which is little, and shown there only."""
    folded = Topic.objects.with_folds(viewer, of_wanted=True).filter(pk=OuterRef("topic"), is_folded=True)
    return ExpressionWrapper(Q(position__lt=F("topic__last_position")) & Q(Exists(folded)), output_field=BooleanField())


_read_lately = Prepared(
    lambda viewer, shelves: (
        ReadMark.objects.filter(pk__among=_newest_marks(shelves), topic__in=Topic.objects.visible_to(viewer).wanted_by(viewer))
        .annotate(name=F("topic__author__username"), alias=F("topic__persona__alias"), is_folded=_has_folded_news(viewer))
        .newest_first()
        .values_list("position", "name", "alias", "is_folded", *(f"topic__{name}" for name in Mark._fields[4:]))[:40]
    ),
    shelves=list,
)
_waiting_on = Prepared(
    lambda viewer, tags: _rows(
        Topic.objects.visible_to(viewer)
        .unanswered()
        .exclude(Q(author=viewer.pk) | Q(persona__pk__among=viewer.persona_keys))
        .filter(pk__in=_carrying(tags))
        .longest_waiting_first(),
        viewer,
    ).filter(is_folded=False)[:1],
    tags=list,
)


def _carrying(tags: Any) -> Any:
    return Tagged.objects.filter(tag__among=tags, content_type=ContentType.objects.get_for_model(Topic)).values("object_id")


# In an order that has an index, so that the first one is enough.
_anybody_waits = Prepared(
    lambda viewer: Topic.objects.visible_to(viewer).wanted_by(viewer).unanswered().longest_waiting_first().only("pk")[:1]
)


def topics_of_board(viewer: Any, board: Board, *, beyond: tuple[datetime, UUID] | None) -> list[Topic]:
    """A page of a board's conversations and one more, newest first, or those that follow `beyond`."""
    if beyond is None:
        return _all_in(board, _first.rows(viewer, reach(viewer), board=board.pk))
    return _all_in(board, _further.rows(viewer, reach(viewer), board=board.pk, moment=beyond[0], public_id=beyond[1]))


def waiting_in(viewer: Any, board: Board) -> list[Topic]:
    return _all_in(board, _waiting.rows(viewer, reach(viewer), board=board.pk))


def pinned_in(viewer: Any, board: Board) -> list[Topic]:
    """What volunteers put above the others."""
    return _all_in(board, _pinned.rows(viewer, reach(viewer), board=board.pk))


def _all_in(board: Board, topics: list[Topic]) -> list[Topic]:
    for topic in topics:
        topic.board = board
    return topics


def newest(viewer: Any) -> list[Topic]:
    return _newest.rows(viewer, reach(viewer))


def waiting_for(viewer: Any) -> list[Topic]:
    """Who waits for a first reply that `viewer` could give."""
    return _waiting_anywhere.rows(viewer, reach(viewer))


def waiting_on(viewer: Any, tags: list[int]) -> Topic | None:
    """Who waits longest for a first reply that `viewer` could give, of what stands under one of these tags."""
    return _waiting_on.first(viewer, reach(viewer), tags=key_array(tags)) if tags else None


def read_lately(viewer: Any) -> list[Mark]:
    """Where `viewer` read in this week and the last, with the conversations but not their boards, and as `starter` the name of
    who began each."""
    shelves = byte_array(ReadMark.shelves(viewer, weeks=2))
    return [Mark._make(row) for row in _read_lately.rows(viewer, reach(viewer), shelves=shelves)]


def does_anybody_wait(viewer: Any) -> bool:
    return _anybody_waits.first(viewer, reach(viewer)) is not None


# One conversation ----------------------------------------------------------------------------------------------------

_topic = Prepared(
    lambda viewer, board, public_id: (
        Topic.objects.visible_to(viewer)
        .filter(board__slug=board, public_id=public_id)
        .with_opening(viewer)
        .with_folds(viewer)
        .annotate(shown_tags=names_on(Topic), beside=cards.beside(Topic, viewer))
        .with_speaking(viewer)
        .select_related("author__profile__avatar", "persona", "board")
        .only(
            *(*_POST, *_VOICE, "board__slug", "board__name", "board__audience", "board__version", "board__reads_from"),
            *("board__reads_until", "board__guidelines_html", "board__anonymous_at", "board__held_first_at", "held_first_at"),
            *("title", "mode", "audience", "last_position", "locked_at", "lock_reason", "slow_minutes", "slow_until"),
            *("remembers_until", "version"),
        )
    ),
    board=str,
    public_id=UUID,
)
_versions: Prepared[Any] = Prepared(
    lambda viewer, board, public_id: (
        Topic.objects.visible_to(viewer)
        .filter(board__slug=board, public_id=public_id)
        .annotate(shown_tags=names_on(Topic), beside=cards.beside(Topic, viewer, "pk", "version"))
        .values_list("version", "board__version", "shown_tags", "beside")
    ),
    board=str,
    public_id=UUID,
)
_replies = Prepared(
    lambda viewer, topic, before, last: (
        Reply.objects.visible_to(viewer)
        .wanted_by(viewer)
        .with_folds(viewer, of_wanted=True)
        .filter(topic=topic, position__gt=before, position__lte=last)
        .annotate(**{name: F(field) for name, field in _SPEAKER.items()})
        .only(*_POST, "position")
        .order_by("position")
    ),
    topic=int,
    before=int,
    last=int,
)


_place = Prepared(
    lambda viewer, board, public_id: (
        Topic.objects.visible_to(viewer)
        .with_opening(viewer)
        .with_place()
        .with_speaking(viewer)
        .filter(board__slug=board, public_id=public_id)
    ),
    board=str,
    public_id=UUID,
)


def place(viewer: Any, board: str, public_id: UUID) -> Topic | None:
    """The conversation to answer or to do something with, whole and with what taking an alias hangs on, if `viewer` may read it."""
    return _with_leads(_place.first(viewer, reach(viewer), board=board, public_id=public_id))


def _with_leads(found: Topic | None) -> Topic | None:
    if found is not None:
        found.board.has_leads = found.has_leads  # type: ignore[attr-defined]
    return found


def topic(viewer: Any, board: str, public_id: UUID) -> Topic | None:
    """The conversation, with `is_gap` where its opening words are not shown to `viewer`, `is_folded`, `shown_tags`, what
    taking an alias hangs on, and `beside`: which things under its tags stand beside it (see `cards.beside`)."""
    return _with_leads(_topic.first(viewer, reach(viewer), board=board, public_id=public_id, personas=_here(viewer, public_id)))


def version_of(topic: Topic) -> tuple[Any, ...]:
    """What a kept page of it is checked by: the numbers of the newest changes of it, its board and what stands beside it, and
    its tags."""
    return _version(topic.version, topic.board.version, topic.shown_tags, topic.beside)  # type: ignore[attr-defined]


def _version(number: int, of_board: int, tags: list[str], beside: list[dict[str, Any]]) -> tuple[Any, ...]:
    return number, of_board, tags, [(line["pk"], line["version"]) for line in beside]


def versions(viewer: Any, board: str, public_id: UUID) -> tuple[Any, ...] | None:
    """The same of a conversation that was not fetched, if there is one."""
    found: Any = _versions.first(viewer, reach(viewer), board=board, public_id=public_id)
    return _version(*found) if found else None


def replies(viewer: Any, topic: Topic, page: int) -> list[Reply]:
    """What `viewer` may and wants to read of one numbered page, each with `is_folded`.

    Its voice is there as values: `name`, `seed` and `picture`, or `alias`.
    """
    here = _here(viewer, topic.public_id)
    return _replies.rows(viewer, reach(viewer), topic=topic.pk, before=(page - 1) * PAGE, last=page * PAGE, personas=here)


_readable = Prepared(
    lambda viewer, topic, ids: (
        Reply.objects.visible_to(viewer)
        .wanted_by(viewer)
        .with_folds(viewer)
        .filter(topic=topic, public_id__among=ids)
        .values_list("public_id", "is_folded")
    ),
    topic=int,
    ids=list,
)


def readable(viewer: Any, topic: Topic, ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Those of these replies, by their public ids, that `viewer` may and wants to read, and whether folded."""
    here = _here(viewer, topic.public_id)
    return dict(_readable.rows(viewer, reach(viewer), topic=topic.pk, ids=list(ids), personas=here))


_LATELY = ("public_id", "body", "withdrawn_at")


def _newest_of(said: QuerySet[Reply], before: Any) -> QuerySet[Reply]:
    """Of these the newest that others see, and the newest that waits for a volunteer."""
    shown = said.filter(position__gt=before, hidden_at=None).order_by("-position")
    held = said.filter(held_at__isnull=False).order_by("-pk")
    newest = Q(pk=Subquery(shown.values("pk")[:1])) | Q(pk=Subquery(held.values("pk")[:1]))
    return Reply.objects.filter(newest).only(*_LATELY)


_said_lately = Prepared(
    lambda viewer, topic, before, since: _newest_of(
        Reply.objects.filter(author=viewer.pk, topic=topic, created_at__gte=since), before
    ),
    topic=int,
    before=int,
    since=datetime,
)
_said_lately_by_alias = Prepared(
    lambda viewer, topic, before, since: _newest_of(
        Reply.objects.under_aliases_of(viewer).filter(topic=topic, created_at__gte=since), before
    ),
    topic=int,
    before=int,
    since=datetime,
)


def said_lately(viewer: Any, topic: Topic, *, since: datetime, anonymously: bool) -> list[Reply]:
    """The newest that `viewer` said in this conversation since then, by name or under an alias, if it is among the last hundred;
    and the newest that waits for a volunteer."""
    asked = _said_lately_by_alias if anonymously else _said_lately
    here = _here(viewer, topic.public_id)
    return asked.rows(viewer, None, topic=topic.pk, before=topic.last_position - 100, since=since, personas=here)


def _here(viewer: Any, conversation: UUID) -> list[int]:
    """The one alias of `viewer` that matters in this conversation; one look-up in a request."""
    persona = viewer.persona_in(conversation) if viewer.is_authenticated else None
    return [persona.pk] if persona else []
