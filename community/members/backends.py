"""Who a session belongs to, at every request."""

from allauth.account.auth_backends import AuthenticationBackend

from .models import User


class MemberBackend(AuthenticationBackend):
    """allauth's back end; a member comes with their profile in one query."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("profile").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
