import secrets
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from community import files
from community.identity.seal import make_keys


class Command(BaseCommand):
    """Make the keys that Hearth needs to run for real, as lines for the environment. Keep them apart from the database."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="write them to this new file, which only its owner may read")
        parser.add_argument("--worker-file", type=Path, help="write the key that opens seals to this one, for the worker alone")

    def handle(self, *, file: Path | None, worker_file: Path | None, **options: Any) -> None:
        keys = new_keys()
        if file is None:
            self.stdout.write(lines(keys), ending="")
            return
        apart = {"IDENTITY_OPEN_KEY": keys.pop("IDENTITY_OPEN_KEY")} if worker_file else {}
        for path, part in ((file, keys), (worker_file, apart)):
            if path is not None:
                write_new(path, lines(part))
                self.stdout.write(f"Wrote {', '.join(part)} to {path}.")
        self.stdout.write("Keep a copy in a safe place apart from the database: what is sealed can't be opened with other keys.")


def new_keys() -> dict[str, str]:
    return {"SECRET_KEY": secrets.token_urlsafe(48), **make_keys()}


def lines(keys: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in keys.items())


def write_new(path: Path, text: str) -> None:
    """Write a file that only its owner may read, never over another one: its keys may be in use."""
    try:
        files.write_new(path, text.encode())
    except FileExistsError as problem:
        raise CommandError(f"{path} exists, and its keys may be in use. Choose another name.") from problem
    except OSError as problem:
        raise CommandError(f"{path} can't be written: {problem.strerror}.") from problem
