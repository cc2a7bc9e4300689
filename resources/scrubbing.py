"""Files that members bring: looked at by their content, and written anew without what their makers left in them.

Nothing of a file is kept as it came. What takes it apart is another program (`rewriting.py`) with limits of its own, so that a
file made to hurt can stop that and nothing else.
"""

import hashlib
import re
import subprocess
import sys
import threading
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from community import text

MOST_BYTES = 10 * 1024 * 1024
MOST_NAME = 100
# The program that writes a file anew, what it may take for it, and how it ends when it turns one down.
PROGRAM = Path(__file__).with_name("rewriting.py")
SECONDS, MEMORY = 10, 1024 * 1024 * 1024
REFUSED = 3
ENDINGS = {"pdf": "pdf", "png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}
TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
# What browsers call them; those that do not know say nothing, or that it is bytes.
_CALLED = {
    "pdf": {"application/pdf", "application/x-pdf"},
    "png": {"image/png", "image/x-png"},
    "jpeg": {"image/jpeg", "image/jpg", "image/pjpeg"},
    "webp": {"image/webp"},
}
_UNKNOWN = {"", "application/octet-stream", "binary/octet-stream"}
# Two things in one: what a browser or another program could take for something else.
_BEGINS_OTHERWISE = re.compile(rb"<!doctype|<html|<script|<svg|<\?xml|<\?php|<body|<iframe", re.IGNORECASE)
_HOLDS_OTHER = re.compile(rb"<!doctype html|<html[\s>]|<script[\s>]|<\?php\s", re.IGNORECASE)
_HEAD = 1024
# As many at a time as leave the machine to others.
_places = threading.BoundedSemaphore(2)
_WAIT = 20
_UNFIT_IN_NAMES = re.compile(r'[\\/:*?"<>|;%&$#\x00-\x1f\x7f]+')
_TAKEN_BY_SYSTEMS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A file as it is kept."""

    name: str
    content_type: str
    content: bytes
    digest: str

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    def __str__(self) -> str:
        """For telling whether a form came back with another file."""
        return self.digest


def scrubbed(upload: UploadedFile) -> Scrubbed:
    """The file written anew. Raises ValidationError with what to do for what can't be taken."""
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(
            _("This file is larger than 10 MB. Make it smaller first, or paste an address where it can be found.")
        )
    content = upload.read()
    kind = _kind(upload, content)
    written = _written_anew(content, kind)
    if len(written) > MOST_BYTES:
        raise ValidationError(_sentence("large"))
    return Scrubbed(tidy_name(upload.name, kind), TYPES[kind], written, hashlib.sha256(content).hexdigest())


def tidy_name(name: Any, kind: str) -> str:
    """A name for downloads: one line without folders or anything that deceives, and the ending that it deserves."""
    last = re.split(r"[\\/]", str(name or ""))[-1]
    plain = unicodedata.normalize("NFC", text.clean(last))
    plain = "".join(sign if sign.isprintable() else " " for sign in _UNFIT_IN_NAMES.sub(" ", plain))
    stem, _dot, ending = plain.rpartition(".")
    if ending.lower().strip() not in ENDINGS or not stem:
        stem = plain
    stem = " ".join(stem.split()).strip(". -")[:MOST_NAME].strip(". -")
    if not stem or _TAKEN_BY_SYSTEMS.fullmatch(stem):
        stem = "file"
    return f"{stem}.{'jpg' if kind == 'jpeg' else kind}"


def _kind(upload: UploadedFile, content: bytes) -> str:
    """What it is, if its name, what the browser calls it and what it begins with say the same."""
    ending = ENDINGS.get((upload.name or "").rpartition(".")[2].lower(), "")
    kind = _begins_like(content)
    if not kind or not ending:
        raise ValidationError(_("Only a PDF or a picture (PNG, JPEG or WebP) can be taken. Print other files to a PDF first."))
    called = (upload.content_type or "").lower()
    if kind != ending or (called not in _UNKNOWN and called not in _CALLED[kind]):
        raise ValidationError(_("This file is not what its name says. Open it, save it as a PDF or a picture, and choose that."))
    if _is_two_things(content, kind):
        raise ValidationError(_("There is something else inside this file. Open it, save it under a new name, and choose that."))
    return kind


def _begins_like(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def _is_two_things(content: bytes, kind: str) -> bool:
    """Could another program take it for a page, a script, an archive or a PDF?"""
    head = content[:_HEAD]
    if _BEGINS_OTHERWISE.search(head) or zipfile.is_zipfile(BytesIO(content)):
        return True
    return kind != "pdf" and (b"%PDF-" in head or bool(_HOLDS_OTHER.search(content)))


def _written_anew(content: bytes, kind: str) -> bytes:
    if not _places.acquire(timeout=_WAIT):
        raise ValidationError(_("Many files come in just now. Wait a minute, please, and send it again."))
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), kind, str(SECONDS), str(MEMORY)],
            input=content,
            capture_output=True,
            timeout=SECONDS + 5,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValidationError(_sentence("bomb")) from error
    finally:
        _places.release()
    if done.returncode == 0:
        return done.stdout
    # Ended by a signal, it ran against one of its limits.
    reason = done.stdout.decode(errors="replace") if done.returncode == REFUSED else "bomb"
    raise ValidationError(_sentence(reason))


def _sentence(reason: str) -> str:
    return {
        "large": _("This picture is too large: 40 million points and 10 MB are the most. Make it smaller first."),
        "locked": _("This PDF is locked with a password. Save it without one first."),
        "long": _("This PDF has more than 500 pages. Choose the part that helps."),
        "bomb": _("It takes too much to read this file. Print it to a new PDF, or save it as a smaller picture, and choose that."),
    }.get(reason, _("We could not read this file; it may be damaged. Open it, save it anew, and choose that."))
