from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0008_reasons_for_another_change"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="act",
            field=models.CharField(
                choices=[
                    ("word", "wrote you a few words about it"),
                    ("note", "added a content note"),
                    ("fold", "folded it until somebody has looked"),
                    ("revise", "asks for a change before others see it"),
                    ("change", "asks for another change; what others see stays as it was"),
                    ("redact", "took out a part of it"),
                    ("hide", "hid it"),
                    ("remove", "removed it"),
                    ("within", "hid the place in which your words stand"),
                    ("move", "moved it to another board"),
                    ("lock", "closed the conversation to replies"),
                    ("slow", "slowed the conversation down"),
                    ("hold", "looks first at what you post, for a time"),
                    ("pause", "paused your posting"),
                    ("rename", "asks you to choose another name here"),
                    ("refuse", "could not take it"),
                    ("end", "ended your part"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="reasontemplate",
            name="act",
            field=models.CharField(
                blank=True,
                choices=[
                    ("word", "wrote you a few words about it"),
                    ("note", "added a content note"),
                    ("fold", "folded it until somebody has looked"),
                    ("revise", "asks for a change before others see it"),
                    ("change", "asks for another change; what others see stays as it was"),
                    ("redact", "took out a part of it"),
                    ("hide", "hid it"),
                    ("remove", "removed it"),
                    ("within", "hid the place in which your words stand"),
                    ("move", "moved it to another board"),
                    ("lock", "closed the conversation to replies"),
                    ("slow", "slowed the conversation down"),
                    ("hold", "looks first at what you post, for a time"),
                    ("pause", "paused your posting"),
                    ("rename", "asks you to choose another name here"),
                    ("refuse", "could not take it"),
                    ("end", "ended your part"),
                ],
                help_text="Empty: for everything.",
                max_length=8,
                verbose_name="for",
            ),
        ),
    ]
