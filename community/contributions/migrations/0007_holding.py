from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0006_cards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("everything", models.BooleanField(default=False, verbose_name="everything")),
                (
                    "first_posts",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="So many of each member’s; 0 for none.", verbose_name="the first posts of a new member"
                    ),
                ),
            ],
            options={
                "verbose_name": "what is looked at first",
                "verbose_name_plural": "what is looked at first",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_row_of_holding")],
            },
        ),
    ]
