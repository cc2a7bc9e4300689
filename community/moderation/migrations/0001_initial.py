import community.times
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("identity", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target_id", models.BigIntegerField()),
                ("until", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "target_type",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contenttypes.contenttype"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("target_type", "target_id"), name="one_claim_per_thing")],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("target_id", models.BigIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("harmful", "It could do harm"),
                            ("stale", "It is out of date or gone"),
                            ("selling", "It sells something"),
                            ("note", "Its content note is wrong or missing"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                        verbose_name="what is the matter",
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=2000, verbose_name="in your words")),
                ("kept", models.JSONField(default=dict, editable=False)),
                ("created_at", models.DateTimeField(default=community.times.now_in_steps, editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("outcome", models.CharField(blank=True, editable=False, max_length=500, verbose_name="what came of it")),
                (
                    "reporter",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reporter_persona",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="identity.persona"
                    ),
                ),
                (
                    "target_type",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contenttypes.contenttype"),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "indexes": [
                    models.Index(condition=models.Q(("closed_at", None)), fields=["created_at", "id"], name="reports_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("reporter", "target_type", "target_id"),
                        name="one_open_report_per_member_and_thing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("reporter_persona", "target_type", "target_id"),
                        name="one_open_report_per_alias_and_thing",
                    ),
                ],
            },
        ),
    ]
