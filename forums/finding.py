"""One conversation: what its page and its form ask of the database, worked out once for each kind of viewer (see
`community.prepared`).

Every list here begins with `visible_to`, whose SQL differs by what `reach` names and by nothing else, and leaves out what the
viewer does not want (`wanted_by`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Subquery

from community.contributions import cards
from community.prepared import Prepared, reach
from community.tags.finding import names_on

from .models import PAGE, Reply, Topic

_VOICE = ("author__username", "author__profile__avatar_seed", "author__profile__avatar__public_id", "persona__alias")
# The same as values beside a post: objects of their own for twenty voices take longer than finding their words.
_SPEAKER = {
    "name": "author__username",
    "seed": "author__profile__avatar_seed",
    "picture": "author__profile__avatar__public_id",
    "alias": "persona__alias",
}
_POST = ("public_id", "author", "persona", "body_html", "note", "created_at", "edited_at", "withdrawn_at", "folded_at")

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
