"""Every address there is. With the settings, the one place that names the rooms."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from community import health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("community.care.urls")),
    path("", include("community.members.urls")),
    path("", include("community.notifications.urls")),
    path("", include("community.decisions.urls")),
    path("", include("community.contributions.urls")),
    path("", include("community.moderation.urls")),
    path("accounts/", include("allauth.urls")),
    path("tags/", include("community.tags.urls")),
    path("forums/", include("forums.urls")),
    path("", include("resources.urls")),
    path("", include("mentorship.urls")),
    path("admin/desk/", include("community.moderation.desk_urls")),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("community.demo")))

handler400 = "community.errors.bad_request"
handler403 = "community.errors.permission_denied"
handler404 = "community.errors.page_not_found"
handler500 = "community.errors.server_error"
