from django.db import migrations, models

# What is needed often where nothing has to be changed, kindly put; leads and owners change the list in the admin.
REASONS = (
    (
        "Listen first",
        "You meant it well, and it stays as it is. Whoever began this asked to be listened to; advice can wait until they ask for it.",
    ),
    (
        "It can be read in another way",
        "What you wrote stays as it is. It can be read in a way that hurts, and we do not think that you meant that; what it is "
        "stands below.",
    ),
)


def offer_reasons(apps, schema_editor):
    ReasonTemplate = apps.get_model("decisions", "ReasonTemplate")
    last = ReasonTemplate.objects.order_by("-position").values_list("position", flat=True).first() or 0
    ReasonTemplate.objects.bulk_create(
        ReasonTemplate(act="word", name=name, words=words, position=position)
        for position, (name, words) in enumerate(REASONS, last + 1)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0006_reasons_for_another_name'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='act',
            field=models.CharField(choices=[('word', 'wrote you a few words about it'), ('note', 'added a content note'), ('fold', 'folded it until somebody has looked'), ('revise', 'asks for a change before others see it'), ('change', 'asks for another change; what others see stays as it was'), ('redact', 'took out a part of it'), ('hide', 'hid it'), ('remove', 'removed it'), ('within', 'hid the place in which your words stand'), ('move', 'moved it to another board'), ('lock', 'closed the conversation to replies'), ('slow', 'slowed the conversation down'), ('hold', 'looks first at what you post, for a time'), ('pause', 'paused your posting, for a time'), ('rename', 'asks you to choose another name here'), ('refuse', 'could not take it'), ('end', 'ended your part')], max_length=8),
        ),
        migrations.AlterField(
            model_name='reasontemplate',
            name='act',
            field=models.CharField(blank=True, choices=[('word', 'wrote you a few words about it'), ('note', 'added a content note'), ('fold', 'folded it until somebody has looked'), ('revise', 'asks for a change before others see it'), ('change', 'asks for another change; what others see stays as it was'), ('redact', 'took out a part of it'), ('hide', 'hid it'), ('remove', 'removed it'), ('within', 'hid the place in which your words stand'), ('move', 'moved it to another board'), ('lock', 'closed the conversation to replies'), ('slow', 'slowed the conversation down'), ('hold', 'looks first at what you post, for a time'), ('pause', 'paused your posting, for a time'), ('rename', 'asks you to choose another name here'), ('refuse', 'could not take it'), ('end', 'ended your part')], help_text='Empty: for everything.', max_length=8, verbose_name='for'),
        ),
        migrations.RunPython(offer_reasons, migrations.RunPython.noop),
    ]
