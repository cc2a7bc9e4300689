"""From words to whoever wrote them: telling them something, looking first at what they post, or pausing them, without learning who
is behind an alias."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.members.models import User, let_write, look_first, pause
from community.prepared import Prepared


def _holding_for(viewer: Any, voice: Any, now: Any, *, about: str) -> models.QuerySet:
    """What is decided about a voice and holds at that moment: see `standing_decisions`."""
    return Decision.objects.holding(now).filter(act__in=[Act.PAUSE, Act.HOLD], **{about: voice}).values_list("act")


_holding: dict[str, Prepared[Any]] = {
    about: Prepared(partial(_holding_for, about=about), voice=int, now=datetime) for about in ("member", "persona")
}


class Pausing(models.Model):
    """The part of a contribution through which volunteers decide about its writer, whoever that is."""

    undone_by: ClassVar[dict[str, str]] = {Act.WORD: "unsay", Act.PAUSE: "let_writer_write", Act.HOLD: "trust_writer"}

    voice: Any
    is_withdrawn: Any
    action: Callable[[str], str]
    _lock: Callable[[], None]

    class Meta:
        abstract = True

    @transaction.atomic
    def nudge(self, *, by: User, reason: str, rule: str = "") -> None:
        """Write a few words to whoever wrote it, and change nothing."""
        self._lock()
        said = Decision.objects.about(self).standing().filter(act=Act.WORD, reason=reason)
        if not (self.is_withdrawn or said.exists()):
            decide(Act.WORD, self, by=by, reason=reason, rule=rule, action=self.action("nudged"))

    @transaction.atomic
    def unsay(self, *, by: User, reason: str, of: Decision) -> None:
        """Say that those words do not hold."""
        self._lock()
        if not of.is_reversed:
            Decision.objects.mark_reversed([of])
            record(self.action("nudge_taken_back"), by=by, target=self, reason=reason)

    def pause_writer(self, *, by: User, reason: str, until: datetime | None, rule: str = "") -> None:
        """Let whoever wrote it post nothing until then, under whatever name; by name also without an end."""
        pause(self.voice, about=self, by=by, reason=reason, until=until, rule=rule)

    def hold_writer(self, *, by: User, reason: str, until: datetime, rule: str = "") -> None:
        """Let a volunteer look first at what this voice posts until then."""
        look_first(self.voice, about=self, by=by, reason=reason, until=until, rule=rule)

    def let_writer_write(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        let_write(self.voice, about=self, by=by, reason=reason, of=of)

    def trust_writer(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        let_write(self.voice, act=Act.HOLD, about=self, by=by, reason=reason, of=of)

    @property
    def is_writer_paused(self) -> bool:
        """As far as it was decided about this very voice."""
        return Act.PAUSE in self._holding_for_writer

    @property
    def is_writer_held(self) -> bool:
        return Act.HOLD in self._holding_for_writer

    @cached_property
    def _holding_for_writer(self) -> set[str]:
        found = _holding["persona" if self.voice.is_persona else "member"]
        return {act for (act,) in found.rows(None, None, voice=self.voice.pk, now=timezone.now())}
