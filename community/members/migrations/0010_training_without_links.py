from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Replace

# No words lead elsewhere within the house by a link; how one gets there is said instead.
SAID = {
    "[somebody who is there for that](/help/)": "somebody who is there for that: *Get help now* stands on every page",
    "[who is there at any hour](/help/)": "who is there at any hour, under *Get help now*",
}


def say(apps, schema_editor):
    steps = apps.get_model("members", "TrainingStep").objects
    for link, words in SAID.items():
        steps.filter(body__contains=link).update(body=Replace(F("body"), Value(link), Value(words)))


class Migration(migrations.Migration):
    dependencies = [("members", "0009_taken_names")]

    operations = [migrations.RunPython(say, migrations.RunPython.noop)]
