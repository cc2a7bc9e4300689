from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_standing"),
    ]

    operations = [
        migrations.RemoveField(model_name="standing", name="held_until"),
        migrations.AlterField(model_name="standing", name="paused_until", field=models.DateTimeField()),
    ]
