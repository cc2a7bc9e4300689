"""The part of a member about which volunteers decide: what they may do for a time, what they show, what they are called.

Every act leaves a statement of reasons with them, and has its opposite; `undo` knows which (see `Decision.reverse`).
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import cached_property

from community.decisions.models import Act, Decision
from community.times import WITHOUT_END

from .appointing import reinstate
from .circles import let_back
from .naming import choose_name, give_name_back, take_name
from .standing import Standing, let_write, look_first, pause, standing_decisions
from .taking_down import put_back, take_down


class DecidedAbout:
    """What can be decided about a member by name."""

    @cached_property
    def paused_until(self) -> datetime | None:
        """Until when they can post nothing, `WITHOUT_END` if until somebody looks again; found with whoever is signed in."""
        return Standing.paused_until_of(self)

    @property
    def is_paused_without_end(self) -> bool:
        return self.paused_until == WITHOUT_END

    @cached_property
    def held_until(self) -> datetime | None:
        """Until when a volunteer looks first at what they post by name; found with whoever is signed in."""
        return standing_decisions(self, Act.HOLD).aggregate(until=models.Max("end"))["until"]

    def pause(self, *, by: Any, reason: str, until: datetime | None, rule: str = "") -> None:
        """Let this member post nothing until then, or until somebody looks at it again.

        What they wrote stays, and so does everything that needs no posting.
        """
        pause(self, by=by, reason=reason, until=until, rule=rule)

    def look_first(self, *, by: Any, reason: str, until: datetime, rule: str = "") -> None:
        """Let a volunteer look first at what this member posts by name until then."""
        look_first(self, by=by, reason=reason, until=until, rule=rule)

    def let_write(self, *, by: Any, reason: str, of: Decision | None = None) -> None:
        """End a pause before its time."""
        let_write(self, by=by, reason=reason, of=of)

    def trust(self, *, by: Any, reason: str, of: Decision | None = None) -> None:
        """Let their words be seen at once again."""
        let_write(self, act=Act.HOLD, by=by, reason=reason, of=of)

    def take_down_profile(self, *, by: Any, reason: str, rule: str = "") -> None:
        """Take down what they show of themselves, words and picture."""
        take_down(self, by=by, reason=reason, rule=rule)

    def put_profile_back(self, *, by: Any, reason: str, of: Decision | None = None) -> None:
        """Let it stand there again."""
        put_back(self, by=by, reason=reason, of=of)

    def take_name(self, *, by: Any, reason: str, rule: str = "") -> None:
        """Take their name off them; they have a neutral one until they choose another."""
        take_name(self, by=by, reason=reason, rule=rule)

    def choose_name(self, name: str) -> None:
        """Choose another name, after one was taken."""
        choose_name(self, name)

    def give_name_back(self, *, by: Any, reason: str, of: Decision | None = None) -> None:
        """Let them be called as before."""
        give_name_back(self, by=by, reason=reason, of=of)

    def undo(self, decision: Decision, *, by: Any, reason: str) -> None:
        """Undo what was decided about this member; see `Decision.reverse`."""
        if decision.act == Act.RENAME:
            self.give_name_back(by=by, reason=reason, of=decision)
            return
        if decision.act == Act.REMOVE:
            self.put_profile_back(by=by, reason=reason, of=decision)
            return
        if "circle" in decision.kept:
            let_back(self, decision, by=by, reason=reason)
            return
        if decision.act == Act.END:
            reinstate(self, decision, by=by, reason=reason)
            return
        let_write(decision.voice, act=Act(decision.act), by=by, reason=reason, of=decision)
