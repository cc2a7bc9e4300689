from django.db import models

from community.benching.pages import Budget, Page
from community.pages import cursor_of

from .models import PAGE, Board, Topic

WORDS = (
    "I read this in the morning and it has gone round with me all day. It was like that here too, for longer than I care to say, "
    "and nobody told me that it was allowed to be *that* slow. What helped was small: a walk to the canal and back, somebody who "
    "asked nothing, and putting the kettle on before I was sure that I wanted tea. You don’t have to answer.\n\nIf you would like "
    "to hear how it went on, ask. If not, that is fine as well. I am here most evenings, and the lamp is on."
)


def _open() -> models.QuerySet[Topic]:
    return Topic.objects.filter(audience="everyone", board__audience="everyone", hidden_at=None).select_related("board")


def _board() -> Board:
    """The board with the longest conversation, which has a third of all."""
    return _longest().board


def _longest() -> Topic:
    return _open().order_by("-last_position", "pk")[0]


def board() -> str:
    return _board().get_absolute_url()


def deep_board() -> str:
    """The page that begins after two hundred others, or halfway through where there are fewer."""
    topics = Topic.objects.filter(board=_board(), hidden_at=None).newest_first()
    before = topics[min(200 * PAGE, topics.count() // 2) - 1]
    return f"{board()}?from={cursor_of(before.active_at or before.created_at, before.public_id)}"


def _page_long() -> Topic:
    return _open().filter(last_position=PAGE - 1, locked_at=None, withdrawn_at=None).order_by("pk")[0]


def topic() -> str:
    """A conversation of twenty posts."""
    return _page_long().get_absolute_url()


def last_page() -> str:
    found = _longest()
    return f"{found.get_absolute_url()}?page={found.last_page}"


def _answered() -> Topic:
    """A conversation that no other page shows."""
    others = Topic.objects.filter(locked_at=None, hidden_at=None, withdrawn_at=None, audience="members", last_position__gt=30)
    return others.exclude(board=_board()).select_related("board").order_by("pk")[0]


def reply() -> str:
    """Where a reply is sent."""
    return f"{_answered().get_absolute_url()}reply/"


def opened() -> list[Topic]:
    """The conversations that are opened or answered: whoever measures must not keep away from who began them."""
    return [_page_long(), _longest(), _answered()]


KEPT = Budget(1.2)
PAGES = [
    Page("boards", "list of boards", lambda: "/forums/", guest=Budget(4, 4), kept=KEPT, member=Budget(6, 7)),
    Page("board", "a board, page 1", board, guest=Budget(5, 5), kept=KEPT, member=Budget(8, 8)),
    Page("deep-board", "a board, 200 pages deep", deep_board, guest=Budget(5, 5), member=Budget(8, 8)),
    Page(
        *("topic", "a topic with 20 posts", topic),
        guest=Budget(5, 5, html=9),
        kept=KEPT,
        member=Budget(8, 9, html=12),
        assets=40,
    ),
    Page("last-page", "last page of a topic of 5,000 posts", last_page, guest=Budget(5, 5), kept=KEPT, member=Budget(8, 9)),
    Page("reply", "posting a reply", reply, member=Budget(12, 14), posts=WORDS),
]
