"""Asking for a mentor: what it is about first, and then, for whoever wants to say more, what matters and how much."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.care.asking import AsksFirst
from community.contributions.forms import WritingForm
from community.members.languages import LANGUAGES, names, of_the_page
from community.members.models import Profile
from community.members.time_zones import TimeZoneField, known
from community.tags.fields import TagsField
from community.text import BodyField
from mentorship.models import Fact, Gender, Help, Request, Weight
from mentorship.models.mentors import all_facts

from .hours import HoursField

NEW, EDIT = "mentorship.request", "mentorship.request_edit"
_WEIGHTS = ("weigh_topics", "weigh_lived", "weigh_hours", "weigh_gender")
_PLAIN = ("hopes", "languages", "time_zone", "hours", "gender", "wished_gender", "most_important", "shares", *_WEIGHTS)


class HelpField(forms.ModelMultipleChoiceField):
    """Kinds of help, with what each means."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": _("One of these is not offered any more. Choose again."),
        "invalid_pk_value": _("One of these is not offered any more. Choose again."),
    }

    def label_from_instance(self, obj: Help) -> str:  # type: ignore[override]
        return f"{obj.name}: {obj.hint}" if obj.hint else obj.name


class WeightField(forms.ChoiceField):
    """How much something matters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"choices": Weight.choices, "error_messages": {"required": _("Choose how much it matters.")}} | kwargs))


class RequestForm(WritingForm):
    """What somebody looks for. Their words about it are the body, as in every form with words in it."""

    body = BodyField(
        label=_("What is it about?"),
        help_text=_("As you would tell somebody who listens. Leave out names and places; a mentor whom you ask reads it."),
        max_length=2000,
    )
    hopes = BodyField(
        label=_("What do you hope for?"),
        help_text=_("Somebody to write to on bad days, a way through the forms, …"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    tags = TagsField(label=_("What are you going through?"))
    helps = HelpField(label=_("What would help?"), queryset=Help.objects.none(), required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages you read and write"),
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language, so that somebody can write to you.")},
    )
    time_zone = TimeZoneField(
        label=_("Your time zone"),
        help_text=_("A mentor learns only how far your clocks are apart."),
        nothing=_("Choose a place near you"),
        error_messages={"required": _("Choose a time zone, so that your hours mean something to others.")},
    )
    hours = HoursField(help_text=_("By your own clock. It only has to be about right."))
    without = TagsField(
        label=_("What should not be in their story?"),
        help_text=_("Tags with commas between them. Nobody who carries one of them is shown to you, and nobody learns of it."),
    )
    gender = forms.ChoiceField(
        label=_("You are"),
        help_text=_("Only so that mentors’ own wishes can be met. Nobody is shown it."),
        choices=Gender.choices,
        required=False,
    )
    wished_gender = forms.ChoiceField(label=_("Would you rather have"), required=False)
    weigh_topics = WeightField(label=_("That they offer the help you look for"))
    weigh_lived = WeightField(label=_("That they have been through the same"))
    weigh_hours = WeightField(label=_("That you are free at the same time"))
    weigh_gender = WeightField(label=_("Whom you would rather have, if you chose above"))
    most_important = forms.ChoiceField(
        label=_("And what matters most of all?"), help_text=_("It counts half as much again."), required=False
    )
    shares = forms.MultipleChoiceField(
        label=_("What may you and a mentor be told of each other?"),
        help_text=_("Only what both of you share counts and is told as a reason. Your words above are read by those whom you ask."),
        choices=Fact.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, place: str = NEW, request: Request | None = None, **kwargs: Any) -> None:
        super().__init__(*args, place=place, **kwargs)
        self.request = request
        chosen = request.helps.values("pk") if request else Help.objects.none().values("pk")
        self.fields["helps"].queryset = Help.objects.filter(Q(retired_at=None) | Q(pk__in=chosen))  # type: ignore[attr-defined]
        anyone = ("", gettext("Anybody"))
        self.fields["wished_gender"].choices = [anyone, *(each for each in Gender.choices if each[0])]  # type: ignore[attr-defined]
        nothing = ("", gettext("I can’t say"))
        self.fields["most_important"].choices = [nothing, *_important()]  # type: ignore[attr-defined]
        for name, value in as_it_stands(Request()).items():
            if name in (*_WEIGHTS, "shares"):
                self.initial.setdefault(name, value)
        profile = Profile.of(self.user)
        self.initial.setdefault("languages", profile.languages or of_the_page())
        self.initial.setdefault("time_zone", profile.time_zone if profile.time_zone in known() else "")

    @property
    def chosen_languages(self) -> list[str]:
        return names(self["languages"].value() or [])

    @property
    def has_wishes(self) -> bool:
        """Is something said about who would fit?"""
        said = ("wished_gender", "without", "most_important")
        return any(self[name].value() for name in said) or any(self[name].value() == Weight.MUST for name in _WEIGHTS[:3])

    @property
    def has_errors_in_wishes(self) -> bool:
        return any(self.errors.get(name) for name in ("without", "gender", "wished_gender", "most_important", "shares", *_WEIGHTS))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        both = {name.casefold() for name in cleaned.get("tags", ())} & {name.casefold() for name in cleaned.get("without", ())}
        if both:
            message = _("“%(tag)s” stands in both lists. Leave it out of one of them.")
            self.add_error("without", ValidationError(message, params={"tag": min(both)}))
        return cleaned

    def posted_lately(self) -> UUID | None:
        """There is one search for each member: a second press leads to what the first began."""
        return Request.objects.filter(user=self.user, closed_at=None).values_list("public_id", flat=True).first()

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for, as `seeking.begin` and `seeking.change` take it."""
        values = {name: self.cleaned_data[name] for name in _PLAIN}
        return values | {
            "need": self.cleaned_data["body"],
            **{name: self.cleaned_data[name] for name in ("tags", "helps", "without")},
        }


def _important() -> list[tuple[str, Any]]:
    said = {
        Fact.TOPICS: _("The help that they offer"),
        Fact.LIVED: _("That they have been through the same"),
        Fact.HOURS: _("That you are free at the same time"),
        Fact.WISH: _("Who it is"),
        Fact.NEARNESS: _("That your clocks are close"),
        Fact.LANGUAGE: _("That you share a second language"),
    }
    return [(fact.value, label) for fact, label in said.items()]


def as_it_stands(request: Request) -> dict[str, Any]:
    """The fields of the form as a request stands; for one that is not saved yet, what they begin with."""
    values = {"body": request.need, **{name: getattr(request, name) for name in _PLAIN}}
    if request.pk:
        values |= {
            "tags": list(request.tags.order_by("name").values_list("name", flat=True)),
            "helps": list(request.helps.values_list("pk", flat=True)),
            "without": list(request.without.order_by("tag__name").values_list("tag__name", flat=True)),
        }
    else:
        values["shares"] = all_facts()
    return values


def relaxed(now: dict[str, Any], step: str, hours: Iterable[str] = ()) -> dict[str, Any]:
    """The same fields, with one thing asked for less: what `suggesting.RELAXED` names."""
    if step == "without":
        return now | {"without": []}
    if step == "hours":
        return now | {"hours": [*HoursField().prepare_value(now["hours"]), *hours], "weigh_hours": Weight.HIGH}
    return now | {f"weigh_{step}": Weight.HIGH}


class AskForm(AsksFirst):
    """Asking one mentor, with a first line if one likes."""

    body = BodyField(
        label=_("A first line, if you like"),
        help_text=_("They read it with the question. Without one it is just as good."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    use_required_attribute = False
