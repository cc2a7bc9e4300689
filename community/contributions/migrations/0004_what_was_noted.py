from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0003_notes_and_filters'),
    ]

    operations = [
        migrations.AddField(
            model_name='revision',
            name='note',
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
