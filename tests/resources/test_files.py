"""Files that go with what members bring: what is taken, what is left out of it, and who can have it."""

import io
import resource as machine
import time
import zipfile
import zlib
from email.message import Message

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.http import content_disposition_header
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from resources import scrubbing
from resources.models import Audience, Resource, ResourceFile
from resources.models import files as file_models
from tests import make
from tests.resources.test_submitting import WORDS, send, text_of

pytestmark = pytest.mark.django_db

NEW = "/resources/new/"
# Letters only, which no way of writing strings into a file changes.
SECRET = "canaryofsomebody"
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


# Files, made here -------------------------------------------------------------------------------------------------------


def picture(kind="JPEG", size=(60, 40), **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "olive").save(written, kind, **options)
    return written.getvalue()


def telling_picture(kind="JPEG") -> bytes:
    """One that says where, when, by whom and with what it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = SECRET, SECRET, 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    exif.get_ifd(0x8769)[0xA431] = SECRET
    return picture(kind, exif=exif, icc_profile=b"icc " + SECRET.encode() * 8, xmp=f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode())


def named(**entries) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})


def stream(data: bytes, **entries) -> StreamObject:
    made = StreamObject()
    made.update(named(**entries))
    made._data = data
    return made


def pdf(pages=1, change=None, **writing) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if change:
        change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def drawn(writer: PdfWriter, name: str, part: StreamObject) -> None:
    writer.pages[0][NameObject("/Resources")] = named(XObject=named(**{name: writer._add_object(part)}))


def telling(writer: PdfWriter) -> None:
    """Everything that tells of its maker, acts, or is packed in."""
    writer.add_metadata({"/Author": SECRET, "/Title": SECRET})
    writer.xmp_metadata = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><!--{SECRET}--></x:xmpmeta>".encode()
    writer.add_attachment(f"{SECRET}.txt", SECRET.encode())
    script = named(S=NameObject("/JavaScript"), JS=TextStringObject(f"app.alert('{SECRET}')"))
    writer.root_object[NameObject("/OpenAction")] = script
    writer.root_object[NameObject("/AcroForm")] = named(
        Fields=ArrayObject(), XFA=stream(SECRET.encode()), DA=TextStringObject(SECRET)
    )
    page = writer.pages[0]
    page[NameObject("/AA")] = named(O=script)
    page[NameObject("/PieceInfo")] = named(App=named(Private=TextStringObject(SECRET)))
    page[NameObject("/Metadata")] = writer._add_object(stream(SECRET.encode(), Type=NameObject("/Metadata")))
    writer.add_annotation(0, FreeText(text=SECRET, rect=(10, 10, 60, 60)))
    writer.add_annotation(0, Link(rect=(0, 0, 10, 10), url="https://example.org/kept"))
    for address in (f"file:///{SECRET}", f"javascript:{SECRET}", f"\\\\{SECRET}\\share"):
        writer.add_annotation(0, Link(rect=(0, 0, 10, 10), url=address))
    launch = named(S=NameObject("/Launch"), F=TextStringObject(SECRET))
    submit = named(S=NameObject("/SubmitForm"), F=TextStringObject(f"https://{SECRET}.example/"))
    for action in (launch, submit):
        annotation = Link(rect=(0, 0, 10, 10), url="https://example.org/")
        annotation[NameObject("/A")] = action
        writer.add_annotation(0, annotation)
    inside = stream(
        telling_picture(),
        Type=NameObject("/XObject"),
        Subtype=NameObject("/Image"),
        Width=NumberObject(60),
        Height=NumberObject(40),
        ColorSpace=NameObject("/DeviceRGB"),
        BitsPerComponent=NumberObject(8),
        Filter=NameObject("/DCTDecode"),
        Metadata=writer._add_object(stream(SECRET.encode(), Type=NameObject("/Metadata"))),
        Unasked=named(S=NameObject("/Launch"), F=TextStringObject(SECRET)),
        Packed=named(Type=NameObject("/Filespec"), F=ByteStringObject(SECRET.encode())),
    )
    drawn(writer, "AA", inside)


def folded(size: int, times: int = 1) -> bytes:
    """Zeros, packed."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    data = b"".join(packer.compress(block) for _block in range(size >> 20)) + packer.flush()
    for _time in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def bomb(size: int, times: int = 1):
    def change(writer: PdfWriter) -> None:
        filters = ArrayObject([NameObject("/FlateDecode")] * times)
        writer.pages[0][NameObject("/Contents")] = writer._add_object(stream(folded(size, times), Filter=filters))

    return change


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("page.html", "<script>alert(1)</script>")
    return written.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A picture that says it is that large, in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


