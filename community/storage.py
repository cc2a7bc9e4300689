"""Static files for serving: hashed, compressed, and the style sheet joined into one file.

`static/css/app.css` imports each sheet into its cascade layer. That is how it is written and how development reads it; a phone
on a slow line should fetch one file, so collecting joins them.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/app.css"
ADDRESS = re.compile(r"""(url\(\s*["']?)([^"')]+)(["']?\s*\))""")
IMPORT = re.compile(r'^@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[\w-]+)\);$', re.MULTILINE)


class HearthStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's manifest storage, after joining what `app.css` imports."""

    # Pages name files by their hash only, and compressing each under two names takes twice the time.
    keep_only_hashed_files = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Put the joined sheet in the place of the table of contents, then hash and compress as usual."""
        if SHEET in paths and not dry_run:
            self.delete(SHEET)
            self._save(SHEET, ContentFile(_joined(paths).encode()))
            paths = paths | {SHEET: (self, SHEET)}
        yield from super().post_process(paths, dry_run, **options)


def _joined(paths: dict[str, Any]) -> str:
    """`app.css` with each import replaced by the sheet it names, inside the layer it names."""

    def read(name: str) -> str:
        storage, path = paths[name]
        with storage.open(path) as sheet:
            return sheet.read().decode()

    def sheet(found: re.Match[str]) -> str:
        words = ADDRESS.sub(
            lambda part: f"{part[1]}{_moved(part[2], dirname(found['path']))}{part[3]}", read(join(dirname(SHEET), found["path"]))
        )
        return f"@layer {found['layer']} {{\n{words}}}"

    return IMPORT.sub(sheet, read(SHEET))


def _moved(address: str, folder: str) -> str:
    """An address in a sheet of `folder`, as seen from where the joined sheet lies."""
    return address if address.startswith(("/", "#", "data:", "http:", "https:")) else normpath(join(folder, address))


# Collecting ----------------------------------------------------------------------


def is_stale() -> bool:
    """Whether what was collected was made from other sources than there are now."""
    try:
        return _mark().read_text() != _sources()
    except FileNotFoundError:
        return True


def collect() -> None:
    """Collect the static files, unless nothing has changed. The mark is written last, so half a collection is none."""
    if not is_stale():
        return
    _mark().unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    _mark().write_text(_sources())


def _mark() -> Path:
    return settings.STATIC_ROOT / ".collected"


def _sources() -> str:
    """A digest of every source's name, size and time, and of how they are made into what is served."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
