"""Where a cluster lies: its folders, its locks, and whose they are."""

import contextlib
import functools
import hashlib
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from .folders import LOCK_SECONDS, lock, make_folder
from .programs import root_folder, server_account

PROJECT = Path(__file__).resolve().parent.parent.parent
STATE = PROJECT / ".hearth"
PORT = 5432  # only a part of the socket's name: no cluster listens on TCP
SOCKET_PATH_BYTES = 107


class Home:
    """The folders of one cluster. What has a name is computed; only `_make_folders()` makes anything."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.state = Path(os.path.realpath(state))

    @functools.cached_property
    def as_root(self) -> bool:
        return os.geteuid() == 0

    @functools.cached_property
    def key(self) -> str:
        return hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]

    @functools.cached_property
    def folder(self) -> Path:
        """The folder of this project's clusters: below the state for an ordinary user, outside of it for root.

        PostgreSQL refuses to run as root, and the account it runs as may be kept out of the project's folder.
        """
        return root_folder() / self.key if self.as_root else self.state / "postgres"

    @functools.cached_property
    def home(self) -> Path:
        return self.folder / self.name

    @functools.cached_property
    def data(self) -> Path:
        return self.home / "data"

    @functools.cached_property
    def log(self) -> Path:
        return self.home / "log"

    @functools.cached_property
    def socket_dir(self) -> Path:
        """The folder to give as HOST; short enough, since the path of a socket may have 107 bytes."""
        near = self.home / "run"
        if len(os.fsencode(near)) + len(f"/.s.PGSQL.{PORT}") <= SOCKET_PATH_BYTES:
            return near
        # Its owner is checked before anything is put there.
        return Path(f"/tmp/hearth-{os.geteuid()}-{self.key}-{self.name}")  # noqa: S108

    def _make_folders(self) -> None:
        make_folder(self.state, 0o700)
        if not self.as_root:
            make_folder(self.folder, 0o700)
            make_folder(self.home, 0o700)
            return
        # Locks lie in the root's own folder: the server's account must not be able to swap what root opens.
        make_folder(self.folder.parent, 0o711)
        make_folder(self.folder, 0o711)

    @functools.cached_property
    def _account(self) -> pwd.struct_passwd | None:
        """Whom the server runs as: root hands over to an account without power, the one that has the data already."""
        if not self.as_root:
            return None
        if self.home.exists():
            owner = self.home.stat().st_uid
            if owner:
                with contextlib.suppress(KeyError):
                    return pwd.getpwuid(owner)
        return server_account()

    # Locks.

    def _open_lock(self, kind: str) -> int:
        return os.open(self.folder / f"{self.name}.{kind}", os.O_RDWR | os.O_CREAT, 0o600)

    @contextlib.contextmanager
    def _locked(self, kind: str) -> Iterator[None]:
        with lock(self.folder / f"{self.name}.{kind}", seconds=LOCK_SECONDS):
            yield
