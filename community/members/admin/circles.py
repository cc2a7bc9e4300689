"""Named groups, which owners keep."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.admin import SHORTEST_REASON, HearthModelAdmin
from community.members.handles import skeleton
from community.members.models import ROLE_GROUPS, User
from community.members.models.circles import take_in, take_off
from community.text import BodyField


class CircleForm(ModelForm):
    """A named group and the names of those in it, one a line."""

    people = forms.CharField(
        label=_("members"),
        help_text=_("Their names here, one a line. Whoever leaves the list leaves what is open to the group at once."),
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
        required=False,
    )
    reason = BodyField(
        label=_("why somebody leaves"),
        help_text=_("Only where you take a name off the list: whoever it is reads this."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        required=False,
    )

    class Meta:
        model = Group
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = self.instance.user_set.order_by("handle_key").values_list("username", flat=True)
            self.initial["people"] = "\n".join(names)

    def clean_people(self) -> list[User]:
        wanted = {skeleton(line.strip()): line.strip() for line in self.cleaned_data["people"].splitlines() if line.strip()}
        found = {user.handle_key: user for user in User.objects.arrived().filter(handle_key__in=wanted)}
        if missing := [name for key, name in wanted.items() if key not in found]:
            raise forms.ValidationError(_("Nobody here is called: %(names)s."), params={"names": ", ".join(missing)})
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        before = set(self.instance.user_set.all()) if self.instance.pk else set()
        leaving = before - set(cleaned.get("people", before))
        if leaving and len(cleaned.get("reason", "")) < SHORTEST_REASON:
            self.add_error("reason", _("Somebody leaves the list. Write in a sentence why; they will read it."))
        return cleaned


@admin.register(Group)
class CircleAdmin(HearthModelAdmin):
    """Named groups, which a board or a conversation can be open to alone. Roles are given to a member, not here."""

    form = CircleForm
    fields = ("name", "people", "reason")
    list_display = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(name__in=ROLE_GROUPS)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Group, form: ModelForm, change: bool) -> None:
        """Who joined is written down, and who is taken off the list has a statement, one by one."""
        obj.save()
        before, now = set(obj.user_set.all()), set(form.cleaned_data["people"])
        for member in now - before:
            take_in(obj, member, by=request.user)
        for member in before - now:
            take_off(obj, member, by=request.user, reason=form.cleaned_data["reason"])
