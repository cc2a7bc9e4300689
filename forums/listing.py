"""Boards, and conversations in lists: what those pages ask of the database, worked out once for each kind of viewer (see
`community.prepared`).

Every list here begins with `visible_to`, whose SQL differs by what `reach` names and by nothing else, and leaves out what the
viewer does not want (`wanted_by`).
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from community.identity.aliases import told
from community.prepared import Prepared, byte_array, key_array, reach
from community.tags.models import Tagged

from .models import PAGE, Audience, Board, ReadMark, Topic

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
