"""Keeping something for oneself, with a note that nobody else ever sees."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.pages import KeysetPage, keyset
from community.text import LineField

from . import finding, showing
from .models import Resource, Saved


class SavedForm(forms.Form):
    note = LineField(
        label=_("A note for yourself"), help_text=_("Nobody else ever sees it, volunteers neither."), max_length=500, required=False
    )
    use_required_attribute = False


def of(viewer: Any, public_id: UUID) -> Saved | None:
    """What the viewer kept of the thing with this id, whatever became of that."""
    if not viewer.is_authenticated:
        return None
    return Saved.objects.filter(user=viewer.pk, resource__public_id=public_id).first()


def kept(request: HttpRequest) -> KeysetPage[Saved]:
    """A page of what the viewer kept, lately kept first. Each has a `card`, or none where the thing is gone for them."""
    mine = Saved.objects.filter(user=request.user).annotate(public_id=F("resource__public_id"))
    pages = keyset(request, mine, by="at")
    keys = [saved.resource_id for saved in pages.items]
    # Whatever they chose not to meet elsewhere: this they chose to keep.
    there = list(Resource.objects.visible_to(request.user).with_folds(request.user).filter(pk__in=keys).only(*finding.CARD))
    cards = dict(zip([resource.pk for resource in there], showing.cards(there), strict=True))
    for saved in pages.items:
        saved.card = cards.get(saved.resource_id)  # type: ignore[attr-defined]
    return pages
