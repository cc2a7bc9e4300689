"""Bringing a whole file of bookmarks: the file first, then what is to become of what is new in it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from resources.importing import Reading, read


class ImportForm(forms.Form):
    """A file of bookmarks. Whatever it is called, what is in it says what it is."""

    file = forms.FileField(
        label=_("The file"),
        help_text=_("Up to 10 megabytes. Nothing is brought in before you have seen what is in it."),
        widget=forms.FileInput,
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("There is nothing in this file."),
            "missing": _("Choose a file first."),
            "invalid": _("Choose a file first."),
        },
    )
    use_required_attribute = False

    def clean_file(self) -> Reading:
        """What stands in the file."""
        file = self.cleaned_data["file"]
        self.name = file.name
        return read(file.read())


class StartForm(forms.Form):
    """What is to become of what is new in a file."""

    vouched = forms.BooleanField(
        label=_("I have looked at these. Put them up at once."),
        help_text=_("Otherwise they wait with the librarians, as everything does that members bring."),
        required=False,
    )
    with_private = forms.BooleanField(label=_("Bring in what was private there as well."), required=False)

    def __init__(self, *args: Any, may_vouch: bool, has_private: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_vouch:
            del self.fields["vouched"]
        if not has_private:
            del self.fields["with_private"]
