"""Small files, put in place whole or not at all: a reader sees the old one or the new one, also after the power went.

Needs no settings: the embedded database writes its marks with it.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put these bytes there, over what may be there already, with exactly this mode, whatever the umask."""
    with _beside(path, content, mode) as whole:
        whole.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Put these bytes there for their owner's eyes only. Raises FileExistsError rather than write over another file."""
    with _beside(path, content, 0o600) as whole:
        os.link(whole, path)


@contextlib.contextmanager
def _beside(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A finished file of its own name in the same folder, gone at the end unless it was moved."""
    whole = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        yield whole
    finally:
        whole.unlink(missing_ok=True)
