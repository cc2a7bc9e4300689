"""What makes two resources the same one: their normalised addresses, ISBNs and DOIs; see `addresses.py`."""

from collections.abc import Iterable

from django.db import connection

from resources.addresses import key_of, key_of_doi, key_of_isbn


def keys_of(*, address: str, doi: str, isbn: str) -> list[str]:
    """What makes two of them the same: the key of its place first, then those of what it is."""
    return [key for key in (key_of(address), key_of_doi(doi), key_of_isbn(isbn)) if key]


def hold_keys(keys: Iterable[str]) -> None:
    """Wait for whoever brings the same just now; in one order, so that nobody waits for ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(place) FROM"
            " (SELECT DISTINCT hashtextextended(key, 1) AS place FROM unnest(%s::text[]) AS key ORDER BY place) AS places",
            [list(keys)],
        )
