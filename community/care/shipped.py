"""The help services that come with Hearth: few, each with its source, none confirmed by anybody of this community."""

import tomllib
from pathlib import Path
from typing import Any

from .models import Country, HelpService

FILE = Path(__file__).with_name("services.toml")


def rows() -> list[dict[str, Any]]:
    """The countries of the file, each with its fields and its `services`."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))["country"]


def shipped() -> list[tuple[Country, list[HelpService]]]:
    """The same as objects that are in no database, for a help page before there is one."""
    guide = []
    for row in rows():
        services = row.pop("services")
        country = Country(**row)
        guide.append((country, [HelpService(country=country, **service) for service in services]))
    return guide
