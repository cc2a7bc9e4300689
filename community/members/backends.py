"""Who somebody is: at the door, and at every request."""

from datetime import datetime
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Subquery, Value, When
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils import timezone

from community.decisions.models import Act, Decision
from community.identity.models import Sealed
from community.identity.seal import first_slots
from community.prepared import Prepared

from .models import GREETERS, ROLE_GROUPS, STAFF_GROUPS, Agreement, Standing, User
from .models.offices import memberships_of
from .models.standing import places


class MemberBackend(AuthenticationBackend):
    """allauth's back end. A member comes with their profile, their groups and roles, the texts they have not agreed to, until when
    they can post nothing or a volunteer looks first, and the keys of their aliases; whoever goes behind the scenes with their
    second factor, too: in one query."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The member these belong to. The password of an account that still waits for its code is good for nothing.

        Else whoever signs up with an address, and then signs in, would learn whether it had an account before. A code by mail
        lets its owner in.
        """
        user = super().authenticate(request, **credentials)
        return None if user and User.objects.unconfirmed().filter(pk=user.pk).exists() else user

    def get_user(self, user_id: int) -> User | None:
        now, tags = timezone.now(), list(places(User(pk=user_id)))
        slots = first_slots(User(pk=user_id))
        user = _member.first(None, None, user=user_id, now=now, tags=tags, slots=slots)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.is_here = True
        if len(aliases := user.aliases) < len(slots):  # type: ignore[attr-defined]
            user.persona_keys = aliases
        user.group_ids = frozenset(user.in_groups)  # type: ignore[attr-defined]
        user.missing_agreements = frozenset(user.missing)  # type: ignore[attr-defined]
        user.paused_until, user.held_until = user.paused, user.held  # type: ignore[attr-defined]
        roles = frozenset(user.in_roles)  # type: ignore[attr-defined]
        # Whose last role has run out does not go behind the scenes any more, although the night has yet to tidy up.
        user.is_staff = user.is_staff and (user.is_superuser or not roles.isdisjoint(STAFF_GROUPS))
        user.role_names, user.is_greeter = roles if user.is_staff else frozenset(), GREETERS in roles
        return user


def _second_factor(user: Any) -> Case:
    """Is there one? Nobody asks that of those who do not go behind the scenes."""
    factors = Authenticator.objects.filter(user=user, type__in=[Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value])
    return Case(When(is_staff=True, then=Exists(factors)), default=Value(False))


def _decided(act: Act, user: Any, now: Any) -> Subquery:
    """Until when what was decided of that kind about this member holds."""
    return Subquery(Decision.objects.holding(now).filter(member=user, act=act).order_by("-end").values("end")[:1])


def _behind(tags: Any, now: Any) -> Subquery:
    """Until when whoever finds their pauses under these tags is paused under an alias."""
    return Subquery(
        Standing.objects.filter(tag__among=tags, paused_until__gt=now).order_by("-paused_until").values("paused_until")[:1]
    )


_member = Prepared(
    lambda _viewer, user, now, tags, slots: (
        User.objects.filter(pk=user)
        .select_related("profile")
        .annotate(
            in_groups=ArraySubquery(memberships_of(OuterRef("pk")).values("group_id")),
            in_roles=ArraySubquery(memberships_of(OuterRef("pk")).filter(group__name__in=ROLE_GROUPS).values("group__name")),
            missing=ArraySubquery(Agreement.objects.not_accepted_by(user).order_by().values("kind")),
            paused=Greatest(_decided(Act.PAUSE, user, now), _behind(tags, now)),
            held=_decided(Act.HOLD, user, now),
            has_second_factor=_second_factor(user),
            aliases=ArraySubquery(Sealed.objects.filter(slot_tag__among=slots).values("persona_id")),
        )
    ),
    user=int,
    now=datetime,
    tags=list,
    slots=list,
)
