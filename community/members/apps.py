from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "community.members"
    label = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """The adapters listen to allauth from the start, not from when it first asks them; groups have a name of ours."""
        import_module("community.members.adapters")
        apps.get_app_config("auth").verbose_name = _("Circles")
