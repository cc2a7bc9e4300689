from django.db import migrations

# What is needed often where a change waits, kindly put; leads and owners change the list in the admin.
REASONS = (
    (
        "The change can’t stand like that",
        "What you wrote before stands as it was. The change can’t be shown like that; what is in the way stands below. Your new "
        "words are with you: put them otherwise and send them again, and somebody looks soon.",
    ),
)


def offer_reasons(apps, schema_editor):
    ReasonTemplate = apps.get_model("decisions", "ReasonTemplate")
    last = ReasonTemplate.objects.order_by("-position").values_list("position", flat=True).first() or 0
    ReasonTemplate.objects.bulk_create(
        ReasonTemplate(act="change", name=name, words=words, position=position)
        for position, (name, words) in enumerate(REASONS, last + 1)
    )


class Migration(migrations.Migration):
    dependencies = [("decisions", "0007_a_few_words")]

    operations = [migrations.RunPython(offer_reasons, migrations.RunPython.noop)]
