from community.benching.pages import Budget, Page
from community.benching.visitors import VOLUNTEER
from community.members.models import User

from .queue import Queue
from .sources import Item

BUDGET = Budget(10, 12)
# A decision that can be made about the same words again and again: each time the note says something else.
NOTED = {"reason": "It may be hard to read for somebody just now.", "unsettled": "on"}


def _item() -> Item:
    """What a volunteer is brought first of what was reported."""
    keeper = User.objects.get(email=VOLUNTEER)
    keeper.is_here = True
    return next(item for item in Queue(keeper).items if item.source.key == "report")


def item() -> str:
    return f"/admin/desk/{_item().key}/"


def form() -> str:
    return f"{item()}do/close/"


def act() -> str:
    return f"{item()}do/add_note/"


PAGES = [
    Page("desk", "the desk: what waits", lambda: "/admin/", volunteer=BUDGET),
    Page("desk-item", "the desk: one thing that waits", item, volunteer=BUDGET),
    Page("desk-form", "the desk: asking for a reason", form, volunteer=BUDGET),
    Page("desk-act", "the desk: deciding about it", act, volunteer=BUDGET, posts="About sleep", words_in="note_words", form=NOTED),
]
