from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.utils.deprecation import MiddlewareMixin


class CleanInput(MiddlewareMixin):
    pass


class Visitors(AuthenticationMiddleware):
    pass


class PrivateByDefault(LoginRequiredMiddleware):
    pass
