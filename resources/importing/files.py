"""Bytes into text: which encoding it is, told truthfully, and a sentence for what is no text at all."""

import codecs
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MEGABYTE = 1024 * 1024
# Less than a form may bring, so that what is larger is told so in the form.
MOST_BYTES = 10 * MEGABYTE

_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8"),
    (b"\xff\xfe\x00\x00", "", ""),
    (b"\x00\x00\xfe\xff", "", ""),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,4}=\s{0,4}["']?([\w-]{3,20})""", re.IGNORECASE)
# What browsers of earlier years wrote; anything else that a file calls itself is not believed.
_OLD = re.compile(
    r"windows-125\d|cp125\d|iso-8859-\d{1,2}|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb(?:k|2312|18030)|big5", re.IGNORECASE
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
BROKEN = "\ufffd"


@dataclass(slots=True)
class Text:
    """What a file says, and what its reader should know about how it was read."""

    words: str
    notes: list[str]


def text_of(content: bytes) -> Text:
    """The text of a file. Raises ValidationError for what is no text, is empty or too large."""
    if len(content) > MOST_BYTES:
        raise ValidationError(
            _("This file has more than 10 megabytes. Export it in parts, for example folder by folder."), code="size"
        )
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise ValidationError(_("There is nothing in this file."), code="empty")
    if content.startswith(_PACKED):
        raise ValidationError(
            _("This file is packed (zip or the like). Unpack it first, then choose the file inside."), code="packed"
        )
    for mark, encoding, name in _MARKS:
        if content.startswith(mark):
            return _marked(content[len(mark) :], encoding, name)
    if b"\0" in content[:4096] and (encoding := _of_two_bytes(content[:4096])):
        return _marked(content, encoding, "UTF-16")
    return _told(_unmarked(content))


def _marked(content: bytes, encoding: str, name: str) -> Text:
    if not encoding:
        raise _no_text()
    words = content.decode(encoding, errors="replace")
    broken = words.count(BROKEN) > content.decode(encoding, errors="ignore").count(BROKEN)
    return _told(Text(words, [_some_broken(name)] if broken else []))


def _unmarked(content: bytes) -> Text:
    try:
        return Text(content.decode("utf-8"), [])
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(content[:4096])
    if declared and _OLD.fullmatch(name := declared[1].decode("ascii")):
        try:
            return Text(
                content.decode(codecs.lookup(name).name),
                [_("The file was read as %(encoding)s, as it says it is.") % {"encoding": name}],
            )
        except (LookupError, UnicodeDecodeError):
            pass
    words = content.decode("utf-8", errors="replace")
    # Some letters of several bytes are whole: UTF-8 with a hole in it. None is: one byte a letter.
    if sum(1 for sign in set(words) if sign > "\x7f" and sign != BROKEN):
        return Text(words, [_some_broken("UTF-8")])
    words = (
        content.decode("cp1252", errors="replace")
        if not re.search(rb"[\x81\x8d\x8f\x90\x9d]", content)
        else content.decode("latin-1")
    )
    return Text(
        words, [_("The file was read as Western European (Latin-1), because it is no UTF-8. Look at letters with accents.")]
    )


def _told(text: Text) -> Text:
    """The text, unless it is a picture or a program that only happens to be readable."""
    beginning = text.words[:20_000]
    if len(_CONTROL.findall(beginning)) > len(beginning) // 200 or beginning.count(BROKEN) > len(beginning) // 10 + 2:
        raise _no_text()
    return text


def _of_two_bytes(beginning: bytes) -> str:
    """The encoding of a file in which nearly every second byte says nothing."""
    for encoding, empty in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if empty and empty.count(0) > len(empty) * 0.7:
            return encoding
    return ""


def _some_broken(name: str) -> str:
    return _("The file is %(encoding)s, but some characters in it are broken; they are shown as “�”.") % {"encoding": name}


def _no_text() -> ValidationError:
    return ValidationError(_("This is no text, so there are no bookmarks to read in it, whatever its name says."), code="binary")
