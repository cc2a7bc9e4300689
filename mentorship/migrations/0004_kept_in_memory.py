from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship", "0003_holding"),
    ]

    operations = [
        migrations.AlterField(
            model_name="match",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("declined", "One of them said no"),
                    ("expired", "Nobody answered in time"),
                    ("back", "The question was taken back"),
                    ("planned", "It came to a good end"),
                    ("no_fit", "It did not fit"),
                    ("stopped", "One of them stopped"),
                    ("quiet", "It went quiet"),
                    ("safety", "Ended for safety"),
                    ("memory", "One of them is kept in memory"),
                ],
                max_length=8,
            ),
        ),
    ]
