"""The form field for tags: one line of names, for whatever carries them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.text import LineField

from .applying import MOST
from .naming import LONGEST, in_a_line, of_a_line, slug_of, tidied

# Some alphabets say a whole word with one sign.
_FIRST_OF_THE_EAST = "\u2e80"


class TagsField(LineField):
    """Names of tags with commas between them; cleaned, a list of them, each once. What is too much or nothing is refused."""

    def __init__(self, **kwargs: Any) -> None:
        given: dict[str, Any] = {
            "label": gettext_lazy("Tags"),
            "help_text": gettext_lazy("A few words that somebody would look for, with commas between them: sleep, telling family"),
            "max_length": 400,
            "required": False,
        }
        super().__init__(**(given | kwargs))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes = {"autocomplete": "off", "autocapitalize": "none", "data-suggest": reverse_lazy("tag_suggest")}
        return {**super().widget_attrs(widget), **attributes}

    def prepare_value(self, value: str | Iterable[str] | None) -> str | None:
        return value if value is None or isinstance(value, str) else in_a_line(value)

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        written = of_a_line(super().clean(value))
        for name in written:
            _check(name.lstrip("#").strip())
        names = tidied(written)
        if len(names) > MOST:
            raise ValidationError(_("There is room for %(most)s tags. The few that fit best will do."), params={"most": MOST})
        return names


def _check(name: str) -> None:
    if len(name) > LONGEST:
        raise ValidationError(
            _("“%(name)s” is long for a tag: there is room for %(room)s characters. Put commas between several."),
            params={"name": f"{name[:LONGEST]}…", "room": LONGEST},
        )
    slug = slug_of(name).strip("-")
    if len(slug) < 2 and not slug > _FIRST_OF_THE_EAST:
        raise ValidationError(_("“%(name)s” is short for a tag. Two letters at least."), params={"name": name})
