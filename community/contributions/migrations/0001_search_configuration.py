from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION public.hearth (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION public.hearth ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.simple;
"""


class Migration(migrations.Migration):
    """Words are searched without regard to case and accents; every searchable app's first migration stands on this."""

    dependencies = []

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION public.hearth"),
    ]
