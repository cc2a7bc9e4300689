"""The two tags that keep what they worked out: `once` and `each`."""

from typing import NamedTuple

from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import mark_safe


class Line(NamedTuple):
    name: str
    html: str = ""
    is_new: bool = False


BODY = (
    "{% load community i18n %}{% each line in lines with colour %}<p{% if colour %} class='{{ colour }}'{% endif %}>"
    "{{ line.name }}{{ line.html }}{% if line.is_new %} {% translate 'Home' %}{% endif %}</p>{% endeach %}"
)


def test_each_row_says_its_own_and_escapes_what_is_not_known_to_be_safe():
    lines = [Line("<Ann>", mark_safe("<b>1</b>")), Line("Ben & Co", is_new=True), Line("Ann", "<i>", is_new=True), Line("")]
    page = Template(BODY)
    for _again in range(2):
        assert page.render(Context({"lines": lines})) == (
            "<p>&lt;Ann&gt;<b>1</b></p><p>Ben &amp; Co Home</p><p>Ann&lt;i&gt; Home</p><p></p>"
        )


def test_what_stands_beside_the_rows_is_this_pages_own():
    page = Template(BODY)
    for colour, shown in (("red", " class='red'"), ("<x", " class='&lt;x'"), (None, "")):
        assert page.render(Context({"lines": [Line("Ann")], "colour": colour})) == f"<p{shown}>Ann</p>"
    assert page.render(Context({})) == ""


def test_a_row_is_worked_out_for_each_language():
    page = Template("{% load community %}{% each line in lines %}{{ line.name }}{{ LANGUAGE }}{% endeach %}")
    with translation.override("en"):
        assert page.render(Context({"lines": [Line("a")], "LANGUAGE": "en"})) == "aen"
    with translation.override("de"):
        assert page.render(Context({"lines": [Line("a")], "LANGUAGE": "de"})) == "ade"


def test_a_piece_that_is_made_once_differs_by_what_is_named():
    page = Template("{% load community %}{% once name %}<p>{{ name }}</p>{% endonce %}")
    names = ("Ann", "<b>", "Ann")
    assert [page.render(Context({"name": name})) for name in names] == [
        "<p>Ann</p>",
        "<p>&lt;b&gt;</p>",
        "<p>Ann</p>",
    ]


def test_what_is_somebodys_own_is_filled_into_a_piece_that_is_made_once():
    page = Template(
        "{% load community %}{% once size with name=user.name %}<p>{{ size }}{% if name %}, {{ name }}{% endif %}</p>{% endonce %}"
    )
    said = [page.render(Context({"size": "big", "user": {"name": name}})) for name in ("Ann", "<b>", "", mark_safe("<i>Ben</i>"))]
    assert said == ["<p>big, Ann</p>", "<p>big, &lt;b&gt;</p>", "<p>big</p>", "<p>big, <i>Ben</i></p>"]
    assert page.render(Context({"size": "small"})) == "<p>small</p>"
