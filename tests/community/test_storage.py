"""Static files from outside: what collecting makes of the sources."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage

from community.database import PROJECT
from community.storage import _joined

COLLECT = "import django; django.setup(); from community import storage; storage.collect()"


def collect(state: Path) -> None:
    environment = os.environ | {"HEARTH_MODE": "demo", "HEARTH_STATE_DIR": str(state)}
    subprocess.run([sys.executable, "-c", COLLECT], cwd=PROJECT, env=environment, check=True)


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> Path:
    state = tmp_path_factory.mktemp("state")
    collect(state)
    return state


@pytest.fixture(scope="module")
def sheet(state) -> Path:
    """The one style sheet that pages load."""
    (found,) = (state / "static/css").glob("app.*.css")
    return found


def test_style_sheet_is_one_file_in_layers(sheet):
    words = sheet.read_text()
    assert "@import" not in re.sub(r"/\*.*?\*/", "", words, flags=re.DOTALL)
    for source in (PROJECT / "static/css/components").glob("*.css"):
        assert source.read_text() in words or "url(" in source.read_text()
    assert words.index("@layer tokens {") < words.index("@layer components {") < words.index("@layer utilities {")


def test_files_are_named_by_their_hash_only(state):
    assert not (state / "static/css/app.css").exists()
    assert not (state / "static/img/sprite.svg").exists()
    assert list((state / "static/img").glob("sprite.*.svg"))


def test_files_are_compressed_twice(sheet):
    for ending in (".br", ".gz"):
        assert sheet.with_name(sheet.name + ending).stat().st_size < sheet.stat().st_size / 2


def test_collecting_again_touches_nothing(state, sheet):
    before = sheet.stat().st_mtime_ns
    mark = state / "static/.collected"
    made = mark.stat().st_mtime_ns
    collect(state)
    assert (sheet.stat().st_mtime_ns, mark.stat().st_mtime_ns) == (before, made)


@pytest.mark.deep
def test_half_a_collection_is_finished(state, sheet):
    whole = sheet.read_text()
    sheet.unlink()
    (state / "static/.collected").unlink()
    collect(state)
    assert sheet.read_text() == whole


def test_addresses_in_a_joined_sheet_lead_to_the_same_files(tmp_path):
    storage = StaticFilesStorage(location=tmp_path, base_url="/static/")
    sources = {
        "css/app.css": '@import url("components/mark.css") layer(components);',
        "css/components/mark.css": ".a { background: url('../../img/a.svg') } .b { background: url(data:image/png;base64,AA==) }",
    }
    for name, words in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(words)
    joined = _joined({name: (storage, name) for name in sources})
    assert "url('../img/a.svg')" in joined
    assert "url(data:image/png;base64,AA==)" in joined
