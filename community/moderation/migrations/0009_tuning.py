import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0008_harm_of_what_was_told_before'),
    ]

    operations = [
        migrations.AddField(
            model_name='desksettings',
            name='appeal_months',
            field=models.PositiveSmallIntegerField(default=6, help_text='Half a year at least: nobody has to hurry.', validators=[django.core.validators.MinValueValidator(6), django.core.validators.MaxValueValidator(24)], verbose_name='months in which another look can be asked for'),
        ),
        migrations.AddField(
            model_name='desksettings',
            name='claim_minutes',
            field=models.PositiveSmallIntegerField(default=15, help_text='After that anybody else can take it.', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(120)], verbose_name='minutes that something is kept for whoever took it'),
        ),
        migrations.AddField(
            model_name='desksettings',
            name='reports_a_day',
            field=models.PositiveSmallIntegerField(default=60, help_text='For guests: all who come through one network together.', validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(500)], verbose_name='reports that one person can make in a day'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='fold_after',
            field=models.PositiveSmallIntegerField(default=3, help_text='By so many different members. One alone folds nothing.', validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(50)], verbose_name='reports that fold a post while nobody is here'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='fold_always_after',
            field=models.PositiveSmallIntegerField(default=8, validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(100)], verbose_name='reports that fold a post at any time'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='fold_days',
            field=models.PositiveSmallIntegerField(default=14, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(365)], verbose_name='days that a member must be here for that'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='harm_hours',
            field=models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(336)], verbose_name='hours until somebody looks: it may do harm'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='other_hours',
            field=models.PositiveSmallIntegerField(default=72, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(720)], verbose_name='hours until somebody looks: everything else'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='quiet_hours',
            field=models.PositiveSmallIntegerField(default=12, help_text='After so many hours in which nobody was at the desk, whoever writes is told so.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(168)], verbose_name='hours without anybody until that is said'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='severe_a_day',
            field=models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='heavy things that one volunteer takes in a day'),
        ),
        migrations.AlterField(
            model_name='desksettings',
            name='worried_hours',
            field=models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(168)], verbose_name='hours until somebody looks: worried about someone'),
        ),
    ]
