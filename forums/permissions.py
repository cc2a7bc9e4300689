"""Who may do what in a conversation. Seeing is `visible_to`; these are about doing."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from community.contributions.models import Contribution
from community.members.models import LEADS_NEEDED, Block, User
from community.members.permissions import can_write
from community.permissions import Denied, Verdict

from .models import Board, Topic


def can_start_topic(user: Any, board: Board) -> Verdict:
    return can_write(user)


def can_greet_newcomers(user: Any) -> Verdict:
    """See which newcomers wait for a first reply."""
    if user.is_authenticated and (user.is_greeter or user.is_moderator or user.is_owner):
        return True
    return Denied(_("This list is for those who greet newcomers. Everybody who waits is on the list beside it."))


def can_reply(user: Any, topic: Topic) -> Verdict:
    if not (verdict := can_write(user)):
        return verdict
    if topic.is_locked:
        return Denied(topic.closed_sentence)
    if _has_sent_away(topic, user):
        return Denied(_("You can’t answer in this conversation. You can still read it, or start your own."))
    if topic.is_slow and (next_at := _next_reply_at(topic, user)) > timezone.now():
        return Denied(
            _("This conversation goes slowly just now, so that everybody can breathe. You can answer again at %(clock)s.")
            % {"clock": date_format(timezone.localtime(next_at), "H:i")}
        )
    return True


def _next_reply_at(topic: Topic, user: Any) -> datetime:
    """From when the voice that `user` has in a slow conversation can answer again."""
    said = topic.replies.in_voice(user.voice_in(topic.public_id)).aggregate(at=Max("created_at"))["at"]
    return said + timedelta(minutes=topic.slow_minutes or 0) if said else timezone.now()


def _has_sent_away(topic: Topic, user: Any) -> bool:
    """Did the person who started it, by name, block the alias of `user` there? An anonymous starter refuses nobody.

    Whoever is refused by an alias could learn who is behind it. Whoever is blocked by name does not see the conversation.
    """
    persona = user.persona_in(topic.public_id) if topic.author_id else None
    return persona is not None and Block.objects.on(persona).filter(blocker=topic.author_id).exists()


def can_speak_anonymously(user: Any, board: Board) -> Verdict:
    """Take a new name for a conversation on this board. Whoever has one there goes on under it, whatever this says."""
    if not board.is_anonymous:
        return Denied(_("Posting anonymously is not possible on this board."))
    if not (verdict := can_write(user)):
        return verdict
    if not _has_leads(board):
        return Denied(_("Posting anonymously is not possible just now: two people in charge of safety are needed for it."))
    return True


def can_allow_anonymous(user: Any, board: Board) -> Verdict:
    """Let members post on this board under names made for one conversation."""
    if not (user.is_authenticated and user.is_owner):
        return Denied(_("Only the owners decide where members can post anonymously."))
    if not _has_leads(board):
        return Denied(_("First put two people in charge of safety; nobody can post anonymously without them."))
    return True


def can_end_anonymous(user: Any, board: Board) -> Verdict:
    if not (user.is_authenticated and user.is_owner):
        return Denied(_("Only the owners decide where members can post anonymously."))
    return True


def can_begin_memorial(user: Any, topic: Topic) -> Verdict:
    """Make a conversation one in memory of somebody, or one like any other again."""
    if not (user.is_authenticated and (user.is_lead or user.is_owner)):
        return Denied(_("Only the owners and those in charge of safety decide this."))
    return True


def _has_leads(board: Board) -> bool:
    # A page found it with the conversation.
    if (found := getattr(board, "has_leads", None)) is not None:
        return found
    return User.objects.leads()[:LEADS_NEEDED].count() == LEADS_NEEDED


def can_change(user: Any, words: Contribution) -> Verdict:
    """Edit or take back: one's own words, while they stand."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to change what you wrote."))
    if not words.speaks_as(user.voice_in(words.thread)):
        return Denied(_("Only the person who wrote this can change it."))
    if words.is_withdrawn:
        return Denied(_("You took this back. Others see that something stood here, not what it said."))
    return True


def can_edit(user: Any, words: Contribution) -> Verdict:
    """Change them where they stand; where a volunteer looks first, so does one at the change."""
    return can_change(user, words) and can_write(user)


def can_withdraw(user: Any, words: Contribution) -> Verdict:
    return can_change(user, words)


def can_lock_topic(user: Any, topic: Topic) -> Verdict:
    """Close one's own conversation to replies; moderators do it in the admin, with a reason."""
    if not user.is_authenticated or not topic.speaks_as(user.voice_in(topic.public_id)):
        return Denied(_("Only the person who started this conversation can close it."))
    return True


def can_unlock_topic(user: Any, topic: Topic) -> Verdict:
    if not (verdict := can_lock_topic(user, topic)):
        return verdict
    if topic.lock_reason:
        return Denied(_("A volunteer closed this conversation, so only a volunteer can open it again."))
    return True
