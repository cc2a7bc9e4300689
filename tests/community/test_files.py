"""Small files are there whole or not at all."""

import os
import stat

import pytest

from community import files


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path):
    files.write(tmp_path / "a", b"old")
    files.write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_has_its_mode_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        files.write(tmp_path / "open", b"", mode=0o644)
        files.write(tmp_path / "closed", b"")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "open"), mode(tmp_path / "closed")) == (0o644, 0o600)


def test_a_new_file_is_never_written_over_another(tmp_path):
    files.write_new(tmp_path / "keys", b"first")
    with pytest.raises(FileExistsError):
        files.write_new(tmp_path / "keys", b"second")
    assert (tmp_path / "keys").read_bytes() == b"first"
    assert mode(tmp_path / "keys") == 0o600
    assert os.listdir(tmp_path) == ["keys"]


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        files.write(tmp_path / "folder", b"words")
    assert os.listdir(tmp_path) == ["folder"]
