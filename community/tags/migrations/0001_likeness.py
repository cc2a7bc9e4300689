from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Words are found when they are nearly right; every table with a likeness index stands on this."""

    dependencies = []

    operations = [TrigramExtension()]
