"""The same decision about many words at once: hide them, or show them again, with one reason; all of them or none.

It goes in portions, so that ten thousand take no more memory than five hundred. Start with `ManyWords`.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import Count, Exists, OuterRef, Q

from community.audit.models import record_each
from community.decisions.models import Act, Decision, decide_each
from community.members.models import User
from community.notifications.models import notify_each
from community.times import now_in_steps

from .decided import TAKEN_AWAY
from .drafts import Draft
from .references import Reference

PORTION = 500


@dataclass(frozen=True)
class Sorted:
    """How many of those that were chosen can be decided about together, and why others can't. Each is counted once."""

    ready: int = 0
    so_already: int = 0
    own: int = 0
    held: int = 0
    singly: int = 0

    @property
    def left(self) -> int:
        return self.so_already + self.own + self.held + self.singly


class ManyWords(models.QuerySet):
    """The part of a contribution's rows about which volunteers decide together."""

    model: Any

    def own_of(self, user: User) -> Q:
        return Q(author=user.pk) | Q(persona__in=user.persona_keys)

    def not_for(self, user: User) -> Q:
        """Those about which somebody else decides: their own, under whatever name, and what an owner wrote; see `is_above`.

        A room whose rule is another one says so.
        """
        if user.is_owner or user.is_lead:
            return self.own_of(user)
        return self.own_of(user) | Q(author__in=User.objects.filter(is_superuser=True, is_staff=True, is_active=True).values("pk"))

    def sort(self, act: str, *, by: User) -> Sorted:
        """How many of these `hide_all` and `restore_all` would take on just now, for `by`. One query."""
        ready, own, held = _ready_for(act), self.not_for(by), _at_work(self.model, by)
        singly = _singly(self.model) if act == "restore" else Q(pk__in=[])
        counted = self.order_by().aggregate(
            so_already=Count("pk", filter=~ready),
            own=Count("pk", filter=ready & own),
            held=Count("pk", filter=ready & ~own & held),
            singly=Count("pk", filter=ready & ~own & ~held & singly),
            ready=Count("pk", filter=ready & ~own & ~held & ~singly),
        )
        return Sorted(**counted)

    @transaction.atomic
    def hide_all(self, *, by: User, reason: str, rule: str = "") -> int:
        """Hide those that can be seen, or wait: not one's own or an owner's, nor what somebody else works on. Returns how many."""
        batch, number = uuid.uuid4(), 0
        for rows in self._in_portions("hide", by=by):
            about = [(row, row.voice, row.as_kept()) for row in rows]
            others = list(self.model.seen_only_with(row for row in rows if not row.is_hidden))
            self._these(rows).update(hidden_at=now_in_steps(), held_at=None, sent_back_at=None)
            Draft.forget_quotes_of(*(row.public_id for row in rows))
            self._changed(rows)
            decide_each(Act.WITHIN, others, by=by, reason=reason, rule=rule, action="", batch=batch)
            decide_each(Act.HIDE, about, by=by, reason=reason, rule=rule, action=rows[0].action("hidden"), batch=batch)
            number += len(rows)
        return number

    @transaction.atomic
    def restore_all(self, *, by: User, reason: str) -> int:
        """Show those again that are hidden. What was removed, or never seen, comes back one by one. Returns how many."""
        number = 0
        for rows in self._in_portions("restore", by=by):
            self._these(rows).update(hidden_at=None, held_at=None, sent_back_at=None)
            holding = Decision.objects.about_any(rows).standing().filter(act__in=TAKEN_AWAY)
            Decision.objects.mark_reversed(holding.only("pk"))
            self._changed(rows)
            kind = ContentType.objects.get_for_model(self.model)
            record_each(rows[0].action("restored"), by=by, targets=[(kind, row.pk) for row in rows], reason=reason)
            back = [(row.voice, row, row.thread) for row in rows] + self._give_back_within(rows)
            notify_each(back, "contributions.restored", note=reason)
            number += len(rows)
        return number

    def _give_back_within(self, rows: list[Any]) -> list[tuple[Any, Any, uuid.UUID]]:
        """Whose words are seen again together with these: the decisions hold no longer, and they are to be told."""
        within = Decision.objects.about_any(rows).standing().filter(act=Act.WITHIN).select_related("member", "persona")
        found, by_key = list(within), {row.pk: row for row in rows}
        Decision.objects.mark_reversed(found)
        return [(decision.voice, by_key[decision.target_id], by_key[decision.target_id].thread) for decision in found]

    def _these(self, rows: Iterable[models.Model]) -> models.QuerySet:
        return self.model._default_manager.filter(pk__in=[row.pk for row in rows])

    def _in_portions(self, act: str, *, by: User) -> Iterator[list[Any]]:
        """Those that `act` takes on, held until the transaction ends and as they stand now."""
        with connection.cursor() as cursor:
            # One volunteer after the other: two who hold many rows would wait for each other.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('contributions.many'))")
        after = 0
        takes = _ready_for(act) & ~self.not_for(by)
        if act == "restore":
            takes &= ~_singly(self.model)
        while keys := list(self.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PORTION]):
            after = keys[-1]
            self.model.hold_places_of(keys)
            held = self.model._default_manager.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk")
            # What is held by now is read anew: somebody may have been quicker.
            free = held.filter(takes).exclude(_at_work(self.model, by))
            if rows := list(free.with_place().order_by("pk")):
                yield rows

    def _changed(self, rows: list[Any]) -> None:
        """What quotes them says so, and kept pages are made anew."""
        Reference.renew_to(rows)
        self.model.touch_all(rows)


def _singly(model: type[Any]) -> Q:
    """What was removed has no words just now, and what was never seen has no place: each of these is looked at by itself."""
    kind = ContentType.objects.get_for_model(model)
    removed = Decision.objects.standing().filter(target_type=kind, target_id=OuterRef("pk"), act=Act.REMOVE)
    return Q(Exists(removed)) | model.never_seen()


def _ready_for(act: str) -> Q:
    """Which rows a verb changes: the same ones as it would one by one."""
    if act == "hide":
        return Q(withdrawn_at=None) & (Q(hidden_at=None) | Q(held_at__isnull=False) | Q(sent_back_at__isnull=False))
    return Q(withdrawn_at=None, hidden_at__isnull=False, held_at=None)


def _at_work(model: type[models.Model], by: User) -> Q:
    """What somebody else works on just now, as far as anything keeps that: a model that does says it by `at_work_on`."""
    kind = ContentType.objects.get_for_model(model)
    found = Q(pk__in=[])
    for keeper in apps.get_models():
        if hasattr(keeper, "at_work_on"):
            found |= Q(Exists(keeper.at_work_on(kind, but=by).filter(target_id=OuterRef("pk"))))
    return found
