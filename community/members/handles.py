"""Handles: which names may stand here, and when two of them are the same to a reader's eye."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.text import fold

SHORTEST, LONGEST = 3, 24

# Letters and signs that look like a Latin letter in common fonts: the part of Unicode's confusables (UTS 39) that people
# write handles in. Applied after folding, so only small letters are needed.
_LOOK_ALIKES = str.maketrans(
    dict(zip("авгеёзікмнорстухѕјһԛԝүьӏцԁ", "abreeзlkmhopctyxsjhqwyblud", strict=True))
    | dict(zip("αβεηικνορτυχωγ", "aben" + "lkvoptuxwy", strict=True))
    | {"0": "o", "1": "l", "i": "l", "|": "l", "ı": "l", "օ": "o", "ո": "n", "ս": "u", "ց": "g", "ɡ": "g", "ɑ": "a"}
)

_RESERVED = frozenset(
    "admin administrator anon anonymous care coordinator deleted everyone former guest hearth help helper helpline home house "
    "lead librarian me member members mentor mod moderator moderators nobody null owner root safeguarding security someone "
    "staff support system team undefined unknown volunteer welcome you".split()
)
_SEPARATORS = re.compile(r"[-_.]+")
_DIGITS = re.compile(r"\d")


def skeleton(handle: str) -> str:
    """What a reader's eye sees of a handle: two handles with one skeleton are taken for each other. At most 72 characters."""
    seen = unicodedata.normalize("NFKD", fold(handle))
    seen = "".join(char for char in seen if unicodedata.category(char) not in ("Mn", "Cf"))
    return _SEPARATORS.sub("", seen.translate(_LOOK_ALIKES)).replace("rn", "m").replace("vv", "w")[:72]


def validate_handle(handle: str) -> None:
    """Raise ValidationError, with advice, for a name that would tell who somebody is or be taken for somebody else's."""
    if "@" in handle or re.search(r"\.\w{2,}$", handle):
        raise ValidationError(_("That looks like an e-mail address. Choose a name that nobody outside knows you by."), code="email")
    if len(_DIGITS.findall(handle)) > 4:
        raise ValidationError(
            _("Long numbers can lead to a person. Choose a name with no more than four digits."), code="number"
        )
    if not SHORTEST <= len(handle) <= LONGEST:
        raise ValidationError(_("A name has 3 to 24 letters."), code="length")
    if not all(char.isalnum() or char in "-_" for char in handle) or not handle[0].isalnum() or not handle[-1].isalnum():
        raise ValidationError(_("Use letters and digits, with - or _ between them."), code="letters")
    if skeleton(handle) in {skeleton(word) for word in _RESERVED}:
        raise ValidationError(_("That name is kept for the house itself. Try another one."), code="reserved")
