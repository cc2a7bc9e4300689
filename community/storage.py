"""Static files for serving: hashed, compressed, and the style sheet joined into one file.

`static/css/app.css` imports each sheet into its cascade layer. That is how it is written and how development reads it; a phone
on a slow line should fetch one file, so collecting joins them.
"""

import re
from collections.abc import Iterator
from posixpath import dirname, join
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/app.css"
IMPORT = re.compile(r'^@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[\w-]+)\);$', re.MULTILINE)


class HearthStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's manifest storage, after joining what `app.css` imports."""

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
        return f"@layer {found['layer']} {{\n{read(join(dirname(SHEET), found['path']))}}}"

    return IMPORT.sub(sheet, read(SHEET))
