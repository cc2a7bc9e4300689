"""What a mentor tells of themselves, the steps of the training, and how many they take."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.contributions.forms import WritingForm
from community.members.languages import LANGUAGES, names, of_the_page
from community.members.models import Profile
from community.members.time_zones import TimeZoneField, known
from community.tags.fields import TagsField
from community.text import BodyField
from mentorship.becoming import Step
from mentorship.models import MOST_PLACES, Fact, Gender, Help, Lesson, Mentor, Pace
from mentorship.models.mentors import all_facts

from .hours import HoursField
from .requests import HelpField

APPLICATION, CASE = "mentorship.mentor", "mentorship.case"
_PLAIN = ("offers", "limits", "languages", "time_zone", "hours", "capacity", "gender", "wished_gender", "shares")
# An answer to a practice case that is shorter tells nothing.
SHORTEST_ANSWER = 40


class CapacityField(forms.IntegerField):
    """How many people one guides at once."""

    def __init__(self, **kwargs: Any) -> None:
        given: dict[str, Any] = {
            "label": _("How many people can you guide at once?"),
            "help_text": _("One is plenty to begin with. You can change it at any time."),
            "min_value": 1,
            "max_value": MOST_PLACES,
            "widget": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            "error_messages": {
                "required": _("Write a number, such as 1."),
                "invalid": _("Write a whole number, such as 1."),
                "min_value": _("At least 1. If you want nobody new for a while, you can rest instead."),
                "max_value": _("%(limit_value)s at most. Each of them needs some of you."),
            },
        }
        super().__init__(**(given | kwargs))

    def clean(self, value: Any) -> int | None:
        places, most = super().clean(value), Pace.current().most_places
        if places is not None and places > most:
            raise ValidationError(self.error_messages["max_value"], params={"limit_value": most}, code="max_value")
        return places


class MentorForm(WritingForm):
    """What somebody has been through, what they offer and what not, when, and what others may know of it."""

    body = BodyField(
        label=_("What have you been through?"),
        help_text=_("As you would tell somebody who is in it now. Newcomers read it, so leave out names and places."),
        max_length=2000,
    )
    tags = TagsField(
        label=_("In a few words"),
        help_text=_("What you know from the inside, with commas between: sleep, telling family. You are found by these."),
        required=True,
        error_messages={"required": _("Name at least one thing that you know from the inside, so that you can be found by it.")},
    )
    helps = HelpField(label=_("What can you be asked for?"), queryset=Help.objects.none(), required=False)
    offers = BodyField(
        label=_("What you can offer, in your words"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    limits = BodyField(
        label=_("What you will not do"),
        help_text=_("Telephone calls, nights, giving advice on medicines, … A clear no is kind to both of you."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    not_about = TagsField(
        label=_("What would you rather not be asked about?"),
        help_text=_("Tags with commas between them. Nobody who names one of them is brought to you. It stands on your page."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you read and write"),
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one language, so that somebody can write to you."),
            "invalid_choice": _("Choose from the languages in the list."),
        },
    )
    time_zone = TimeZoneField(
        label=_("Your time zone"),
        help_text=_("Others learn when you are free by their own clocks, not where you are."),
        nothing=_("Choose a place near you"),
        error_messages={"required": _("Choose a time zone, so that your hours mean something to others.")},
    )
    hours = HoursField(help_text=_("By your own clock. It only has to be about right."), may_be_all=True)
    capacity = CapacityField()
    gender = forms.ChoiceField(
        label=_("You are"),
        help_text=_("Only so that newcomers’ own wishes can be met. Nobody is shown it."),
        choices=Gender.choices,
        required=False,
    )
    wished_gender = forms.ChoiceField(label=_("You would rather guide"), required=False)
    shares = forms.MultipleChoiceField(
        label=_("What may others know, and be told as a reason?"),
        help_text=_("Only what both of you share counts when you are brought together. What you leave out shows on no page."),
        choices=Fact.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, mentor: Mentor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, place=APPLICATION, **kwargs)
        self.mentor = mentor
        chosen = mentor.helps.values("pk") if mentor else Help.objects.none().values("pk")
        self.fields["helps"].queryset = Help.objects.filter(Q(retired_at=None) | Q(pk__in=chosen))  # type: ignore[attr-defined]
        anybody = ("", gettext("Anybody"))
        self.fields["wished_gender"].choices = [anybody, *(each for each in Gender.choices if each[0])]  # type: ignore[attr-defined]
        self.initial.setdefault("shares", all_facts())
        self.initial.setdefault("capacity", 1)
        profile = Profile.of(self.user)
        self.initial.setdefault("languages", profile.languages or of_the_page())
        self.initial.setdefault("time_zone", profile.time_zone if profile.time_zone in known() else "")

    @property
    def chosen_languages(self) -> list[str]:
        return names(self["languages"].value() or [])

    @property
    def has_wishes(self) -> bool:
        """Is something said, or wrong, about who it should be?"""
        return any(self[name].value() or self[name].errors for name in ("gender", "wished_gender"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        both = {name.casefold() for name in cleaned.get("tags", ())} & {name.casefold() for name in cleaned.get("not_about", ())}
        if both:
            message = _("“%(tag)s” stands in both lists. Leave it out of one of them.")
            self.add_error("not_about", ValidationError(message, params={"tag": min(both)}))
        return cleaned

    @property
    def told(self) -> dict[str, Any]:
        """What was told, as `becoming.tell` takes it."""
        values = {name: self.cleaned_data[name] for name in (*_PLAIN, "tags", "helps", "not_about")}
        return values | {"story": self.cleaned_data["body"]}


def as_it_stands(mentor: Mentor) -> dict[str, Any]:
    """The fields of the form as a mentor stands."""
    return {name: getattr(mentor, name) for name in _PLAIN} | {
        "body": mentor.story,
        "tags": list(mentor.tags.order_by("name").values_list("name", flat=True)),
        "helps": list(mentor.helps.values_list("pk", flat=True)),
        "not_about": list(mentor.not_about.order_by("tag__name").values_list("tag__name", flat=True)),
    }


class CapacityForm(forms.Form):
    capacity = CapacityField(help_text="", label=_("How many people you guide at once"))
    use_required_attribute = False


class ReadForm(forms.Form):
    """Something that was read and agreed to."""

    agree = forms.BooleanField(
        label=_("I have read this, and I will keep to it."),
        error_messages={"required": _("Please read it, and tick this when you agree.")},
    )
    use_required_attribute = False


class CaseForm(WritingForm):
    """A practice case, answered in one's own words."""

    def __init__(self, *args: Any, lesson: Lesson, **kwargs: Any) -> None:
        super().__init__(*args, place=f"{CASE}:{lesson.pk}", **kwargs)
        self.fields["body"].label = gettext("What do you answer, and what do you do?")
        self.fields["body"].help_text = gettext("There is no one right answer. A coordinator reads it, and nobody else.")
        self.fields["body"].room = 4000  # type: ignore[attr-defined]

    def clean_body(self) -> str:
        words = self.cleaned_data["body"]
        if len(words) < SHORTEST_ANSWER:
            raise ValidationError(gettext("A few sentences, please, so that a coordinator can see how you would go about it."))
        return words

    def _found(self) -> list[Any]:
        """What is written here is practice, and goes to a coordinator alone."""
        return []


