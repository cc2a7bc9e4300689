from django.db import migrations


class Migration(migrations.Migration):
    """What finding stands on comes first."""

    dependencies = [("contributions", "0001_search_configuration"), ("tags", "0001_likeness")]

    operations = []
