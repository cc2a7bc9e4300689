"""Who somebody is: at the door, and at every request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest

from community.prepared import Prepared

from .models import Agreement, User


class MemberBackend(AuthenticationBackend):
    """allauth's back end. A member comes with their profile, their groups and the texts they have not agreed to, in one query."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The member these belong to. The password of an account that still waits for its code is good for nothing.

        Else whoever signs up with an address, and then signs in, would learn whether it had an account before. A code by mail
        lets its owner in.
        """
        user = super().authenticate(request, **credentials)
        return None if user and User.objects.unconfirmed().filter(pk=user.pk).exists() else user

    def get_user(self, user_id: int) -> User | None:
        user = _member.first(None, None, user=user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.is_here = True
        user.group_ids = frozenset(user.in_groups)  # type: ignore[attr-defined]
        user.missing_agreements = frozenset(user.missing)  # type: ignore[attr-defined]
        return user


_member = Prepared(
    lambda _viewer, user: (
        User.objects.filter(pk=user)
        .select_related("profile")
        .annotate(
            in_groups=ArraySubquery(User.groups.through.objects.filter(user=OuterRef("pk")).values("group_id")),
            missing=ArraySubquery(Agreement.objects.not_accepted_by(user).order_by().values("kind")),
        )
    ),
    user=int,
)
