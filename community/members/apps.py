from importlib import import_module

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "community.members"
    label = "members"

    def ready(self) -> None:
        """The adapters listen to allauth from the start, not from when it first asks them."""
        import_module("community.members.adapters")
