"""Who may do what with words, whatever room they stand in."""

from typing import Any

from django.utils.translation import gettext as _

from community.members.permissions import can_write, is_above
from community.permissions import Denied, Verdict

from .models import Contribution


def can_send_again(user: Any, words: Contribution) -> Verdict:
    """Change one's own words that wait, or that came back for a change, and put them before the volunteers (again)."""
    if not user.is_authenticated or not is_own(user, words):
        return Denied(_("Only the person who wrote this can change it."))
    if not words.lies_with_author:
        return Denied(_("This does not wait for anybody. What others can see is changed where it stands."))
    return can_write(user)


def can_show_words(user: Any, words: Contribution) -> Verdict:
    """Let others see what waited; never one's own words, under whatever name."""
    if not (user.is_authenticated and (user.is_moderator or user.is_owner)):
        return Denied(_("Your role does not include this."))
    if is_own(user, words):
        return Denied(_("You wrote this yourself, so somebody else looks at it."))
    return True


def can_decide_words(user: Any, words: Contribution) -> Verdict:
    """Hide words, take a part out, ask for a change, and so on, and undo it; never one's own, under whatever name."""
    if not (user.is_authenticated and (user.is_moderator or user.is_owner)):
        return Denied(_("Your role does not include this."))
    if is_own(user, words):
        return Denied(_("You wrote this yourself, so somebody else decides about it."))
    if is_above(user, words.voice):
        return Denied(_("An owner wrote this, so another owner decides about it, or somebody in charge of safety."))
    return True


def is_own(user: Any, words: Contribution) -> bool:
    return words.author_id == user.pk if words.author_id else words.persona_id in user.persona_keys
