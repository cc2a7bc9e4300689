"""Quotes and mentions as they are read: what a reader may not or will not see of somebody is no more shown where others take up
their words or their name."""

import re
from collections.abc import Collection, Iterable
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community import text
from community.members.handles import skeleton
from community.members.models import TakenName, User
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


def calling(body: str, people: Collection[int]) -> SafeString:
    """The words as HTML, in which these members are called by the name that they have now, also where an older one was taken off
    them since."""
    if not people:
        return text.render(body)
    taken = TakenName.objects.filter(user=OuterRef("pk")).values("key")
    by_key: dict[str, User] = {}
    for member in User.objects.filter(pk__in=people).annotate(names_taken=ArraySubquery(taken)):
        by_key |= dict.fromkeys((member.handle_key, *member.names_taken), member)

    def mention(names: set[str]) -> dict[str, str]:
        return {name: by_key[skeleton(name)].get_absolute_url() for name in names if skeleton(name) in by_key}

    return text.kept(_MENTION.sub(_by_the_name_of_now, text.render(body, mention=mention)))


def _by_the_name_of_now(found: re.Match[str]) -> str:
    written, name = unescape(found[2]).removeprefix("@"), _name(found)
    if skeleton(written) == skeleton(name):
        return found[0]
    return found[0].replace(f"<bdi>{found[2]}</bdi>", format_html("<bdi>@{}</bdi>", name))


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
