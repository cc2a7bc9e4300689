from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0010_training_without_links'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='newmemberlimits',
            options={'verbose_name': 'limits at the door and in the first days', 'verbose_name_plural': 'limits at the door and in the first days'},
        ),
    ]
