"""The demo's desk: what waits there, what was decided and why, told by the verbs themselves and dated back; and one of any size."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone

from community.contributions.models import Note
from community.decisions.models import Decision
from community.members.models import Agreement, User
from community.notifications.models import Notification
from community.seeding import Size, tidy_up
from community.times import in_steps

from . import inventing, reporting
from .models import Appeal, DeskSettings, Duty, HandOver, MemberNote, Month, Report, Unmasking, Watch

# It looks after what the rooms told.
LAST = True
DESK = Path(__file__).with_name("demo.toml")
# What is older than this has been read by everybody it concerns.
CAUGHT_UP, READ_AFTER = timedelta(days=3), timedelta(hours=9)
# What a step makes, and the times in it. Mailed then: the first mails of a fresh demo shall be about what its visitors do.
MADE: dict[type[models.Model], tuple[str, ...]] = {
    Report: ("created_at",),
    Decision: ("at",),
    Appeal: ("made_at",),
    Unmasking: ("asked_at",),
    MemberNote: ("at",),
    HandOver: ("at",),
    Notification: ("created_at", "mailed_at"),
}
# Times that volunteers leave in words.
LEFT = ("hidden_at", "sent_back_at", "folded_at", "pinned_at")

Step = tuple[datetime, Callable[[datetime], None]]


def fill_demo(*, now: datetime | None = None) -> None:
    """Let the volunteers of the demo have had something to do; does nothing where they had, or where nothing was told."""
    told = tomllib.loads(DESK.read_text())
    handles = {each["by"] for each in told["decisions"]}
    if not Report.objects.exists() and User.objects.filter(username__in=handles).count() == len(handles):
        tell(told, now or timezone.now())


@transaction.atomic
def tell(told: dict[str, Any], now: datetime) -> None:
    """Do what is told, one thing after the other as it happened, each dated back to its time."""
    teller = _Teller(now)
    newest = {model: model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0 for model in MADE}
    for at, act in sorted(teller.steps(told), key=lambda step: step[0]):
        act(at)
        for model, times in MADE.items():
            made = model._default_manager.filter(pk__gt=newest[model])
            made.update(**dict.fromkeys(times, at))
            newest[model] = made.aggregate(newest=Max("pk"))["newest"] or newest[model]
        if at < now - CAUGHT_UP:
            Notification.objects.filter(created_at=at, read_at=None).update(read_at=at + READ_AFTER)
    teller.furnish(told)


class _Teller:
    """Finds what is meant, and does what is told of it. `now` is the moment from which hours are counted."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.users = {user.username: user for user in User.objects.all()}
        self.notes = {note.name: note for note in Note.objects.all()}
        self.rules = Agreement.rules()

    def steps(self, told: dict[str, Any]) -> Iterator[Step]:
        for kind in ("reports", "decisions", "unmaskings", "member_notes", "hand_overs"):
            for each in told[kind]:
                yield from getattr(self, f"_{kind}")(each, in_steps(self.now - timedelta(hours=each["hours_ago"])))

    def found(self, of: dict[str, str]) -> Any:
        """What is meant: a member, or words by how they begin."""
        ((kind, words),) = of.items()
        if kind == "member":
            return self.users[words]
        model = reporting.kinds()[kind]
        begins = "title" if any(field.name == "title" for field in model._meta.fields) else "body"
        return model._default_manager.get(**{f"{begins}__startswith": words})

    def rule(self, words: str) -> str:
        """The house rule that begins with these words, as it reads now; empty where the house has another by now."""
        return next((rule for rule in self.rules if words and rule.startswith(words)), "")

    # Each kind ----------------------------------------------------------------------

    def _reports(self, told: dict[str, Any], at: datetime) -> Iterator[Step]:
        by, closed = self.users.get(told.get("by", "")), told.get("closed")

        def put(at: datetime) -> None:
            thing = self.found(told["of"])
            weight = Report.weight_of(by, voice=by) if by else 0
            rule = self.rule(told.get("rule", ""))
            report = Report.put(thing, by=by, reason=told["reason"], words=told.get("words", ""), rule=rule, weight=weight)
            made.append(report)
            self._date_back(thing, at)

        def close(at: datetime) -> None:
            (report,) = made
            end = report.dismiss if closed.get("unfounded") else report.close
            end(by=self.users[closed["by"]], reason=closed["outcome"])
            Report.objects.filter(pk=report.pk).update(closed_at=at, unfounded_at=report.unfounded_at and at)

        made: list[Report] = []
        yield at, put
        if closed:
            yield in_steps(at + timedelta(hours=closed["after_hours"])), close

    def _decisions(self, told: dict[str, Any], at: datetime) -> Iterator[Step]:
        def decide(at: datetime) -> None:
            thing, more = self.found(told["of"]), dict(told.get("with", {}))
            if rule := self.rule(told.get("rule", "")):
                more["rule"] = rule
            if "notes" in told:
                more["notes"] = [self.notes[name] for name in told["notes"]]
            if "until_hours" in told:
                more["until"] = in_steps(self.now + timedelta(hours=told["until_hours"]))
            getattr(thing, told["does"])(by=self.users[told["by"]], reason=told["reason"], **more)
            self._date_back(thing, at)

        yield at, decide
        if appeal := told.get("appeal"):
            yield from self._appeal(appeal, told["of"], in_steps(at + timedelta(hours=appeal["after_hours"])))

    def _appeal(self, told: dict[str, Any], of: dict[str, str], at: datetime) -> Iterator[Step]:
        made: list[Appeal] = []

        def ask(at: datetime) -> None:
            decision = Decision.objects.about(self.found(of)).standing().latest("pk")
            made.append(Appeal.ask(decision, words=told["words"]))

        def look_again(at: datetime) -> None:
            (appeal,) = made
            decide = appeal.overturn if told.get("overturned") else appeal.uphold
            decide(by=self.users[told["by"]], reason=told["answer"])
            Appeal.objects.filter(pk=appeal.pk).update(decided_at=at, reversed_at=appeal.reversed_at and at)
            Decision.objects.filter(appeal=appeal).exclude(reversed_at=None).update(reversed_at=at)

        yield at, ask
        if "by" in told:
            yield in_steps(at + timedelta(hours=told["decided_after_hours"])), look_again

    def _unmaskings(self, told: dict[str, Any], at: datetime) -> Iterator[Step]:
        def ask(at: datetime) -> None:
            by = self.users[told["by"]]
            asked = Unmasking.ask(self.found(told["of"]).persona, by=by, reason=told["reason"])
            if asked and "taken_back" in told:
                asked.refuse(by=by, reason=told["taken_back"])

        yield at, ask

    def _member_notes(self, told: dict[str, Any], at: datetime) -> Iterator[Step]:
        def note(at: datetime) -> None:
            voice = self.found(told["of"]).voice
            about = {"persona": voice} if voice.is_persona else {"member": voice}
            MemberNote.objects.create(by=self.users[told["by"]], words=told["words"], **about)

        yield at, note

    def _hand_overs(self, told: dict[str, Any], at: datetime) -> Iterator[Step]:
        yield at, lambda at: HandOver.objects.create(by=self.users[told["by"]], words=told["words"])

    def _date_back(self, thing: Any, at: datetime) -> None:
        """What was left in words just now was left then."""
        fresh = type(thing)._default_manager.get(pk=thing.pk)
        times = {name: at for name in LEFT if (left := getattr(fresh, name, None)) and left >= in_steps(self.now)}
        if times:
            type(thing)._default_manager.filter(pk=thing.pk).update(**times)

    # What stands there ----------------------------------------------------------------

    def furnish(self, told: dict[str, Any]) -> None:
        """How the desk is set, who takes what, and the figures of the months before this one."""
        # Only now: while somebody is here more have to ask before anything is folded.
        DeskSettings.objects.update_or_create(pk=1, defaults=told["settings"])
        Watch.attend()
        Watch.objects.update(told_at=self.now)
        for each in told["duties"]:
            themes = [self.notes[name].pk for name in each["themes"] if name in self.notes]
            Duty.of(self.users[each["by"]]).take(themes_left=themes, severe_a_day=each["severe_a_day"])
        Month.objects.bulk_create(
            Month(month=month, figures=figures) for month, figures in zip(months_before(self.now), told["months"], strict=False)
        )


def months_before(now: datetime) -> Iterable[date]:
    """The first days of the months that are over, the newest first."""
    month = timezone.localdate(now, timezone.get_default_timezone()).replace(day=1)
    while True:
        month = (month - timedelta(days=1)).replace(day=1)
        yield month


def fill(size: Size, *, now: datetime | None = None) -> None:
    """Let a community of that size have reported and decided things for years: most of them closed, some open."""
    inventing.past_of_the_desk(size, in_steps(now or timezone.now()))
    tidy_up([Report, Decision])
