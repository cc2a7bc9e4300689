"""Words not yet posted, kept on the server under a key that names neither the writer nor the conversation."""

import hmac
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from community.prepared import byte_array

# To be filled in: the ids of what is quoted, as words, and what still stands.
FORGET_QUOTES = (
    "UPDATE contributions_draft SET fields = fields - 'excerpt' "
    "WHERE fields ? 'quote' AND (fields ->> 'quote') = ANY({ids}::text[]) AND strpos({but_in}::text, fields ->> 'excerpt') = 0"
)


class Draft(models.Model):
    """The fields of one form as one member left them."""

    key = models.BinaryField(max_length=32, unique=True)
    fields = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)

    personal = {"fields": "erase"}

    class Meta:
        indexes = [models.Index(KeyTextTransform("quote", "fields"), condition=Q(fields__has_key="quote"), name="draft_quote")]

    def __str__(self) -> str:
        return "a draft"

    @staticmethod
    def key_of(user, form: str) -> bytes:
        """32 bytes; `form` names a form and its place, such as `forums.reply:<public id>`."""
        return hmac.digest(settings.SECRET_KEY.encode(), f"draft|{user.pk}|{form}".encode(), "sha256")

    @classmethod
    def keep(cls, user, form: str, fields: dict[str, Any]) -> None:
        """Save what the form holds now; an empty form leaves no draft."""
        key = cls.key_of(user, form)
        if any(value for value in fields.values()):
            cls.objects.update_or_create(key=key, defaults={"fields": fields, "saved_at": timezone.now()})
        else:
            cls.objects.filter(key=key).delete()

    @classmethod
    def of(cls, user, form: str) -> dict[str, Any]:
        """What was left in the form, or nothing."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT fields FROM contributions_draft WHERE key = %s", [cls.key_of(user, form)])
            kept = cursor.fetchone()
        return json.loads(kept[0]) if kept else {}

    @classmethod
    def among(cls, user, forms: Iterable[str]) -> list[str]:
        """Which of these forms hold a draft of this member, newest first; one query."""
        keys = {cls.key_of(user, form): form for form in forms}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT key FROM contributions_draft WHERE key = ANY(%s::bytea[]) ORDER BY saved_at DESC", [byte_array(keys)]
            )
            return [keys[bytes(key)] for (key,) in cursor.fetchall()]

    @classmethod
    def forget_quotes_of(cls, *public_ids: UUID, but_in: str = "") -> None:
        """Keep in no draft what was chosen for a quote from the words under these ids, unless it stands in `but_in`."""
        with connection.cursor() as cursor:
            cursor.execute(FORGET_QUOTES.format(ids="%s", but_in="%s"), [[str(public_id) for public_id in public_ids], but_in])

    @classmethod
    def drop(cls, user, form: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM contributions_draft WHERE key = %s", [cls.key_of(user, form)])
