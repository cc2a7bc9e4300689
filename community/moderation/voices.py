"""Whom a volunteer means: a member by name, or whoever said something under an alias, by its address."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.contributions.models import Contribution, Voice
from community.identity.models import Persona
from community.members.handles import is_findable, skeleton
from community.members.models import User
from community.text import LineField

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def find(named: str) -> Voice | None:
    """The voice that is meant by a name here, by the address of something that it said, or by the id of an alias."""
    if found := _ID.findall(named):
        public_id = UUID(found[-1])
        return Persona.objects.filter(public_id=public_id).first() or _who_said(public_id)
    handle = named.removeprefix("@").strip()
    return User.objects.arrived().filter(handle_key=skeleton(handle)).first() if is_findable(handle) else None


def _who_said(public_id: UUID) -> Voice | None:
    for kind in Contribution.kinds():
        if words := kind.objects.filter(public_id=public_id).select_related("author", "persona").first():
            return words.voice
    return None


class VoiceField(LineField):
    """Hands over a `User` or a `Persona`; `aliases_only` leaves members by name out."""

    default_error_messages = {"required": gettext_lazy("Say who is meant.")}

    def __init__(self, *, aliases_only: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=500, **kwargs)
        self.aliases_only = aliases_only

    def clean(self, value: Any) -> Voice:
        named = super().clean(value)
        voice = find(named)
        if voice is None:
            raise forms.ValidationError(_("Nobody is found by this. Write a name, or the address of something that was said."))
        if self.aliases_only and not voice.is_persona:
            raise forms.ValidationError(_("%(name)s said this by name.") % {"name": voice.name})
        return voice
