from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_heavy_things_are_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="desksettings",
            name="quiet_hours",
            field=models.PositiveSmallIntegerField(
                default=12,
                help_text="After so many hours in which nobody was at the desk, whoever writes is told so.",
                verbose_name="hours without anybody until that is said",
            ),
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attended_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_row_of_watch")],
            },
        ),
    ]
