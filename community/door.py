"""The door to what is behind the scenes: it opens by a second factor only, and to a member who is not staff there is none."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import HearthModelAdmin

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def used_second_factor(request: HttpRequest) -> bool:
    """Was a second factor used in this session, and is there still one?"""
    used = any(step.get("method") == "mfa" for step in get_authentication_records(request, request.user))
    return used and getattr(request.user, "has_second_factor", False)  # found with whoever is signed in


class HearthAdmin(AdminSite):
    site_header = gettext_lazy("Hearth, behind the scenes")
    site_title = gettext_lazy("Hearth")
    index_title = gettext_lazy("What waits")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in what we chose to show. What other packages register shows secrets or keeps a log of its own."""
        if admin_class is not None and issubclass(admin_class, HearthModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and used_second_factor(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """To a member who is not staff there is no admin."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not request.user.is_staff:
                raise Http404
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one place to sign in; from here it goes on to what is missing."""
        if self.has_permission(request):
            return redirect("admin:index")
        onwards = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(onwards, reverse("account_login"))
        if not request.user.is_staff:
            raise Http404
        if is_mfa_enabled(request.user, SECOND_FACTORS):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': onwards})}")
        messages.info(request, _("To look after this place you need a second step for signing in. Set it up here, then go on."))
        return redirect("mfa_index")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "POST":
            return redirect("admin:index")
        get_adapter().logout(request)
        return redirect("home")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:index")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Without the list of everything there is to look after: only its own page shows it, and it costs more than the rest."""
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": reverse("home"),
            "has_permission": True,
            "available_apps": [],
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "log_entries": [],
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What waits to be looked at."""
        request.current_app = self.name  # type: ignore[attr-defined]
        context = self.each_context(request) | {"title": self.index_title, "subtitle": None} | (extra_context or {})
        return TemplateResponse(request, "admin/index.html", context)

    def lists(self, request: HttpRequest) -> HttpResponse:
        """Everything else that can be looked after."""
        request.current_app = self.name  # type: ignore[attr-defined]
        context = self.each_context(request) | {"title": _("Everything there is"), "app_list": self.get_app_list(request)}
        return TemplateResponse(request, "admin/lists.html", context)

    def get_urls(self) -> list[Any]:
        """With the list of everything. Without the address that leads from any id of anything to its page, which tells what exists,
        and the one that completes what one types, which no page asks for."""
        own = path("lists/", self.admin_view(self.lists), name="lists")
        left_out = {"view_on_site", "autocomplete"}
        return [own, *(entry for entry in super().get_urls() if getattr(entry, "name", "") not in left_out)]
