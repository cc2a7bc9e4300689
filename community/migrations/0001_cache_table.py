from django.db import migrations

TABLE = """
CREATE TABLE community_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX community_cache_expires ON community_cache (expires);
"""


class Migration(migrations.Migration):
    """The table of Django's database cache, which holds rate limits; left out of backups."""

    initial = True
    dependencies = []
    operations = [migrations.RunSQL(TABLE, "DROP TABLE community_cache")]
