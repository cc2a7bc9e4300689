import community.times
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0001_initial'),
        ('members', '0002_first_texts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=community.times.now_in_steps)),
                ('blocked', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('blocked_persona', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.persona')),
                ('blocker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('blocker_persona', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.persona')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('blocker', None), ('blocker_persona__isnull', False)), models.Q(('blocker__isnull', False), ('blocker_persona', None)), _connector='OR'), name='block_is_made_by_one_voice'), models.CheckConstraint(condition=models.Q(models.Q(('blocked', None), ('blocked_persona__isnull', False)), models.Q(('blocked__isnull', False), ('blocked_persona', None), ('blocker__isnull', False)), _connector='OR'), name='block_is_on_an_account_by_account_or_on_an_alias'), models.CheckConstraint(condition=models.Q(models.Q(('blocker', models.F('blocked')), _negated=True), models.Q(('blocker_persona', models.F('blocked_persona')), _negated=True)), name='nobody_blocks_themselves'), models.UniqueConstraint(fields=('blocker', 'blocked'), name='one_block_per_pair'), models.UniqueConstraint(fields=('blocker', 'blocked_persona'), name='one_block_per_member_and_alias'), models.UniqueConstraint(fields=('blocker_persona', 'blocked_persona'), name='one_block_per_pair_of_aliases')],
            },
        ),
    ]
