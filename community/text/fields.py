"""The two form fields for members' words. What they refuse stays in the form; nothing is ever cut off."""

import math
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .cleaning import clean, clip_marks, is_blank
from .markdown import MAX_LENGTH

_SPACES = re.compile(r"\s+")


def _count(number: int) -> str:
    return number_format(number, force_grouping=True)


class _WordsField(forms.CharField):
    """A CharField without the browser's `maxlength`, which would cut a pasted text without a word."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.room = max_length

    def widget_attrs(self, widget: forms.Widget) -> dict[str, str]:
        return {**super().widget_attrs(widget), "dir": "auto"}

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.room:
            raise ValidationError(self.too_long(len(value)), code="max_length")

    def too_long(self, length: int) -> str:
        raise NotImplementedError


class BodyField(_WordsField):
    """A post, a letter, a note: Markdown over several lines, up to 20,000 characters."""

    widget = forms.Textarea
    default_error_messages = {"required": gettext_lazy("Nothing is written yet. It doesn’t have to be well put.")}

    def __init__(self, *, max_length: int = MAX_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """The text cleaned, without empty lines before and after; empty if nothing in it could be seen."""
        words = clean(str(value)).strip() if value not in self.empty_values else ""
        return "" if is_blank(words) else words

    def too_long(self, length: int) -> str:
        figures = {"length": _count(length), "room": _count(self.room), "parts": _count(math.ceil(length / self.room))}
        if length <= 2 * self.room:
            return (
                _("This is %(length)s characters; there is room for %(room)s. Nothing is lost. You could post it in two parts.")
                % figures
            )
        return (
            _("This is %(length)s characters; there is room for %(room)s. Nothing is lost. You could post it in %(parts)s parts.")
            % figures
        )


class LineField(_WordsField):
    """A title or another short text on one line. Shown as it is, so tall stacks of marks are clipped here."""

    default_error_messages = {"required": gettext_lazy("A few words are enough here.")}

    def to_python(self, value: Any) -> str:
        """The text cleaned, every run of spaces and line ends one space; empty if nothing in it could be seen."""
        words = _SPACES.sub(" ", clip_marks(clean(str(value)))).strip() if value not in self.empty_values else ""
        return "" if is_blank(words) else words

    def too_long(self, length: int) -> str:
        figures = {"length": _count(length), "room": _count(self.room)}
        return _("This is %(length)s characters; there is room for %(room)s. A few words fewer will do.") % figures
