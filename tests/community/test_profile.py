"""What a member shows of themselves, and their window or picture."""

import io
import re
import struct
import uuid
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from community.members import pictures
from community.members.models import Avatar, Profile, User
from tests import make

pytestmark = pytest.mark.django_db


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options) -> bytes:
    stored = io.BytesIO()
    Image.new(mode, size, "teal" if mode != "P" else 3).save(stored, kind, **options)
    return stored.getvalue()


def upload(content: bytes, name: str = "me.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def hang(client: Client, content: bytes, **options):
    return client.post("/settings/picture/", {"picture": upload(content, **options)})


# The page


def test_a_guest_is_asked_to_sign_in_before_anybody_is_looked_up(client, member):
    there = client.get(f"/members/{member.username}/")
    nowhere = client.get("/members/nobody-at-all/")
    assert there.status_code == nowhere.status_code == 302
    assert there["Location"].startswith("/accounts/login/")


def test_a_member_sees_what_another_says_and_nothing_that_counts(member, sign_in):
    other = make.user("sorrel", about="I like *moss*. <script>x</script>", languages=["en", "cy"], time_zone="Asia/Tokyo")
    answer = sign_in(member).get(other.get_absolute_url())
    page = answer.content.decode()
    assert "<em>moss</em>" in page
    assert "<script>x" not in page
    assert "Cymraeg" in page
    assert "Tokyo" not in page, "their clock, not their place"
    assert other.email not in page
    assert str(other.date_joined.year) not in page
    assert "no-store" in answer["Cache-Control"]


def test_a_name_is_found_however_it_is_capitalised(member, sign_in):
    make.user("Sorrel")
    answer = sign_in(member).get("/members/sORREL/")
    assert (answer.status_code, answer["Location"]) == (302, "/members/Sorrel/")


@pytest.mark.parametrize("handle", ["nobody-at-all", "%00", "%ED%A0%80", "x" * 3_000, "а" * 30, "..", "%E2%80%AE"])
def test_nobody_of_that_name_is_a_404(member, sign_in, handle):
    assert sign_in(member).get(f"/members/{handle}/").status_code == 404


def test_who_left_is_not_found(member, other, sign_in):
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert sign_in(member).get(other.get_absolute_url()).status_code == 404


def test_ones_own_page_leads_to_changing_it(member, sign_in):
    assert 'href="/settings/"' in sign_in(member).get(member.get_absolute_url()).content.decode()


def test_a_page_costs_the_same_for_everybody(member, other, sign_in, django_assert_max_num_queries):
    client = sign_in(member)
    with django_assert_max_num_queries(5):  # two of them are the savepoint of the test
        client.get(other.get_absolute_url())


# Changing it


def test_a_member_changes_what_they_say(member, sign_in):
    fields = {"about": "Two hens, one hill.", "languages": ["en", "de"], "time_zone": "Europe/Berlin"}
    answer = sign_in(member).post("/settings/", fields, follow=True)
    assert "Two hens, one hill." in answer.content.decode()
    profile = Profile.objects.get(user=member)
    assert (profile.languages, profile.time_zone) == (["en", "de"], "Europe/Berlin")


def test_a_place_is_chosen_from_all_there_are(sign_in):
    page = sign_in(make.user("teasel", time_zone="Europe/Vienna")).get("/settings/").content.decode()
    assert page.count('<option value="Europe/Vienna"') == 1 and page.count(" selected>") == 1
    assert '<option value="Europe/Vienna" selected>Vienna</option>' in page and "Your time zone" in page
    assert len(set(re.findall(r'<option value="([^"]+)"', page))) > 300


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"about": "x" * 501}, "about"),
        ({"languages": ["xx"]}, "languages"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
def test_what_cannot_be_comes_back(member, sign_in, fields, field):
    answer = sign_in(member).post("/settings/", fields)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert Profile.objects.get(user=member).about == ""


def test_nothing_but_the_profile_changes_with_it(member, other, sign_in):
    seed = member.profile.avatar_seed
    fields = {"about": "Mine.", "user": other.pk, "user_id": other.pk, "avatar_seed": 1, "about_html": "<script>", "is_staff": "on"}
    sign_in(member).post("/settings/", fields)
    profile = Profile.objects.get(user=member)
    assert (profile.about, profile.avatar_seed) == ("Mine.", seed)
    assert "script" not in profile.about_html
    assert Profile.objects.get(user=other).about == ""


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(about=st.text(max_size=300))
def test_any_words_about_oneself_are_taken_or_given_back(member, about):
    client = Client()
    client.force_login(member)
    assert client.post("/settings/", {"about": about}).status_code in (200, 302)
    assert client.get(member.get_absolute_url()).status_code == 200


def test_another_window_is_drawn(member, sign_in):
    before = member.profile.avatar_seed
    sign_in(member).post("/settings/window/")
    assert Profile.objects.get(user=member).avatar_seed != before


# A picture of one's own


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "I;16"),
        ("PNG", "1"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("WEBP", "RGBA"),
    ],
)
def test_a_picture_is_made_small_and_shown_to_members(member, other, sign_in, kind, mode):
    stored = io.BytesIO()
    Image.new(mode, (900, 500)).save(stored, kind)
    assert hang(sign_in(member), stored.getvalue()).status_code == 302
    avatar = Avatar.objects.get(profile__user=member)
    answer = sign_in(other).get(avatar.get_absolute_url())
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private")
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size) == ("WEBP", pictures.SIZE)
    assert str(avatar.public_id) in sign_in(other).get(member.get_absolute_url()).content.decode()


def test_a_guest_sees_no_picture(client, member, sign_in):
    hang(sign_in(member), picture())
    avatar = Avatar.objects.get()
    there, nowhere = client.get(avatar.get_absolute_url()), client.get(f"/avatars/{uuid.uuid4()}.webp")
    assert there.status_code == nowhere.status_code == 302


