from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("resources", "0005_holding"),
    ]

    operations = [
        migrations.AlterField(
            model_name="resource",
            name="refusal",
            field=models.CharField(blank=True, editable=False, max_length=1000, verbose_name="why it was turned down"),
        ),
    ]
