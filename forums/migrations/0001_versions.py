from django.db import migrations


class Migration(migrations.Migration):
    """The sequence that numbers every change to what readers see."""

    dependencies = [
        # The text-search configuration that the search columns of the next migration are made under.
        ("contributions", "0001_search_configuration"),
    ]

    operations = [migrations.RunSQL("CREATE SEQUENCE forums_version", "DROP SEQUENCE forums_version")]
