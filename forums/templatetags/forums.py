"""What the house's front door and a member's home show of the forums. Each tag costs the same however much there is."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from community.contributions.drafts import Draft
from forums import listing
from forums.models import Board, Topic
from forums.showing import rows

register = template.Library()

_SHOWN = 5


@register.simple_tag(takes_context=True)
def front_door(context: template.Context) -> dict[str, Any]:
    """For a guest: the boards that anyone may read, what was said there last, and whether somebody reads now. Two queries."""
    viewer = context["user"]
    boards = listing.boards(viewer)
    return {"boards": boards, "conversations": rows(listing.newest(viewer), viewer), "reading_now": _who_is_reading(boards)}


@register.simple_tag(takes_context=True)
def my_talk(context: template.Context) -> dict[str, Any]:
    """For a member: what is new where they read lately, their unfinished words, who waits for a reply. Four queries."""
    viewer = context["user"]
    boards, marks = listing.boards(viewer), listing.read_lately(viewer)
    new = sorted((mark for mark in marks if mark.has_news), key=lambda mark: mark.active_at, reverse=True)[:_SHOWN]
    topics, starters = [_topic(mark, boards) for mark in new], {mark.id: mark.starter for mark in new}
    return {
        "news": rows(topics, viewer, new=set(starters), starters=starters),
        "drafts": _drafts(viewer, boards, marks),
        "waiting": rows(listing.waiting_for(viewer), viewer, new=set()),
        "reading_now": _who_is_reading(boards),
    }


@register.simple_tag(takes_context=True)
def waiting_on(context: template.Context, tags: Iterable[int]) -> dict[str, str] | None:
    """A conversation that waits for a first reply, under one of these tags (by their keys) if there is one. Two queries at most."""
    viewer = context["user"]
    found = listing.waiting_on(viewer, list(tags))
    if found is None:
        waiting: list[Any] = listing.waiting_for(viewer)
        found = next((each for each in waiting if not each.is_folded), None)
    return {"url": found.get_absolute_url(), "title": found.title, "note": found.note} if found else None


def _topic(mark: listing.Mark, boards: list[Board]) -> Topic:
    """The conversation with its board, which is among these: whoever sees the one sees the other."""
    topic = mark.topic
    topic.board = next(board for board in boards if board.pk == topic.board_id)
    return topic


def _drafts(viewer: Any, boards: list[Board], marks: list[listing.Mark]) -> list[dict[str, str]]:
    """The forms that hold unfinished words of this member, among the places they may have begun in."""
    places: dict[str, Board | listing.Mark] = {f"forums.topic:{board.slug}": board for board in boards}
    places |= {f"forums.reply:{mark.public_id}": mark for mark in marks}
    return [_draft(places[place], boards) for place in Draft.among(viewer, places)]


def _draft(begun: Board | listing.Mark, boards: list[Board]) -> dict[str, str]:
    if isinstance(begun, Board):
        label = _("A new conversation in “%(board)s”") % {"board": begun.name}
        return {"label": label, "url": reverse("topic_create", args=[begun.slug])}
    place = _topic(begun, boards)
    label = _("A reply in “%(title)s”") % {"title": place.shown_title}
    return {"label": label, "url": reverse("reply_create", args=[place.board.slug, place.public_id])}


def _who_is_reading(boards: list[Board]) -> str:
    """A sentence about the boards on which somebody reads just now; empty when nobody does."""
    awake = [(board.hours[1] <= board.hours[0], board.hours[1]) for board in boards if board.hours and board.is_read_now]
    if not awake:
        return ""
    _passes_midnight, until = max(awake)
    return _("Somebody is reading, until %(clock)s.") % {"clock": f"{until:%H:%M}"}
