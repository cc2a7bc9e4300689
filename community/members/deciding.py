"""The form in which a decision is made: a reason that is needed often, or one's own words, and the rule it stands on."""

from datetime import timedelta
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import ReasonForm
from community.decisions.models import Act, ReasonTemplate
from community.permissions import Denied, Verdict
from community.times import now_in_steps

from .models import Agreement
from .models.standing import LONGEST
from .permissions import can_pause_without_end


class TemplateField(forms.ModelChoiceField):
    """Each reason with the words that whoever it concerns would read: nobody sends what they have not read."""

    def label_from_instance(self, obj: ReasonTemplate) -> str:  # type: ignore[override]
        return format_html("<span><b>{}</b><br>{}</span>", obj.name, obj.words)


class DecisionForm(ReasonForm):
    """Hands over `reason` (the chosen template’s words, then one’s own) and `rule`. Subclasses name the `act`."""

    act: Act | None = None

    template = TemplateField(
        ReasonTemplate.objects.none(),
        label=gettext_lazy("A reason from the list, or words of your own below, or both"),
        required=False,
        # Else one could not choose none of them any more.
        blank=True,
        empty_label=gettext_lazy("My own words"),
        widget=forms.RadioSelect,
    )
    rule = forms.ChoiceField(label=gettext_lazy("Which rule"), required=False)
    field_order = ["template", "reason", "rule"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = ReasonTemplate.objects.filter(retired_at=None, act__in=["", self.act or ""])
        self.fields["template"].queryset = offered  # type: ignore[attr-defined]
        if not (self.is_bound and "reason" in self.data and "template" not in self.data):
            self._leave_out_an_empty_list()
        self.fields["rule"].choices = cache(_rules)  # type: ignore[attr-defined]
        self.fields["reason"].required = False

    def full_clean(self) -> None:
        """Whoever wrote a reason of their own chose none from the list; it is needed where they are asked again."""
        super().full_clean()
        if self.is_bound and self.errors:
            self._leave_out_an_empty_list()

    def _leave_out_an_empty_list(self) -> None:
        if "template" in self.fields and not self.fields["template"].queryset:  # type: ignore[attr-defined]
            del self.fields["template"]

    def clean_reason(self) -> str:
        """Checked with the template, below."""
        return self.cleaned_data["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "reason" not in cleaned:
            return cleaned
        template = cleaned.pop("template", None)
        own = cleaned["reason"]
        if template is None:
            if not own:
                self.add_error("reason", ValidationError(self.fields["reason"].error_messages["required"], code="required"))
            else:
                self.cleaned_data["reason"] = super().clean_reason()
        else:
            cleaned["reason"] = "\n\n".join(filter(None, [template.words, own]))
        return cleaned


def _rules() -> list[tuple[str, Any]]:
    return [("", _("None of them")), *((rule, rule) for rule in Agreement.rules())]


def form_to(act: Act) -> type[DecisionForm]:
    """The form for one act that needs no more than its reason."""
    return type(f"{act.name.title()}Form", (DecisionForm,), {"act": act})


class TimedForm(DecisionForm):
    """Also asks for how long, and hands that over as `until`."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("For how long"),
        coerce=int,
        choices=[
            (1, gettext_lazy("a day")),
            (3, gettext_lazy("3 days")),
            (7, gettext_lazy("a week")),
            (14, gettext_lazy("2 weeks")),
            (30, gettext_lazy("30 days")),
        ],
    )
    field_order = ["days", "template", "reason", "rule"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if days := cleaned.pop("days", None):
            cleaned["until"] = now_in_steps() + timedelta(days=days)
        return cleaned


def timed_form_to(act: Act) -> type[TimedForm]:
    """The same for one act that holds for a time."""
    return type(f"{act.name.title()}Form", (TimedForm,), {"act": act})


class PauseForm(TimedForm):
    """The same for a pause; those who may pause somebody without an end choose that here, too, and hand over no `until` then."""

    act = Act.PAUSE
    WITHOUT_END = 0
    days = forms.TypedChoiceField(
        label=TimedForm.base_fields["days"].label,
        coerce=int,
        choices=[
            *TimedForm.base_fields["days"].choices,  # type: ignore[attr-defined]
            (LONGEST.days, gettext_lazy("60 days")),
            (WITHOUT_END, gettext_lazy("until somebody looks at it again")),
        ],
    )
    without_end: Verdict = Denied("")

    def ask_of(self, user: Any, voice: Any) -> None:
        """Offer what `user` may decide about `voice`, and say why there is no more."""
        self.without_end = can_pause_without_end(user, voice)
        days: Any = self.fields["days"]
        if isinstance(self.without_end, Denied):
            days.widget.choices = [choice for choice in days.choices if choice[0] != self.WITHOUT_END]
            days.help_text = self.without_end.reason

    def clean_days(self) -> int:
        days = self.cleaned_data["days"]
        if days == self.WITHOUT_END and isinstance(self.without_end, Denied):
            raise ValidationError(self.without_end.reason)
        return days

    def clean(self) -> dict[str, Any]:
        days = self.cleaned_data.get("days")
        cleaned = super().clean()
        return cleaned | {"until": None} if days == self.WITHOUT_END else cleaned


def asked_of(user: Any, voice: Any, form: Any) -> Any:
    """The form as `user` is asked it about `voice`."""
    if isinstance(form, PauseForm):
        form.ask_of(user, voice)
    return form
