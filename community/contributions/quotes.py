"""Quotes as they are read: the words of somebody whom a reader may not or will not see are no more shown in a quote of them."""

import re
from collections.abc import Iterable
from uuid import UUID

from django.utils.html import format_html
from django.utils.translation import gettext as _

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
