"""The forms along the way and at the end: how it goes, the last day, and what is said then."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.contributions.forms import WritingForm
from community.text import BodyField
from mentorship.models import CheckIn, Side

from .rooms import RoomForm

# How far ahead a last day can be planned.
_LONGEST = timedelta(days=730)
_SAID = {
    CheckIn.Kind.FIT: (_("It is a good fit"), _("I am still deciding"), _("It is not a good fit")),
    CheckIn.Kind.ALONG: (_("It does me good"), _("It could be better"), _("It is not a good fit, or not any more")),
}


class CheckInForm(WritingForm):
    """How it goes, in one press; with words, and with an end, only for whoever likes."""

    answer = forms.ChoiceField(
        label=_("How is it for you?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of the three. There is no wrong one."),
            "invalid_choice": _("Choose one of the three."),
        },
    )
    body = BodyField(
        label=_("Anything the coordinators should know?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    ends = forms.BooleanField(
        required=False, help_text=_("Only if you chose “not a good fit”. They are told that it is over, and nothing else.")
    )
    field_order = ["answer", "ends", "body"]

    def __init__(self, *args: Any, check_in: CheckIn, **kwargs: Any) -> None:
        super().__init__(*args, place=f"mentorship.checkin:{check_in.public_id}", **kwargs)
        self.fields["answer"].choices = list(  # type: ignore[attr-defined]
            zip(CheckIn.Answer.values, _SAID[CheckIn.Kind(check_in.kind)], strict=True)
        )
        is_newcomer = check_in.match.side_of(self.user) == Side.NEWCOMER
        self.fields["ends"].label = (
            gettext("End it now, and show me who else could fit") if is_newcomer else gettext("End it now, kindly")
        )

    def _found(self) -> list[Any]:
        """This goes to the coordinators alone; nobody is asked about ways to reach them."""
        return []

    @property
    def wants_to_end(self) -> bool:
        return self.cleaned_data["answer"] == CheckIn.Answer.NOT and self.cleaned_data["ends"]


class EndingForm(forms.Form):
    on = forms.DateField(
        label=_("Your last day together"),
        help_text=_("Your room closes by itself after that day. Both of you can change it until then."),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "invalid": _("Write the day as year, month and day, such as 2027-03-31."),
            "required": _("Choose a day."),
        },
    )
    use_required_attribute = False

    def clean_on(self) -> date:
        day = self.cleaned_data["on"]
        if not timezone.localdate() <= day <= timezone.localdate() + _LONGEST:
            raise forms.ValidationError(_("Choose a day from today on, within the next two years."))
        return day


class PartingForm(RoomForm):
    """What is said at the end: to the other one, to the coordinators, and by a newcomer to whoever looks for a mentor."""

    kind = "parting"
    body = None  # type: ignore[assignment]
    thanks = BodyField(
        label=_("A thank-you"),
        help_text=_("What was good? What do you take with you? They read it in your room."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    feedback = BodyField(
        label=_("A word for the coordinators"),
        help_text=_("What helped, what was missing, what we should do differently. Only coordinators read it."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    testimonial = BodyField(
        label=_("A few words for others who look for a mentor"),
        help_text=_("Your mentor chooses whether they stand on their page. You can take them back at any time."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    is_named = forms.BooleanField(
        label=_("Show my name with these words"), help_text=_("Without it they stand there without a name."), required=False
    )
    field_order = ["thanks", "feedback", "testimonial", "is_named"]

    def __init__(self, *args: Any, may_thank: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_newcomer = self.match.side_of(self.user) == Side.NEWCOMER
        for name in ("thanks", "testimonial", "is_named"):
            if not may_thank or (name != "thanks" and not is_newcomer):
                del self.fields[name]

    @property
    def said(self) -> dict[str, Any]:
        """As `Match.part` takes it."""
        return {name: self.cleaned_data[name] for name in self.field_order if name in self.fields}
