from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from . import checks  # noqa: F401 registers them


class CommunityConfig(AppConfig):
    name = "community"


class HearthAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "community.door.HearthAdmin"
