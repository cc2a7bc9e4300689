"""Nobody lets others see what they have not seen themselves: what is decided is about the words that were looked at."""

from typing import Any

from django import forms
from django.forms import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.admin import HearthModelAdmin, ReasonForm, Verb
from community.permissions import Denied, require


class SeenForm(ReasonForm):
    """Goes along with the words as they were on the page, and is about no others."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def clean_seen(self) -> str:
        seen = self.cleaned_data["seen"]
        if seen and seen != self.initial.get("seen"):
            # What stands there now goes along, so that another press is about that.
            self.data = self.data.copy()
            self.data["seen"] = self.initial.get("seen", "")
            raise ValidationError(_("Whoever wrote it changed it meanwhile. Read it again first."))
        return seen


class ShowForm(SeenForm):
    """A press is enough."""

    reason = None  # type: ignore[assignment]


class SeenAdmin(HearthModelAdmin):
    """Pages of what its author may change while somebody reads it: `as_seen` stands for it as it is."""

    def _verb_url(self, obj: Any, verb: Verb) -> str:
        """The way to such a verb says what was looked at."""
        return super()._verb_url(obj, verb) + (f"?seen={obj.as_seen}" if _is_about_what_was_seen(verb) else "")

    def initial_of(self, verb: Verb, obj: Any) -> dict[str, Any]:
        seen = {"seen": obj.as_seen} if _is_about_what_was_seen(verb) else {}
        return super().initial_of(verb, obj) | seen

    def opened(self, request: HttpRequest, verb: Verb, obj: Any) -> None:
        if _is_about_what_was_seen(verb) and request.GET.get("seen", obj.as_seen) != obj.as_seen:
            require(Denied(_("This was changed since you looked at it. Go back to its page and look at it again.")))
        super().opened(request, verb, obj)


def _is_about_what_was_seen(verb: Verb) -> bool:
    return issubclass(verb.form, SeenForm)
