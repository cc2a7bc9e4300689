"""`Place`: one that a mentor has for somebody; and how a mentor gives as many as they offered."""

from typing import Any, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .held import Held

MOST_PLACES = 20


def all_matches() -> Any:
    """Every match, asked for by its name: `Match` is made of what stands here."""
    return apps.get_model("mentorship", "Match").objects.all()


class PlaceQuerySet(models.QuerySet):
    def held(self) -> Self:
        """Those that an active match holds."""
        return self.filter(Exists(_holding()))

    def free(self) -> Self:
        """Those nobody holds, as far as there is capacity for them."""
        return self.filter(~Exists(_holding()), number__lte=F("mentor__capacity"))


def _holding() -> models.QuerySet:
    return all_matches().filter(mentor=OuterRef("mentor"), place=OuterRef("number"))


class Place(models.Model):
    """One of a mentor's places. An active match holds exactly one, and no two hold the same: nobody has more than they offered."""

    mentor = models.ForeignKey("Mentor", models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField()

    objects = PlaceQuerySet.as_manager()
    personal = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mentor", "number"], name="each_place_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=2 * MOST_PLACES), name="places_are_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class GivesPlaces(Held):
    """The part of a mentor that counts: so many places were offered, and so many are free."""

    capacity = models.PositiveSmallIntegerField(_("places"), default=1)
    free = models.SmallIntegerField(default=0, editable=False)  # places nobody holds and nobody was asked for

    places: Any
    matches: Any
    is_approved: Any
    hidden_at: Any

    class Meta:
        abstract = True

    def _lock(self) -> None:
        """Hold this mentor until the transaction ends, and see the newest state."""
        self._hold_row(no_key=True)

    @transaction.atomic
    def set_capacity(self, capacity: int) -> None:
        """So many places from now on. Whoever holds one keeps it; fewer places take effect as they become free."""
        self._lock()
        self.capacity = capacity
        self.save(update_fields=["capacity"])
        self.give_places()

    # Whoever calls these holds the mentor

    def give_places(self) -> None:
        """As many places as there is capacity for, without taking one away that is held; and what is free is counted anew."""
        held = set(self.places.held().values_list("number", flat=True))
        wanted = set(range(1, self.capacity + 1)) if self.is_approved else set()
        surplus = max(0, len(held - wanted))
        # A held place of a high number stands for one of the wanted ones.
        for number in sorted(wanted - held, reverse=True)[:surplus]:
            wanted.discard(number)
        self.places.exclude(number__in=wanted | held).delete()
        Place.objects.bulk_create([Place(mentor=self, number=number) for number in sorted(wanted)], ignore_conflicts=True)
        self.count_free()

    def count_free(self) -> None:
        """Note how many could be brought: the places nobody holds, less the open questions to this mentor; nobody, while their
        words are not shown."""
        asked = self.matches.open().count()
        self.free = 0 if self.hidden_at else max(0, self.places.free().count() - asked)
        type(self)._default_manager.filter(pk=self.pk).update(free=self.free)

    @property
    def first_free_place(self) -> Place | None:
        return self.places.free().order_by("number").first()
