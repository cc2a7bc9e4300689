
import community.times
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('contributions', '0008_bounds_of_holding'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target_id', models.BigIntegerField()),
                ('words', models.JSONField()),
                ('asked_at', models.DateTimeField(default=community.times.now_in_steps, verbose_name='changed')),
                ('sent_back_at', models.DateTimeField(null=True)),
                ('target_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'change that waits',
                'verbose_name_plural': 'changes that wait',
                'indexes': [models.Index(condition=models.Q(('sent_back_at', None)), fields=['asked_at'], name='changes_that_wait')],
                'constraints': [models.UniqueConstraint(fields=('target_type', 'target_id'), name='one_change_of_words_at_a_time')],
            },
        ),
    ]
