import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("tags", "0001_likeness"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("slug", models.SlugField(allow_unicode=True, max_length=60, unique=True, verbose_name="address")),
                ("accepted_at", models.DateTimeField(editable=False, null=True, verbose_name="accepted")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="synonyms",
                        to="tags.tag",
                        verbose_name="stands for",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
            },
        ),
        migrations.CreateModel(
            name="Following",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("tag", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="followings", to="tags.tag")),
            ],
        ),
        migrations.CreateModel(
            name="Tagged",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.BigIntegerField()),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s_tagged_items",
                        to="contenttypes.contenttype",
                        verbose_name="content type",
                    ),
                ),
                ("tag", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="items", to="tags.tag")),
            ],
        ),
        migrations.CreateModel(
            name="Unmet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seeker", models.BinaryField(max_length=32)),
                ("day", models.DateField()),
                ("tag", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tags.tag")),
            ],
        ),
        migrations.AddIndex(
            model_name="tag",
            index=django.contrib.postgres.indexes.GinIndex(fields=["name"], name="tag_by_likeness", opclasses=["gin_trgm_ops"]),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="one_tag_per_name"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(("alias_of", None), models.Q(("alias_of", models.F("id")), _negated=True), _connector="OR"),
                name="no_tag_stands_for_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="following",
            constraint=models.UniqueConstraint(fields=("tag", "user"), name="one_following_per_tag"),
        ),
        migrations.AddIndex(
            model_name="tagged",
            index=models.Index(fields=["content_type", "object_id"], name="tags_of_a_thing"),
        ),
        migrations.AddConstraint(
            model_name="tagged",
            constraint=models.UniqueConstraint(fields=("tag", "content_type", "object_id"), name="one_tag_once_on_a_thing"),
        ),
        migrations.AddConstraint(
            model_name="unmet",
            constraint=models.UniqueConstraint(fields=("tag", "seeker"), name="one_search_in_vain_per_person"),
        ),
    ]
