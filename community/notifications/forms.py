from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from . import kinds
from .models import Preference


class WishesForm(forms.Form):
    """For each kind of news, whether it should come to the inbox and by mail."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {preference.kind: preference for preference in Preference.objects.filter(user=user)}
        for kind in kinds.offered():
            wish = kept.get(kind, Preference())
            self.fields[f"{kind}-inbox"] = forms.BooleanField(label=_("In your inbox"), required=False, initial=wish.inbox)
            self.fields[f"{kind}-mail"] = forms.BooleanField(label=_("By mail too"), required=False, initial=wish.mail)

    def rows(self) -> Iterator[tuple[str, BoundField, BoundField]]:
        """When each kind of news comes, and its two fields."""
        for kind in kinds.offered():
            yield kinds.describe(kind), self[f"{kind}-inbox"], self[f"{kind}-mail"]

    @property
    def wishes(self) -> dict[str, tuple[bool, bool]]:
        """By kind: (inbox, mail)."""
        chosen = self.cleaned_data
        return {kind: (chosen[f"{kind}-inbox"], chosen[f"{kind}-mail"]) for kind in kinds.offered()}
