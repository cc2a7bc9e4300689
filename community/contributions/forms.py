"""The form that people write in: a random key for exactly-once, a tag of its member, the name of its draft."""

import hashlib
import hmac
import json
import secrets
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from community import text
from community.care.asking import AsksFirst
from community.text import BodyField

_DRAFT_SALT = "contributions.draft"
# What a form carries for itself; everything else is what somebody wrote.
OWN_FIELDS = ("csrfmiddlewaretoken", "key", "member", "draft", "preview", "suggest", "asked")


def member_tag(user) -> str:
    """Says whose form this was, to nobody but this server."""
    return hmac.new(settings.SECRET_KEY.encode(), f"form|{user.pk}".encode(), hashlib.sha256).hexdigest()[:32]


def is_of(user, tag: str) -> bool:
    """Was the form that carries this tag made for `user`?"""
    return hmac.compare_digest(tag.encode(errors="replace"), member_tag(user).encode())


def draft_name(signed: str) -> str | None:
    """The form's name for its draft, if this server signed it."""
    try:
        return signing.Signer(salt=_DRAFT_SALT).unsign(signed)
    except signing.BadSignature:
        return None


def carried(user: Any, place: str) -> dict[str, str]:
    """What a form carries for itself: the key to post it once by, whose it is, the name of its draft."""
    return {
        "key": secrets.token_urlsafe(24),
        "member": member_tag(user),
        "draft": signing.Signer(salt=_DRAFT_SALT).sign(place),
    }


class WritingForm(AsksFirst):
    """Base of every form with words in it. `place` names the form for its draft, such as `forums.reply:<public id>`."""

    body = BodyField(label=_("Your words"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    member = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    draft = forms.CharField(widget=forms.HiddenInput, max_length=300, required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, user, place: str, **kwargs: Any) -> None:
        self.user = user
        self.place = place
        super().__init__(*args, **kwargs)
        own = carried(user, place)
        self.initial.setdefault("key", own["key"])
        self.initial.update(member=own["member"], draft=own["draft"])

    def clean_key(self) -> str:
        return self.cleaned_data["key"] or secrets.token_urlsafe(24)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # Signed in as somebody else meanwhile: the words are shown, never posted in another name.
        if self.data.get("member") and not is_of(self.user, self.data["member"]):
            raise forms.ValidationError(
                _("This was written while another account was signed in, so it was not posted. Your words are below.")
            )
        return cleaned

    def posted_lately(self) -> UUID | None:
        """The public id of the very same words, if this member posted them here a moment ago and they still stand."""
        return None

    def settle(self) -> None:
        """See to it that what was left in a form still holds: words of others may be gone by now."""

    @property
    def words(self) -> str:
        """Everything written, for telling whether a key came back with other words."""
        return json.dumps({name: str(value) for name, value in sorted(self.cleaned_data.items()) if name not in OWN_FIELDS})

    @property
    def preview(self) -> SafeString | str:
        """How the words will look, when that was asked for without script."""
        if "preview" not in self.data:
            return ""
        return text.render(text.clean(self.data.get("body", ""))[: text.MAX_LENGTH])

    def renew_key(self) -> None:
        """Give the next try a key of its own."""
        self.data = self.data.copy()
        self.data["key"] = secrets.token_urlsafe(24)
