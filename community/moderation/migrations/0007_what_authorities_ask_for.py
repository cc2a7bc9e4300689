import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0006_somebody_at_the_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="Demand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(default=django.utils.timezone.localdate, verbose_name="day on which it came")),
                (
                    "what",
                    models.TextField(
                        help_text="For the owners. Leave out whom it is about.",
                        max_length=1000,
                        verbose_name="who asked, for what, by which law",
                    ),
                ),
                (
                    "given_at",
                    models.DateTimeField(
                        blank=True, help_text="Empty: nothing was given.", null=True, verbose_name="something was given"
                    ),
                ),
            ],
            options={
                "verbose_name": "request of an authority",
                "verbose_name_plural": "requests of authorities",
                "ordering": ["-on", "-pk"],
            },
        ),
    ]
