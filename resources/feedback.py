"""Feedback that helps: whether something helped somebody and for what, in a form and as it stands on a page. Never a star."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.contributions.noting import NotingForm
from community.contributions.posting import as_written
from community.members import limits
from community.pages import KeysetPage, cursor, keyset, keyset_page
from community.tags.fields import TagsField
from community.text import BodyField

from . import finding
from .models import Resource, Review

# How many stand on the page of a resource.
PAGE = finding.WORDS


class NeedField(TagsField):
    """The one need that something met or did not meet: a tag by its name."""

    def clean(self, value: Any) -> list[str]:
        names = super().clean(value)
        if len(names) > 1:
            raise ValidationError(_("One is enough here: what you needed it for most."))
        return names


class ReviewForm(NotingForm):
    """A member's word about something in the library: one press is enough."""

    verdict = forms.ChoiceField(
        label=_("Did it help you?"),
        choices=Review.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it helped you. Both help others to find what is for them.")},
    )
    need = NeedField(label=_("What did you need it for?"), help_text=_("A word or two, such as: sleep"), max_length=60)
    body = BodyField(label=_("In a sentence or two"), max_length=1000, required=False)
    field_order = ["verdict", "need", "body"]

    def __init__(self, *args: Any, resource: Resource, said: Review | None = None, **kwargs: Any) -> None:
        carried = said.notes if said else ()
        super().__init__(*args, place=f"resources.words:{resource.public_id}", carried=carried, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for sentence in limits.words_of(self.user, cleaned.get("body", "")):
            self.add_error("body", sentence)
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """What was written, as `Review.say` takes it."""
        given = self.cleaned_data
        return {"verdict": given["verdict"], "need": next(iter(given["need"]), ""), "body": given["body"]} | self.note


def as_it_stands(review: Review) -> dict[str, Any]:
    """What stands in the form when somebody changes their word; their own need also while it is only proposed."""
    need = review.need and (review.need.alias_of or review.need)
    return as_written(review) | {"verdict": review.verdict, "need": [need.name] if need else []}


def of(viewer: Any, resource: Resource) -> Review | None:
    """What the viewer said of it themselves and has not taken back; also where a volunteer hid it."""
    if not viewer.is_authenticated:
        return None
    return Review.objects.in_voice(viewer).standing().filter(resource=resource).with_place().first()


def words_about(resource: Resource, request: HttpRequest) -> KeysetPage[Review]:
    """A page of what members said of it, newest first, as far as the viewer may and wants to see it."""
    if not resource.has_words:  # type: ignore[attr-defined]
        return KeysetPage(items=[])
    if cursor(request) is None:
        return keyset_page(finding.reviews(request.user, resource.pk), by="created_at", size=PAGE, is_first=True)
    return keyset(request, finding.words(request.user, resource.pk), by="created_at", size=PAGE)
