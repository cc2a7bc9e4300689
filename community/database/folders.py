"""Folders and locks that somebody else can neither prepare nor hold for ever."""

import contextlib
import fcntl
import os
import pwd
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from .problems import DatabaseError

LOCK_SECONDS = 90


@contextlib.contextmanager
def lock(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold an exclusive lock on a file. Raises DatabaseError when others hold it for longer than `seconds`."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DatabaseError(f"Another process has held {path} for over {seconds:.0f} seconds.") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def make_folder(path: Path, mode: int, account: pwd.struct_passwd | None = None) -> None:
    """Make the folder with exactly this mode and owner, whatever the umask; refuse one that somebody else prepared."""
    owner = account.pw_uid if account else os.geteuid()
    try:
        path.mkdir(parents=account is None, mode=mode)
        if account:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        path.chmod(mode)
    except FileExistsError:
        pass
    except OSError as problem:
        raise DatabaseError(
            f"{path} can't be made: {problem.strerror}. Run this as the owner of that folder, or set HEARTH_STATE_DIR."
        ) from problem
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        found = path.stat() if found.st_uid in (0, os.geteuid()) else found
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise DatabaseError(f"{path} belongs to somebody else. Run this as its owner, or move it away.")
