"""Filtering: what a member would rather not see, as they choose it. One page with all their filters and blocks, and one about a
person; both are for their own eyes only."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from community.members.handles import is_findable
from community.members.models import Block, User
from community.members.permissions import can_block_person
from community.pages import answer, page
from community.permissions import require
from community.text import LineField
from community.times import now_in_steps

from .filters import LONGEST_WORDS, MOST, Filter, query_of
from .models import Contribution
from .notes import Note

# So many blocks of a kind stand on the page; older ones are found by name.
SHOWN = 50


# What is chosen ----------------------------------------------------------------------------


class Lasts(models.TextChoices):
    """For how long."""

    DAY = "day", gettext_lazy("For a day")
    WEEK = "week", gettext_lazy("For a week")
    MONTH = "month", gettext_lazy("For a month")
    ALWAYS = "always", gettext_lazy("Always, until I remove it")


_DAYS = {Lasts.DAY.value: 1, Lasts.WEEK.value: 7, Lasts.MONTH.value: 30}


class FilterForm(forms.Form):
    """What to do with it and for how long; what it is about is another field, or stands in `about`."""

    by = ""
    act = forms.ChoiceField(label=gettext_lazy("What should happen?"), choices=Filter.Act.choices, widget=forms.RadioSelect)
    lasts = forms.ChoiceField(label=gettext_lazy("For how long?"), choices=Lasts.choices)
    use_required_attribute = False

    def __init__(self, *args: Any, user: Any, about: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{self.by}_%s", **kwargs)
        self.user, self._about = user, about
        self.initial.setdefault("act", Filter.Act.FOLD.value)
        self.initial.setdefault("lasts", Lasts.ALWAYS.value)

    @property
    def about(self) -> dict[str, Any]:
        return self._about or {self.by: self.cleaned_data[self.by]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not Filter.has_room(self.user, **self.about):
            raise forms.ValidationError(
                _("You have %(most)s filters, and there is no room for more. Remove one that you no longer need."),
                params={"most": MOST},
            )
        return cleaned

    @property
    def until(self) -> Any:
        """In steps, as everything that tells when a member was here."""
        days = _DAYS.get(self.cleaned_data["lasts"])
        return now_in_steps() + timedelta(days=days) if days else None

    def keep(self) -> None:
        Filter.keep(self.user, act=self.cleaned_data["act"], until=self.until, **self.about)


class NoteFilterForm(FilterForm):
    by = "note"
    note = forms.ModelChoiceField(
        Note.objects.none(),
        label=gettext_lazy("The content note"),
        empty_label=gettext_lazy("Choose one"),
        error_messages={
            "required": gettext_lazy("Choose a content note first."),
            "invalid_choice": gettext_lazy("That note is not in the list any more. Choose another one."),
        },
    )
    field_order = ("note", "act", "lasts")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].queryset = Note.objects.offered()  # type: ignore[attr-defined]


class WordsFilterForm(FilterForm):
    by = "words"
    words = LineField(
        label=gettext_lazy("The words"),
        help_text=gettext_lazy("One word, or a few that stand together. Titles and content notes are looked through, too."),
        max_length=LONGEST_WORDS,
    )
    field_order = ("words", "act", "lasts")

    def clean_words(self) -> str:
        words = self.cleaned_data["words"]
        if query_of(words) is None:
            raise forms.ValidationError(_("There is no word in this that could be looked for. Write at least one."))
        return words


class PersonFilterForm(FilterForm):
    by = "person"
    person = LineField(
        label=gettext_lazy("Their name here"),
        help_text=gettext_lazy("Only what they write by name. Whoever posts anonymously is not found by this."),
        max_length=100,
    )
    field_order = ("person", "act", "lasts")

    def clean_person(self) -> User:
        person = User.objects.with_handle(self.cleaned_data["person"].removeprefix("@"), viewer=self.user).first()
        if person is None:
            raise forms.ValidationError(_("Nobody whom you can meet here has this name. See whether it is spelled as they do."))
        if not (verdict := can_block_person(self.user, person)):
            raise forms.ValidationError(str(verdict))
        return person


_FORMS: dict[str, type[FilterForm]] = {form.by: form for form in (NoteFilterForm, WordsFilterForm, PersonFilterForm)}


# The page with all of them -------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def filter_list(request: HttpRequest) -> HttpResponse:
    """What this member does not see, and why: their filters and their blocks."""
    sent = request.POST.get("by") if request.method == "POST" else None
    ways = {by: form(request.POST if by == sent else None, user=request.user) for by, form in _FORMS.items()}
    if request.method == "POST" and sent not in ways:
        raise Http404
    if sent and ways[sent].is_valid():
        ways[sent].keep()
        return answer(request, reverse("filter_list"), said=_("Done. Nobody else learns of it."))
    kept = Filter.objects.filter(user=request.user).running().select_related("note", "person").newest_first()
    context = {"filters": kept[:MOST], "ways": ways, "sent": sent, **_blocks(request)}
    return page(request, "contributions/filter_list.html", context)


@require_POST
def filter_delete(request: HttpRequest) -> HttpResponse:
    """Remove a filter of one's own, named by what it is about."""
    kept = Filter.objects.filter(user=request.user)
    if words := request.POST.get("words", "")[: 4 * LONGEST_WORDS].replace("\0", ""):
        kept.filter(words=words).delete()
    elif (person := request.POST.get("person", "")) and is_findable(person):
        kept.filter(person__username=person).delete()
    elif (note := request.POST.get("note", "")).isdecimal() and len(note) < 10:
        kept.filter(note=int(note)).delete()
    return answer(request, reverse("filter_list"), said=_("Removed. You see it again from now on."))


