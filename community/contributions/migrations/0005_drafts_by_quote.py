import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0004_what_was_noted"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("quote", "fields"),
                condition=models.Q(("fields__has_key", "quote")),
                name="draft_quote",
            ),
        ),
    ]
