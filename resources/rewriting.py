"""A program of its own that writes one file anew: `python rewriting.py KIND SECONDS BYTES`, the file comes in and goes out by pipe.

It takes what others made apart, so it runs beside the server with as much time and memory as it is told, and reads no settings.
Nothing of the server imports it, so that no web process carries what it stands on.
What it turns down ends it with `REFUSED`, and the reason in one word stands where the file would have stood.
"""

import io
import resource
import struct
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, ImageOps
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.errors import PyPdfError
from pypdf.filters import ASCII85Decode, ASCIIHexDecode
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, RectangleObject, StreamObject

# `scrubbing` knows it, too.
REFUSED = 3

MOST_PIXELS = 40_000_000
MOST_PAGES = 500
# What one part of a PDF, and all of them together, may unfold to: a page scanned very finely is about 100 MB of points.
MOST_UNFOLDED, MOST_UNFOLDED_IN_ALL = 128 * 1024 * 1024, 512 * 1024 * 1024
MOST_POINTS_ON_A_PAGE = 200_000_000

# What broken or hostile files make the libraries raise.
FAULTS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, AttributeError, NotImplementedError,
    AssertionError, struct.error, zlib.error, PyPdfError,
)  # fmt: skip


class Refused(Exception):
    """For a reason in one word, for which `scrubbing` has a sentence."""


# Pictures -----------------------------------------------------------------------------------------------------------


def picture(content: bytes, kind: str) -> bytes:
    """The first picture in it, upright, on a new canvas: no EXIF, no place, no thumbnail, no profile, no text."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(content), formats=[kind.upper()]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Refused("large")
        opened.load()
        turned = ImageOps.exif_transpose(opened)
    mode = "RGBA" if turned.has_transparency_data and kind != "jpeg" else "L" if turned.mode in ("1", "L") else "RGB"
    plain = turned if turned.mode == mode else turned.convert(mode)
    # No more copies at a time than there must be: one can take 160 MB.
    del opened, turned
    canvas = Image.new(mode, plain.size)
    canvas.paste(plain)
    del plain
    written = io.BytesIO()
    options: dict[str, dict[str, Any]] = {"png": {}, "jpeg": {"quality": 88}, "webp": {"quality": 88, "method": 0}}
    try:
        canvas.save(written, kind.upper(), **options[kind])
    except (OSError, ValueError) as error:
        # It could be read, so it is sound: there is too little room to write it.
        raise Refused("large") from error
    return written.getvalue()


# PDFs ---------------------------------------------------------------------------------------------------------------

# All that is taken of a page.
PAGE = {"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Group", "/UserUnit"}
# What goes wherever it stands: who made it and when, what acts, what is packed in.
DROPPED = {
    *("/Metadata", "/PieceInfo", "/LastModified", "/Usage", "/CreatorInfo", "/Thumb"),
    *("/AA", "/OpenAction", "/JS", "/JavaScript", "/AcroForm", "/XFA", "/Annots", "/URI"),
    *("/EF", "/AF", "/EmbeddedFiles", "/OPI", "/Ref", "/RichMedia", "/StructParent", "/StructParents"),
}
ACTIONS = {
    *("/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE", "/GoTo", "/Named"),
    *("/Rendition", "/Sound", "/Movie", "/Thread", "/Hide", "/SetOCGState", "/Trans", "/GoTo3DView", "/RichMediaExecute"),
}
TYPES = {"/Action", "/Filespec", "/F", "/EmbeddedFile", "/Metadata", "/Annot"}
# In these the keys are names that a page gave to its parts, so any name is fine.
NAMED = {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/CharProcs"}
FOLLOWED = ("http://", "https://", "mailto:")


def pdf(content: bytes, _kind: str) -> bytes:
    """Its pages and the links on them to the web, in a new file."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Refused("locked")
    pages = reader.pages
    if not 0 < len(pages) <= MOST_PAGES:
        raise Refused("long" if len(pages) else "unreadable")
    links = [list(_links(page)) for page in pages]
    # Before they are taken over, so that nothing is taken over which nobody leads to any more.
    _clean_pages(list(pages))
    writer = PdfWriter()
    for number, page in enumerate(pages):
        writer.add_page(page)
        for area, address in links[number]:
            writer.add_annotation(number, Link(rect=area, url=address, border=[0, 0, 0]))
    writer.metadata = None
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _links(page: PageObject) -> Iterator[tuple[RectangleObject, str]]:
    """Where one can press on a page to go to the web."""
    annotations = page.get("/Annots", NullObject()).get_object()
    for entry in annotations if isinstance(annotations, ArrayObject) else ():
        link = entry.get_object()
        if not isinstance(link, DictionaryObject) or link.get("/Subtype") != "/Link":
            continue
        action = link.get("/A", NullObject()).get_object()
        if not isinstance(action, DictionaryObject) or action.get("/S") != "/URI":
            continue
        address, area = str(action.get("/URI", NullObject()).get_object()), link.get("/Rect", NullObject()).get_object()
        is_web = address.lower().startswith(FOLLOWED) and address.isascii() and address.isprintable() and len(address) < 2000
        if is_web and isinstance(area, ArrayObject) and len(area) == 4:
            yield RectangleObject([float(side.get_object()) for side in area]), address


