"""What the page of a room shows, worked out before its template runs: one flat pass."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.safestring import SafeString

from community import text
from community.pages import Numbered, PageNumber, numbered
from community.templatetags.community import byline, clock, face

from . import finding
from .models import PAGE, Match


class Said(NamedTuple):
    """One place in a room, for `{% each %}`. It may be withdrawn, or a gap, which says nothing about why."""

    number: str
    is_gap: bool = False
    is_withdrawn: bool = False
    id: str = ""
    url: str = ""
    face: SafeString | str = ""
    name: SafeString | str = ""
    when: SafeString | str = ""
    edited: SafeString | str = ""
    html: SafeString | str = ""
    is_own: bool = False
    may_edit: bool = False
    key: str = ""


class _InRoom(PageNumber):
    """Without a number an address leads to the newest page, so the first one has its number, too."""

    @property
    def url(self) -> str:
        return f"?page={self.number}"


@dataclass(frozen=True)
class RoomPages(Numbered):
    @property
    def numbers(self) -> list[PageNumber | None]:
        return [each and _InRoom(each.number, each.is_current) for each in super().numbers]

    @property
    def newest_url(self) -> str:
        return ""


def pages_of(request: HttpRequest, match: Match) -> RoomPages:
    """The page that `?page=` names, else the newest one. Raises Http404 for a page there is not."""
    last = max(1, -(-match.last_position // PAGE))
    number = numbered(request, last=last).number if "page" in request.GET else last
    return RoomPages(number=number, last=last)


def said(match: Match, viewer: Any, page: int, *, may_write: bool) -> list[Said]:
    """The places of one page, in order. What each of the two wrote is theirs to change while they may write."""
    first, last = (page - 1) * PAGE + 1, min(page * PAGE, match.last_position)
    there = {message.position: message for message in finding.messages(viewer, match, first, last)}
    people = {person.pk: (face(person), byline(person, link=False)) for person in (match.newcomer, match.mentor.user)}
    when, here, shown = clock(), match.get_absolute_url(), []
    for position in range(first, last + 1):
        message = there.get(position)
        if message is None:
            shown.append(Said(number=str(position), is_gap=True))
        elif message.is_withdrawn:
            shown.append(Said(number=str(position), is_withdrawn=True, id=f"m-{message.public_id}"))
        else:
            drawing, name = people[message.author_id]  # type: ignore[index]
            is_own = message.author_id == viewer.pk
            shown.append(
                Said(
                    number=str(position),
                    id=f"m-{message.public_id}",
                    url=f"{here}m/{message.public_id}/",
                    face=drawing,
                    name=name,
                    when=when(message.created_at),
                    edited=when(message.edited_at) if message.edited_at else "",
                    html=text.kept(message.body_html),
                    is_own=is_own,
                    may_edit=is_own and may_write,
                    key=str(message.public_id),
                )
            )
    return shown
