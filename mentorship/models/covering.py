"""`Covered`: a mentor who needs somebody to stand in for them, for a while or for good."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from community.audit.models import record
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps


class Covered(models.Model):
    """What coordinators see at once when a mentor asks for cover. The newcomer hears of it only when one of them acts."""

    cover_asked_at = models.DateTimeField(null=True)
    cover_arranged_at = models.DateTimeField(null=True)  # a coordinator looks after it, and the newcomer was told

    newcomer: Any
    mentor: Any

    class Meta:
        abstract = True

    @property
    def needs_cover(self) -> bool:
        return self.cover_asked_at is not None

    @property
    def _pairs(self) -> Any:
        """All pairs of this mentor that go on."""
        return self.mentor.matches.active()

    @property
    def _own(self) -> Any:
        """This one as a query, while it goes on."""
        return self._pairs.filter(pk=self.pk)

    @transaction.atomic
    def ask_for_cover(self, *, for_all: bool = False) -> None:
        """Say that one needs cover, here or `for_all` whom one guides; what a coordinator looks after already stays so."""
        rows = self._pairs if for_all else self._own
        rows.filter(cover_asked_at=None).update(cover_asked_at=now_in_steps(), cover_arranged_at=None)

    @transaction.atomic
    def need_no_cover(self) -> None:
        """It is all right again; the board says no more of it."""
        self._own.update(cover_asked_at=None, cover_arranged_at=None)

    @transaction.atomic
    def arrange_cover(self, *, by: User, reason: str) -> None:
        """A coordinator looks after it: the newcomer hears so, gently, and it is off the board."""
        if self._own.needing_cover().update(cover_arranged_at=timezone.now()):
            record("mentorship.cover_arranged", by=by, target=self, reason=reason)
            notify([self.newcomer], "mentorship.cover_arranged", target=self)
