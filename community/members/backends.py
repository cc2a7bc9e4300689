"""Who somebody is: at the door, and at every request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from .models import User


class MemberBackend(AuthenticationBackend):
    """allauth's back end; a member comes with their profile in one query."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The member these belong to. The password of an account that still waits for its code is good for nothing.

        Else whoever signs up with an address, and then signs in, would learn whether it had an account before. A code by mail
        lets its owner in.
        """
        user = super().authenticate(request, **credentials)
        return None if user and User.objects.unconfirmed().filter(pk=user.pk).exists() else user

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("profile").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
