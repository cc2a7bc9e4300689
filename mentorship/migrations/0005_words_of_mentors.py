from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mentorship', '0004_kept_in_memory'),
        ('tags', '0002_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='mentor',
            name='held_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='mentor',
            name='hidden_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='mentor',
            name='sent_back_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='mentor',
            constraint=models.CheckConstraint(condition=models.Q(('hidden_at__isnull', False), models.Q(('held_at', None), ('sent_back_at', None)), _connector='OR'), name='words_that_wait_are_hidden'),
        ),
    ]
