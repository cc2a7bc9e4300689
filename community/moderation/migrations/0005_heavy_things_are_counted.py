from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0004_weights_and_good_faith"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="handover",
            options={"ordering": ["-at", "-pk"], "verbose_name": "hand-over note", "verbose_name_plural": "hand-over notes"},
        ),
        migrations.AddField(
            model_name="duty",
            name="severe_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="duty",
            name="severe_taken",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
