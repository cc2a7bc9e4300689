"""The admin, opened by a second factor only."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.utils.translation import gettext_lazy as _


class HearthAdmin(AdminSite):
    site_header = _("Hearth, behind the scenes")
    site_title = _("Hearth")
    index_title = _("What would you like to look after?")


class HearthAdminConfig(AdminConfig):
    default_site = "community.admin.HearthAdmin"