def upload(content: bytes, name: str = "a page.pdf", kind: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind or "application/octet-stream")


def send_file(client: Client, content: bytes, name: str = "a page.pdf", kind: str = "", url: str = NEW, **changed):
    """Bring something that has a file and no address."""
    return send(client, url, **{"address": "", "file": upload(content, name, kind), **changed})


def with_file(author=None, *, content: bytes = b"some bytes", kind: str = "application/pdf", alt: str = "", **fields) -> Resource:
    made = make.resource(author, **fields)
    ResourceFile.put(made, name="a page.pdf", content_type=kind, content=content, alt=alt)
    return made


def body_of(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def file_url(resource: Resource) -> str:
    return f"{resource.get_absolute_url()}file/"


# What is taken, and what is left out -------------------------------------------------------------------------------------


def test_a_pdf_is_its_pages_and_the_links_to_the_web_and_nothing_else(sign_in, member):
    assert send_file(sign_in(member), pdf(3, telling)).status_code == 302
    file = ResourceFile.objects.get()
    content = bytes(file.content)
    assert (file.content_type, file.size, file.name) == ("application/pdf", len(content), "a page.pdf")
    read = PdfReader(io.BytesIO(content))
    assert len(read.pages) == 3
    assert not read.metadata
    assert not read.xmp_metadata
    assert set(read.root_object) == {"/Type", "/Pages"}
    assert [page.images[0].image.size for page in read.pages[:1]] == [(60, 40)]
    links = [link.get_object()["/A"]["/URI"] for link in read.pages[0]["/Annots"]]
    assert links == ["https://example.org/kept"]
    for word in (SECRET, "JavaScript", "Launch", "SubmitForm", "EmbeddedFile", "OpenAction", "/AcroForm", "pypdf"):
        assert word.encode() not in content, word


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "a.jpg"), ("PNG", "b.png"), ("WEBP", "c.webp")])
def test_a_picture_is_served_upright_without_a_word_of_who_took_it_and_where(sign_in, member, kind, name):
    assert send_file(sign_in(member), telling_picture(kind), name, alt="A field in the evening.").status_code == 302
    made = Resource.objects.get()
    made.publish(by=make.user(role="librarian"))
    served = Client().get(file_url(made))
    content = body_of(served)
    with Image.open(io.BytesIO(content)) as shown:
        assert shown.format == kind
        assert shown.size == (40, 60)
        assert not shown.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp"} & shown.info.keys()
        shown.load()
    assert SECRET.encode() not in content
    page = text_of(Client().get(made.get_absolute_url()))
    assert "A field in the evening." in page
    assert "picture, " in page
    assert "1 KB" in page
    assert "<img" not in page.partition("<main")[2].partition("</main")[0].replace("avatars", "")


