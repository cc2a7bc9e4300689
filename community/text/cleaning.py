"""What is dropped from any text before it is kept, in time that grows with its length only."""

import re
import unicodedata

# Line ends of every system, and the pasted page break.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control characters but tab and newline; lone surrogates (PostgreSQL refuses them, as it does NUL); what turns the reading
# direction of the text around it (the marks U+200E, U+200F and U+061C stay: people who write right to left need them);
# the byte order mark and the interlinear annotation marks, which nobody can see.
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
# Three marks of Tibetan that come apart into two marks, though Unicode gives them the class of a letter.
_MARKS_IN_DISGUISE = frozenset("\u0f73\u0f75\u0f81")
_JOINERS = "\u200b\u200c\u200d\u200e\u200f\u2060"
# Letters and signs that leave no ink: Hangul fillers and the empty Braille cell.
_INKLESS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Unicode's stream-safe text format (UAX #15) allows 30 marks in a row; no language comes near.
MARKS_COMPOSED = 30
MARKS_SHOWN = 8


def clean(value: str) -> str:
    """Text as it is kept: NFC, newlines only as line ends, without what no person types.

    Cleaning twice changes nothing more. A row of more than 30 combining marks is left as it came: putting marks in order
    takes time that grows with the square of their number, and such a row is no word in any language.
    """
    value = _LINE_ENDS.sub("\n", value)
    value = _DROPPED.sub("", value)
    if value.isascii():
        return value
    marks = "".join(c for c in set(value) if unicodedata.combining(c) or c in _MARKS_IN_DISGUISE)
    if not marks:
        return unicodedata.normalize("NFC", value)
    parts = re.split(f"([{re.escape(marks)}]{{{MARKS_COMPOSED + 1},}})", value)
    return "".join(part if odd % 2 else unicodedata.normalize("NFC", part) for odd, part in enumerate(parts))


def fold(handle: str) -> str:
    """The form in which two spellings of one handle are equal: NFKC, without case. For short text only."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", handle).casefold())


def clip_marks(value: str) -> str:
    """At most 8 combining marks in a row, so that no text climbs over its neighbours."""
    if value.isascii():
        return value
    marks = "".join(c for c in set(value) if unicodedata.category(c)[0] == "M")
    if not marks:
        return value
    row = f"[{re.escape(marks)}{_JOINERS}]"
    return re.sub(f"({row}{{{MARKS_SHOWN}}}){row}+", r"\1", value)


def is_blank(value: str) -> bool:
    """Whether nothing would be seen: only spaces, marks and characters without ink."""
    return all(c in _INKLESS or unicodedata.category(c)[0] in "ZCM" for c in set(value))
