"""What volunteers say at the desk about themselves, and to the next shift."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Note
from community.text import BodyField

from .models import Duty


class AwayForm(forms.Form):
    """For how long nothing is theirs to do."""

    hours = forms.TypedChoiceField(
        label=_("For how long?"),
        coerce=int,
        choices=[(1, _("An hour")), (4, _("Four hours")), (12, _("Until tomorrow")), (72, _("Three days")), (336, _("Two weeks"))],
        error_messages={"required": _("Choose for how long."), "invalid_choice": _("Choose for how long.")},
    )
    use_required_attribute = False

    def until(self) -> datetime:
        return timezone.now() + timedelta(hours=self.cleaned_data["hours"])


class DutyForm(forms.Form):
    """What they leave to others, and how much of what is heavy they take."""

    themes = forms.ModelMultipleChoiceField(
        Note.objects.none(),
        label=_("Themes that you leave to others"),
        help_text=_("What carries one of these notes is not brought to you, as long as somebody else is here who takes it."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    severe_a_day = forms.IntegerField(
        label=_("Heavy things that you take in a day"),
        help_text=_("Empty: as many as the house says. 0: none."),
        min_value=0,
        max_value=99,
        required=False,
    )
    use_required_attribute = False

    def __init__(self, *args: Any, duty: Duty, **kwargs: Any) -> None:
        super().__init__(*args, initial={"themes": duty.themes_left, "severe_a_day": duty.severe_a_day}, **kwargs)
        self.fields["themes"].queryset = Note.objects.all()  # type: ignore[attr-defined]
        self.duty = duty

    def values(self) -> dict[str, Any]:
        themes = [note.pk for note in self.cleaned_data["themes"]]
        return {"themes_left": themes, "severe_a_day": self.cleaned_data["severe_a_day"]}


class HandOverForm(forms.Form):
    """A few words from one shift to the next."""

    words = BodyField(
        label=_("For whoever comes next"),
        help_text=_("What is open, and what to look at. Everybody at the desk reads it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": _("Write a few words first.")},
    )
    use_required_attribute = False
