from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0001_initial'),
        ('resources', '0002_initial'),
        ('tags', '0002_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='resource',
            index=models.Index(condition=models.Q(('isbn', ''), _negated=True), fields=['isbn'], name='resource_by_isbn'),
        ),
        migrations.AddIndex(
            model_name='resource',
            index=models.Index(condition=models.Q(('doi', ''), _negated=True), fields=['doi'], name='resource_by_doi'),
        ),
    ]
