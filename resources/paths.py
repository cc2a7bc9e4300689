"""Collections as they are made and read: a path of numbered steps, with words between."""

from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from community.contributions.forms import WritingForm
from community.contributions.noting import NotingForm
from community.contributions.posting import as_written
from community.members import limits
from community.text import BodyField, LineField

from . import finding, showing
from .models import Collection, Place

NEW = "resources.collection"


class CollectionForm(NotingForm):
    """What it is called, whom it is for, and who can see it."""

    title = LineField(label=_("Title"), help_text=_("Such as: The first week after a diagnosis"), max_length=120)
    body = BodyField(
        label=_("Whom it is for"),
        help_text=_("A sentence or two, so that others know whether to begin."),
        max_length=2000,
        required=False,
    )
    shared = forms.ChoiceField(
        label=_("Who can see it?"),
        choices=Collection.Shared.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who can see it. You can change that later.")},
    )
    first = forms.UUIDField(widget=forms.HiddenInput, required=False)
    field_order = ["title", "body", "shared"]

    def __init__(self, *args: Any, place: str = NEW, **kwargs: Any) -> None:
        super().__init__(*args, place=place, **kwargs)
        self.initial.setdefault("shared", Collection.Shared.PRIVATE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for sentence in limits.words_of(self.user, cleaned.get("body", "")):
            self.add_error("body", sentence)
        return cleaned

    @property
    def fields_of_collection(self) -> dict[str, Any]:
        """What was written, as `Collection.begin` and `Collection.edit` take it."""
        return {name: self.cleaned_data[name] for name in ("title", "body", "shared")} | self.note


class CollectionEditForm(CollectionForm):
    first = None  # type: ignore[assignment]

    def __init__(self, *args: Any, collection: Collection, **kwargs: Any) -> None:
        place = f"resources.collection.edit:{collection.public_id}"
        super().__init__(*args, place=place, carried=collection.notes, **kwargs)


def as_it_stands(collection: Collection) -> dict[str, Any]:
    return as_written(collection) | {"title": collection.title, "shared": collection.shared}


class PlaceForm(WritingForm):
    """What stands before one step."""

    body = BodyField(
        label=_("Words before it"),
        help_text=_("Why it comes here, or what to look for. Leave it empty to let the thing speak for itself."),
        max_length=500,
        required=False,
    )

    def __init__(self, *args: Any, place_in: Place, **kwargs: Any) -> None:
        super().__init__(*args, place=f"resources.place:{place_in.pk}", **kwargs)
        self.collection = place_in.collection

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.collection.brings_back({"body": cleaned.get("body", "")}):
            self.add_error("body", _("A volunteer took this out of the collection. Leave it out here, too."))
        for sentence in limits.words_of(self.user, cleaned.get("body", "")):
            self.add_error("body", sentence)
        return cleaned


class Step(NamedTuple):
    """One place as a reader sees it; `id` is the public id of what stands there."""

    number: int
    id: UUID
    version: int
    words: str
    card: showing.Card
    # What was found at its address, where that is no more as it should be.
    state: str


def steps(collection: Collection, viewer: Any) -> list[Step]:
    """The places with what the viewer may and wants to see, in order; the others are left out without a word."""
    resources = finding.steps(viewer, collection.pk)
    cards = showing.cards(resources)
    return [
        Step(number, resource.public_id, resource.version, resource.words_before, card, showing.state_of(resource))
        for number, (resource, card) in enumerate(zip(resources, cards, strict=True), start=1)
    ]
