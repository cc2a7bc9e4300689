
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0010_told_of_each'),
    ]

    operations = [
        migrations.AlterField(
            model_name='report',
            name='outcome',
            field=models.CharField(blank=True, editable=False, max_length=1000, verbose_name='what came of it'),
        ),
    ]
