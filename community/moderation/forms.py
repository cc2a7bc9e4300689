from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from community.contributions.forms import WritingForm
from community.identity.seal import one_at_a_time
from community.members.models import Agreement
from community.text import BodyField, LineField

from . import reporting
from .models import Report


class ReportForm(WritingForm):
    """What is the matter with something, in a word and perhaps in some more; for guests, too."""

    reason = forms.ChoiceField(
        label=_("What is the matter?"), widget=forms.RadioSelect, error_messages={"required": _("Choose what comes closest.")}
    )
    rule = forms.ChoiceField(label=_("If it breaks a rule: which one?"), required=False)
    body = BodyField(
        label=_("In your words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )
    law = LineField(
        label=_("Which law, and in which country"),
        help_text=_("As far as you know; a name or a number will do."),
        max_length=180,
        required=False,
    )
    good_faith = forms.BooleanField(
        label=_("I believe that what I say here is right, and that nothing is left out."), required=False
    )
    field_order = ["reason", "rule", "body"]

    def __init__(self, *args: Any, target: Any, **kwargs: Any) -> None:
        # The key of a member is nobody's to know, and some things have one of their own.
        key = getattr(target, "report_key", "") or getattr(target, "public_id", "") or target.username
        super().__init__(*args, place=f"moderation.report:{target._meta.label_lower}:{key}", **kwargs)
        self.target = target
        self.voice = reporting.voice_for(self.user, target)
        self.fields["reason"].choices = reporting.reasons_for(target)  # type: ignore[attr-defined]
        rules = Agreement.rules()
        self.fields["rule"].choices = [("", _("I am not sure")), *((rule, rule) for rule in rules)]  # type: ignore[attr-defined]
        if not rules:
            del self.fields["rule"]
        if self.voice is None:
            # A guest is no member, and keeps no draft.
            for name in ("member", "draft"):
                del self.fields[name]

    def _found(self) -> list[Any]:
        """Contact details may go to the volunteers; nobody is asked about that."""
        return []

    @property
    def is_about_a_law(self) -> bool:
        """Was it said that something is against the law, so that its questions stand open?"""
        return self["reason"].value() == Report.Reason.ILLEGAL or bool(self["law"].value())

    def clean(self) -> dict[str, Any]:
        """What is against the law has to be explained, and in good faith."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == Report.Reason.ILLEGAL:
            if not cleaned.get("body") and "body" not in self.errors:
                self.add_error("body", _("Say in a sentence or two why you think that it is against the law."))
            if not cleaned.get("good_faith"):
                self.add_error("good_faith", _("Tick this, too: we need it to act on a report about the law."))
        return cleaned

    def posted_lately(self) -> UUID | None:
        """While one of theirs is open, it is that one."""
        return (open_one := self.open_one()) and open_one.public_id

    def open_one(self) -> Report | None:
        """What the same voice has reported about these words already, if nobody has closed it yet."""
        told = self._open_one()
        return told if told is not None and told.holds(self.target) else None

    def _open_one(self) -> Report | None:
        return self.voice and Report.objects.open().about(self.target).in_voice(self.voice).first()

    def tell(self, public_id: UUID) -> Report:
        """Keep it as a report under this id, or with an open one about other words of the same; call it once the form is valid.

        Who takes an alias there at the same moment reports under it: by name and by alias somebody would count as two.
        """
        if self.voice is not None:
            one_at_a_time(self.user)
            self.user.forget_personas()
            self.voice = reporting.voice_for(self.user, self.target)
        if (earlier := self._open_one()) is not None:
            earlier.add(self.target, words=self.cleaned_data["body"])
            return earlier
        told, reason = self.cleaned_data, self.cleaned_data["reason"]
        is_illegal = reason == Report.Reason.ILLEGAL
        return Report.put(
            self.target,
            by=self.voice,
            reason=reason,
            rule=told["law"] if is_illegal else told.get("rule", "") if reason == Report.Reason.RULE else "",
            words=told["body"],
            in_good_faith=is_illegal,
            weight=Report.weight_of(self.user, voice=self.voice) if self.voice is not None else 0,
            public_id=public_id,
        )


class AppealForm(forms.Form):
    """Asks for another look; words are welcome, and not needed."""

    body = BodyField(
        label=_("In your words"),
        help_text=_("If you like: what was overlooked, or why you see it differently. You don’t have to write anything."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    use_required_attribute = False
