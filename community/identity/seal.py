"""The seal between a persona and a person, and what else is found by a keyed tag instead of a name.

Two keyed tags answer questions without opening anything: `topic_tag` (which persona is mine in this conversation) and `slot_tag`
(which personas are mine at all, asked in growing batches of n = 0, 1, 2 …). `sealed` holds the user id in a public-key sealed box
(libsodium's crypto_box_seal), which only the worker can open. How far somebody has read is kept by tags, too.

A tag tells whoever can compute it whether a guess is right, so tags are computed for the signed-in user only.
"""

import hmac
import secrets
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import shake_256
from itertools import chain, repeat
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from community.prepared import Prepared, ask, byte_array

from . import aliases
from .models import Persona, Sealed

# Few have spoken under more than 32 aliases, and many pages ask which are theirs.
_BATCHES = (32, 64, 256, 1024)
# How many read marks of one week can be found without knowing in which conversations they lie.
PLACES = 40
# How many pauses of one member can end in the same week.
PAUSES = 3
_BYTES = 32


class CannotOpen(Exception):
    """This process has no key to open seals with, or the seal was made with another key."""


def make_keys() -> dict[str, str]:
    """New identity keys, hex: the tag key (32 bytes), the public seal key and the key that opens (X25519)."""
    opening = PrivateKey.generate()
    return {
        "IDENTITY_TAG_KEY": secrets.token_hex(32),
        "IDENTITY_SEAL_KEY": bytes(opening.public_key).hex(),
        "IDENTITY_OPEN_KEY": bytes(opening).hex(),
    }


# Hundreds of tags are asked for at once.
_key = lru_cache(maxsize=2)(bytes.fromhex)


def _tags(texts: Iterable[str]) -> list[bytes]:
    """The one function that computes tags; 32 bytes each."""
    key = _key(settings.IDENTITY_TAG_KEY)
    return [hmac.digest(key, text.encode(), "sha256") for text in texts]


def _tag(*parts: str) -> bytes:
    return _tags(["‖".join(parts)])[0]


def _topic_tag(user, conversation: UUID) -> bytes:
    return _tag("topic", str(conversation), str(user.pk))


def _slot_tag(user, n: int) -> bytes:
    return _slot_tags(user, [n])[0]


def _slot_tags(user, numbers: Iterable[int]) -> list[bytes]:
    return _tags(f"slot‖{user.pk}‖{n}" for n in numbers)


def read_tags(user, conversations: Iterable[UUID]) -> list[bytes]:
    """What the read marks of the signed-in `user` in these conversations are kept under."""
    return _tags(f"read‖{conversation}‖{user.pk}" for conversation in conversations)


def shelf_tags(user, week: str) -> list[bytes]:
    """The places for the marks that the signed-in `user` leaves in that week: one tag, drawn out to as many as there are."""
    return _drawn_out(_tag("shelf", str(user.pk), week), PLACES)


def standing_tags(user, week: str) -> list[bytes]:
    """The places for pauses that end in that week (see `members.Standing`), for the signed-in `user` and for the worker."""
    return _drawn_out(_tag("standing", str(user.pk), week), PAUSES)


def _drawn_out(tag: bytes, number: int) -> list[bytes]:
    drawn = shake_256(tag).digest(_BYTES * number)
    return [drawn[start : start + _BYTES] for start in range(0, len(drawn), _BYTES)]


def persona_of(user, conversation: UUID) -> Persona | None:
    """The persona that the signed-in `user`, or whoever the worker mails, speaks through in `conversation`, with one look-up."""
    return _behind.first(None, None, tags=[_topic_tag(user, conversation)])


_behind = Prepared(lambda _viewer, tags: Persona.objects.filter(sealed__topic_tag__among=tags), tags=list)


def personas_of(user) -> Iterator[Persona]:
    """All personas of the signed-in `user`, in the order they were made, in batches that grow."""
    start = 0
    for size in chain(_BATCHES, repeat(_BATCHES[-1])):
        tags = _slot_tags(user, range(start, start + size))
        found = {bytes(s.slot_tag): s.persona for s in Sealed.objects.filter(slot_tag__in=tags).select_related("persona")}
        yield from (found[tag] for tag in tags if tag in found)
        if tags[-1] not in found:
            return
        start += size


def first_slots(user) -> list[bytes]:
    """The places of the first personas of the signed-in `user`: where one of them is free, there are no others."""
    return _slot_tags(user, range(_BATCHES[0]))


def persona_keys_of(user) -> list[int]:
    """The keys of all personas of the signed-in `user`, one statement for each batch."""
    found: list[int] = []
    start = 0
    for size in chain(_BATCHES, repeat(_BATCHES[-1])):
        tags = _slot_tags(user, range(start, start + size))
        held = ask(
            "SELECT persona_id, slot_tag = $1::bytea FROM identity_sealed WHERE slot_tag = ANY($2::bytea[])",
            *(tags[-1], byte_array(tags)),
        )
        found += [key for key, _is_last in held]
        if not any(is_last for _key, is_last in held):
            return found
        start += size
    raise AssertionError("unreachable")


def one_at_a_time(user) -> None:
    """Wait for whatever this user is just now saying under any name, until the transaction ends.

    The lock has a name that tells nobody whose it is.
    """
    number = int.from_bytes(_tag("lock", str(user.pk))[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _free_slot(user) -> int:
    start = 0
    for size in chain(_BATCHES, repeat(_BATCHES[-1])):
        tags = _slot_tags(user, range(start, start + size))
        taken = {bytes(tag) for tag in Sealed.objects.filter(slot_tag__in=tags).values_list("slot_tag", flat=True)}
        for n, tag in enumerate(tags, start):
            if tag not in taken:
                return n
        start += size
    raise AssertionError("unreachable")


@transaction.atomic
def speak_as(user, conversation: UUID) -> Persona:
    """The signed-in user's persona in `conversation`, made on first use: never two, however many ask at once."""
    one_at_a_time(user)
    if persona := persona_of(user, conversation):
        return persona
    persona, sealed = made_up(user, conversation, _free_slot(user))
    while Persona.objects.filter(conversation=conversation, alias=persona.alias).exists():
        persona.alias = aliases.draw()
    persona.save()
    sealed.persona = persona
    sealed.save(force_insert=True)
    return persona


def made_up(user, conversation: UUID, slot: int) -> tuple[Persona, Sealed]:
    """A persona for `user` in `conversation` and its seal in the nth slot, neither of them written yet."""
    box = SealedBox(PublicKey(bytes.fromhex(settings.IDENTITY_SEAL_KEY)))
    sealed = Sealed(
        topic_tag=_topic_tag(user, conversation),
        slot_tag=_slot_tag(user, slot),
        sealed=box.encrypt(str(user.pk).encode()),
    )
    return Persona(conversation=conversation, alias=aliases.draw()), sealed


def open_seal(persona: Persona) -> int | None:
    """The id of the user behind `persona`; None once the seal is gone. The worker alone can do this.

    Raises CannotOpen where the opening key is missing or not the one the seal was made for.
    """
    if not settings.IDENTITY_OPEN_KEY:
        raise CannotOpen("Seals are opened by the worker alone; this process has no IDENTITY_OPEN_KEY.")
    sealed = Sealed.objects.filter(persona=persona).values_list("sealed", flat=True).first()
    if sealed is None:
        return None
    try:
        return int(SealedBox(PrivateKey(bytes.fromhex(settings.IDENTITY_OPEN_KEY))).decrypt(bytes(sealed)))
    except CryptoError as error:
        raise CannotOpen("This seal was made for another IDENTITY_OPEN_KEY.") from error
