"""The vocabulary behind the scenes: what was proposed first, then everything; librarians and owners act, moderators look."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.admin import FOR_THE_RECORD, HearthModelAdmin, ReasonForm, Verb
from community.shelves import Shelves
from community.text import LineField

from .finding import are_people
from .finding import kinds as kinds_of_things
from .holding import hold
from .models import CannotChange, Following, Tag, Tagged
from .naming import LONGEST, slug_of, tidy
from .permissions import can_look_after_tags


class _NameField(LineField):
    """The name of one tag."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value))

    def validate(self, value: str) -> None:
        super().validate(value)
        if not slug_of(value):
            raise forms.ValidationError(_("There is no letter in this name."))


class _TagForm(ReasonForm):
    """Asks for the name of another tag beside the reason."""

    def __init__(self, *args: Any, initial: dict[str, Any], **kwargs: Any) -> None:
        self.tag: Tag = initial.pop("tag")
        super().__init__(*args, initial=initial, **kwargs)


class MergeForm(_TagForm):
    into = _NameField(label=gettext_lazy("Which tag does it stand for from now on?"))
    field_order = ["into", "reason"]

    def clean_into(self) -> Tag:
        found = Tag.objects.filter(slug=slug_of(self.cleaned_data["into"])).select_related("alias_of").first()
        if found is None:
            raise forms.ValidationError(_("There is no tag of this name. Write it as it stands in the list."))
        found = found.alias_of or found
        if found.pk == self.tag.pk:
            raise forms.ValidationError(_("A tag can’t stand for itself. Choose another one."))
        return found


