from community.benching.pages import Budget, Page
from community.benching.visitors import VOLUNTEER
from community.members.models import User

from .queue import Queue
from .sources import Item

BUDGET = Budget(10, 12)
# A decision that can be made about the same words again and again: each time the note says something else.
NOTED = {"reason": "It may be hard to read for somebody just now.", "unsettled": "on"}


def _items() -> list[Item]:
    """What a volunteer is brought of what was reported, as long as it is of the same kind as the first."""
    keeper = User.objects.get(email=VOLUNTEER)
    keeper.is_here = True
    items = [item for item in Queue(keeper).items if item.source.key == "report"]
    return [item for item in items if item.thing[0] == items[0].thing[0]]


def item() -> str:
    return f"/admin/desk/{_items()[0].key}/"


def form() -> str:
    return f"{item()}do/close/"


def acts() -> list[str]:
    """Several: no two volunteers decide about the same thing at once."""
    return [f"/admin/desk/{each.key}/do/add_note/" for each in _items()]


def act() -> str:
    return acts()[0]


PAGES = [
    Page("desk", "the desk: what waits", lambda: "/admin/", volunteer=BUDGET),
    Page("desk-item", "the desk: one thing that waits", item, volunteer=BUDGET),
    Page("desk-form", "the desk: asking for a reason", form, volunteer=BUDGET),
    Page(
        *("desk-act", "the desk: deciding about it", act),
        volunteer=BUDGET,
        posts="About sleep",
        words_in="note_words",
        form=NOTED,
        addresses=acts,
    ),
]
