import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mentorship', '0005_words_of_mentors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('most_places', models.PositiveSmallIntegerField(default=20, help_text='Whoever guides more by now goes on with all of them.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='people that one mentor can guide at once')),
                ('answer_days', models.PositiveSmallIntegerField(default=7, help_text='Then it is taken back, kindly. It counts from the next question on.', validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(30)], verbose_name='days to answer a question in')),
                ('search_days', models.PositiveSmallIntegerField(default=90, help_text='Then it rests, so that nobody is asked for somebody who left. One press, and it goes on.', validators=[django.core.validators.MinValueValidator(14), django.core.validators.MaxValueValidator(365)], verbose_name='days that a search stays open')),
            ],
            options={
                'verbose_name': 'times and limits of mentorship',
                'verbose_name_plural': 'times and limits of mentorship',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_pace')],
            },
        ),
    ]
