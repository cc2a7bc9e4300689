from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "community.identity"
    label = "identity"