class NameForm(_TagForm):
    name = _NameField(label=gettext_lazy("Name"))
    field_order = ["name", "reason"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        other = Tag.objects.filter(slug=slug_of(name)).exclude(pk=self.tag.pk).first()
        if other and not self._may_take(other):
            raise forms.ValidationError(_("“%(name)s” is a tag already. You can merge the two.") % {"name": other.name})
        return name

    def _may_take(self, other: Tag) -> bool:
        """A tag can change names with one of its synonyms."""
        return other.alias_of_id == self.tag.pk


class SynonymForm(NameForm):
    def _may_take(self, other: Tag) -> bool:
        return False

    def clean_name(self) -> str:
        name = super().clean_name()
        if slug_of(name) == self.tag.slug:
            raise forms.ValidationError(_("That is its own name already."))
        return name


class AddForm(forms.ModelForm):
    name = _NameField(label=gettext_lazy("Name"))

    class Meta:
        model = Tag
        fields = ["name"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if Tag.objects.filter(slug=slug_of(name)).exists():
            raise forms.ValidationError(_("“%(name)s” is a tag already.") % {"name": name})
        return name


class Shelf(Shelves):
    """What was proposed, unless one asks for something else."""

    shelves = {
        "proposed": (gettext_lazy("Proposed"), lambda rows: rows.proposed()),
        "accepted": (gettext_lazy("In the vocabulary"), lambda rows: rows.accepted().of_their_own()),
        "synonyms": (gettext_lazy("Synonyms"), lambda rows: rows.exclude(alias_of=None)),
        "all": (gettext_lazy("All"), lambda rows: rows),
    }


@admin.register(Tag)
class TagAdmin(HearthModelAdmin):
    can_change = False
    form = AddForm
    list_display = ["name", "state", "alias_of"]
    list_filter = [Shelf]
    list_select_related = ["alias_of"]
    list_per_page = 50
    search_fields = ["name"]
    ordering = ["slug"]
    fields = ["name", "state", "alias_of", "synonyms", "carried"]
    readonly_fields = ["state", "alias_of", "synonyms", "carried"]
    verbs = [
        Verb(
            "accept",
            gettext_lazy("Accept it"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is in the vocabulary, and shows on whatever carries it."),
            offered=lambda tag: not tag.is_accepted,
        ),
        Verb(
            "turn_down",
            gettext_lazy("Turn it down"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It is gone, also from what carried it. Nobody was told."),
            offered=lambda tag: not tag.is_accepted,
        ),
        Verb(
            "merge",
            gettext_lazy("Merge it into another"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Merged. Its address leads on to the other tag."),
            offered=lambda tag: not tag.is_synonym,
            form=MergeForm,
        ),
        Verb(
            "lead_to",
            gettext_lazy("Let it stand for another tag"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Its address leads to the other tag now."),
            offered=lambda tag: tag.is_synonym,
            form=MergeForm,
        ),
        Verb(
            "rename",
            gettext_lazy("Give it another name"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Renamed. The old name leads here."),
            offered=lambda tag: not tag.is_synonym,
            form=NameForm,
        ),
        Verb(
            "add_synonym",
            gettext_lazy("Add a synonym"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Added. The word leads here now."),
            offered=lambda tag: not tag.is_synonym,
            form=SynonymForm,
        ),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or bool(can_look_after_tags(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(can_look_after_tags(request.user))

    def may(self, request: HttpRequest, verb: Verb, obj: Tag) -> bool:
        return bool(can_look_after_tags(request.user))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.fields if obj else ["name"]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj is not None and obj.is_accepted else None

    def save_model(self, request: HttpRequest, obj: Tag, form: forms.ModelForm, change: bool) -> None:
        hold(alone=False)
        obj.slug, obj.accepted_at = slug_of(obj.name), timezone.now()
        super().save_model(request, obj, form, change)

    def initial_of(self, verb: Verb, obj: Tag) -> dict[str, Any]:
        initial: dict[str, Any] = {"tag": obj} if issubclass(verb.form, _TagForm) else {}
        return initial | ({"name": obj.name} if verb.name == "rename" else {})

    def verb_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """With what moves in a merge. Where somebody else was quicker, a sentence says so."""
        try:
            response = super().verb_view(request, object_id, verb)
        except CannotChange as reason:
            messages.error(request, str(reason))
            return redirect("admin:tags_tag_changelist")
        if verb == "merge" and isinstance(response, TemplateResponse) and response.context_data:
            response.context_data["preview"] = moving(response.context_data["original"])
        return response

    def _back_to(self, obj: Tag) -> HttpResponse:
        """What was turned down has no page any more."""
        return super()._back_to(obj) if Tag.objects.filter(pk=obj.pk).exists() else redirect("admin:tags_tag_changelist")

    @admin.display(description=gettext_lazy("state"))
    def state(self, tag: Tag) -> str:
        if not tag.is_accepted:
            return _("proposed")
        return _("synonym") if tag.is_synonym else _("in the vocabulary")

    @admin.display(description=gettext_lazy("synonyms"))
    def synonyms(self, tag: Tag) -> str:
        return ", ".join(tag.synonym_names) or "–"

    @admin.display(description=gettext_lazy("carried by"))
    def carried(self, tag: Tag) -> str:
        return ", ".join(moving(tag)) or "–"


def moving(tag: Tag) -> list[str]:
    """What carries a tag and who follows it, in figures, seen or not: what a merge moves.

    People are not counted, nor what stands under tags for its writer alone; that moves unseen.
    """
    kinds = [model for model in kinds_of_things().values() if not are_people(model)]
    things = Tagged.objects.filter(tag=tag, content_type__in=ContentType.objects.get_for_models(*kinds).values())
    by_type = things.values_list("content_type").annotate(things=Count("pk")).order_by("content_type")
    lines = [f"{number} {_plural(ContentType.objects.get_for_id(key), number)}" for key, number in by_type]
    for number, words in (
        (tag.synonyms.count(), lambda n: ngettext("%(number)s synonym", "%(number)s synonyms", n)),
        (Following.objects.filter(tag=tag).count(), lambda n: ngettext("%(number)s follower", "%(number)s followers", n)),
    ):
        lines += [words(number) % {"number": number}] if number else []
    return lines


def _plural(content_type: ContentType, number: int) -> str:
    model = content_type.model_class()
    if model is None:
        return content_type.name
    return str(model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural)
