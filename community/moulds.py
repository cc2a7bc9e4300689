"""Pieces of a page that are worked out once, and then filled in: the tags `once`, `untouched` and `each`."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from html import escape
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language


class _Mould:
    """What a piece of a template comes to, with gaps for what differs; it lives as long as its template."""

    MOST = 256
    MARK = "\x1f"

    def __init__(self, nodes: template.NodeList) -> None:
        self.nodes = nodes
        self.made: dict[Hashable, tuple[list[tuple[str, int]], str]] = {}

    def fill(self, context: template.Context, key: Hashable, values: Sequence[Any], named: Callable[[list], dict[str, Any]]) -> str:
        """The piece that is for this language, this key, and these values, each of which is there or not.

        `named` says under which names the piece knows the values; it may print them as they are, and ask whether they are there.
        """
        shape = (get_language(), key, *map(bool, values))
        pieces, end = self.made.get(shape) or self._make(context, shape, named)
        parts: list[str] = []
        for words, place in pieces:
            value = values[place]
            parts += (words, value if hasattr(value, "__html__") else escape(str(value)))
        parts.append(end)
        return "".join(parts)

    def _make(self, context: template.Context, shape: Any, named: Callable[[list], dict[str, Any]]) -> tuple[list, str]:
        """In front of each value its words, and then the last of them."""
        gaps = [format_html("{0}{1}{0}", self.MARK, place) if is_there else "" for place, is_there in enumerate(shape[2:])]
        with context.push(**named(gaps)):
            *pieces, end = self.nodes.render(context).split(self.MARK)
        if len(self.made) >= self.MOST:
            self.made.clear()
        made = self.made[shape] = list(zip(pieces[::2], map(int, pieces[1::2]), strict=True)), end
        return made


class _Once(template.Node):
    def __init__(self, nodes: template.NodeList, varying: list[Any], gaps: dict[str, Any]) -> None:
        self.nodelist, self.mould, self.varying, self.gaps = nodes, _Mould(nodes), varying, gaps

    def render(self, context: template.Context) -> str:
        key = tuple(each.resolve(context, ignore_failures=True) for each in self.varying)
        values = [each.resolve(context, ignore_failures=True) for each in self.gaps.values()]
        return self.mould.fill(context, key, values, lambda given: dict(zip(self.gaps, given, strict=True)))


def once(parser: template.base.Parser, token: template.base.Token) -> _Once:
    """{% once SITE_NAME with name=user.username %}…{% endonce %}: a piece that is the same for all.

    What stands inside depends on the language and on what is named, and on nothing else. Behind `with` stands what is somebody's
    own: inside, it may be printed as it is, and asked for being there; what is empty or false prints nothing.
    """
    bits = token.split_contents()[1:]
    before = bits.index("with") if "with" in bits else len(bits)
    gaps = template.base.token_kwargs(bits[before + 1 :], parser)
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(nodes, [parser.compile_filter(bit) for bit in bits[:before]], gaps)


class _Untouched(template.Node):
    def __init__(self, box: template.base.FilterExpression, words: dict[str, template.base.FilterExpression]) -> None:
        self.box, self.words = box, words
        self.mould: _Mould | None = None

    def render(self, context: template.Context) -> str:
        if self.mould is None:
            self.mould = _Mould(context.template.engine.get_template("components/composer.html").nodelist)  # type: ignore[union-attr]
        box, names = self.box.resolve(context), ["csrf_token", *self.words]
        values = [context.get("csrf_token"), *(each.resolve(context) for each in self.words.values()), *box.own]

        def named(given: list) -> dict[str, Any]:
            return {**dict(zip(names, given, strict=False)), "form": box.form(given[len(names) :])}

        return self.mould.fill(context, box.shape, values, named)


def untouched(parser: template.base.Parser, token: template.base.Token) -> _Untouched:
    """{% untouched box action=url label=… %}: components/composer.html for a form in which nobody has written yet.

    It is drawn once for all forms of one shape (contributions.posting.Untouched); the words and what is the member's own are
    filled in.
    """
    _tag, box, *bits = token.split_contents()
    return _Untouched(parser.compile_filter(box), template.base.token_kwargs(bits, parser))


class _Each(template.Node):
    def __init__(self, nodes: template.NodeList, name: str, rows: template.base.FilterExpression, beside: list[str]) -> None:
        self.nodelist, self.mould, self.name, self.rows, self.beside = nodes, _Mould(nodes), name, rows, beside

    def render(self, context: template.Context) -> str:
        rows, beside = self.rows.resolve(context) or (), tuple(context.get(name) for name in self.beside)
        return "".join(self.mould.fill(context, None, (*row, *beside), partial(self._named, row)) for row in rows)

    def _named(self, row: Any, given: list) -> dict[str, Any]:
        beside = dict(zip(self.beside, given[len(row) :], strict=True))
        return {self.name: type(row)(*given[: len(row)]), **beside}


def each(parser: template.base.Parser, token: template.base.Token) -> _Each:
    """{% each post in posts with quote_url %}…{% endeach %}: a loop for long lists; translations and addresses in it cost nothing.

    Rows are named tuples of words. What stands inside depends on the language and on nothing else; the values of a row and the
    variables behind `with` are for it what those behind `with` are for `once`.
    """
    _tag, name, _in, rows, *beside = token.split_contents()
    nodes = parser.parse(("endeach",))
    parser.delete_first_token()
    return _Each(nodes, name, parser.compile_filter(rows), beside[1:])
