"""Pages of what there is one of: numbers and hours that owners tune, in one row."""

from typing import Any

from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst

from community.admin import HearthModelAdmin


class OnlyOneAdmin(HearthModelAdmin):
    """The list leads to the row; until somebody saves it, it is as it was shipped."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.GET or not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        row = self.model._default_manager.first()
        if row is not None:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        if self.has_add_permission(request):
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not self.model._default_manager.exists()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        named = {"title": capfirst(self.opts.verbose_name), "subtitle": None}
        return super().render_change_form(request, context | named, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
