"""Markdown lists, such as “awesome” lists: headings become tags, and what stands after a link's dash is said of it.

The blocks are found by markdown-it; each list item's words are parsed apart and only if they are no longer than people write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from community.tags import applying

from .rows import Row, line_of, row, unreadable

MOST_CHARACTERS, MOST_LINES = 2_000_000, 50_000

_LOOKS = re.compile(r"^[ \t]{0,40}(?:[-*+]|\d{1,9}[.)])[ \t]+.{0,400}?(?:\]\(|\]\[|https?://|<http)", re.MULTILINE)
_LONGEST_ITEM = 20_000
_MOST_SIGNS = 300
_DASH = re.compile(r"^[\s:.,;|\u2013\u2014\u2212\u00b7\u2022-]+")
_BARE = re.compile(r"https?://[^\s<>\[\]]{1,2000}")
_CLOSED = re.compile(r"[).,;:!?'\"*_]+\Z")
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]]{1,200})\]:[ \t]{0,20}<?(\S{1,2000}?)>?(?:[ \t]+[\"'(].{0,500})?[ \t]*$", re.MULTILINE)


def looks_like_a_list(beginning: str) -> bool:
    return _LOOKS.search(beginning) is not None


@dataclass(slots=True)
class _Item:
    line: int
    words: str = ""
    has_row: bool = False
    label: str = ""


@dataclass(slots=True)
class Aside:
    """Links that are no entries of a list."""

    inside: int = 0
    lines: list[int] = field(default_factory=list)

    def notes(self) -> list[str]:
        notes = []
        if self.inside:
            notes.append(
                ngettext(
                    "%(count)s link leads to a place in the file itself, such as a table of contents, and was left out.",
                    "%(count)s links lead to places in the file itself, such as a table of contents, and were left out.",
                    self.inside,
                )
                % {"count": self.inside}
            )
        if self.lines:
            lines = ", ".join(map(str, self.lines[:20])) + (" …" if len(self.lines) > 20 else "")
            notes.append(_("Links in running text, outside of lists, were left out: line %(lines)s.") % {"lines": lines})
        return notes


def rows_of_list(text: str, aside: Aside) -> Iterator[Row]:
    """Every list item that has a link as a row; `aside` collects the links that are none."""
    named = {_label(name): address for name, address in _DEFINITION.findall(text)}
    env = {"references": {name: {"href": address, "title": ""} for name, address in named.items()}}
    tokens = _MARKDOWN.parse(text, {})
    depths = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    # The one heading above all others is the file's title.
    top = min(depths, default=0)
    is_titled = depths.count(top) == 1 and len(depths) > 1 and bool(depths) and depths[0] == top
    headings: list[tuple[int, str]] = []
    items: list[_Item] = []
    number = 0
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            depth = int(token.tag[1])
            headings = [heading for heading in headings if heading[0] < depth]
            if not (is_titled and depth == top):
                headings.append((depth, line_of(_plain(_children(tokens[place + 1], env)))))
        elif token.type == "list_item_open":
            items.append(_Item((token.map or [0])[0] + 1))
        elif token.type == "list_item_close":
            del items[-1:]
        elif token.type == "inline" and tokens[place - 1].type == "paragraph_open":
            line = (token.map or [0])[0] + 1
            if not items or items[-1].has_row:
                if ("](" in token.content or "://" in token.content) and not _DEFINITION.match(token.content):
                    aside.lines.append(line)
                continue
            labels = [*(label for _depth, label in headings), *(item.label for item in items[:-1] if item.label)]
            found = _row(number + 1, line, token, env, labels[-applying.MOST :], aside)
            items[-1].has_row = found is not None
            if found is not None:
                number += 1
                yield found
            else:
                items[-1].label = line_of(token.content)[: applying.LONGEST + 1]


def _row(number: int, line: int, token: Token, env: dict, tags: list[str], aside: Aside) -> Row | None:
    """The item as a row, or None if there is no link in it."""
    words = token.content
    if len(words) > _LONGEST_ITEM or max(map(words.count, "[*_`<!&")) > _MOST_SIGNS:
        return unreadable(number, line, words[:400], _("This entry is far too long for a list.")) if "://" in words else None
    if "]" not in words and "://" not in words and "mailto:" not in words:
        return None
    children = _children(token, env)
    opening = next((at for at, child in enumerate(children) if child.type == "link_open"), None)
    if opening is None:
        return None
    closing = next((at for at in range(opening, len(children)) if children[at].type == "link_close"), len(children))
    address = str(children[opening].attrs["href"])
    if address.startswith("#"):
        aside.inside += 1
        return None
    title = _plain(children[opening + 1 : closing])
    before, after = _markdown(children[:opening]), _markdown(children[closing + 1 :])
    before = before if any(sign.isalnum() for sign in before) else ""
    after = _DASH.sub("", after.lstrip("*_ \t")) if after.strip() else ""
    description = " ".join(filter(None, [before.strip(), after.strip()]))
    return row(number, line, words[:400], address=address, title=title, description=description, tags=tags)


def _children(token: Token, env: dict) -> list[Token]:
    if len(token.content) > _LONGEST_ITEM or max(map(token.content.count, "[*_`<!&")) > _MOST_SIGNS:
        return [Token("text", "", 0, content=token.content[:_LONGEST_ITEM])]
    children: list[Token] = []
    _MARKDOWN.inline.parse(token.content, _MARKDOWN, env, children)
    return list(_with_bare(children))


def _with_bare(children: list[Token]) -> Iterator[Token]:
    """The words with typed addresses as links."""
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type != "text" or depth or "://" not in child.content:
            yield child
            continue
        shown = 0
        for found in _BARE.finditer(child.content):
            address = _CLOSED.sub("", found[0])
            yield Token("text", "", 0, content=child.content[shown : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": address}, info="auto")
            yield Token("link_close", "a", -1, info="auto")
            shown = found.start() + len(address)
        yield Token("text", "", 0, content=child.content[shown:])


def _plain(children: list[Token]) -> str:
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in children)


_SIGNS = {"em_open": "*", "em_close": "*", "strong_open": "**", "strong_close": "**", "softbreak": "\n", "hardbreak": "\n"}


def _markdown(children: list[Token]) -> str:
    """These words as Markdown again, with the address of every link in its place."""
    written: list[str] = []
    addresses: list[str] = []
    for child in children:
        if child.type == "link_open":
            bare = child.info == "auto"
            addresses.append(str(child.attrs["href"]))
            written.append(f"<{addresses[-1]}>" if bare and child.markup != "autolink" else "<" if bare else "[")
        elif child.type == "link_close":
            address = addresses.pop() if addresses else ""
            written.append(
                "" if child.info == "auto" and child.markup != "autolink" else ">" if child.info == "auto" else f"]({address})"
            )
        elif child.type == "code_inline":
            written.append(f"`{child.content}`")
        else:
            written.append(_SIGNS.get(child.type, child.content))
    return "".join(written)


def _label(name: str) -> str:
    return " ".join(name.split()).lower().upper()


def _inline(state: StateCore) -> None:
    """Leave every paragraph's words for later: only those of list items are looked at."""


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True, "linkify": False, "maxNesting": 60})
    # Definitions are found apart, in one go.
    markdown.disable(["reference", "code"])
    markdown.core.ruler.at("inline", _inline)
    # What can't be opened by others is a row that says so, not a link that nobody sees.
    markdown.validateLink = lambda _address: True  # type: ignore[assignment]
    return markdown


_MARKDOWN = _build()
