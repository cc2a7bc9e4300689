"""Quotes and mentions as they are read: what a reader may not or will not see of somebody is no more shown where others take up
their words or their name."""

import re
from collections.abc import Collection, Iterable
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.utils.html import format_html
from django.utils.translation import gettext as _

from community import text
from community.members.models import User
from community.prepared import Prepared

from .references import fold

# A quote as `Reference.as_quote` makes it, with the note above it or the fold around it. The address of the words quoted ends with
# their public id.
_BEGIN, _ID = '<blockquote class="quote">', r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_NOTE = r'(?:<details class="fold"><summary>(?:(?!</summary>).)*</summary>|<p class="meta"><span>[^<]*</span></p>)?'
_WORDS = rf'(?:(?!</blockquote>).)*?<footer><a href="[^"]*/{_ID}/">(?:(?!</blockquote>).)*'
_QUOTE = re.compile(rf"{_NOTE}{_BEGIN}{_WORDS}</blockquote>(?:</details>)?", re.DOTALL)


def quoted_in(pages: Iterable[str]) -> set[UUID]:
    """The public ids of all words that are quoted in these."""
    return {UUID(found) for html in pages if _BEGIN in html for found in _QUOTE.findall(html)}


def without(html: str, unseen: set[UUID]) -> str:
    """The same words, with a sentence in place of each quote of these."""
    if not unseen or _BEGIN not in html:
        return html
    gone = format_html(
        '<blockquote class="quote"><p class="gap">{}</p></blockquote>', _("The words quoted here are not shown to you.")
    )
    return _QUOTE.sub(lambda found: gone if UUID(found[1]) in unseen else found[0], html)


def folded(html: str, unwanted: set[UUID]) -> str:
    """The same words, with each quote of these in a fold, unless their note folds it already."""

    def in_fold(found: re.Match[str]) -> str:
        is_bare = found[0].startswith(_BEGIN)
        return fold(_("Folded, as you asked."), text.kept(found[0])) if is_bare and UUID(found[1]) in unwanted else found[0]

    return _QUOTE.sub(in_fold, html) if unwanted and _BEGIN in html else html


# Mentions ------------------------------------------------------------------------------------

_MENTIONED = '<a class="mention" href="'
_MENTION = re.compile(rf'{_MENTIONED}/members/([^"/]+)/"[^>]*><bdi>([^<]*)</bdi></a>')


def mentioned_in(pages: Iterable[str]) -> set[str]:
    """The names of all members who are called in these."""
    return {_name(found) for html in pages if _MENTIONED in html for found in _MENTION.finditer(html)}


def unlinked(html: str, unmet: set[str]) -> str:
    """The same words, with the names of these as if nobody had them."""
    return _MENTION.sub(lambda found: found[2] if _name(found) in unmet else found[0], html)


_met = Prepared(lambda viewer, names: User.objects.visible_to(viewer).filter(username__among=names).only("username"), names=list)


def settle_mentions(words: Collection[Any], viewer: Any) -> None:
    """Whoever the member `viewer` may not meet is called by a name that nobody has; one statement, if anybody is called.

    Guests are shown what is there.
    """
    called = mentioned_in(said.body_html for said in words) if viewer.is_authenticated else set()
    unmet = called - {user.username for user in _met.rows(viewer, None, names=list(called))} if called else set()
    for said in words if unmet else ():
        said.body_html = unlinked(said.body_html, unmet)


def _name(found: re.Match[str]) -> str:
    return unquote(unescape(found[1]))