class RenewForm(forms.Form):
    """Everything that a mentor agrees to, once more."""

    use_required_attribute = False

    def __init__(self, *args: Any, steps: list[Step], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = [step.lesson for step in steps if not step.lesson.is_case]
        for lesson in self.steps:
            self.fields[f"agree-{lesson.pk}"] = forms.BooleanField(
                label=gettext("I have read this, and I will keep to it."),
                error_messages={"required": gettext("Please tick “%(lesson)s” when you agree.") % {"lesson": lesson.name}},
            )

    @property
    def lessons(self) -> list[tuple[Lesson, forms.BoundField]]:
        return [(lesson, self[f"agree-{lesson.pk}"]) for lesson in self.steps]


class StopForm(forms.Form):
    """Stopping to be a mentor, and what becomes of those whom one guides."""

    pairs = forms.ChoiceField(
        label=_("And those whom you guide?"),
        choices=[
            ("on", _("We go on, until one of us wants to stop.")),
            ("end", _("Our time ends now. They are told kindly that it is over, and can look for somebody else at once.")),
        ],
        initial="on",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it shall be for those whom you guide.")},
    )
    use_required_attribute = False

    def __init__(self, *args: Any, has_pairs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_pairs:
            del self.fields["pairs"]

    @property
    def with_pairs(self) -> bool:
        return self.cleaned_data.get("pairs") == "end"
