"""The addresses of the desk, which stand inside the admin: each behind its second step."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from .views import desk


def _path(route: str, view: Callable[..., Any]) -> URLPattern:
    return path(route, admin.site.admin_view(view), name=view.__name__)


urlpatterns = [
    # Oneself, and the next shift
    _path("duty/", desk.desk_duty),
    _path("away/", desk.desk_away),
    _path("away/delete/", desk.desk_away_delete),
    _path("notes/", desk.desk_notes),
    _path("figures/", desk.desk_figures),
    # One thing after the other
    _path("next/", desk.desk_next),
    _path("<slug:item>/", desk.desk_item),
    _path("<slug:item>/claim/", desk.desk_claim),
    _path("<slug:item>/claim/delete/", desk.desk_claim_delete),
    _path("<slug:item>/do/<slug:verb>/", desk.desk_act),
]
