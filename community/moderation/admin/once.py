"""Pages of what staff write once: a form of their own to write it, then it is there to be read and never changed."""

from typing import Any, ClassVar

from django.forms import ModelForm
from django.http import HttpRequest

from community.admin import HearthModelAdmin


class WrittenOnceAdmin(HearthModelAdmin):
    """Subclasses set `form`, which knows who writes by `user`, and `asks_for`, the field that an address may fill in."""

    can_change = False
    asks_for: ClassVar[str] = ""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else list(self.get_fields(request, obj))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change=change, form=ModelForm, **kwargs)
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {self.asks_for: request.GET.get(self.asks_for, "")[:500]}
