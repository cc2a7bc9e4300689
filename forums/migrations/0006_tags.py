import taggit.managers
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0005_marks_that_name_nobody"),
        ("tags", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="tags",
            field=taggit.managers.TaggableManager(
                blank=True, help_text="A comma-separated list of tags.", through="tags.Tagged", to="tags.Tag", verbose_name="Tags"
            ),
        ),
    ]
