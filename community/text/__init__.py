"""Members' words: taken in clean, kept as Markdown, shown as safe HTML.

Stands on nothing but Django, and owns no table. Start reading at `markdown.render`.

    cleaning.py    what is dropped from any text before it is kept: `clean`, `fold`
    markdown.py    Markdown in, safe HTML out, and what can be read from it: `render`, `excerpt`, `mentions`, `links`, `linked`
    fields.py      the two form fields for members' words: `BodyField`, `LineField`
"""

from .cleaning import clean, fold, is_blank
from .fields import BodyField, LineField
from .markdown import MAX_LENGTH, RENDERER, excerpt, kept, linked, links, mentions, render

__all__ = [
    "MAX_LENGTH",
    "RENDERER",
    "BodyField",
    "LineField",
    "clean",
    "excerpt",
    "fold",
    "is_blank",
    "kept",
    "linked",
    "links",
    "mentions",
    "render",
]
