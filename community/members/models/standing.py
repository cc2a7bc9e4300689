"""What somebody may do for a time.

A pause by name, and words that are looked at first, are decisions (`community.decisions`) and hold as long as those do. A pause of
whoever stands behind an alias is one, too; but no row can lead from it to the person, so the worker writes a `Standing`.

By name a pause may have no end: it holds until somebody looks at it again. Under an alias it has one, since the tag under which it
is kept is that of the week in which it ends.

An app that brings people together then says in `<app>.setting_apart` how it stops: `set_apart(member, at)`, and how it goes on:
`let_back(member, at)`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.identity.seal import open_seal, standing_tags
from community.notifications.jobs import defer
from community.notifications.models import notify
from community.times import STEP, now_in_steps

# Longer than this nobody is paused for a time, and nobody's words are looked at first.
LONGEST = timedelta(days=60)


class Standing(models.Model):
    """That somebody's posting is paused until then, kept under a keyed tag of theirs that is used for this one pause.

    A list of these tells neither who it is nor which two belong to the same person.
    """

    tag = models.BinaryField(max_length=32, unique=True)
    paused_until = models.DateTimeField()

    personal = {"tag": "erase"}

    def __str__(self) -> str:
        return "a standing"

    @classmethod
    def paused_until_of(cls, user: Any) -> datetime | None:
        """Until when the signed-in `user` is paused, by name or under an alias."""
        by_name = standing_decisions(user, Act.PAUSE).aggregate(until=Max("end"))["until"]
        behind = None
        if user.is_here:
            tags = list(places(user))
            behind = cls.objects.filter(tag__in=tags, paused_until__gt=timezone.now()).aggregate(until=Max("paused_until"))["until"]
        return max(filter(None, [by_name, behind]), default=None)

    @classmethod
    def pause(cls, user: Any, until: datetime) -> bool:
        """Pause `user` until then, for the worker alone; False if that is so already."""
        tags = standing_tags(user, _week_of(until))
        taken = {bytes(row.tag): row for row in cls.objects.filter(tag__in=tags)}
        if any(row.paused_until == until for row in taken.values()):
            return False
        free = next((tag for tag in tags if tag not in taken), None)
        if free is not None:
            cls.objects.create(tag=free, paused_until=until)
            return True
        # Three that end in one week: the longest one is what counts.
        soonest = min(taken.values(), key=lambda row: row.paused_until)
        soonest.paused_until = max(soonest.paused_until, until)
        soonest.save()
        return True

    @classmethod
    def lift(cls, user: Any, until: datetime) -> bool:
        """End the pause that would have ended then; False if there is none."""
        return cls.objects.filter(tag__in=standing_tags(user, _week_of(until)), paused_until=until).delete()[0] > 0

    @classmethod
    def forget(cls) -> None:
        """Keep nothing of what is over."""
        cls.objects.filter(paused_until__lt=timezone.now()).delete()


def _week_of(moment: datetime) -> str:
    year, week, _day = moment.isocalendar()
    return f"{year}-{week}"


def places(user: Any) -> Iterator[bytes]:
    """Where a pause of the signed-in `user` that is not over can stand."""
    now = timezone.now()
    for week in range(LONGEST // timedelta(weeks=1) + 2):
        yield from standing_tags(user, _week_of(now + timedelta(weeks=week)))


# Deciding it ------------------------------------------------------------------------


def standing_decisions(voice: Any, *acts: Act) -> models.QuerySet[Decision]:
    """The decisions of these kinds about `voice` that hold just now."""
    concerned = {"persona": voice} if voice.is_persona else {"member": voice}
    return Decision.objects.holding(timezone.now()).filter(act__in=acts, **concerned)


@transaction.atomic
def pause(voice: Any, *, by: Any, reason: str, until: datetime | None, rule: str = "", about: Any = None) -> Decision:
    """Let `voice` post nothing until then: a member, or whoever stands behind an alias, whom the worker alone finds out.

    `about` are the words that led to it; for an alias there are some. A member without `until`: until somebody looks at it again.
    """
    if until is None:
        return _pause_without_end(voice, by=by, reason=reason, rule=rule, about=about)
    action = "members.alias_paused" if voice.is_persona else "members.member_paused"
    until = _alone(_bounded(until)) if voice.is_persona else _bounded(until)
    decision = decide(Act.PAUSE, about or voice, voice=voice, by=by, reason=reason, rule=rule, until=until, action=action)
    _carry_out_later(decision)
    return decision


def _pause_without_end(member: Any, *, about: Any, **why: Any) -> Decision:
    """Once; whoever decides it after that finds it so already."""
    if member.is_persona:
        raise ValueError("Whoever stands behind an alias is paused for a time.")
    if there := Decision.objects.without_end().filter(member=member).first():
        return there
    decision = decide(Act.PAUSE, about or member, voice=member, action="members.member_paused_without_end", **why)
    _rooms("set_apart", decision)
    return decision


def _rooms(verb: str, decision: Decision) -> None:
    for app in apps.get_app_configs():
        if app.module and module_has_submodule(app.module, "setting_apart"):
            getattr(import_module(f"{app.name}.setting_apart"), verb)(decision.member, at=decision.at)


@transaction.atomic
def look_first(voice: Any, *, by: Any, reason: str, until: datetime, rule: str = "", about: Any = None) -> Decision:
    """Let a volunteer look first at what `voice` posts until then. Of an alias that is so where it speaks, and nowhere else:
    what its person says by name must not show who it is."""
    action = "members.alias_held" if voice.is_persona else "members.member_held"
    return decide(Act.HOLD, about or voice, voice=voice, by=by, reason=reason, rule=rule, until=_bounded(until), action=action)


def _alone(until: datetime) -> datetime:
    """A moment at which no other pause of an alias ends: one person may be behind both, and a pause is found by its end."""
    holding = Decision.objects.standing().filter(act=Act.PAUSE, persona__isnull=False)
    while holding.filter(until=until).exists():
        until += STEP
    return until


def _bounded(until: datetime) -> datetime:
    return min(until, now_in_steps() + LONGEST)


@transaction.atomic
def let_write(voice: Any, *, by: Any, reason: str, act: Act = Act.PAUSE, of: Decision | None = None, about: Any = None) -> None:
    """End what holds of that kind, or that one decision, before its time."""
    ended = list(standing_decisions(voice, act))
    if of is not None:
        ended = [each for each in ended if each.pk == of.pk]
    if not ended:
        return
    Decision.objects.mark_reversed(ended)
    for decision in ended:
        _carry_out_later(decision)
        if decision.is_without_end and not Decision.objects.without_end().filter(member=voice).exists():
            _rooms("let_back", decision)
    notify([voice], "members.pause_ended" if act == Act.PAUSE else "members.holding_ended", target=ended[-1], note=reason)
    record(f"members.{'alias' if voice.is_persona else 'member'}_let_write", by=by, target=about or voice, reason=reason)


def _carry_out_later(decision: Decision) -> None:
    if decision.act == Act.PAUSE and decision.persona_id:
        defer("community.members.tasks.carry_out_pause", {"decision": str(decision.public_id)})


@transaction.atomic
def carry_out(decision: UUID) -> None:
    """Pause whoever stands behind the alias that was decided about, or let them write again; for the worker, which alone can.

    The seal is opened, and the entry in the audit says so, in one transaction. May run twice.
    """
    found = (
        Decision.objects.select_for_update(of=("self",)).select_related("persona").filter(public_id=decision, act=Act.PAUSE).first()
    )
    if found is None or found.persona is None or found.until is None or found.until <= timezone.now():
        return
    key = open_seal(found.persona)
    if key is None:
        return
    somebody = get_user_model()(pk=key)
    changed = Standing.lift(somebody, found.until) if found.is_reversed else Standing.pause(somebody, found.until)
    if changed:
        record("members.seal_opened_for_pause", by=found.by, target=found.persona, reason=found.reason)
