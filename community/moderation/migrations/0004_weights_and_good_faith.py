from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0003_the_desk"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="in_good_faith_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="unfounded_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="weight",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="report",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "somebody may be in danger"), (1, "it may do harm"), (2, "everything else")], default=2, editable=False
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="rule",
            field=models.CharField(blank=True, max_length=200, verbose_name="which rule or law"),
        ),
    ]
