"""Exactly-once posting: every form carries a random key, and a key makes one thing."""

import hashlib
from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

KEPT_DAYS = 7


class OtherWords(Exception):
    """The same key came again with other words; nothing was posted the second time."""


def _today() -> date:
    return timezone.now().date()


class Submission(models.Model):
    """That a form's key was used: for which words, and what came of it. No member, no time."""

    key = models.BinaryField(max_length=32, unique=True)
    digest = models.BinaryField(max_length=32)
    target = models.UUIDField(null=True)
    day = models.DateField(default=_today)

    personal = {}

    class Meta:
        app_label = "contributions"

    def __str__(self) -> str:
        return "a submission"

    @classmethod
    def once(cls, key: str, words: str, act: Callable[[], UUID]) -> UUID:
        """Do `act` unless this key was used before; the public id of what it made, now or then.

        Two at once: the second waits for the first to commit. Raises OtherWords for a used key with other words.
        """
        key_hash = hashlib.sha256(key.encode()).digest()
        digest = hashlib.sha256(words.encode()).digest()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO contributions_submission (key, digest, day) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    [key_hash, digest, _today()],
                )
                is_new = cursor.rowcount == 1
            if is_new:
                target = act()
                cls.objects.filter(key=key_hash).update(target=target)
                return target
            used = cls.objects.get(key=key_hash)
            if bytes(used.digest) != digest:
                raise OtherWords
            return used.target
