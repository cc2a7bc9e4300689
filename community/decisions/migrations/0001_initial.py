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
            name="ReasonTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("note", "added a content note"),
                            ("fold", "folded it until somebody has looked"),
                            ("revise", "asks for a change before others see it"),
                            ("redact", "took out a part of it"),
                            ("hide", "hid it"),
                            ("remove", "removed it"),
                            ("move", "moved it to another board"),
                            ("lock", "closed the conversation to replies"),
                            ("slow", "slowed the conversation down"),
                            ("hold", "looks first at what you post, for a time"),
                            ("pause", "paused your posting, for a time"),
                            ("refuse", "could not take it"),
                            ("end", "ended your part"),
                        ],
                        help_text="Empty: for everything.",
                        max_length=8,
                        verbose_name="for",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What the list of reasons says; only volunteers read it.", max_length=60, verbose_name="name"
                    ),
                ),
                ("words", models.TextField(help_text="What whoever it concerns reads.", max_length=600, verbose_name="words")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="place in the list")),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "reason",
                "verbose_name_plural": "reasons",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("note", "added a content note"),
                            ("fold", "folded it until somebody has looked"),
                            ("revise", "asks for a change before others see it"),
                            ("redact", "took out a part of it"),
                            ("hide", "hid it"),
                            ("remove", "removed it"),
                            ("move", "moved it to another board"),
                            ("lock", "closed the conversation to replies"),
                            ("slow", "slowed the conversation down"),
                            ("hold", "looks first at what you post, for a time"),
                            ("pause", "paused your posting, for a time"),
                            ("refuse", "could not take it"),
                            ("end", "ended your part"),
                        ],
                        max_length=8,
                    ),
                ),
                ("target_id", models.BigIntegerField()),
                (
                    "rule",
                    models.CharField(blank=True, help_text="The house rule or law it stands on, as it read then.", max_length=200),
                ),
                ("reason", models.TextField(max_length=1000)),
                ("until", models.DateTimeField(null=True)),
                ("kept", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=community.times.now_in_steps)),
                ("reversed_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.persona"
                    ),
                ),
                (
                    "target_type",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contenttypes.contenttype"),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "indexes": [
                    models.Index(fields=["target_type", "target_id"], name="decision_target"),
                    models.Index(fields=["member", "-at", "-public_id"], name="decision_by_member"),
                    models.Index(fields=["at"], name="decision_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("member", None), ("persona__isnull", False)),
                            models.Q(("member__isnull", False), ("persona", None)),
                            _connector="OR",
                        ),
                        name="a_decision_concerns_one_voice",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="a_decision_has_a_reason"),
                ],
            },
        ),
    ]
