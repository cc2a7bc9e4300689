from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0009_conversations_in_memory"),
    ]

    operations = [
        migrations.AlterField(
            model_name="topic",
            name="lock_reason",
            field=models.CharField(blank=True, editable=False, max_length=1000, verbose_name="why it was closed"),
        ),
    ]
