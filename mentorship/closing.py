"""What stands above the words of a room: a question of how it goes, a long quiet, a last day; once it is over, what is left."""

from typing import Any

from django.utils import timezone

from community.permissions import Verdict

from . import finding, resuming
from .models import NUDGED_AFTER, RELEASED_AFTER, Match, Side
from .models.parting import WARNED_FOR
from .permissions import (
    can_ask_again,
    can_part_match,
    can_request_mentor,
    can_show_testimonial,
    can_thank_match,
    can_withdraw_testimonial,
)


def of(match: Match, user: Any, *, may_write: Verdict) -> dict[str, Any]:
    """What `user`, one of the two, is shown; whoever may write there may plan its end, so that is not worked out anew."""
    return _over(match, user) if match.is_over else _going_on(match, user, may_write)


def _going_on(match: Match, user: Any, may_plan: Verdict) -> dict[str, Any]:
    return {"check_in": finding.check_in(user, match), "closes": closes(match), "may_plan": may_plan}


def closes(match: Match) -> Any:
    """The day on which a room that has gone quiet closes by itself; None for one that is not so quiet."""
    if match.is_frozen or timezone.now() - match.quiet_since < NUDGED_AFTER:
        return None
    asked = match.nudged_at if match.nudged_at and match.nudged_at >= match.quiet_since else timezone.now()
    return timezone.localdate(max(match.quiet_since + RELEASED_AFTER, asked + WARNED_FOR))


def _over(match: Match, user: Any) -> dict[str, Any]:
    side = match.side_of(user)
    own, other = ("newcomer", "mentor") if side == Side.NEWCOMER else ("mentor", "newcomer")
    is_newest = resuming.is_newest(match)
    context = {
        "their_thanks": getattr(match, f"{other}_thanks"),
        "own_thanks": getattr(match, f"{own}_thanks"),
        "may_thank": can_thank_match(user, match),
        "may_part": can_part_match(user, match),
        "may_show": can_show_testimonial(user, match),
        "may_withdraw": can_withdraw_testimonial(user, match),
        "may_ask_again": is_newest and can_ask_again(user, match),
        "asked_again_at": getattr(match, f"{own}_asks_again_at") if is_newest else None,
    }
    if side == Side.NEWCOMER and is_newest and resuming.resumable(user):
        context |= {"goes_on": True, "may_go_on": can_request_mentor(user), "keeps_turn": match.ending != Match.Ending.PLANNED}
    return context
