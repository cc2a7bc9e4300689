import community.times
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("decisions", "0001_initial"),
        ("identity", "0001_initial"),
        ("moderation", "0002_one_voice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("words", models.TextField(blank=True, max_length=2000, verbose_name="in your words")),
                ("made_at", models.DateTimeField(default=community.times.now_in_steps)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reversed_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, max_length=1000)),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
            },
        ),
        migrations.CreateModel(
            name="DeskSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "worried_hours",
                    models.PositiveSmallIntegerField(default=1, verbose_name="hours until somebody looks: worried about someone"),
                ),
                (
                    "harm_hours",
                    models.PositiveSmallIntegerField(default=24, verbose_name="hours until somebody looks: it may do harm"),
                ),
                (
                    "other_hours",
                    models.PositiveSmallIntegerField(default=72, verbose_name="hours until somebody looks: everything else"),
                ),
                ("here_from", models.TimeField(blank=True, null=True, verbose_name="somebody is here from")),
                ("here_until", models.TimeField(blank=True, null=True, verbose_name="somebody is here until")),
                (
                    "fold_after",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="By so many different members.",
                        verbose_name="reports that fold a post while nobody is here",
                    ),
                ),
                (
                    "fold_always_after",
                    models.PositiveSmallIntegerField(default=8, verbose_name="reports that fold a post at any time"),
                ),
                (
                    "fold_days",
                    models.PositiveSmallIntegerField(default=14, verbose_name="days that a member must be here for that"),
                ),
                (
                    "severe_a_day",
                    models.PositiveSmallIntegerField(default=5, verbose_name="heavy things that one volunteer takes in a day"),
                ),
                (
                    "debrief",
                    models.CharField(
                        blank=True,
                        help_text="Shown to a volunteer after something heavy: whom to call or where to write.",
                        max_length=300,
                        verbose_name="where to talk about it",
                    ),
                ),
            ],
            options={
                "verbose_name": "times and limits of the desk",
                "verbose_name_plural": "times and limits of the desk",
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "themes_left",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("severe_a_day", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("away_until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField(max_length=1000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="MemberNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField(max_length=1000, verbose_name="words")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "note on a member",
                "verbose_name_plural": "notes on members",
            },
        ),
        migrations.CreateModel(
            name="Month",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(unique=True)),
                ("figures", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "figures of a month",
                "verbose_name_plural": "figures of months",
                "ordering": ["-month"],
            },
        ),
        migrations.CreateModel(
            name="Unmasking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(max_length=1000, verbose_name="why")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("approved_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("answer", models.BinaryField(max_length=200, null=True)),
                ("untold_because", models.TextField(blank=True, max_length=1000, verbose_name="why the member is not told")),
            ],
            options={
                "verbose_name": "unmasking",
                "verbose_name_plural": "unmaskings",
            },
        ),
        migrations.AddField(
            model_name="report",
            name="closed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="harm",
            field=models.PositiveSmallIntegerField(default=2, editable=False),
        ),
        migrations.AddField(
            model_name="report",
            name="rule",
            field=models.CharField(blank=True, max_length=200, verbose_name="which rule"),
        ),
        migrations.AlterField(
            model_name="report",
            name="reason",
            field=models.CharField(
                choices=[
                    ("worried", "I am worried about somebody"),
                    ("rule", "It breaks a house rule"),
                    ("illegal", "It is against the law"),
                    ("private", "It tells private details"),
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
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["harm", "created_at", "id"], name="reports_by_harm"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["target_type", "target_id"], name="reports_by_target"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["created_at"], name="reports_by_time"),
        ),
        migrations.AddField(
            model_name="appeal",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="decision",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="decisions.decision"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="first_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="report",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="moderation.report"
            ),
        ),
        migrations.AddConstraint(
            model_name="desksettings",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_row_of_desk_settings"),
        ),
        migrations.AddField(
            model_name="duty",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="duty", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="membernote",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="membernote",
            name="member",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="membernote",
            name="persona",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="identity.persona"
            ),
        ),
        migrations.AddField(
            model_name="unmasking",
            name="approved_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="unmasking",
            name="asked_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="unmasking",
            name="persona",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.persona"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(condition=models.Q(("decided_at", None)), fields=["made_at", "id"], name="appeals_open"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["made_at"], name="appeals_by_time"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", None), ("report__isnull", False)),
                    models.Q(("decision__isnull", False), ("report", None)),
                    _connector="OR",
                ),
                name="an_appeal_is_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("first_by", None),
                    models.Q(("decided_by", models.F("first_by")), _negated=True),
                    _connector="OR",
                ),
                name="appeals_are_decided_by_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("reversed_at", None)),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_decided_appeal_names_who_decided",
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(fields=["-at", "-id"], name="hand_over_newest"),
        ),
        migrations.AddIndex(
            model_name="membernote",
            index=models.Index(fields=["member", "-at"], name="member_note_newest"),
        ),
        migrations.AddIndex(
            model_name="membernote",
            index=models.Index(fields=["persona", "-at"], name="persona_note_newest"),
        ),
        migrations.AddConstraint(
            model_name="membernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("member", None), ("persona__isnull", False)),
                    models.Q(("member__isnull", False), ("persona", None)),
                    _connector="OR",
                ),
                name="a_note_is_about_one_voice",
            ),
        ),
        migrations.AddConstraint(
            model_name="unmasking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None), models.Q(("approved_by", models.F("asked_by")), _negated=True), _connector="OR"
                ),
                name="two_people_unmask",
            ),
        ),
        migrations.AddConstraint(
            model_name="unmasking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opened_at", None), models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)), _connector="OR"
                ),
                name="nothing_is_opened_unapproved",
            ),
        ),
        migrations.AddConstraint(
            model_name="unmasking",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="an_unmasking_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="unmasking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at", None), ("refused_at", None)),
                fields=("persona",),
                name="one_waiting_unmasking_per_alias",
            ),
        ),
    ]
