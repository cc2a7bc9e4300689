"""What readers made of the library: what they said of things, and what they put together."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.translation import gettext_lazy

from community.contributions.admin import ContributionAdmin
from resources.models import Collection, Review


@admin.register(Review)
class ReviewAdmin(ContributionAdmin):
    """What readers said of things in the library, to look at and to hide."""

    list_display = ["resource", "verdict", "note", "by", "state", "created_at"]
    list_display_links = ["resource", "verdict"]
    fields = ["resource", "verdict", "need_name", "by", "state", "note", "words", "created_at", "edited_at", "history"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Review.objects.with_place()

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj is not None and not (obj.is_hidden or obj.is_withdrawn) else None

    @admin.display(description=gettext_lazy("for what"))
    def need_name(self, review: Review) -> str:
        return review.need_name or "–"


@admin.register(Collection)
class CollectionAdmin(ContributionAdmin):
    """What members put together and share. What is private is nobody else's, behind the scenes neither."""

    list_display = ["title", "note", "by", "shared", "state", "created_at"]
    fields = ["title", "by", "shared", "state", "note", "words", "created_at", "edited_at", "history"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Collection.objects.shared().with_place()

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj is not None and not (obj.is_hidden or obj.is_withdrawn) else None

    @admin.display(description=gettext_lazy("words"))
    def words(self, collection: Collection) -> str:
        """With those before each of its things."""
        return self._behind_note(collection, linebreaks_filter(collection.said))
