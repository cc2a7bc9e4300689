from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("forums", "0006_tags"),
        ("identity", "0001_initial"),
        ("tags", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="board",
            name="held_first_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Since when a volunteer looks at everything here before others see it.",
                null=True,
                verbose_name="looked at first since",
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="folded_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="reply",
            name="held_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="reply",
            name="sent_back_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="folded_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="held_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="held_first_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="pinned_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="sent_back_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="slow_minutes",
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="slow_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="reply",
            name="position",
            field=models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(condition=models.Q(("held_at__isnull", False)), fields=["held_at"], name="reply_held"),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(condition=models.Q(("pinned_at__isnull", False)), fields=["board"], name="topic_pinned"),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(condition=models.Q(("held_at__isnull", False)), fields=["held_at"], name="topic_held"),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hidden_at__isnull", False), models.Q(("held_at", None), ("sent_back_at", None)), _connector="OR"
                ),
                name="forums_reply_waits_unseen",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__isnull", False), ("hidden_at__isnull", False), _connector="OR"),
                name="a_shown_reply_has_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hidden_at__isnull", False), models.Q(("held_at", None), ("sent_back_at", None)), _connector="OR"
                ),
                name="forums_topic_waits_unseen",
            ),
        ),
    ]
