"""Markdown in, safe HTML out.

Members write plainly, so this is CommonMark with a few things left out, each for a reason:
HTML is shown as typed; an image becomes a link, so no stranger's server learns who reads; a line under dashes is no heading
and an indented line no code, because poems and letters look like that; reference definitions are off, because they make lines
vanish and one line can be repeated into megabytes. Only http, https and mailto links exist.

Any text is rendered within 250 ms: what makes a parser slow (hundreds of brackets or stars in one paragraph, deep nesting) is
shown as plain paragraphs, nothing of it lost. `RENDERER` goes up when the same source would render differently.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from .cleaning import clean, clip_marks, fold

MAX_LENGTH = 20_000
RENDERER = 1

NESTING = 20
DELIMITERS_IN_A_PARAGRAPH = 500
MENTIONS_IN_A_TEXT = 100
LINK_LENGTH = 2_000
HANDLE_LENGTHS = range(3, 25)

# What the parser itself may stumble over. The words are then shown as plain paragraphs.
_PARSER_FAULTS = (AssertionError, LookupError, RecursionError, TypeError, ValueError)

_OUR_DIRECTION = {"dir": "auto"}
_SANITIZER = nh3.Cleaner(
    tags={"a", "bdi", "blockquote", "br", "code", "em", "h3", "hr", "li", "ol", "p", "pre", "strong", "ul"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    allowed_classes={"a": {"mention"}},
    set_tag_attribute_values=dict.fromkeys(("p", "h3", "li", "pre"), _OUR_DIRECTION),
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow ugc",
)

_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")
_MENTION = re.compile(r"@(?=\w)")
_WORD_BEFORE = frozenset("@/_-.+#=&")
_WEB = re.compile(r"(?<![^\W_])https?$", re.IGNORECASE)


def render(source: str, *, mention: Callable[[set[str]], dict[str, str]] | None = None) -> SafeString:
    """Safe HTML of a member's Markdown.

    `mention` receives the folded handles written as @handle and answers with the address of each that may be linked;
    the others stay plain text. It is called at most once, and not at all when nobody is mentioned.
    """
    shown = clip_marks(clean(source))
    tokens = _parse(shown)
    if tokens is None:
        return mark_safe(_SANITIZER.clean(_plain(shown)))  # noqa: S308
    handles = _handles(tokens)
    addresses = mention(handles) if mention and handles else {}
    return mark_safe(_SANITIZER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, addresses)))  # noqa: S308


def kept(html: str) -> SafeString:
    """HTML that `render` made and a column kept. Never call it with anything else."""
    return mark_safe(html)  # noqa: S308


def mentions(source: str) -> set[str]:
    """The folded handles written as @handle, outside code, links and e-mail addresses; the first 100 of them."""
    shown = clean(source)
    # An "@" may also be written as an entity.
    return _handles(_parse(shown) or []) if "@" in shown or "&" in shown else set()


def links(source: str) -> int:
    """How many links the text would show."""
    return len(_addresses(source))


def linked(source: str) -> set[str]:
    """The addresses to which the text would lead."""
    return set(_addresses(source))


def _addresses(source: str) -> list[str]:
    return [str(token.attrs.get("href", "")) for token in _inline(_parse(clean(source)) or []) if token.type == "link_open"]


def excerpt(source: str, length: int = 280) -> str:
    """The beginning of a text without its markup, on one line, cut between words. Not HTML: escape it like any text."""
    # Twenty times what is shown leaves room for long links and lists; nobody reads on to the end for an excerpt.
    shown = clip_marks(clean(source[: max(length, 1) * 20 + 1_000]))
    tokens = _parse(shown)
    words = shown if tokens is None else "".join(_words(tokens))
    words = " ".join(words.split())
    if len(words) <= length:
        return words
    cut = words[:length]
    head = cut if words[length] == " " else cut.rpartition(" ")[0]
    if len(head) < length // 2:
        head = cut[:-1]
    return head.rstrip(" ,;:.…-–—") + "…"


def _plain(text: str) -> str:
    """Paragraphs of text, as unsanitised HTML. Takes any text of any length."""
    paragraphs = (escape(part).replace("\n", "<br>\n") for part in _PARAGRAPHS.split(text.strip("\n")) if part)
    return "".join(f"<p>{part}</p>\n" for part in paragraphs)


def _parse(text: str) -> list[Token] | None:
    """The text's tokens, or None if it must be shown as plain paragraphs."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        tokens = _MARKDOWN.parse(text)
    except _PARSER_FAULTS:
        return None
    # The parser leaves out what stands deeper than its limit; we would rather show it without its form.
    return None if any(token.level >= NESTING - 1 for token in tokens) else tokens


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def _handles(tokens: list[Token]) -> set[str]:
    return {token.info for token in _inline(tokens) if token.type == "mention"}


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for child in token.children or ():
            yield " " if child.type in ("softbreak", "hardbreak") else child.content
        if token.type in ("fence", "code_block"):
            yield token.content
        yield " " if token.block else ""


# ---- the parser: rules that run before, in and after markdown-it's own


