"""From a form to a page, exactly once: what every posting view does around its verb."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from .drafts import Draft
from .forms import OWN_FIELDS, WritingForm, carried
from .models import Contribution
from .submissions import OtherWords, Submission

KEPT = "kept"
# The fields of a form as they are kept: a value, or a list where several have one name.
Fields = dict[str, str | list[str]]


def fields_of(data: QueryDict) -> Fields:
    return {name: values if len(values) > 1 else values[0] for name, values in data.lists() if values}


def pairs_of(fields: Fields) -> list[tuple[str, str]]:
    """Each name with each of its values, as a browser sends them."""
    return [(name, each) for name, value in fields.items() for each in (value if isinstance(value, list) else [value])]


def written(request: HttpRequest) -> Fields:
    """What somebody wrote into the form of this request, field by field, without what the form carries for itself."""
    return {name: value for name, value in fields_of(request.POST).items() if name not in OWN_FIELDS and value}


def wants_preview(request: HttpRequest) -> bool:
    """Did somebody without script press "See how it looks"?"""
    return "preview" in request.POST


def wants_suggestions(request: HttpRequest) -> bool:
    """Did somebody who writes press "Suggest from the library"?"""
    return "suggest" in request.POST


def as_written(words: Contribution) -> dict[str, Any]:
    """The fields of a form as these words stand, or as a change that waits has them."""
    there = {"body": words.body, "notes": words.notes, "note_words": words.note_words}
    return there | (change.words if (change := words.waiting_change) else {})


class Untouched:
    """The form of a place where somebody has left nothing, for `{% untouched %}`: built only where none like it was drawn before.

    `shape` is everything that what is drawn depends on, but for `own`, which is this member's alone.
    """

    def __init__(self, build: Callable[[], WritingForm], user: Any, place: str, shape: Hashable) -> None:
        self.build, self.shape = build, shape
        self.hidden = carried(user, place)

    @property
    def own(self) -> list[str]:
        return list(self.hidden.values())

    def form(self, own: Sequence[str]) -> WritingForm:
        """One with other values in place of `own`."""
        form = self.build()
        form.initial.update(zip(self.hidden, own, strict=False))
        return form


def restored(
    form_class: type[WritingForm],
    user: Any,
    *,
    now: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    draft: dict[str, Any] | None = None,
    **place: Any,
) -> dict[str, Any]:
    """A fresh form as it was left, and the sentence that says so.

    `now` is what stands there already, unless there is a draft: that is the whole form, with all that was taken out of it.
    `asked` is what the address asks for, which wins over both; `draft` is that draft, if it was looked for before.
    """
    form = form_class(user=user, **place)
    draft = Draft.of(user, form.place) if draft is None else draft
    left = {name: _value(form.fields[name], value) for name, value in draft.items() if name in form.fields}
    form.initial.update({**(left or now or {}), **(asked or {})})
    form.settle()
    return {"form": form, "saved": _("These are your words from before. Nothing is posted yet.") if draft else ""}


def _value(field: forms.Field, value: str | list[str]) -> str | list[str]:
    return value[-1] if isinstance(value, list) and not isinstance(field, forms.MultipleChoiceField) else value


def post_once(request: HttpRequest, form: WritingForm, act: Callable[[UUID], object]) -> UUID | None:
    """Do `act` once for this form's key, and drop its draft; the public id of what was made, which `act` is given.

    Call it inside the request's transaction. None (and an error on the form) when the key was used before with other
    words: nothing is posted then.
    """
    try:
        made, is_new = Submission.claim(form.cleaned_data["key"], form.words)
    except OtherWords:
        form.add_error(
            None,
            _(
                "This form was sent before with other words, and those were posted. "
                "Look at them first; to post these too, send again."
            ),
        )
        form.renew_key()
        return None
    if is_new and (there := form.posted_lately()):
        # Going back, a browser puts the old words beside a new key.
        made = there
        Submission.lead_to(form.cleaned_data["key"], made)
    elif is_new:
        act(made)
    if is_new:
        Draft.drop(request.user, form.place)
    if KEPT in request.session:
        del request.session[KEPT]
    return made
