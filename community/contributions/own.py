"""What of words is a member's own: what every kind of them holds, how they stood before, and what its writer filters.

Words that were not sent yet are kept under a key that names neither writer nor place, so they can only be found where they wait.
"""

from functools import partial, reduce
from operator import or_
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from community.copying import Own, Words
from community.tags.models import Tagged

from .models import Change, Contribution, Filter, Revision

_HEAD: dict[str, Words] = {"public_id": _("id"), "persona__alias": _("as your alias"), "created_at": _("written")}
_TAIL: dict[str, Words] = {
    "note": _("content note"),
    "edited_at": _("changed"),
    "withdrawn_at": _("taken back"),
    "held_at": _("waits for a volunteer since"),
    "sent_back_at": _("with you for a change since"),
    "hidden_at": _("not shown to others since"),
}


def own_words(model: type[Contribution], title: Words, columns: dict[str, Words], **more: Any) -> Own:
    """Something that members write: what all of it has, and these columns before the words."""
    everything = _HEAD | columns | {"body": _("words")} | _TAIL
    return Own(model, title, everything, by=("author", "persona"), page="wrote_detail", **more)


def tags_of(model: Any) -> ArraySubquery:
    """The names of the tags that a row carries."""
    meta = model._meta
    carried = Tagged.objects.filter(
        content_type__app_label=meta.app_label, content_type__model=meta.model_name, object_id=OuterRef("pk")
    )
    return ArraySubquery(carried.order_by("tag__name").values("tag__name"))


def _of_own_words(user: Any, model: Any) -> QuerySet[Any]:
    """Rows of `model` that are about something the signed-in `user` wrote."""
    kinds = ContentType.objects.get_for_models(*Contribution.kinds())
    own = (
        Q(target_type=kind, target_id__in=written.objects.of_member(user).values("pk"))  # type: ignore[attr-defined]
        for written, kind in kinds.items()
    )
    return model.objects.filter(reduce(or_, own))


OWN = [
    Own(
        Revision,
        _("Your words as they stood before a change"),
        {"title": _("title"), "replaced_at": _("changed"), "body": _("words"), "note": _("content note")},
        found=partial(_of_own_words, model=Revision),
    ),
    Own(
        Change,
        _("Changes of yours that wait"),
        {"asked_at": _("changed"), "words": _("words"), "sent_back_at": _("with you for a change since")},
        found=partial(_of_own_words, model=Change),
    ),
    Own(
        Filter,
        _("What you would rather not see"),
        {
            "act": _("what happens with it"),
            "note__name": _("content note"),
            "words": _("words"),
            "person__username": _("member"),
            "until": _("until"),
        },
    ),
]
