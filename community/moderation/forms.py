from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.contributions.drafts import Draft
from community.contributions.forms import WritingForm
from community.text import BodyField

from .models import Report


class ReportForm(WritingForm):
    """What is the matter with something, in a word and perhaps in some more."""

    reason = forms.ChoiceField(
        label=_("What is the matter?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what comes closest.")},
    )
    body = BodyField(label=_("In your words"), max_length=2000, required=False)
    field_order = ["reason", "body"]

    def __init__(self, *args: Any, target: models.Model, **kwargs: Any) -> None:
        # The key of a member is nobody's to know, and some things have one of their own.
        key = getattr(target, "public_id", target.pk) if target._meta.pk.remote_field else target.pk
        key = getattr(target, "report_key", key)
        super().__init__(*args, place=f"moderation.report:{target._meta.label_lower}:{key}", **kwargs)
        self.target = target

    def tell(self) -> None:
        """Keep it as a report; call it once the form is valid."""
        Report.put(self.target, by=self.user, reason=self.cleaned_data["reason"], words=self.cleaned_data["body"])
        Draft.drop(self.user, self.place)
