"""When a member is paused until somebody looks at it again: nobody new is brought together with them, and their pairs go on, so
that both can say goodbye. Once the pause has ended, all is as before.

What is closed here bears the moment of the decision, by which it is known again; the verbs `close` and `pause` would write down
their own.
"""

from datetime import datetime

from django.db import transaction

from community.members.models import User

from .models import Mentor, Request
from .remembering import held_pairs


@transaction.atomic
def set_apart(member: User, *, at: datetime) -> None:
    """Answer the questions between them and others with the usual no, close their search, and let them rest as a mentor.

    The search has run out, as those do that are nobody's fault: taken up again later, it keeps its turn.
    """
    for match in held_pairs(member):
        if match.is_open:
            match.decline(by=member)
    Request.objects.filter(user=member, closed_at=None).update(closed_at=at, ending=Request.Ending.RUN_OUT)
    Mentor.objects.filter(user=member, paused_at=None).update(paused_at=at)


@transaction.atomic
def let_back(member: User, *, at: datetime) -> None:
    """Open again what was closed then, unless they changed it meanwhile."""
    Mentor.objects.filter(user=member, paused_at=at).update(paused_at=None)
    if not Request.objects.filter(user=member, closed_at=None).exists():
        Request.objects.filter(user=member, closed_at=at, ending=Request.Ending.RUN_OUT).update(closed_at=None, ending="")
