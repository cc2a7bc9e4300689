"""Claiming what one works on: the verbs for it, and the base of pages of what only one person works on at a time."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import HearthModelAdmin, ReasonForm, Verb
from community.moderation.models import Claim, Claimable
from community.permissions import Denied, Verdict, require


class NoReasonForm(ReasonForm):
    """A press is enough."""

    reason = None  # type: ignore[assignment]


CLAIM = Verb(
    "claim",
    gettext_lazy("Say that I am on it"),
    said=gettext_lazy("It is yours now; beside it you see until when."),
    offered=lambda thing: thing.running_claim is None,
    form=NoReasonForm,
)
LET_GO = Verb(
    "let_go",
    gettext_lazy("Leave it to others"),
    said=gettext_lazy("Others can take it now."),
    offered=lambda thing: thing.running_claim is not None,
    form=NoReasonForm,
)


class ClaimedAdmin(HearthModelAdmin):
    """Pages of what only one person works on at a time: whoever does something to it holds it for a while."""

    def may_act(self, request: HttpRequest) -> bool:
        """Does the role of this person include acting on these things?"""
        raise NotImplementedError

    def may(self, request: HttpRequest, verb: Verb, obj: Claimable) -> bool | Verdict:
        if not self.may_act(request):
            return False
        if obj.is_somebody_elses(request.user):
            return Denied(self.claimed(obj))
        return True

    def opened(self, request: HttpRequest, verb: Verb, obj: Claimable) -> None:
        """Opening the page takes nothing; sending it does."""
        super().opened(request, verb, obj)
        if request.method == "POST" and verb not in (CLAIM, LET_GO):
            require(obj.claim(by=request.user) or Denied(self.claimed(obj)))

    def done(self, request: HttpRequest, verb: Verb, obj: Claimable) -> None:
        if verb not in (CLAIM, LET_GO):
            obj.let_go(by=request.user)

    def with_claims(self, rows: QuerySet, *, kind: Any = None, key: str = "pk") -> QuerySet:
        """With the name of whoever works on each just now; `kind` and `key` where what is claimed is another thing."""
        kind = kind or ContentType.objects.get_for_model(self.model)
        running = Claim.objects.filter(target_type=kind, target_id=OuterRef(key), until__gte=Now())
        return rows.annotate(claimed_by=Subquery(running.values("by__username")[:1]))

    @admin.display(description=gettext_lazy("who is on it"))
    def taken(self, obj: Any) -> str:
        return obj.claimed_by or ""

    @admin.display(description=gettext_lazy("who is on it"))
    def claimed(self, obj: Claimable) -> str:
        if (claim := obj.running_claim) is None:
            return _("Nobody just now")
        until = date_format(timezone.localtime(claim.until), "H:i")
        return _("%(name)s is looking at this until %(clock)s.") % {"name": claim.by.username, "clock": until}
