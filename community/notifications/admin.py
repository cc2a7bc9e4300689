from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.admin import HearthModelAdmin

from .models import Outgoing


@admin.register(Outgoing)
class OutgoingAdmin(HearthModelAdmin):
    """What mail does not get through, for owners only: never to whom, about what, or in which words.

    Mail that was sent is not listed: one more of it, just when somebody answered an alias, would tell something about it.
    """

    can_add = can_change = False
    list_display = ["created_at", "state_in_words", "attempts", "problem", "next_try_at"]
    list_filter = [("given_up_at", admin.EmptyFieldListFilter)]
    fields = readonly_fields = (
        *("state_in_words", "created_at", "attempts", "problem", "unreachable_at"),
        *("next_try_at", "given_up_at"),
    )
    ordering = ["-created_at", "-pk"]

    @admin.display(description=_("state"))
    def state_in_words(self, mail: Outgoing) -> str:
        return mail.state

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outgoing]:
        return super().get_queryset(request).filter(sent_at=None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_owner
