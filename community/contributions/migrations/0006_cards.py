from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0005_drafts_by_quote'),
    ]

    operations = [
        migrations.AlterField(
            model_name='reference',
            name='kind',
            field=models.CharField(choices=[('quote', 'Quote'), ('mention', 'Mention'), ('card', 'Card')], max_length=8),
        ),
    ]
