"""The first step: an address, and whether it is here already."""

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community import text
from resources.addresses import isbn_of, key_of, key_of_isbn
from resources.models import Kind, Resource

from .fields import address_of


class Already(NamedTuple):
    """That something is here already, as far as `viewer` may know: a sentence and, if there is one, the way there."""

    sentence: str
    url: str = ""
    link: str = ""


def already_here(viewer: Any, *keys: str, but: int | None = None) -> Already | None:
    """What is said of something with one of these keys; of what others brought and nobody can see yet, only that it is there."""
    found = Resource.objects.holding(*keys).exclude(pk=but).first()
    if found is None:
        return None
    if found.is_visible_to(viewer):
        url, link = f"{found.get_absolute_url()}#words", gettext("Add your word to it")
        return Already(gettext("Somebody brought this already: “%(title)s”.") % {"title": found.title}, url, link)
    if found.speaks_as(viewer):
        return Already(gettext("You brought this already."), reverse("wrote_list"), gettext("See where it stands"))
    return Already(gettext("This is with the librarians already. Thank you."))


class BeginningForm(forms.Form):
    """The first step: an address, or an ISBN in its place."""

    look = forms.CharField(
        label=_("Its address"),
        help_text=_("Copy it from the browser’s address bar and paste it here."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}),
        error_messages={"required": _("Paste an address first, or choose below what has none.")},
    )
    use_required_attribute = False

    def clean_look(self) -> dict[str, str]:
        """What is known of it by now, for the second step."""
        written = text.clean(self.cleaned_data["look"]).strip()
        try:
            return {"kind": Kind.BOOK, "isbn": isbn_of(written)}
        except ValidationError:
            return {"address": address_of(written)}

    @property
    def key(self) -> str:
        known = self.cleaned_data["look"]
        return key_of(known.get("address", "")) or key_of_isbn(known.get("isbn", ""))
