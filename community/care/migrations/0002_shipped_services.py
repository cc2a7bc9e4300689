from django.db import migrations

from community.care.shipped import rows


def load(apps, schema_editor):
    """Fill an empty guide with what is shipped, all of it unconfirmed. From then on the admin is where it is edited."""
    Country = apps.get_model("care", "Country")
    HelpService = apps.get_model("care", "HelpService")
    for row in rows():
        services = row.pop("services")
        country = Country.objects.create(**row)
        HelpService.objects.bulk_create(HelpService(country=country, position=n, **service) for n, service in enumerate(services))


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
