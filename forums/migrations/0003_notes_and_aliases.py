import community.contributions.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("forums", "0002_initial"),
        ("identity", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="board",
            name="anonymous_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Since when members may post here under a name made for one conversation.",
                null=True,
                verbose_name="anonymous posting since",
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="note",
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name="content note"),
        ),
        migrations.AddField(
            model_name="reply",
            name="note_words",
            field=models.CharField(blank=True, editable=False, max_length=60),
        ),
        migrations.AddField(
            model_name="reply",
            name="notes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="note",
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name="content note"),
        ),
        migrations.AddField(
            model_name="topic",
            name="note_words",
            field=models.CharField(blank=True, editable=False, max_length=60),
        ),
        migrations.AddField(
            model_name="topic",
            name="notes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        # A generated column is made anew; its index goes and comes with it.
        migrations.RemoveIndex(model_name="reply", name="reply_search"),
        migrations.RemoveField(model_name="reply", name="search"),
        migrations.AddField(
            model_name="reply",
            name="search",
            field=community.contributions.fields.SearchColumn("note", "body"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="reply_search"),
        ),
        migrations.AlterField(
            model_name="reply",
            name="topic",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replies",
                to="forums.topic",
            ),
        ),
        # A generated column is made anew; its index goes and comes with it.
        migrations.RemoveIndex(model_name="topic", name="topic_search"),
        migrations.RemoveField(model_name="topic", name="search"),
        migrations.AddField(
            model_name="topic",
            name="search",
            field=community.contributions.fields.SearchColumn("title", "note", "body"),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="topic_search"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("author", None)), fields=["persona", "-created_at", "-public_id"], name="reply_by_persona"
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(condition=models.Q(("persona", None)), fields=["topic", "author"], name="reply_by_name"),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(
                condition=models.Q(("author", None)), fields=["persona", "-created_at", "-public_id"], name="topic_by_persona"
            ),
        ),
    ]
