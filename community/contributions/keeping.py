"""Words of an ended session, while their writer signs in: they wait in the session, which names who signed in meanwhile.

So they are locked: who reads the table learns neither the words nor where, and under which name, they were to stand.
"""

import hashlib
import json
import time
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from .posting import KEPT, Fields

KEPT_SECONDS = 60 * 60


class Kept(NamedTuple):
    """The form as it was sent, and the address that it was sent to."""

    path: str
    fields: Fields


def put_away(session: Any, path: str, fields: Fields) -> None:
    locked = _box().encrypt(json.dumps([path, fields]).encode())
    session[KEPT] = {"locked": b64encode(locked).decode(), "until": time.time() + KEPT_SECONDS}


def waiting_in(session: Any) -> Kept | None:
    """What waits there, for an hour."""
    held = session.get(KEPT)
    if not held or held["until"] < time.time():
        session.pop(KEPT, None)
        return None
    try:
        return Kept(*json.loads(_box().decrypt(b64decode(held["locked"]))))
    except CryptoError:
        return None  # Another SECRET_KEY locked it.


def _box() -> SecretBox:
    return SecretBox(hashlib.sha256(b"kept words|" + settings.SECRET_KEY.encode()).digest())
