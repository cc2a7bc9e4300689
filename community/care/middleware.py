from django.utils.deprecation import MiddlewareMixin


class HelpFirst(MiddlewareMixin):
    pass