# Blocks --------------------------------------------------------------------------------------


def _blocks(request: HttpRequest) -> dict[str, Any]:
    """The newest blocks, or those on a name that was asked for; somebody may have thousands."""
    name = LineField(required=False, max_length=100).to_python(request.GET.get("name", ""))[:100]
    blocks = Block.objects.of_member(request.user).newest_first()
    members, aliases = blocks.on_accounts().select_related("blocked"), blocks.on_aliases().select_related("blocked_persona")
    if name:
        members, aliases = members.on_handle(name.removeprefix("@")), aliases.filter(blocked_persona__alias__iexact=name)
    newest = [list(each[: SHOWN + 1]) for each in (members, aliases)]
    return {
        "members": newest[0][:SHOWN],
        "aliases": _with_titles(newest[1][:SHOWN], request.user),
        "asked_name": name,
        "has_more": bool(name) or any(len(each) > SHOWN for each in newest),
    }


def _with_titles(blocks: list[Block], viewer: Any) -> list[dict[str, Any]]:
    """Each block on an alias with the conversation it holds in, where that is still open to `viewer`."""
    places = {block.blocked_persona.conversation for block in blocks}  # type: ignore[union-attr]
    titles = {
        words.public_id: words.shown_title
        for model in (Contribution.kinds() if places else ())
        for words in model.objects.visible_to(viewer).filter(public_id__in=places).with_place()
    }
    return [
        {"alias": block.blocked_persona, "title": titles.get(block.blocked_persona.conversation, "")}  # type: ignore[union-attr]
        for block in blocks
    ]


@require_POST
def alias_block_delete(request: HttpRequest, alias: UUID) -> HttpResponse:
    """Lift a block of one's own on an alias, under whatever name it was made, also where the conversation is gone."""
    Block.objects.of_member(request.user).on_aliases().filter(blocked_persona__public_id=alias).delete()
    return answer(request, reverse("filter_list"), said=_("The block is lifted. Nobody was told."))


# One person ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def member_person(request: HttpRequest, handle: str) -> HttpResponse:
    """How to see less of somebody, or nothing: a filter for what they write by name, or a block."""
    person = get_object_or_404(User.objects.with_handle(handle, viewer=request.user).select_related("profile__avatar"))
    require(can_block_person(request.user, person))
    form = FilterForm(request.POST if request.method == "POST" else None, user=request.user, about={"person": person})
    if request.method == "POST" and form.is_valid():
        form.keep()
        return answer(request, reverse("filter_list"), said=_("Done. Nobody else learns of it."))
    kept = Filter.objects.filter(user=request.user, person=person).running().first()
    return page(request, "contributions/member_person.html", {"person": person, "form": form, "kept": kept})
