import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0007_holding'),
    ]

    operations = [
        migrations.AlterField(
            model_name='holding',
            name='first_posts',
            field=models.PositiveSmallIntegerField(default=0, help_text='So many of each member’s; 0 for none.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(50)], verbose_name='the first posts of a new member'),
        ),
    ]
