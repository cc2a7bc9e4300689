"""Taking a copy of what is one's own, and reading what is in it."""

import io
import json
import time
import zipfile
from typing import Any

from django.db import transaction
from django.test import Client


def sure(client: Client) -> Client:
    """Whoever is signed in has just now said once more who they are."""
    session = client.session
    methods = session["account_authentication_methods"]
    session["account_authentication_methods"] = [*methods, {**methods[0], "at": time.time(), "reauthenticated": True}]
    session.save()
    return client


def copy_of(client: Client) -> dict[str, bytes]:
    """The files in the copy that somebody takes, by their names."""
    response = sure(client).post("/settings/export/")
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def data_of(client: Client) -> dict[str, list[dict[str, Any]]]:
    """All records in it, by the kind of thing."""
    found: dict[str, Any] = {}
    for name, content in copy_of(client).items():
        if name.startswith("data/"):
            found |= json.loads(content)
    return found


def all_in_copy(client: Client) -> str:
    """All that stands in it, without a trace in the house."""
    with transaction.atomic():
        text = "\n".join(f"{name}\n{content.decode(errors='replace')}" for name, content in copy_of(client).items())
        transaction.set_rollback(True)
    return text
