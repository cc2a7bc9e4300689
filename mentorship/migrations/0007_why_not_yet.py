from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship", "0006_pace"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mentor",
            name="refusal",
            field=models.CharField(blank=True, editable=False, max_length=1000, verbose_name="why not, or not yet"),
        ),
    ]
