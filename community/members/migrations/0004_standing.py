import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("members", "0003_blocks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tag", models.BinaryField(max_length=32, unique=True)),
                ("paused_until", models.DateTimeField(null=True)),
                ("held_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="memorial_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Since when this account is kept in memory of its member.",
                null=True,
                verbose_name="in memory since",
            ),
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                ("trained_at", models.DateTimeField(null=True, verbose_name="training done")),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="auth.group")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="offices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "office",
                "verbose_name_plural": "offices",
                "constraints": [models.UniqueConstraint(fields=("user", "group"), name="one_office_per_role")],
            },
        ),
    ]