def test_each_picture_has_an_address_of_its_own_and_the_old_one_is_gone(member, sign_in):
    client = sign_in(member)
    hang(client, picture())
    old = Avatar.objects.get().get_absolute_url()
    hang(client, picture("JPEG"))
    assert Avatar.objects.get().get_absolute_url() != old
    assert client.get(old).status_code == 404
    client.post("/settings/picture/delete/")
    assert not Avatar.objects.exists()
    assert client.post("/settings/picture/delete/").status_code == 302, "twice does no harm"


def test_an_account_without_a_profile_gets_one_when_it_is_needed(member, sign_in):
    Profile.objects.filter(user=member).delete()
    client = sign_in(member)
    assert client.get(member.get_absolute_url()).status_code == 200
    assert client.get("/settings/").status_code == 200
    assert hang(client, picture()).status_code == 302
    assert Avatar.objects.get().profile.user == member


def test_nothing_of_the_file_remains_but_the_picture(member, sign_in):
    exif = Image.Exif()
    exif[0x010F] = "CANARY-CAMERA"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "CANARY-AUTHOR")
    profile = b"CANARY-PROFILE" * 20
    for content in (
        picture("JPEG", exif=exif.tobytes(), icc_profile=profile, comment=b"CANARY-COMMENT"),
        picture("PNG", exif=exif.tobytes(), pnginfo=text, icc_profile=profile),
        picture("WEBP", exif=exif.tobytes(), xmp=b"<x>CANARY-XMP</x>", icc_profile=profile),
        picture() + b"CANARY-TAIL<script>alert(1)</script>",
    ):
        assert hang(sign_in(member), content).status_code == 302
        stored = bytes(Avatar.objects.get(profile__user=member).image)
        assert b"CANARY" not in stored
        shown = Image.open(io.BytesIO(stored))
        assert not shown.getexif()
        assert not {"icc_profile", "exif", "xmp"} & set(shown.info)


def test_a_picture_stands_as_it_was_taken(member, sign_in):
    lying = Image.new("RGB", (400, 300), "white")
    lying.paste("black", (0, 0, 200, 300))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    stored = io.BytesIO()
    lying.save(stored, "JPEG", exif=exif.tobytes())
    hang(sign_in(member), stored.getvalue())
    shown = Image.open(io.BytesIO(bytes(Avatar.objects.get().image))).convert("L")
    assert shown.getpixel((128, 20)) < 60 < 200 < shown.getpixel((128, 270))


def test_of_a_moving_picture_the_first_frame_is_kept(member, sign_in):
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue", "green")]
    for kind in ("WEBP", "PNG"):
        stored = io.BytesIO()
        frames[0].save(stored, kind, save_all=True, append_images=frames[1:])
        assert hang(sign_in(member), stored.getvalue()).status_code == 302
        shown = Image.open(io.BytesIO(bytes(Avatar.objects.get().image)))
        assert getattr(shown, "n_frames", 1) == 1
        red, _green, blue = shown.convert("RGB").getpixel((99, 99))
        assert red > 200 > 60 > blue


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is as large as this and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 10_000)) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("svg", SVG),
        ("svg as png", b"\x89PNG\r\n\x1a\n" + SVG),
        ("html", b"<html><script>alert(1)</script></html>"),
        ("an address", b"http://127.0.0.1/secret"),
        ("gif", b"GIF89a"),
        ("empty", b""),
        ("half a png", picture()[:200]),
        ("half a jpeg", picture("JPEG")[:300]),
        ("half a webp", picture("WEBP")[:60]),
        ("a bomb", bomb(60_000, 60_000)),
        ("a wide bomb", bomb(2_000_000_000, 1)),
        ("over 40 million points", bomb(8_000, 5_001)),
        ("nothing in it", bomb(0, 0)),
        ("11 MB", b"\x89PNG\r\n\x1a\n" + b"\0" * 11 * 1024 * 1024),
    ],
)
def test_what_is_no_picture_comes_back_with_a_reason(member, sign_in, name, content):
    answer = hang(sign_in(member), content)
    assert answer.status_code == 200
    assert answer.context["picture_form"].errors
    assert not Avatar.objects.exists()


def test_a_gif_is_not_taken_whatever_it_calls_itself(member, sign_in):
    assert hang(sign_in(member), picture("GIF", mode="P"), name="me.png").status_code == 200
    assert not Avatar.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nSet-Cookie: x=1.png", "\u202egnp.exe", "x" * 5_000 + ".png", "me.svg"])
def test_the_files_name_does_not_matter(member, sign_in, name):
    assert hang(sign_in(member), picture(), name=name).status_code == 302


def test_without_a_file_it_asks_for_one(member, sign_in):
    for sent in ({}, {"picture": "words"}):
        answer = sign_in(member).post("/settings/picture/", sent)
        assert "Choose a picture first" in answer.content.decode()


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 2_000), byte=st.integers(0, 255), kind=st.sampled_from(["PNG", "JPEG", "WEBP"]), cut=st.integers(0, 2_000))
def test_a_damaged_picture_is_read_or_refused(at, byte, kind, cut):
    content = bytearray(picture(kind, size=(40, 40)))
    content[at % len(content)] = byte
    try:
        assert pictures.small(upload(bytes(content[: max(1, len(content) - cut % len(content))])))
    except pictures.ValidationError as error:
        assert "picture" in str(error)


@pytest.mark.parametrize("address", ["/settings/window/", "/settings/picture/", "/settings/picture/delete/"])
def test_verbs_are_posted_and_by_members(client, member, sign_in, address):
    assert sign_in(member).get(address).status_code == 405
    assert client.post(address).status_code in (302, 403)
