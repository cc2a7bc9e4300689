"""Pictures that members bring: looked at by their content, made small, written anew."""

import io
import struct
import warnings
import zlib
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

FORMATS = ["PNG", "JPEG", "WEBP"]
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIZE = (256, 294)  # the shape of a window
# Enough for the sharpest screen before it is cut to shape, and little enough to turn and convert cheaply.
_BETWEEN = (1024, 1024)
_QUALITIES = (82, 60, 40)
MOST_STORED = 200_000

# What broken or hostile files make Pillow raise.
_FAULTS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, MemoryError, EOFError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def small(upload: UploadedFile) -> bytes:
    """The picture as a small WebP without anything else that was in the file. Raises ValidationError for what is none."""
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(_("That file is larger than 10 MB. A smaller one is enough: it is shown as large as a stamp."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _written_anew(upload)
    except _FAULTS as error:
        raise ValidationError(_("We could not read that as a picture. Choose a PNG, JPEG or WebP file.")) from error


def _written_anew(file: IO[bytes]) -> bytes:
    with Image.open(file, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValidationError(_("That picture has more than 40 million points. Make it smaller first."))
        picture.draft("RGB", _BETWEEN)
        picture.thumbnail(_BETWEEN)
        turned = ImageOps.exif_transpose(picture)
        plain = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    fitted = ImageOps.fit(plain, SIZE)
    # A new canvas takes the points along and nothing else: no EXIF, no colour profile, no text, no second frame.
    canvas = Image.new(fitted.mode, SIZE)
    canvas.paste(fitted)
    for quality in _QUALITIES:
        stored = io.BytesIO()
        canvas.save(stored, "WEBP", quality=quality, method=4)
        if stored.tell() <= MOST_STORED:
            break
    return stored.getvalue()
