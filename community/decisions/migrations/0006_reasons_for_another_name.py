from django.db import migrations

# What is needed often about names, kindly put; leads and owners change the list in the admin.
REASONS = (
    (
        "A name that hurts",
        "The name you chose can hurt somebody who reads it. Please choose another one; until then you are called by one that says "
        "nothing. What you wrote stays where it is, and stays yours.",
    ),
    (
        "A name that leads to somebody",
        "By the name you chose somebody can be found outside, you or another person. To keep you and them safe, please choose "
        "another one; until then you are called by one that says nothing.",
    ),
    (
        "A name that speaks for somebody else",
        "The name you chose can be taken for somebody else, or for this house. Please choose another one; until then you are "
        "called by one that says nothing.",
    ),
)


def offer_reasons(apps, schema_editor):
    ReasonTemplate = apps.get_model("decisions", "ReasonTemplate")
    last = ReasonTemplate.objects.order_by("-position").values_list("position", flat=True).first() or 0
    ReasonTemplate.objects.bulk_create(
        ReasonTemplate(act="rename", name=name, words=words, position=position)
        for position, (name, words) in enumerate(REASONS, last + 1)
    )


class Migration(migrations.Migration):
    dependencies = [("decisions", "0005_change_sent_back")]

    operations = [migrations.RunPython(offer_reasons, migrations.RunPython.noop)]
