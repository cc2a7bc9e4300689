"""From a form to a page, exactly once: what every posting view does around its verb."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from .drafts import Draft
from .forms import OWN_FIELDS, WritingForm
from .submissions import OtherWords, Submission

KEPT = "kept"


def written(request: HttpRequest) -> dict[str, str]:
    """What somebody wrote into the form of this request, field by field, without what the form carries for itself."""
    return {name: value for name, value in request.POST.items() if name not in OWN_FIELDS and value}


def wants_preview(request: HttpRequest) -> bool:
    """Did somebody without script press "See how it looks"?"""
    return "preview" in request.POST


def restored(
    form_class: type[WritingForm],
    user: Any,
    *,
    now: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    **place: Any,
) -> dict[str, Any]:
    """A fresh form as it was left, and the sentence that says so.

    `now` is what stands there already, over which a draft wins; `asked` is what the address asks for, which wins over both.
    """
    form = form_class(user=user, **place)
    draft = Draft.of(user, form.place)
    form.initial.update({**(now or {}), **{name: draft[name] for name in draft if name in form.fields}, **(asked or {})})
    return {"form": form, "saved": _("These are your words from before. Nothing is posted yet.") if draft else ""}


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
