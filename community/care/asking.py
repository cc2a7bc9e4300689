"""Asking once before contact details go out: the part of it that a form does.

The first press shows the page again with the question beside the button, and nothing is posted; the next posts the words exactly
as they stand then. It is no error, and nobody is held up twice.
"""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from . import contact

ASKED = "yes"


class AsksFirst(forms.Form):
    """Base of forms with words in them. A form that asks is not valid, though it has no errors: show it again."""

    asked = forms.CharField(widget=forms.HiddenInput, max_length=8, required=False)

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        # Nothing is posted by looking at a preview.
        if self["asked"].value() or "preview" in self.data or not self._found():
            return True
        data: Any = self.data.copy() if isinstance(self.data, MultiValueDict) else dict(self.data)
        data["asked"] = ASKED
        self.data = data
        return False

    @property
    def question(self) -> str:
        """The sentence to show beside the button, once the question was asked."""
        return contact.question(self._found()) if self["asked"].value() else ""

    def _found(self) -> list[contact.Kind]:
        """What is in the words that somebody wrote here; a form that carries words of others hides their fields."""
        written = [name for name, field in self.fields.items() if _is_written(field)]
        return contact.found_in("\n".join(str(self[name].value() or "") for name in written))


def _is_written(field: Any) -> bool:
    return isinstance(field, forms.CharField) and not field.widget.is_hidden
