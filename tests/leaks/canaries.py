"""Words, numbers and ids that stand nowhere else, and finding them in whatever comes out."""

import re
import secrets
from html import unescape
from urllib.parse import unquote
from uuid import UUID

_START = "zqx"
# Letters that no rule of handles takes for another one.
_LETTERS = "bcdfghkmpqstxz"
_WORD = re.compile(rf"{_START}[{_LETTERS}]{{12}}")
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_NUMBER = re.compile(r"(?<!\d)\d{10}(?!\d)")
# From here on the keys of rows are counted that shall be known again.
FIRST_KEY = 7_310_000_000


class Canaries:
    """What is secret, each by its canary: a word of its own, a public id, or a key with ten digits."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}

    def word(self, kind: str) -> str:
        """A new word that gives `kind` away wherever it is seen."""
        word = _START + "".join(secrets.choice(_LETTERS) for _ in range(12))
        self.kinds[word] = kind
        return word

    def mark(self, kind: str, value: object) -> None:
        """Let something that is there already give `kind` away."""
        self.kinds[value.hex if isinstance(value, UUID) else str(value)] = kind

    def seen_in(self, text: str) -> set[str]:
        """The kinds of all that shows in `text`, as it stands or encoded for an address or a page."""
        text = text.lower()
        found: set[str] = set()
        for read in {text, unescape(text), unquote(text)}:
            words = {*_WORD.findall(read), *_NUMBER.findall(read), *(each.replace("-", "") for each in _ID.findall(read))}
            found |= {self.kinds[word] for word in words if word in self.kinds}
        return found
