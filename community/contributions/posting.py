"""From a form to a page, exactly once: what every posting view does around its verb."""

import secrets
from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .drafts import Draft
from .forms import OWN_FIELDS, WritingForm
from .submissions import OtherWords, Submission

KEPT = "kept"


def written(request: HttpRequest) -> dict[str, str]:
    """What somebody wrote into the form of this request, field by field, without what the form carries for itself."""
    return {name: value for name, value in request.POST.items() if name not in OWN_FIELDS and value}


def post_once(request: HttpRequest, form: WritingForm, act: Callable[[], UUID]) -> UUID | None:
    """Do `act` once for this form's key and drop its draft in the same transaction; the public id of what it made.

    None (and an error on the form) when the key was used before with other words: nothing was posted then.
    """
    key = form.cleaned_data["key"] or secrets.token_urlsafe(24)
    try:
        with transaction.atomic():
            made = Submission.once(key, form.words, act)
            Draft.drop(request.user, form.place)
    except OtherWords:
        form.add_error(None, _("This form was sent before with other words, and those were posted. Look at them first; to post these too, send again."))
        form.renew_key()
        return None
    request.session.pop(KEPT, None)
    return made


def keep_draft(request: HttpRequest, place: str) -> None:
    """Save what the form holds now."""
    Draft.keep(request.user, place, written(request))
