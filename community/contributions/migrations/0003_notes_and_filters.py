import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Short on purpose; owners change the list in the admin.
NAMES = (
    "Self-harm",
    "Suicide",
    "Abuse",
    "Violence",
    "A death",
    "Losing a pregnancy or a baby",
    "Eating and bodies",
    "Drink and drugs",
    "Illness in detail",
)


def offer_notes(apps, schema_editor):
    Note = apps.get_model("contributions", "Note")
    Note.objects.bulk_create(Note(name=name, position=position) for position, name in enumerate(NAMES, 1))


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0002_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Specific and gentle, in a few words.', max_length=40, unique=True, verbose_name='words of the note')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='place in the list')),
                ('retired_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'content note',
                'verbose_name_plural': 'content notes',
                'ordering': ['position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Filter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('fold', 'Fold it, so that I can open it'), ('hide', 'Leave it out')], max_length=4)),
                ('until', models.DateTimeField(null=True)),
                ('words', models.CharField(blank=True, max_length=60)),
                ('query', models.TextField(null=True)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('note', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contributions.note')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('note__isnull', False), ('person', None), ('query', None), ('words', '')), models.Q(('note', None), ('person', None), ('query__isnull', False), models.Q(('words', ''), _negated=True)), models.Q(('note', None), ('person__isnull', False), ('query', None), ('words', '')), _connector='OR'), name='filter_is_by_one_thing'), models.UniqueConstraint(fields=('user', 'note'), name='one_filter_per_note'), models.UniqueConstraint(condition=models.Q(('words', ''), _negated=True), fields=('user', 'words'), name='one_filter_per_words'), models.UniqueConstraint(fields=('user', 'person'), name='one_filter_per_person')],
            },
        ),
        migrations.RunPython(offer_notes, migrations.RunPython.noop),
    ]