def _clean_pages(pages: list[PageObject]) -> None:
    """Walk through all that the pages are made of, and take out what is none of a page."""
    unfolded = 0
    seen: dict[int, Any] = {}
    waiting: list[tuple[Any, bool]] = []
    for page in pages:
        for key in page.keys() - PAGE:
            del page[key]
        waiting += [(page[key].get_object(), False) for key in ("/Resources", "/Contents", "/Group") if key in page]
    while waiting:
        part, is_named = waiting.pop()
        if id(part) in seen or not isinstance(part, ArrayObject | DictionaryObject):
            continue
        seen[id(part)] = part
        if isinstance(part, StreamObject):
            unfolded += _clean_stream(part)
            if unfolded > MOST_UNFOLDED_IN_ALL:
                raise Refused("bomb")
        if isinstance(part, ArrayObject):
            for number, raw in enumerate(list(part)):
                value = raw.get_object()
                if _acts(value):
                    part[number] = NullObject()
                else:
                    waiting.append((value, False))
            continue
        for key, raw in list(part.items()):
            value = raw.get_object()
            if (key in DROPPED and not is_named) or _acts(value):
                del part[key]
            else:
                waiting.append((value, key in NAMED and isinstance(value, DictionaryObject) and "/Type" not in value))


def _acts(part: Any) -> bool:
    """Is it something that does something, tells of somebody or carries a file?"""
    if not isinstance(part, DictionaryObject):
        return False
    is_drawn = isinstance(part, StreamObject) and part.get("/Type") == "/XObject"
    return not is_drawn and (part.get("/S") in ACTIONS or part.get("/Type") in TYPES or "/EF" in part)


def _clean_stream(stream: StreamObject) -> int:
    """Take out of its data what tells of its maker; how much the data unfolds to."""
    for key in ("/F", "/FFilter", "/FDecodeParms"):  # data that lies in another file
        if key in stream:
            del stream[key]
    width, height = (stream.get(key, 0) for key in ("/Width", "/Height"))
    if isinstance(width, int) and isinstance(height, int) and width * height > MOST_POINTS_ON_A_PAGE:
        raise Refused("bomb")
    named = stream.get("/Filter", ArrayObject()).get_object()
    filters = [str(name.get_object()) for name in (named if isinstance(named, ArrayObject) else [named])]
    if len(filters) > 4:
        raise Refused("bomb")
    data = stream._data
    for number, name in enumerate(filters):
        if name in ("/FlateDecode", "/Fl"):
            data = _unfold(data)
        elif name in ("/ASCII85Decode", "/A85"):
            data = ASCII85Decode.decode(data)
        elif name in ("/ASCIIHexDecode", "/AHx"):
            data = ASCIIHexDecode.decode(data)
        else:
            if name in ("/DCTDecode", "/DCT") and number == len(filters) - 1:
                stream._data = _without_segments(data)
                stream[NameObject("/Filter")] = NameObject("/DCTDecode")
                _keep_last_parameters(stream)
            break
    return len(data)


def _keep_last_parameters(stream: StreamObject) -> None:
    """How a picture is to be read, where how it was packed does not matter any more."""
    parameters = stream.get("/DecodeParms", NullObject()).get_object()
    if isinstance(parameters, ArrayObject):
        last = parameters[-1].get_object() if parameters else NullObject()
        if isinstance(last, DictionaryObject):
            stream[NameObject("/DecodeParms")] = last
        else:
            del stream["/DecodeParms"]


def _unfold(data: bytes) -> bytes:
    """Unpacked as far as it goes: readers of PDFs forgive what is torn."""
    unpacking = zlib.decompressobj()
    try:
        unfolded = unpacking.decompress(data, MOST_UNFOLDED)
    except zlib.error:
        return data
    if unpacking.unconsumed_tail:
        raise Refused("bomb")
    return unfolded


def _without_segments(jpeg: bytes) -> bytes:
    """A JPEG without comments and what programs wrote about it (EXIF, place, thumbnail), its points as they were."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        mark, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if mark == 0xDA or length < 2:
            break
        # The first and the fourteenth say how its colours are meant.
        if mark != 0xFE and (not 0xE1 <= mark <= 0xEF or mark == 0xEE):
            kept.append(jpeg[at : at + 2 + length])
        at += 2 + length
    end = jpeg.rfind(b"\xff\xd9")
    return b"".join([*kept, jpeg[at : end + 2 if end > at else len(jpeg)]])


# The program ----------------------------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[bytes, str], bytes]] = {"pdf": pdf, "png": picture, "jpeg": picture, "webp": picture}


def limit(seconds: int, memory: int) -> None:
    """So little time and memory, in bytes, that no file can take them from others; and no file can be written."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in limits.items():
        resource.setrlimit(name, (most, most))


def main(kind: str, seconds: str, memory: str) -> int:
    limit(int(seconds), int(memory))
    try:
        written = WRITERS[kind](sys.stdin.buffer.read(), kind)
    except Refused as refused:
        sys.stdout.write(str(refused))
        return REFUSED
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.stdout.write("large")
        return REFUSED
    except (MemoryError, RecursionError):
        sys.stdout.write("bomb")
        return REFUSED
    except FAULTS:
        sys.stdout.write("unreadable")
        return REFUSED
    sys.stdout.buffer.write(written)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
