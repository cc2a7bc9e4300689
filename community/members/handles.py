"""Handles: which names may stand here, and when two of them are the same to a reader's eye."""

import re
import unicodedata
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.identity.aliases import CREATURES, QUIET
from community.text import fold

SHORTEST, LONGEST = 3, 24
MOST_DIGITS = 4
MOST_MARKS = 3  # in a row, as a Hebrew letter may have

# Letters and signs that look like a Latin letter in common fonts: the part of Unicode's confusables (UTS 39) that people
# write handles in. Applied after folding, so only small letters are needed.
_CYRILLIC = dict(zip("авгеёзікмнорстухѕјһԛԝүьӏцԁӡ", "abree3lkmhopctyxsjhqwyblud3", strict=True))
_GREEK = dict(zip("αβεηικνορσςτυχωγ", "abenlkvopootuxwy", strict=True))
_ARMENIAN = dict(zip("օոսցհզգլ", "onughqql", strict=True))
_LATIN = {"0": "o", "1": "l", "i": "l", "ı": "l", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ø": "o", "ŧ": "t", "þ": "p", "ĸ": "k"}
_LOOK_ALIKES = str.maketrans(_CYRILLIC | _GREEK | _ARMENIAN | _LATIN | {"æ": "ae", "œ": "oe", "|": "l"})
# Large Greek letters that look like another Latin letter than the small ones do.
_LARGE = frozenset("ΗΝΥΖΜ")

# Kept for the house, alone; and words that speak for it, which may not be part of a name either.
_RESERVED_NAMES = (
    "anon anonymous care deleted deleteduser everyone former formermember guest help helper helpline home house lead librarian "
    "me member members mentor nobody null owner root safeguarding security someone system undefined unknown volunteer welcome you"
)
_OFFICE_NAMES = "admin administrator coordinator hearth mod moderator moderators official safeguarding staff support team"
_RESERVED, _OFFICES = frozenset(_RESERVED_NAMES.split()), frozenset(_OFFICE_NAMES.split())
_INSIDE = ("moderator", "administrator")

_SEPARATORS = re.compile(r"[-_.]+")
_PARTS = re.compile(r"[-_\d]+|(?<=[a-z])(?=[A-Z])")
_DIGITS = re.compile(r"\d")
_ADDRESS = re.compile(
    r"@|\.\w{2,}$|(?:g(?:oogle)?mail|hotmail|icloud|outlook|proton(?:mail)?|yahoo)[-_]?(?:com|net|org)|^www[-_.]|^https?[-_.:]",
    re.IGNORECASE,
)


def skeleton(handle: str) -> str:
    """What a reader's eye sees of a handle: two handles with one skeleton are taken for each other. At most 72 characters."""
    seen = unicodedata.normalize("NFKD", fold(handle))
    seen = "".join(char for char in seen if unicodedata.category(char) not in ("Mn", "Cf"))
    return _SEPARATORS.sub("", seen.translate(_LOOK_ALIKES)).replace("rn", "m").replace("vv", "w")[:72]


def letters(words: str) -> str:
    """The letters and digits of a longer text as a reader's eye sees them, whatever stands between or above them."""
    kept = "".join(char for char in words if char.isalnum())
    seen = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", kept).casefold())
    return "".join(char for char in seen if char.isalnum()).translate(_LOOK_ALIKES)


def is_findable(handle: str) -> bool:
    """Could anybody have this name? What is longer, or holds a zero byte, is not even looked for."""
    return len(handle) <= 4 * LONGEST and "\0" not in handle


def tidy(handle: str) -> str:
    """A handle as it is kept: NFKC, without spaces around it."""
    return unicodedata.normalize("NFKC", handle[: 4 * LONGEST].strip()) if len(handle) <= 4 * LONGEST else handle


def validate_handle(handle: str) -> None:
    """Raise ValidationError, with advice, for a name that would tell who somebody is or be taken for somebody else's."""
    if _ADDRESS.search(handle[: 4 * LONGEST]):
        raise ValidationError(_("That looks like an e-mail address. Choose a name that nobody outside knows you by."), code="email")
    if len(_DIGITS.findall(handle[: 4 * LONGEST])) > MOST_DIGITS:
        raise ValidationError(
            _("Long numbers can lead to a person: a telephone, a birthday. Choose a name with no more than four digits."),
            code="number",
        )
    if not SHORTEST <= len(handle) <= LONGEST:
        raise ValidationError(
            _("A name has %(shortest)s to %(longest)s letters."),
            params={"shortest": SHORTEST, "longest": LONGEST},
            code="length",
        )
    if not _is_word(handle):
        raise ValidationError(_("Use letters and digits, with - or _ between them."), code="letters")
    if not _is_of_one_script(handle):
        raise ValidationError(
            _("Write the whole name in one alphabet; letters of another one can look like somebody else’s name."), code="script"
        )
    if _speaks_for_the_house(handle):
        raise ValidationError(_("That name is kept for the house itself. Try another one."), code="reserved")
    if _is_like_an_alias(handle):
        raise ValidationError(
            _("That looks like one of the names that are made for anonymous posts. Try another one."), code="alias"
        )


def _is_word(handle: str) -> bool:
    """Letters, digits, and the marks that belong to letters; - and _ between them; at least one letter."""
    return (
        all(char in "-_" or (f"_{char}".isidentifier() and char != "·") for char in handle)
        and handle[0].isalnum()
        and handle[-1] not in "-_"
        and any(char.isalpha() for char in handle)
        and unicodedata.normalize("NFKC", handle) == handle
        and not _climbs(handle)
    )


def _climbs(handle: str) -> bool:
    """Whether marks stand on marks, higher than any language needs and over the lines around."""
    kinds = "".join("M" if unicodedata.category(char)[0] == "M" else "-" for char in handle)
    return "M" * (MOST_MARKS + 1) in kinds


def _is_of_one_script(handle: str) -> bool:
    scripts = {_script(char) for char in handle if char not in "-_" and not (char.isascii() and char.isdigit())}
    together = scripts <= {"CJK", "HIRAGANA", "KATAKANA"} or scripts <= {"CJK", "HANGUL"}
    # A name in large Greek letters could be read as a Latin one that its small letters don't resemble.
    return (len(scripts) == 1 or together) and "ODD" not in scripts and not _LARGE.intersection(handle)


def _script(char: str) -> str:
    """The alphabet a letter belongs to; ODD for letters of phonetic and other special alphabets that only look like others."""
    name = unicodedata.name(char, "ODD").partition(" ")[0]
    if name == "LATIN" and (0x1C0 <= ord(char) <= 0x1C3 or 0x24F < ord(char) < 0x1E00 or ord(char) > 0x1EFF):
        return "ODD"
    return "ODD" if name in {"COMBINING", "CHEROKEE", "LISU", "COPTIC", "MATHEMATICAL", "MODIFIER"} else name


def _speaks_for_the_house(handle: str) -> bool:
    seen = skeleton(handle)
    parts = {skeleton(part) for part in _PARTS.split(handle)}
    offices = _OFFICES | {settings.SITE_NAME.casefold()}
    return (
        seen in {skeleton(word) for word in _RESERVED | offices}
        or not parts.isdisjoint({skeleton(word) for word in offices})
        or any(skeleton(word) in seen for word in _INSIDE)
    )


@cache
def _aliases() -> frozenset[str]:
    return frozenset(skeleton(f"{quiet}{creature}") for quiet in QUIET for creature in CREATURES)


def _is_like_an_alias(handle: str) -> bool:
    """Two of the words that aliases are made of, however they are put together or numbered."""
    return not _aliases().isdisjoint({skeleton(handle), skeleton(handle.rstrip("0123456789"))})
