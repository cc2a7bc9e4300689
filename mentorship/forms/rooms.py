"""The forms of a match: answering it, and what the two write in their room."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community import text
from community.care.asking import AsksFirst
from community.contributions.drafts import Draft
from community.contributions.forms import WritingForm
from community.moderation.forms import ReportForm
from community.moderation.models import Report
from community.text import BodyField, LineField
from community.times import STEP
from mentorship.models import Match, Message

# So many messages are offered to be shown to whoever is in charge of safety.
OFFERED = 10


class DeclineForm(forms.Form):
    """A no; why, only if one likes."""

    reason = BodyField(
        label=_("Tell the coordinators why"),
        help_text=_("For them only; it helps to find somebody who fits. Nobody else reads it."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    use_required_attribute = False


class RoomForm(WritingForm):
    """Words in the room of a match."""

    kind = ""

    def __init__(self, *args: Any, match: Match, **kwargs: Any) -> None:
        super().__init__(*args, place=f"mentorship.{self.kind}:{match.public_id}", **kwargs)
        self.match = match


class MessageForm(RoomForm):
    kind = "message"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].label = gettext("Your message")

    def posted_lately(self) -> UUID | None:
        """Nobody means to say the same thing twice in a row; a browser that went back does."""
        newest = Message.objects.filter(match=self.match, created_at__gte=timezone.now() - 3 * STEP).in_order().last()
        is_same = newest is not None and newest.speaks_as(self.user) and newest.body == self.cleaned_data["body"]
        return newest.public_id if is_same and not newest.is_withdrawn else None


class MessageEditForm(WritingForm):
    def __init__(self, *args: Any, message: Message, **kwargs: Any) -> None:
        super().__init__(*args, place=f"mentorship.message_edit:{message.public_id}", **kwargs)
        self.fields["body"].label = gettext("Your message")


class NotesForm(RoomForm):
    """Notes that both write. `version` is the one that was read; over a newer one nothing is written."""

    kind = "notes"
    body = BodyField(label=_("What you both want to remember"), max_length=8000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def give_back(self, version: int) -> None:
        """Show the words again, now over the version that stands there."""
        self.data = self.data.copy()
        self.data["version"] = str(version)


class AgreementForm(RoomForm):
    """How it shall go, in a few lines. `seen` is the stamp of what stood there when one began to write."""

    kind = "agreement"
    body = None  # type: ignore[assignment]
    rhythm = LineField(label=_("How often?"), help_text=_("Such as: a few lines every Sunday."), max_length=200, required=False)
    channel = LineField(
        label=_("Where do you talk?"), help_text=_("Here in this room is safest for both of you."), max_length=200, required=False
    )
    between_us = BodyField(
        label=_("What stays between you?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    how_to_stop = BodyField(
        label=_("How can either of you stop?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    lasts_until = forms.DateField(
        label=_("Until about when?"),
        help_text=_("You can go on after that; it is a day to look back together."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day as year, month and day, such as 2027-03-31.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False)
    field_order = ["rhythm", "channel", "between_us", "how_to_stop", "lasts_until"]

    def clean_lasts_until(self) -> date | None:
        day = self.cleaned_data["lasts_until"]
        if day is not None and not timezone.localdate() <= day <= timezone.localdate() + timedelta(days=1500):
            raise forms.ValidationError(_("Choose a day from today on, within the next few years."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(name) for name in self.said_names):
            raise forms.ValidationError(_("Write a line in at least one of these."))
        return cleaned

    @property
    def said_names(self) -> list[str]:
        return [name for name in self.field_order if name in self.fields]

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.said_names}

    def give_back(self, seen: str) -> None:
        """Show the words again, now beside what stands there."""
        self.data = self.data.copy()
        self.data["seen"] = seen


class GoalForm(AsksFirst):
    body = LineField(label=_("Something you want to get to"), help_text=_("Small and near is good."), max_length=300)
    use_required_attribute = False


class SessionForm(forms.Form):
    on = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "invalid": _("Write the day as year, month and day, such as 2026-11-30."),
            "required": _("Choose a day."),
        },
    )
    body = LineField(label=_("A line for yourself"), max_length=500)
    use_required_attribute = False

    def clean_on(self) -> date:
        day = self.cleaned_data["on"]
        if not date(2000, 1, 1) <= day <= timezone.localdate() + timedelta(days=366):
            raise forms.ValidationError(_("Choose a day of the last years, or one soon to come."))
        return day


class SaidReportForm(ReportForm):
    """What is the matter with something that one of two said: the reasons that only a page of the library can have are left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.choices = [each for each in Report.Reason.choices if each[0] not in ("stale", "note")]  # type: ignore[attr-defined]

    def tell_with(self, earlier: Report | None) -> None:
        """Keep it as a report, or with an open one about other words of the same two."""
        if earlier is None:
            self.tell()
            return
        earlier.add(self.target, words=self.cleaned_data["body"])
        Draft.drop(self.user, self.place)


class ConcernForm(RoomForm):
    """Calling whoever is in charge of safety: nothing has to be said."""

    kind = "concern"
    body = BodyField(
        label=_("What is the matter?"),
        help_text=_("You need not find the words. Sending this as it is, is enough."),
        max_length=2000,
        required=False,
    )
    freeze = forms.BooleanField(
        label=_("Freeze our room now"),
        help_text=_("Neither of you can write until somebody in charge of safety has looked. It doesn’t say who asked for it."),
        required=False,
    )
    shown = forms.MultipleChoiceField(
        label=_("What may they read?"),
        help_text=_("They read what you choose and up to five messages around it, and that is written down; nothing else."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these is not there any more. What else you chose is still chosen.")},
    )
    field_order = ["body", "freeze", "shown"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.match.is_active or self.match.is_frozen:
            del self.fields["freeze"]
        lately = Message.objects.visible_to(self.user).filter(match=self.match, withdrawn_at=None).exclude(author=self.user)
        self.offered = {str(message.public_id): message for message in lately.order_by("-position")[:OFFERED]}
        choices = [(key, text.excerpt(message.body, 90)) for key, message in self.offered.items()]
        if choices:
            self.fields["shown"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["shown"]

    def _found(self) -> list[Any]:
        """Whoever calls for help is asked nothing about what stands in their words."""
        return []

    @property
    def call(self) -> dict[str, Any]:
        """What was said, as `Concern.call` takes it."""
        given = self.cleaned_data
        shown = [self.offered[key] for key in given.get("shown", ())]
        return {"words": given["body"], "freeze": given.get("freeze", False), "shown": shown}
