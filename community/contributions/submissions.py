"""Exactly-once posting: every form carries a random key, and a key makes one thing."""

import hashlib
from datetime import date
from uuid import UUID, uuid4

from django.db import connection, models
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
    target = models.UUIDField()
    day = models.DateField(default=_today)

    personal = {}

    def __str__(self) -> str:
        return "a submission"

    @classmethod
    def lead_to(cls, key: str, target: UUID) -> None:
        """Let a key that was claimed just now stand for what is there already."""
        cls.objects.filter(key=hashlib.sha256(key.encode()).digest()).update(target=target)

    @classmethod
    def give_back(cls, key: str) -> None:
        """Nothing came of a key that was claimed just now: the next press is as the first."""
        cls.objects.filter(key=hashlib.sha256(key.encode()).digest()).delete()

    @classmethod
    def is_used(cls, key: str) -> bool:
        """Did something come of this key already?"""
        return cls.objects.filter(key=hashlib.sha256(key.encode()).digest()).exists()

    @classmethod
    def claim(cls, key: str, words: str) -> tuple[UUID, bool]:
        """The public id that belongs to this key, and whether it is still to be made by the caller, in this transaction.

        Two at once: the second waits for the first to commit. Raises OtherWords for a used key with other words; nothing
        has been written then.
        """
        key_hash = hashlib.sha256(key.encode()).digest()
        digest = hashlib.sha256(words.encode()).digest()
        target = uuid4()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO contributions_submission (key, digest, target, day) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [key_hash, digest, target, _today()],
            )
            if cursor.rowcount == 1:
                return target, True
        used = cls.objects.get(key=key_hash)
        if bytes(used.digest) != digest:
            raise OtherWords
        return used.target, False
