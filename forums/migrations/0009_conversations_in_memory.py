from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("forums", "0008_held_conversations"),
        ("identity", "0001_initial"),
        ("tags", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="remembers_until",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(
                condition=models.Q(("remembers_until__isnull", False)), fields=["remembers_until"], name="topic_in_memory"
            ),
        ),
    ]
