from django.db import migrations


class Migration(migrations.Migration):
    """What finding stands on comes first, and the sequence that numbers every change to what readers see."""

    dependencies = [("contributions", "0001_search_configuration"), ("tags", "0001_likeness")]

    operations = [migrations.RunSQL("CREATE SEQUENCE resources_version", "DROP SEQUENCE resources_version")]
