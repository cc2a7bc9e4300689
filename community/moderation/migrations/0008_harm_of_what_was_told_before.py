from django.db import migrations


def sort_in(apps, schema_editor):
    """What was told before there was an order by harm, and still waits, has its place in it. In line with `Report.harm_of`."""
    apps.get_model("moderation", "Report").objects.filter(closed_at=None, reason="harmful").update(harm=1)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0007_what_authorities_ask_for")]

    operations = [migrations.RunPython(sort_in, migrations.RunPython.noop)]
