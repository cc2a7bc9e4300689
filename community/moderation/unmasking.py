"""Finding out who speaks under an alias: the worker opens the seal, two may look for some days, then it is forgotten.

What the worker found lies in a box whose key is in no table, so that a copy of the database names nobody.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from community.audit.models import record
from community.identity.seal import open_seal
from community.members.models import User
from community.notifications.models import notify

from .models import Unmasking
from .models.unmasking import READABLE_FOR

_NOBODY = b"0"


def _box(unmasking: Unmasking) -> SecretBox:
    """A box for this one answer: put into another row it opens no more."""
    secret, row = settings.SECRET_KEY.encode(), str(unmasking.pk).encode()
    key = hashlib.blake2b(secret, digest_size=SecretBox.KEY_SIZE, salt=row[-16:], person=b"hearth unmasked")
    return SecretBox(key.digest())


@transaction.atomic
def carry_out(key: int) -> None:
    """Open the seal for an approved question: the answer, its entry in the audit and the news of it together, or none.

    The worker alone can do this; elsewhere it raises CannotOpen. Doing it again changes nothing.
    """
    unmasking = Unmasking.objects.to_open().select_for_update(of=("self",)).select_related("persona").filter(pk=key).first()
    if unmasking is None:
        return
    found = open_seal(unmasking.persona)
    now = timezone.now()
    unmasking.answer = _box(unmasking).encrypt(_NOBODY if found is None else str(found).encode())
    unmasking.opened_at, unmasking.expires_at = now, now + READABLE_FOR
    unmasking.save(update_fields=["answer", "opened_at", "expires_at"])
    record("moderation.unmasking_opened", by=unmasking.approved_by, target=unmasking, reason=unmasking.reason)
    if unmasking.is_told:
        notify([unmasking.persona], "moderation.unmasking_opened", target=unmasking, note=unmasking.reason)


def carry_out_waiting() -> None:
    """What a killed worker left behind."""
    for key in Unmasking.objects.to_open().order_by("pk").values_list("pk", flat=True):
        carry_out(key)


@transaction.atomic
def forget() -> int:
    """Empty the answers whose time is over, and let go of questions that nobody agreed to; returns how many answers."""
    now = timezone.now()
    Unmasking.objects.unanswered().update(refused_at=now)
    return Unmasking.objects.filter(answer__isnull=False, expires_at__lte=now).update(answer=None)


def answer(unmasking: Unmasking, *, to: Any) -> User | None:
    """Who it is, for one of the two who agreed, while they may look; each look leaves an entry in the audit.

    None for everybody else, when the time is over, and where nobody is behind the alias any more.
    """
    if not unmasking.is_of_the_two(to) or unmasking.is_over or unmasking.answer is None:
        return None
    record("moderation.unmasking_read", by=to, target=unmasking)
    try:
        key = _box(unmasking).decrypt(bytes(unmasking.answer))
    except CryptoError:
        # The house has another SECRET_KEY by now: the answer is lost, as if its time were over.
        return None
    return User.objects.filter(pk=int(key)).first()
