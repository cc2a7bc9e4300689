"""Renewing what stands on something else, in batches: each text by itself, so that nobody waits for all."""

from collections.abc import Iterator
from typing import Any

from community.members.models import User

from .models import Contribution, Reference

BATCH = 500


def renew_note(note: int) -> None:
    """Say the note with this key as the list says it now, in every text that carries it. May run twice."""
    for model in Contribution.kinds():
        after = 0
        while keys := list(
            model.objects.filter(notes__contains=[note], pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]
        ):
            for words in model.objects.filter(pk__in=keys).with_place():
                words.renew_note()
            after = keys[-1]


def renew_name(member: int) -> None:
    """Say the name of this member as it is now: above and below what they wrote, in quotes of it, and where they are called.

    May run twice.
    """
    for model in Contribution.kinds():
        for rows in _in_batches(model.objects.filter(author=member).with_place()):
            Reference.renew_to(rows)
            model.touch_all(rows)
    for references in _in_batches(Reference.objects.to(User(pk=member)).filter(kind=Reference.Kind.MENTION)):
        Reference.renew(references)


def _in_batches(rows: Any) -> Iterator[list[Any]]:
    after = 0
    while batch := list(rows.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield batch
        after = batch[-1].pk
