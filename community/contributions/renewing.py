"""Renewing what stands on something else, in batches: each text in a transaction of its own, so that nobody waits for all."""

from .models import Contribution

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
