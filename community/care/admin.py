from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.admin import HearthModelAdmin, Verb

from . import pages
from .models import Country, HelpService, today

HTTPS_FIRST = {models.URLField: {"assume_scheme": "https"}}


class _EntryForm(forms.ModelForm):
    def clean_checked_on(self) -> Any:
        checked_on = self.cleaned_data["checked_on"]
        if checked_on > today():
            raise forms.ValidationError(_("This day is still to come."))
        return checked_on


class ServiceInline(admin.StackedInline):
    model = HelpService
    form = _EntryForm
    formfield_overrides = HTTPS_FIRST
    extra = 0


@admin.register(Country)
class CountryAdmin(HearthModelAdmin):
    """One country with all its services on one page. Whatever is changed is to be confirmed anew, and the pages follow."""

    form = _EntryForm
    formfield_overrides = HTTPS_FIRST
    inlines = [ServiceInline]
    list_display = ["name", "emergency", "checked_on", "is_confirmed"]
    readonly_fields = ["confirmed_at", "confirmed_by"]
    can_delete = True
    verbs = [
        Verb(
            "confirm",
            label=_("All numbers are checked"),
            asks=_("How did you check? For example: “called each number and read its own page”."),
            said=_("Thank you. The help page says so from now on."),
        )
    ]

    @admin.display(boolean=True, description=_("confirmed"))
    def is_confirmed(self, country: Country) -> bool:
        return country.is_confirmed

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            form.instance.doubt()
        pages.write_soon()

    def delete_model(self, request: HttpRequest, obj: Country) -> None:
        super().delete_model(request, obj)
        pages.write_soon()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        pages.write_soon()

    def done(self, request: HttpRequest, verb: Verb, obj: Country) -> None:
        pages.write_soon()
