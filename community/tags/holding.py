"""Holding the vocabulary, so that tagging and merging do not pass each other by.

Whoever tags or follows holds it together with others, whoever merges, renames or turns down holds it alone, until their
transaction ends. Nobody who holds it with others may ask for it alone.
"""

from django.db import connection


def hold(*, alone: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(hashtextextended('tags', 0))")
