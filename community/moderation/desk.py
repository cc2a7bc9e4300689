"""What the foundation has to look at: what was reported, what does not hold for somebody, and who asks to find somebody out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext_lazy

from community.contributions.models import Change, Contribution
from community.decisions.models import Decision
from community.members.models import LIBRARIANS

from .admin.reports import is_by, kept_kinds, looked_after_by
from .models import Appeal, Report, Unmasking
from .models.reports import HEAVY
from .sources import HARM, Item, Source, waiting

# What was reported ----------------------------------------------------------------------


def _reports(seat: Any, now: datetime) -> QuerySet | None:
    """Several reports of one thing are one thing to look at. Nothing of one's own, neither words nor reports."""
    kinds = _kinds_for(seat)
    if kinds is None:
        return None
    rows = Report.objects.open().filter(kinds)
    for kind, model in kept_kinds().items():
        rows = rows.exclude(target_type=kind, target_id__in=model.kept_from(seat).values("pk"))
    of_theirs = Report.objects.open().filter(Q(reporter=seat.pk) | Q(reporter_persona__pk__among=seat.persona_keys))
    same = of_theirs.filter(target_type=OuterRef("target_type"), target_id=OuterRef("target_id"))
    # What they closed first and somebody else opened again is for others, with all that is said of the same thing.
    again = Appeal.objects.filter(first_by=seat.pk, reversed_at__isnull=False, report__closed_at=None)
    again = again.filter(report__target_type=OuterRef("target_type"), report__target_id=OuterRef("target_id"))
    things = rows.filter(~Exists(same), ~Exists(again), ~is_by(seat)).values("target_type", "target_id").order_by()
    grouped = things.annotate(
        first=Min("pk"),
        worst=Min("harm"),
        heavy=Count("pk", filter=Q(reason__in=HEAVY)),
        oldest=Min("created_at"),
        many=Count("pk"),
        why=StringAgg("reason", ",", distinct=True),
    )
    return waiting(
        grouped,
        key="first",
        thing=(F("target_type"), F("target_id")),
        since="oldest",
        harm=F("worst"),
        is_severe=Case(When(heavy__gt=0, then=True), default=False),
        line=F("why"),
        notes=_notes_of_it(),
        times=F("many"),
    )


def _kinds_for(seat: Any) -> Q | None:
    """Moderators and owners look at everything; librarians and coordinators at what is theirs."""
    if seat.is_moderator or seat.is_owner:
        return Q()
    kinds = [kind.pk for kind in looked_after_by(seat)]
    return Q(target_type__in=kinds) if kinds else None


def _notes_of_it() -> Case:
    """The content notes that the thing carries by now."""
    carried = (
        When(target_type=kind, then=Subquery(model.objects.filter(pk=OuterRef("target_id")).values("notes")[:1]))
        for model, kind in _kinds().items()
    )
    return Case(*carried, default=Value("{}"), output_field=ArrayField(BigIntegerField()))


def _kinds() -> dict[Any, ContentType]:
    return ContentType.objects.get_for_models(*Contribution.kinds())


def _settle(item: Item, target: Any, act: Callable[[], None], *, upto: int, by: Any, reason: str) -> bool:
    """All that asked for the same thing to be looked at."""
    return Report.settle(item.thing, target, act, upto=upto, by=by, reason=reason)


def _of_one(rows: QuerySet, pk: Any) -> QuerySet:
    """With all other reports of the same thing."""
    its = Report.objects.filter(pk=pk)
    return rows.filter(target_type=its.values("target_type")[:1], target_id=its.values("target_id")[:1])


def _same_thing(rows: QuerySet, item: Item) -> QuerySet:
    kind, key = item.thing
    return rows.filter(closed_at=None, target_type=kind, target_id=key).order_by("pk")


def _reported(item: Item) -> tuple[Any, int] | None:
    kind, key = item.thing
    model = ContentType.objects.get_for_id(kind).model_class()
    return (model, key) if model is not None else None


# Another look ---------------------------------------------------------------------------


def _appeals(seat: Any, now: datetime) -> QuerySet | None:
    """Those that they may decide: somebody else decided first, and it is not about them."""
    if not (seat.is_moderator or seat.is_owner or seat.is_librarian or seat.is_coordinator):
        return None
    own = Q(decision__member=seat.pk) | Q(decision__persona__pk__among=seat.persona_keys)
    own |= Q(report__reporter=seat.pk) | Q(report__reporter_persona__pk__among=seat.persona_keys)
    rows = Appeal.objects.open().exclude(first_by=seat.pk).exclude(own)
    rows = rows.filter(~is_by(seat, of="decision__"), ~is_by(seat, of="report__"))
    if not (seat.is_lead or seat.is_owner):
        rows = rows.filter(~Exists(Decision.objects.without_end().filter(pk=OuterRef("decision"))))
    if not (seat.is_moderator or seat.is_owner):
        kinds = [kind.pk for kind in looked_after_by(seat)]
        rows = rows.filter(Q(decision__target_type__in=kinds) | Q(report__target_type__in=kinds))
    return waiting(rows, since="made_at")


# Words that are changed -------------------------------------------------------------------


def _changes(seat: Any, now: datetime) -> QuerySet | None:
    """Of others' words, where they look after such: librarians after what is in the library, moderators after the rest."""
    mine = Q()
    for model, kind in _kinds().items():
        is_shelf = getattr(model, "looked_after_by", "") == LIBRARIANS
        if seat.is_owner or (seat.is_librarian if is_shelf else seat.is_moderator):
            # Asked of those few alone: a list of all that is within reach is as long as the house is old.
            mine |= Q(Exists(model.objects.within_reach_of(seat).filter(pk=OuterRef("target_id"))), target_type=kind)
    if not mine:
        return None
    return waiting(Change.objects.waiting().filter(mine, ~is_by(seat)), since="asked_at")


# Finding out who speaks under an alias ----------------------------------------------------


def _unmaskings(seat: Any, now: datetime) -> QuerySet | None:
    """Those that wait for a second person in charge of safety, who is not behind the alias."""
    if not seat.is_lead:
        return None
    rows = Unmasking.objects.filter(approved_at=None, refused_at=None, expires_at__gt=now)
    return waiting(rows.exclude(asked_by=seat.pk).exclude(persona__pk__among=seat.persona_keys), since="asked_at", harm=HARM)


_REASONS = frozenset(Report.Reason.values)


def said(reasons: str) -> str:
    """What was reported, in words, for the list: `reasons` are their keys."""
    return ", ".join(str(Report.Reason(each).label) if each in _REASONS else each for each in reasons.split(","))


SOURCES = [
    Source(
        *("report", Report, gettext_lazy("Report"), _reports),
        one=_of_one,
        found=_same_thing,
        about=_reported,
        settle=_settle,
        told=said,
    ),
    Source("appeal", Appeal, gettext_lazy("Another look"), _appeals),
    Source("change", Change, gettext_lazy("A change that waits"), _changes),
    Source("unmasking", Unmasking, gettext_lazy("Who speaks under an alias"), _unmaskings),
]
