"""The gentle limits of the first days: rules that rooms ask, with numbers they count themselves."""

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community import text
from community.permissions import Denied, Verdict

from .models import NewMemberLimits, User


def has_limits(user: User) -> bool:
    """Is this member in their first days?"""
    return not (user.is_settled or user.is_staff)


def words_of(user: User, body: str, *, anonymously: bool = False) -> list[str]:
    """What is over the limit in these words, as sentences for the form; nothing for members who have settled in.

    The limits of the first days are those of every anonymous post, too, and tell nothing of who writes it.
    """
    if not (anonymously or has_limits(user)):
        return []
    limits = NewMemberLimits.current()
    return _over_anonymously(limits, body) if anonymously else _over(limits, body)


def _over_anonymously(limits: NewMemberLimits, body: str) -> list[str]:
    over = []
    if text.links(body) > limits.links:
        over.append(
            ngettext(
                "In an anonymous post there is room for one link. Put the rest in words.",
                "In an anonymous post there is room for %(room)s links. Put the rest in words.",
                limits.links,
            )
            % {"room": limits.links}
        )
    if len(text.mentions(body)) > limits.mentions:
        over.append(
            ngettext(
                "In an anonymous post one person can be called by name. Leave out the @ before the others.",
                "In an anonymous post %(room)s people can be called by name. Leave out the @ before the others.",
                limits.mentions,
            )
            % {"room": limits.mentions}
        )
    return over


def _over(limits: NewMemberLimits, body: str) -> list[str]:
    over = []
    if (links := text.links(body)) > limits.links:
        over.append(
            _("There are %(count)s links in this. %(room)s Put the rest in words for now.")
            % {
                "count": links,
                "room": ngettext(
                    "In the first days there is room for one.", "In the first days there is room for %(room)s.", limits.links
                )
                % {"room": limits.links},
            }
        )
    if (people := len(text.mentions(body))) > limits.mentions:
        over.append(
            _("This calls %(count)s people by name. %(room)s Leave out the @ before the others.")
            % {
                "count": people,
                "room": ngettext(
                    "In the first days one can be called.", "In the first days %(room)s can be called.", limits.mentions
                )
                % {"room": limits.mentions},
            }
        )
    return over


def can_post_more(user: User, *, made_today: int, kind: Literal["topics", "replies"], anonymously: bool = False) -> Verdict:
    """May a member who posted this many of a kind in the last day post one more?"""
    if not (anonymously or has_limits(user)):
        return True
    limits = NewMemberLimits.current()
    room = limits.topics_a_day if kind == "topics" else limits.replies_a_day
    if made_today < room:
        return True
    if anonymously:
        return Denied(_more_anonymously(kind) % {"room": room})
    if kind == "topics":
        return Denied(
            _("In the first days there is room for %(room)s new conversations a day. Your words are kept; come back tomorrow.")
            % {"room": limits.topics_a_day}
        )
    return Denied(
        _("In the first days there is room for %(room)s replies a day. Your words are kept; come back tomorrow.")
        % {"room": limits.replies_a_day}
    )


def _more_anonymously(kind: str) -> str:
    if kind == "topics":
        return _(
            "There is room for %(room)s conversations a day that you start anonymously. Your words are kept; come back tomorrow."
        )
    return _("There is room for %(room)s anonymous replies a day. Your words are kept; come back tomorrow.")
