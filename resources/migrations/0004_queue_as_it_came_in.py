from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("resources", "0003_books_and_papers"),
        ("tags", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="resource",
            name="resource_waiting",
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=models.Q(("hidden_at", None), ("published_at", None), ("refused_at", None), ("withdrawn_at", None)),
                fields=["id"],
                name="resource_in_queue",
            ),
        ),
    ]