def _headings(state: StateCore) -> None:
    """Every heading is an h3, below the page's h1 and each post's h2; an empty one is the signs that were typed."""
    for opening, inline in pairwise(state.tokens):
        if opening.type != "heading_open":
            continue
        opening.tag = "h3"
        if not inline.content:
            opening.tag, inline.content = "p", opening.markup
    for inline, closing in pairwise(state.tokens):
        if closing.type == "heading_close":
            closing.tag = "p" if inline.content == closing.markup else "h3"


def _paragraphs(state: StateCore) -> None:
    """Markdown inside each paragraph, but for those with so many signs that they can only be meant to be slow."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if max(map(token.content.count, "[*_`<")) <= DELIMITERS_IN_A_PARAGRAPH:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
            continue
        for number, line in enumerate(token.content.split("\n")):
            if number:
                token.children.append(Token("softbreak", "br", 0))
            token.children.append(Token("text", "", 0, content=line))


def _web_address(state: StateInline, silent: bool) -> bool:
    """A typed http address, taken whole so that underscores in it are no emphasis. Looks back at five characters only."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _WEB.search(state.pending[-6:])
    if not scheme:
        return False
    start = state.pos - len(scheme[0])
    found = state.md.linkify.match_at_start(state.src[start : start + LINK_LENGTH])
    if not found:
        return False
    address = found.url.rstrip("*")
    href = state.md.normalizeLink(address)
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1)
    state.pos = start + len(address)
    return True


def _links_and_mentions(state: StateCore) -> None:
    """An image's sign before its link goes, a link without words shows its address, and @handles are marked."""
    seen: set[str] = set()
    for token in state.tokens:
        if token.type != "inline":
            continue
        children: list[Token] = []
        depth = 0
        for child in token.children or ():
            if child.type == "link_open":
                depth += 1
                image = not child.info and children and children[-1].type == "text"
                if image and children[-1].content.endswith("!") and not child.markup:
                    children[-1].content = children[-1].content[:-1]
            elif child.type == "link_close":
                depth -= 1
                if children[-1].type == "link_open":
                    children.append(Token("text", "", 0, content=str(children[-1].attrs["href"])))
            if child.type == "text" and not depth and "@" in child.content:
                children.extend(_marked(child.content, seen))
            else:
                children.append(child)
        token.children = children


def _marked(text: str, seen: set[str]) -> Iterator[Token]:
    """The text as tokens of text and of mentions."""
    shown = 0
    for found in _MENTION.finditer(text):
        at = found.start()
        if at and (text[at - 1].isalnum() or text[at - 1] in _WORD_BEFORE):
            continue
        end = found.end()
        while end < len(text) and end - at <= HANDLE_LENGTHS.stop and _is_of_a_handle(text[end]):
            end += 1
        handle = text[at + 1 : end].rstrip("-_")
        if len(handle) not in HANDLE_LENGTHS or text[end : end + 1] == "@":
            continue
        key = fold(handle)
        if key not in seen and len(seen) == MENTIONS_IN_A_TEXT:
            break
        seen.add(key)
        yield Token("text", "", 0, content=text[shown:at])
        shown = at + 1 + len(handle)
        yield Token("mention", "", 0, content=text[at:shown], info=key)
    yield Token("text", "", 0, content=text[shown:])


def _is_of_a_handle(char: str) -> bool:
    # Vowel signs of Indic and Arabic scripts are marks, no letters, but may stand inside an identifier.
    return char == "-" or f"_{char}".isidentifier()


def _mention_html(renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, addresses: dict[str, str]) -> str:
    words = escape(tokens[index].content)
    address = addresses.get(tokens[index].info)
    return f'<a class="mention" href="{escape(address)}"><bdi>{words}</bdi></a>' if address else words


def _is_link(address: str) -> bool:
    """Whether a normalised address may be a link: web or mail, to a plain host, hiding nothing about where it leads."""
    if len(address) > LINK_LENGTH or not address.isascii() or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path and not parts.query
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def _www_length(linkify: LinkifyIt, text: str, position: int) -> int:
    found = _AFTER_WWW.match(text, position)
    return len(found[0]) if found else 0


def _www_address(linkify: LinkifyIt, match: Match) -> None:
    match.url = f"https://{match.url}"


# Names without http:// or www. stay text: "so tired.It" is two sentences, not an address in Italy.
_LINKIFY = LinkifyIt(options={"fuzzy_link": False})
_LINKIFY.add("ftp:", None).add("//", None).add("www.", {"validate": _www_length, "normalize": _www_address})
_AFTER_WWW = re.compile(_LINKIFY.re["src_host_port_strict"] + _LINKIFY.re["src_path"], re.IGNORECASE)


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": NESTING})
    markdown.linkify = _LINKIFY
    markdown.enable("linkify")
    markdown.disable(["html_block", "html_inline", "image", "reference", "lheading", "code"])
    markdown.validateLink = _is_link  # type: ignore[assignment]
    # An address is shown as it was typed: decoding it would turn an honest xn--… into a look-alike.
    markdown.normalizeLinkText = str  # type: ignore[assignment]
    markdown.core.ruler.before("inline", "headings", _headings)
    markdown.core.ruler.at("inline", _paragraphs)
    markdown.inline.ruler.at("linkify", _web_address)
    markdown.core.ruler.before("text_join", "links_and_mentions", _links_and_mentions)
    markdown.add_render_rule("mention", _mention_html)
    return markdown


_MARKDOWN = _build()
