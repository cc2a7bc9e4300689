"""Fields of facts: a line that is written in one way only, yes or no, a number."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community import text
from resources.addresses import doi_of, tidy


class TidyField(forms.Field):
    """A line that is written in one way only, as `tidied` writes it. It is no words of anybody’s, it leads to the thing itself."""

    leads_there = True

    def __init__(self, tidied: Callable[[str], str], *, kind: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": kind, "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"})
        super().__init__(widget=widget, **kwargs)
        self.tidied = tidied

    def to_python(self, value: Any) -> str:
        written = text.clean(str(value or "")).strip()
        return self.tidied(written) if written else ""


def address_of(written: str) -> str:
    """An address as it is kept; a DOI is the address that it leads to."""
    if written[:4].lower() in ("doi:", "doi ") or written.startswith("10."):
        return tidy(f"https://doi.org/{doi_of(written)}")
    return tidy(written)


def yes_or_no(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("", _("I don’t know")), ("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
    )


def number(label: Any, *, most: int) -> forms.IntegerField:
    too_much = _("A whole number, %(limit_value)s at most.")
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("A whole number, such as 5."), "max_value": too_much, "min_value": _("At least 1.")},
    )
