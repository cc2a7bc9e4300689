import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_first_training'),
    ]

    operations = [
        migrations.AddField(
            model_name='newmemberlimits',
            name='mails_an_hour',
            field=models.PositiveSmallIntegerField(default=12, help_text='From one place: to join, to sign in or for a new password. So nobody’s letterbox is filled from here.', validators=[django.core.validators.MinValueValidator(4), django.core.validators.MaxValueValidator(60)], verbose_name='mails with a code that one address gets in an hour'),
        ),
        migrations.AlterField(
            model_name='newmemberlimits',
            name='conversations',
            field=models.PositiveSmallIntegerField(default=20, help_text='They lift by themselves once both are reached. In anonymous posts they hold for everybody.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(200)], verbose_name='conversations read until they can lift'),
        ),
        migrations.AlterField(
            model_name='newmemberlimits',
            name='days',
            field=models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(90)], verbose_name='days until they can lift'),
        ),
        migrations.AlterField(
            model_name='newmemberlimits',
            name='links',
            field=models.PositiveSmallIntegerField(default=2, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(20)], verbose_name='links in one post'),
        ),
        migrations.AlterField(
            model_name='newmemberlimits',
            name='mentions',
            field=models.PositiveSmallIntegerField(default=2, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(10)], verbose_name='people mentioned in one post'),
        ),
        migrations.AlterField(
            model_name='newmemberlimits',
            name='replies_a_day',
            field=models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(500)], verbose_name='replies in a day'),
        ),
        migrations.AlterField(
            model_name='newmemberlimits',
            name='topics_a_day',
            field=models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='conversations started in a day'),
        ),
    ]
