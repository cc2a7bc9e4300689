"""Which names may stand here, and which of them a reader would take for each other."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from community.members.handles import skeleton, tidy, validate_handle
from community.members.joining import free_handle
from community.text import fold
from tests import make


def refusal(handle: str) -> str:
    try:
        validate_handle(handle)
    except ValidationError as error:
        return error.code or "refused"
    return ""


@pytest.mark.parametrize(
    "handle",
    [
        "wren",
        "Moss-and-rain",
        "postcard_home",
        "élan",
        "Zoë",
        "kiln2fired",
        "кот-Барсик",
        "मीरा",
        "日本のねこ",
        "שָּׁלוֹם",
        "แข็ง",
        "modest",
        "steamboat",
    ],
)
def test_a_made_up_name_may_stand_here(handle):
    assert refusal(handle) == ""


@pytest.mark.parametrize(
    ("handle", "why"),
    [
        ("anna@example.org", "email"),
        ("anna_gmail_com", "email"),
        ("07700900123", "number"),
        ("tel0770-09", "number"),
        ("a1b2c3d4e5", "number"),
        ("٣٤٥٦٧abc", "number"),
        ("ab", "length"),
        ("x" * 25, "length"),
        ("x" * 1_000_000, "length"),
        ("-abc", "letters"),
        ("abc_", "letters"),
        ("two words", "letters"),
        ("abc\x00d", "letters"),
        ("abc\ud800d", "letters"),
        ("abc\u202ed", "letters"),
        ("1234", "letters"),
        ("cup☕", "letters"),
        ("ก" + "\u0e47" * 20, "letters"),
    ],
)
def test_a_name_that_could_lead_to_somebody_or_break_a_page_is_refused_with_advice(handle, why):
    assert refusal(handle) == why


@pytest.mark.parametrize(
    "handle",
    ["Admin", "m0derator", "rnoderator", "hearth-team", "HearthTeam", "mod-anna", "the_moderators", "Support2", "anonymous", "you"],
)
def test_nobody_can_speak_for_the_house(handle):
    assert refusal(handle) == "reserved"


@pytest.mark.parametrize("handle", ["mоderator", "wrеn", "Ηarbour", "w̃ren", "ᴍᴏᴅ"])
def test_letters_of_two_alphabets_are_not_mixed(handle):
    assert refusal(handle) == "script"


@pytest.mark.parametrize(
    ("taken", "wanted"),
    [
        ("wren", "WREN"),
        ("moon", "rnoon"),
        ("loop", "l00p"),
        ("hopa", "нора"),
        ("slow-train", "slowtrain"),
        ("zoe", "Zoë"),
        ("illi", "1l1i"),
    ],
)
def test_two_names_that_look_the_same_are_one_name(db, taken, wanted):
    make.user(taken)
    with pytest.raises(ValidationError, match="already has this name"):
        free_handle(wanted)


@given(st.text(max_size=40))
def test_any_text_gets_an_answer_and_case_does_not_matter(text):
    handle = tidy(text)
    if refusal(handle) == "":
        assert skeleton(handle) == skeleton(fold(handle)) == skeleton(handle.upper()) != ""
        assert len(skeleton(handle)) <= 72
