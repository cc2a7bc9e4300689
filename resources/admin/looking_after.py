"""What librarians say of a resource: who looks after it, where it is, and where a copy of it is kept."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from community.members.models import LIBRARIANS, User
from community.moderation.admin import NoReasonForm
from resources.addresses import LONGEST, tidy


class KeepForm(NoReasonForm):
    """Who looks after it, and by when somebody looks at it again."""

    keeper = forms.ModelChoiceField(
        label=gettext_lazy("Who looks after it"), queryset=User.objects.none(), required=False, empty_label=gettext_lazy("Nobody")
    )
    review_by = forms.DateField(
        label=gettext_lazy("Somebody looks at it again by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keepers = User.objects.filter(Q(groups__name=LIBRARIANS) | Q(is_superuser=True), is_active=True, is_staff=True)
        self.fields["keeper"].queryset = keepers.distinct().order_by("handle_key")


class AddressField(forms.CharField):
    """An address, as it is kept."""

    widget = forms.TextInput(attrs={"class": "vLargeTextField", "inputmode": "url", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        address = super().clean(value)
        return tidy(address) if address else ""


class AddressForm(NoReasonForm):
    """Where it is."""

    address = AddressField(label=gettext_lazy("Address"), max_length=LONGEST)


class CopyForm(NoReasonForm):
    """Where a copy of it is kept."""

    archive = AddressField(
        label=gettext_lazy("Address of the copy"),
        help_text=gettext_lazy("It stands in when the address does not open any more. Empty for none."),
        max_length=LONGEST,
        required=False,
    )
