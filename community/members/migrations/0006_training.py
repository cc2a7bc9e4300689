import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('members', '0005_standing_is_a_pause'),
    ]

    operations = [
        migrations.CreateModel(
            name='StepTaken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='TrainingStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('greeter', 'greeter'), ('librarian', 'librarian'), ('coordinator', 'coordinator of mentorship'), ('moderator', 'moderator'), ('lead', 'lead, in charge of safety')], max_length=12, verbose_name='role')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('body', models.TextField(help_text='Markdown.', max_length=4000, verbose_name='what to read')),
                ('answer', models.TextField(blank=True, help_text='For a practice case: it is folded, to be opened after one has thought of an answer. Markdown.', max_length=2000, verbose_name='what we would do')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='place in the list')),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='not asked for since')),
            ],
            options={
                'verbose_name': 'training step of a role',
                'verbose_name_plural': 'training steps of roles',
                'ordering': ['role', 'position', 'pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='office',
            options={'verbose_name': 'role', 'verbose_name_plural': 'roles'},
        ),
        migrations.RemoveConstraint(
            model_name='office',
            name='one_office_per_role',
        ),
        migrations.AddField(
            model_name='office',
            name='ended_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='office',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name='office',
            name='reminded_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='office',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user', 'group'), name='one_office_per_role_at_a_time'),
        ),
        migrations.AddField(
            model_name='steptaken',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps_taken', to='members.office'),
        ),
        migrations.AddField(
            model_name='steptaken',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.trainingstep'),
        ),
        migrations.AddConstraint(
            model_name='steptaken',
            constraint=models.UniqueConstraint(fields=('office', 'step'), name='each_step_once_per_office'),
        ),
    ]
