from django.db import migrations, models

import community.times


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0007_holding"),
    ]

    operations = [
        migrations.AlterField(
            model_name="topic",
            name="active_at",
            field=models.DateTimeField(default=community.times.now_in_steps, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(("active_at__isnull", False), ("hidden_at__isnull", False), _connector="OR"),
                name="a_shown_conversation_is_active",
            ),
        ),
    ]
