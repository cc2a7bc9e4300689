"""Who may do what in a conversation. Seeing is `visible_to`; these are about doing."""

from typing import Any

from django.utils.translation import gettext as _

from community.contributions.models import Contribution
from community.members.permissions import can_write
from community.permissions import Denied, Verdict

from .models import Board, Topic


def can_start_topic(user: Any, board: Board) -> Verdict:
    return can_write(user)


def can_reply(user: Any, topic: Topic) -> Verdict:
    if not (verdict := can_write(user)):
        return verdict
    if topic.is_locked:
        return Denied(topic.closed_sentence)
    return True


def can_change(user: Any, words: Contribution) -> Verdict:
    """Edit or take back: one's own words, while they stand."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to change what you wrote."))
    if not words.speaks_as(user):
        return Denied(_("Only the person who wrote this can change it."))
    if words.is_withdrawn:
        return Denied(_("You took this back. Others see that something stood here, not what it said."))
    return True


def can_edit(user: Any, words: Contribution) -> Verdict:
    return can_change(user, words) and can_write(user)


def can_withdraw(user: Any, words: Contribution) -> Verdict:
    return can_change(user, words)


def can_lock_topic(user: Any, topic: Topic) -> Verdict:
    """Close one's own conversation to replies; moderators do it in the admin, with a reason."""
    if not user.is_authenticated or not topic.speaks_as(user):
        return Denied(_("Only the person who started this conversation can close it."))
    return True


def can_unlock_topic(user: Any, topic: Topic) -> Verdict:
    if not (verdict := can_lock_topic(user, topic)):
        return verdict
    if topic.lock_reason:
        return Denied(_("A volunteer closed this conversation, so only a volunteer can open it again."))
    return True