REFUSED = {
    "nothing in it": (b"", "a.pdf", ""),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg", "image/svg+xml"),
    "svg named png": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "a.png", "image/png"),
    "html": (b"<!doctype html><script>alert(1)</script>", "a.html", "text/html"),
    "html named pdf": (b"<!doctype html><script>alert(1)</script>", "a.pdf", "application/pdf"),
    "xml": (b"<?xml version='1.0'?><a/>", "a.xml", "text/xml"),
    "zip": (archive(), "a.zip", "application/zip"),
    "docx": (archive(), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "text that pretends": (b"Some words, no picture at all.", "a.jpg", "image/jpeg"),
    "picture named pdf": (picture(), "a.pdf", "application/pdf"),
    "pdf named picture": (pdf(), "a.png", "image/png"),
    "two endings": (picture(), "a.jpg.html", "image/jpeg"),
    "picture called a page": (picture(), "a.jpg", "text/html"),
    "picture and archive": (picture() + archive(), "a.jpg", "image/jpeg"),
    "pdf and archive": (pdf() + archive(), "a.pdf", "application/pdf"),
    "pdf and page": (pdf()[:9] + b"%<html><script>alert(1)</script>\n" + pdf()[9:], "a.pdf", ""),
    "picture and page": (picture("PNG") + b"<html><script>alert(1)</script>", "a.png", ""),
    "picture and pdf": (picture(comment=b"%PDF-1.4"), "a.jpg", ""),
    "gif": (b"GIF89a" + bytes(40), "a.gif", "image/gif"),
    "half a picture": (picture("PNG", size=(900, 900))[:60], "a.png", ""),
    "half a pdf": (pdf()[:40], "a.pdf", ""),
    "only a beginning": (b"%PDF-", "a.pdf", ""),
    "locked": (pdf(1, lambda writer: writer.encrypt("secret")), "a.pdf", ""),
    "locked for nobody": (pdf(1, lambda writer: writer.encrypt("")), "a.pdf", ""),
    "without a page": (pdf(0), "a.pdf", ""),
    "five hundred and one pages": (pdf(501), "a.pdf", ""),
    "too many points": (png_of(8_000, 5_001), "a.png", ""),
    "endlessly wide": (png_of(2**31 - 1, 2**31 - 1), "a.png", ""),
    "unfolds to much": (pdf(1, bomb(200 << 20)), "a.pdf", ""),
    "unfolds again and again": (pdf(1, bomb(1 << 30, 3)), "a.pdf", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_neither_a_pdf_nor_a_picture_is_refused_with_a_sentence_and_the_words_are_kept(sign_in, member, case):
    content, name, kind = REFUSED[case]
    since = time.monotonic()
    response = send_file(sign_in(member), content, name, kind)
    assert time.monotonic() - since < 12
    page = text_of(response)
    assert response.status_code == 200
    assert not Resource.objects.exists()
    assert not ResourceFile.objects.exists()
    assert 'id="id_file_error"' in page
    assert WORDS["title"] in page
    assert WORDS["body"] in page
    if content:
        assert "please choose the file again" in page


LARGE = {
    "more points than there may be": (lambda: png_of(8_000, 5_001), False),
    "so many that nobody opens it": (lambda: png_of(20_000, 20_000), False),
    "a large png": (lambda: large("PNG"), True),
    "a large webp": (lambda: large("WEBP"), True),
    # How much its writer takes hangs on what is in it.
    "a large webp full of detail": (lambda: large("WEBP", detail=True), None),
}


def large(kind: str, *, detail: bool = False) -> bytes:
    """As many points as one picture may have."""
    made = Image.effect_noise((1_000, 625), 80).resize((8_000, 5_000)) if detail else Image.new("L", (8_000, 5_000), 99)
    written = io.BytesIO()
    options = {"WEBP": {"quality": 60, "method": 0}, "PNG": {"compress_level": 1}}
    made.convert("RGB").save(written, kind, **options[kind])
    return written.getvalue()


@pytest.mark.parametrize("case", LARGE)
def test_a_very_large_picture_is_taken_or_refused_in_seconds_and_within_its_memory(case):
    make_it, is_taken = LARGE[case]
    content = make_it()
    assert len(content) < scrubbing.MOST_BYTES
    since, before = time.monotonic(), machine.getrusage(machine.RUSAGE_CHILDREN).ru_maxrss
    try:
        made = scrubbing.scrubbed(upload(content, "a.png" if content.startswith(b"\x89PNG") else "a.webp"))
    except scrubbing.ValidationError as refused:
        assert not is_taken
        assert "too large" in refused.messages[0] or "takes too much" in refused.messages[0]
    else:
        assert is_taken is not False
        with Image.open(io.BytesIO(made.content)) as shown:
            assert shown.size == (8_000, 5_000)
    assert time.monotonic() - since < scrubbing.SECONDS + 5
    # The largest of all that ran beside these tests, in kilobytes; a browser may have been larger before.
    assert machine.getrusage(machine.RUSAGE_CHILDREN).ru_maxrss <= max(before, scrubbing.MEMORY // 1024)


POLYGLOTS = {
    "script in a comment": picture(comment=b"*/=1;alert(1)/*"),
    "words after the end": picture("PNG") + b"alert(1)//" * 9,
    "words before the end of a webp": picture("WEBP") + b"alert(1)//" * 9,
}


@pytest.mark.parametrize("case", POLYGLOTS)
def test_what_is_hidden_in_a_picture_is_not_served(case):
    content = POLYGLOTS[case]
    ending = {b"\xff": "jpg", b"\x89": "png", b"R": "webp"}[content[:1]]
    assert b"alert" in content
    assert b"alert" not in scrubbing.scrubbed(upload(content, f"a.{ending}")).content


def test_what_is_larger_than_ten_megabytes_is_refused_before_it_is_looked_at(sign_in, member):
    page = text_of(send_file(sign_in(member), b"%PDF-" + bytes(scrubbing.MOST_BYTES)))
    assert "larger than 10 MB" in page


@pytest.mark.parametrize(
    ("loops", "what"),
    [
        (lambda page: page.__setitem__(NameObject("/Resources"), named(XObject=named(Me=page.indirect_reference))), "itself"),
        (lambda page: page.__setitem__(NameObject("/Contents"), ArrayObject([page.indirect_reference])), "as its words"),
    ],
)
def test_a_pdf_that_leads_in_circles_ends(loops, what):
    content = pdf(1, lambda writer: loops(writer.pages[0]))
    try:
        made = scrubbing.scrubbed(upload(content))
    except scrubbing.ValidationError as refused:
        assert refused.messages
    else:
        assert len(PdfReader(io.BytesIO(made.content)).pages) == 1, what


def test_a_program_that_hangs_or_dies_is_only_a_sentence(monkeypatch, tmp_path):
    for text, seconds in (("import time; time.sleep(9)", -4), ("import os; os.kill(os.getpid(), 9)", 5), ("1 / 0", 5)):
        program = tmp_path / "program.py"
        program.write_text(text)
        monkeypatch.setattr(scrubbing, "PROGRAM", program)
        monkeypatch.setattr(scrubbing, "SECONDS", seconds)
        with pytest.raises(scrubbing.ValidationError, match="takes too much"):
            scrubbing.scrubbed(upload(pdf()))


@given(st.text(max_size=300) | st.binary(max_size=80).map(lambda name: name.decode("latin-1")))
@example("../../etc/passwd")
@example("..\\..\\boot.ini.pdf")
@example("a\r\nSet-Cookie: x=1.pdf")
@example("invoice\u202efdp.exe")
@example("a\0b.pdf")
@example('"; filename="x.html')
@example("con.pdf")
@example("\ud800.pdf")
@example("ünïcode – 名前.PDF")
@example("a" * 5000)
def test_no_name_is_more_than_a_name(name):
    made = scrubbing.tidy_name(name, "pdf")
    assert made.endswith(".pdf")
    assert 4 < len(made) <= 120
    assert made.isprintable()
    assert not set(made) & set('/\\:*?"<>|;%')
    assert not made.startswith((".", " ", "-"))
    assert scrubbing.tidy_name(made, "pdf") == made
    header = content_disposition_header(True, made)
    header.encode("latin-1")
    assert not set(header) & set("\r\n\0")
    parsed = Message()
    parsed["Content-Disposition"] = header
    assert parsed.get_content_disposition() == "attachment"
    assert parsed.get_filename() == made


def test_a_good_name_stays(sign_in, member):
    assert scrubbing.tidy_name("A quiet evening – notes.PDF", "pdf") == "A quiet evening – notes.pdf"
    assert scrubbing.tidy_name("photo.jpeg", "jpeg") == "photo.jpg"


# Bringing, replacing, taking away ------------------------------------------------------------------------------------------


def test_a_file_stands_in_for_an_address(sign_in, member):
    client = sign_in(member)
    assert "or choose a file below" in text_of(send(client, address=""))
    assert send_file(client, pdf()).status_code == 302
    assert Resource.objects.get().address == ""
    first = text_of(client.get("/resources/new/?anew"))
    assert "?kind=article&amp;file" in first
    assert 'enctype="multipart/form-data"' in text_of(client.get("/resources/new/?kind=article&file"))


def test_a_picture_needs_a_sentence_for_whoever_cannot_see_it(sign_in, member):
    page = text_of(send_file(sign_in(member), picture(), "a.jpg"))
    assert "Say in a sentence what is to be seen in the picture." in page
    assert not Resource.objects.exists()


def test_sending_the_same_file_twice_brings_it_once_and_another_one_is_not_lost_silently(sign_in, member):
    client = sign_in(member)
    content = pdf()
    for _press in range(2):
        assert send_file(client, content, key="a-key-of-a-form").status_code == 302
    assert ResourceFile.objects.count() == Resource.objects.count() == 1
    assert "sent before with other words" in text_of(send_file(client, pdf(2), key="a-key-of-a-form"))


def test_a_preview_without_script_says_that_the_file_must_be_chosen_again(sign_in, member):
    page = text_of(send_file(sign_in(member), pdf(), preview="yes"))
    assert "please choose the file again" in page
    assert not ResourceFile.objects.exists()


def test_another_file_takes_its_place_and_a_librarian_looks_again(sign_in, member):
    made = with_file(member, content=b"old bytes", address="https://example.org/a", tags=["sleep"])
    url = f"{made.get_absolute_url()}edit/"
    client = sign_in(member)
    assert "a page.pdf" in text_of(client.get(url))
    before = made.version
    assert send_file(client, pdf(2), "new.pdf", url=url).status_code == 302
    made = Resource.objects.get()
    assert made.is_waiting
    assert made.version != before
    file = ResourceFile.objects.get()
    assert file.name == "new.pdf"
    assert len(PdfReader(io.BytesIO(bytes(file.content))).pages) == 2


def test_words_can_change_while_the_file_stays(sign_in, member):
    made = with_file(member, kind="image/png", alt="A hill.", content=b"bytes", tags=["sleep"])
    url = f"{made.get_absolute_url()}edit/"
    client = sign_in(member)
    assert 'value="A hill."' in text_of(client.get(url))
    assert send(client, url, address=made.address, alt="A hill, and a bench on it.").status_code == 302
    Resource.objects.get().waiting_change.show(by=make.user(role="librarian"))
    file = ResourceFile.objects.get()
    assert (file.alt, bytes(file.content)) == ("A hill, and a bench on it.", b"bytes")
    assert Resource.objects.get().is_published


def test_a_file_can_be_taken_away_where_something_else_leads_there(sign_in, member):
    made = with_file(member, tags=["sleep"])
    url = f"{made.get_absolute_url()}edit/"
    client = sign_in(member)
    assert "Paste its address" in text_of(send(client, url, address="", without_file="on"))
    assert ResourceFile.objects.exists()
    assert send(client, url, without_file="on").status_code == 302
    assert not ResourceFile.objects.exists()


def test_the_files_of_one_member_are_a_hundred_megabytes_at_most(sign_in, member, other, monkeypatch):
    monkeypatch.setattr("resources.forms.resources.MOST_BYTES_OF_A_MEMBER", 2_000)
    with_file(member, content=bytes(1_900))
    with_file(other, content=bytes(1_900))
    page = text_of(send_file(sign_in(member), pdf()))
    assert "All your files may be 100 MB." in page
    assert file_models.MOST_BYTES_OF_A_MEMBER == 100 * 1024 * 1024
    # One that takes another's place does not count beside it.
    made = Resource.objects.in_voice(member).get()
    assert send_file(sign_in(member), pdf(), url=f"{made.get_absolute_url()}edit/").status_code == 302


def test_taking_it_back_takes_the_bytes_with_it(sign_in, member):
    made = with_file(member)
    sign_in(member).post(f"{made.get_absolute_url()}withdraw/")
    assert not ResourceFile.objects.exists()


# Who can have it -------------------------------------------------------------------------------------------------------------


def test_it_is_a_download_that_no_browser_opens_here(sign_in, member):
    made = with_file(content=b"%PDF-1.4 \xff")
    for client in (Client(), sign_in(member)):
        response = client.get(file_url(made))
        assert response.status_code == 200
        assert body_of(response) == b"%PDF-1.4 \xff"
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == 'attachment; filename="a page.pdf"'
        assert response["Cache-Control"] == "private, no-cache"
        assert {name: response[name] for name in HEADERS} == HEADERS
        assert "Set-Cookie" not in response
        again = client.get(file_url(made), headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, body_of(again)) == (304, b"")
        assert {name: again[name] for name in HEADERS} == HEADERS
        looked = client.head(file_url(made))
        assert (looked["Content-Length"], body_of(looked)) == ("10", b"")
    ResourceFile.put(made, name="a page.pdf", content_type="application/pdf", content=b"new")
    assert Client().get(file_url(made), headers={"If-None-Match": response["ETag"]}).content == b"new"
    assert Client().post(file_url(made)).status_code == 405


def test_what_is_for_members_is_kept_nowhere_and_is_not_there_for_guests(sign_in, member):
    made = with_file(audience=Audience.MEMBERS)
    response = sign_in(member).get(file_url(made))
    assert response["Cache-Control"] == "private, no-store"
    assert sign_in(member).get(file_url(made), headers={"If-None-Match": response["ETag"]}).status_code == 200
    assert Client().get(file_url(made)).status_code == 404


def hide(made, by):
    made.hide(by=by, reason="It is under discussion.")


STATES = {
    "up": lambda made, by: None,
    "waiting": lambda made, by: Resource.objects.filter(pk=made.pk).update(published_at=None),
    "turned down": lambda made, by: made.refuse(by=by, reason="It is an advertisement."),
    "hidden": hide,
    "taken back": lambda made, by: made.withdraw(),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("audience", Audience.values)
def test_a_file_is_seen_by_whoever_sees_what_it_belongs_to_or_brought_it(
    sign_in, author, member, moderator, owner, state, audience
):
    made = with_file(author, audience=audience)
    librarian = make.user("tansy", role="librarian")
    STATES[state](made, librarian)
    made.refresh_from_db()
    people = {"guest": None, "author": author, "member": member, "moderator": moderator, "librarian": librarian, "owner": owner}
    seen = {}
    is_there = state != "taken back"
    for name, user in people.items():
        client = sign_in(user) if user else Client()
        page = client.get(made.get_absolute_url()).status_code
        answer = client.get(file_url(made))
        is_open = page == 200 or (is_there and name == "author")
        assert answer.status_code == (200 if is_open else 404), name
        assert (b"some bytes" in body_of(answer)) == is_open, name
        if is_open:
            assert {header: answer[header] for header in HEADERS} == HEADERS
            assert ("no-store" in answer["Cache-Control"]) == (page == 404 or audience == Audience.MEMBERS)
        behind = client.get(f"/admin/resources/resource/{made.pk}/file/")
        seen[name] = b"some bytes" in body_of(behind)
        if seen[name]:
            assert {"private", "no-store"} <= set(behind["Cache-Control"].split(", "))
            assert behind["Content-Disposition"].startswith("attachment")
            assert {header: behind[header] for header in HEADERS} == HEADERS
    looks = {"moderator", "librarian", "owner"}
    assert seen == {name: is_there and name in looks for name in people}


@pytest.mark.parametrize("state", ["waiting", "turned down"])
def test_whoever_brought_it_reaches_the_file_from_where_they_change_it(sign_in, author, other, state):
    made = with_file(author, publish=False)
    STATES[state](made, make.user("tansy", role="librarian"))
    client = sign_in(author)
    assert f'href="{file_url(made)}"' in text_of(client.get(f"{made.get_absolute_url()}edit/"))
    assert b"some bytes" in body_of(client.get(file_url(made)))
    assert sign_in(other).get(file_url(made)).status_code == 404


def test_what_has_no_file_has_no_address_for_one(sign_in, member, owner):
    made = make.resource()
    assert sign_in(member).get(file_url(made)).status_code == 404
    assert sign_in(owner).get(f"/admin/resources/resource/{made.pk}/file/").status_code == 404
    assert "Download it" not in text_of(Client().get(made.get_absolute_url()))


def test_whoever_looks_at_it_finds_the_file_behind_the_scenes(sign_in):
    made = with_file(publish=False, alt="A hill.")
    page = text_of(sign_in(make.user(role="librarian")).get(f"/admin/resources/resource/{made.pk}/change/"))
    assert f"/admin/resources/resource/{made.pk}/file/" in page
    assert "a page.pdf · PDF, 1 KB · A hill." in page


SIZES = {300: "1 KB", 12_345: "12 KB", 999_900: "1 MB", 2_040_000: "2 MB", 2_460_000: "2.5 MB"}


@pytest.mark.parametrize(("size", "words"), SIZES.items())
def test_its_size_is_said_in_words(client, size, words):
    made = with_file(content=bytes(size))
    assert f"Download it (PDF, {words})" in text_of(client.get(made.get_absolute_url()))


def test_a_page_kept_by_a_guest_is_made_anew_when_the_file_changes(client):
    made = make.resource()
    etag = client.get(made.get_absolute_url())["ETag"]
    assert client.get(made.get_absolute_url(), headers={"If-None-Match": etag}).status_code == 304
    ResourceFile.put(made, name="a page.pdf", content_type="application/pdf", content=b"new")
    assert "Download it" in text_of(client.get(made.get_absolute_url(), headers={"If-None-Match": etag}))
