import community.contributions.fields
import community.times
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
import taggit.managers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("resources", "0001_finding"),
        ("tags", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("body", models.TextField(blank=True, max_length=20000, verbose_name="words")),
                ("body_html", models.TextField(blank=True, editable=False)),
                ("renderer", models.PositiveSmallIntegerField(default=1, editable=False)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None
                    ),
                ),
                ("note_words", models.CharField(blank=True, editable=False, max_length=60)),
                ("note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="content note")),
                ("created_at", models.DateTimeField(default=community.times.now_in_steps, editable=False, verbose_name="written")),
                ("edited_at", models.DateTimeField(editable=False, null=True, verbose_name="edited")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                ("hidden_at", models.DateTimeField(editable=False, null=True)),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                (
                    "shared",
                    models.CharField(
                        choices=[
                            ("private", "Only you"),
                            ("members", "Members can see it"),
                            ("everyone", "Anyone can see it, also without signing in"),
                        ],
                        default="private",
                        max_length=10,
                        verbose_name="who can see it",
                    ),
                ),
                ("search", community.contributions.fields.SearchColumn("title", "note", "body")),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.persona",
                    ),
                ),
            ],
            options={
                "verbose_name": "collection",
                "verbose_name_plural": "collections",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("format", models.CharField(max_length=8)),
                ("notes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ("previewed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("vouched_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
            },
        ),
        migrations.CreateModel(
            name="Resource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("body", models.TextField(blank=True, max_length=20000, verbose_name="words")),
                ("body_html", models.TextField(blank=True, editable=False)),
                ("renderer", models.PositiveSmallIntegerField(default=1, editable=False)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None
                    ),
                ),
                ("note_words", models.CharField(blank=True, editable=False, max_length=60)),
                ("note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="content note")),
                ("created_at", models.DateTimeField(default=community.times.now_in_steps, editable=False, verbose_name="written")),
                ("edited_at", models.DateTimeField(editable=False, null=True, verbose_name="edited")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                ("hidden_at", models.DateTimeField(editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article", "Article"),
                            ("video", "Video"),
                            ("audio", "Audio"),
                            ("book", "Book"),
                            ("tool", "Tool"),
                            ("service", "Service or helpline"),
                            ("lived", "From lived experience"),
                        ],
                        max_length=8,
                        verbose_name="what it is",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("address", models.URLField(blank=True, max_length=2000, verbose_name="address")),
                ("address_key", models.CharField(blank=True, editable=False, max_length=2000)),
                ("isbn", models.CharField(blank=True, max_length=13, verbose_name="ISBN")),
                ("doi", models.CharField(blank=True, max_length=200, verbose_name="DOI")),
                ("made_by", models.CharField(blank=True, max_length=120, verbose_name="who made it")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("hours", models.CharField(blank=True, max_length=120, verbose_name="hours")),
                (
                    "country",
                    models.CharField(
                        blank=True, help_text="Where it can be used; empty for anywhere.", max_length=2, verbose_name="country"
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
                ("minutes", models.PositiveIntegerField(blank=True, null=True, verbose_name="minutes it takes")),
                ("pages", models.PositiveIntegerField(blank=True, null=True, verbose_name="pages")),
                (
                    "cost",
                    models.CharField(
                        blank=True,
                        choices=[("free", "Free"), ("partly", "Partly free"), ("paid", "Costs money")],
                        max_length=6,
                        verbose_name="cost",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("plain", "Easy to read"), ("usual", "Takes some attention"), ("expert", "For professionals")],
                        max_length=6,
                        verbose_name="how hard to read",
                    ),
                ),
                ("has_captions", models.BooleanField(blank=True, null=True, verbose_name="captions or a transcript")),
                ("needs_account", models.BooleanField(blank=True, null=True, verbose_name="needs an account")),
                (
                    "audience",
                    models.CharField(
                        choices=[("everyone", "Anyone can see it, also without signing in"), ("members", "Members can see it")],
                        default="everyone",
                        max_length=10,
                        verbose_name="who can see it",
                    ),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                ("refused_at", models.DateTimeField(editable=False, null=True)),
                ("refusal", models.CharField(blank=True, editable=False, max_length=500, verbose_name="why it was turned down")),
                ("review_by", models.DateField(blank=True, null=True, verbose_name="look at it again by")),
                (
                    "link_state",
                    models.CharField(
                        choices=[
                            ("unseen", "Not looked at yet"),
                            ("fine", "Opens"),
                            ("moved", "Moved"),
                            ("locked", "Behind a sign-in"),
                            ("failing", "Did not open lately"),
                            ("broken", "Does not open any more"),
                        ],
                        default="unseen",
                        editable=False,
                        max_length=8,
                        verbose_name="address",
                    ),
                ),
                (
                    "fault",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gone", "The site says that there is no such page."),
                            ("error", "The site has trouble of its own."),
                            ("name", "There is no site of this name."),
                            ("silent", "The site did not answer."),
                            ("unsafe", "The certificate of the site is not right, so browsers warn of it."),
                            ("nonsense", "What the site answers can’t be understood."),
                            ("inside", "It leads to a machine that is not open to everybody."),
                            ("barred", "The site doesn’t let programs look; it may open for people."),
                            ("busy", "The site was too busy to say."),
                            ("circles", "The site sends on and on; it may open for people."),
                            ("port", "It leads to a port that is not looked at."),
                            ("ours", "This place could not reach the network."),
                        ],
                        editable=False,
                        max_length=8,
                    ),
                ),
                ("looked_at", models.DateTimeField(editable=False, null=True)),
                ("look_next_at", models.DateTimeField(editable=False, null=True)),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("moved_to", models.URLField(blank=True, editable=False, max_length=2000)),
                ("archive", models.URLField(blank=True, max_length=2000, verbose_name="a kept copy elsewhere")),
                ("unchecked_at", models.DateTimeField(editable=False, null=True, verbose_name="address is not looked at since")),
                (
                    "version",
                    models.BigIntegerField(
                        db_default=models.Func(
                            models.Value("resources_version"), function="nextval", output_field=models.BigIntegerField()
                        ),
                        editable=False,
                    ),
                ),
                ("search", community.contributions.fields.SearchColumn("title", "made_by", "note", "body")),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="keeper",
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.persona",
                    ),
                ),
                (
                    "tags",
                    taggit.managers.TaggableManager(
                        blank=True,
                        help_text="A comma-separated list of tags.",
                        through="tags.Tagged",
                        to="tags.Tag",
                        verbose_name="Tags",
                    ),
                ),
            ],
            options={
                "verbose_name": "resource",
                "verbose_name_plural": "resources",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="words before it")),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="resources.collection"
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="places", to="resources.resource"),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("raw", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("private", "Was private"),
                            ("here", "Here already"),
                            ("broken", "Could not be read"),
                            ("brought", "Brought in"),
                        ],
                        max_length=8,
                    ),
                ),
                ("problem", models.TextField(blank=True)),
                ("notes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ("key", models.CharField(blank=True, max_length=2000)),
                ("entry", models.JSONField(default=dict)),
                (
                    "source",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="resources.import"),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="resources.resource"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ResourceFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("content_type", models.CharField(max_length=20)),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("alt", models.CharField(blank=True, max_length=300)),
                (
                    "resource",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="file", to="resources.resource"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("body", models.TextField(blank=True, max_length=20000, verbose_name="words")),
                ("body_html", models.TextField(blank=True, editable=False)),
                ("renderer", models.PositiveSmallIntegerField(default=1, editable=False)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None
                    ),
                ),
                ("note_words", models.CharField(blank=True, editable=False, max_length=60)),
                ("note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="content note")),
                ("created_at", models.DateTimeField(default=community.times.now_in_steps, editable=False, verbose_name="written")),
                ("edited_at", models.DateTimeField(editable=False, null=True, verbose_name="edited")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                ("hidden_at", models.DateTimeField(editable=False, null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("helped", "It helped me"), ("not", "It was not for me")], max_length=6, verbose_name="did it help"
                    ),
                ),
                ("search", community.contributions.fields.SearchColumn("note", "body")),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tags.tag",
                        verbose_name="for what",
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.persona",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="resources.resource"
                    ),
                ),
            ],
            options={
                "verbose_name": "word about a resource",
                "verbose_name_plural": "words about resources",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Saved",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="a note for yourself")),
                ("at", models.DateTimeField(default=community.times.now_in_steps)),
                (
                    "resource",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="resources.resource"),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="collection",
            index=models.Index(fields=["author", "-created_at", "-public_id"], name="collection_by_author"),
        ),
        migrations.AddIndex(
            model_name="collection",
            index=models.Index(fields=["-created_at", "-public_id"], name="collection_newest"),
        ),
        migrations.AddIndex(
            model_name="collection",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="collection_search"),
        ),
        migrations.AddConstraint(
            model_name="collection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author", None), ("persona__isnull", False)),
                    models.Q(("author__isnull", False), ("persona", None)),
                    _connector="OR",
                ),
                name="resources_collection_has_one_voice",
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["by", "-previewed_at", "-id"], name="import_newest"),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_at__isnull", False), models.Q(("finished_at", None), ("vouched_at", None)), _connector="OR"
                ),
                name="import_ends_after_it_began",
            ),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=models.Q(("hidden_at", None), ("published_at__isnull", False)),
                fields=["-published_at", "-public_id"],
                name="resource_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=models.Q(("hidden_at", None), ("published_at__isnull", False)),
                fields=["kind", "-published_at", "-public_id"],
                name="resource_by_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=models.Q(("hidden_at", None), ("published_at", None), ("refused_at", None), ("withdrawn_at", None)),
                fields=["created_at", "id"],
                name="resource_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=models.Q(("look_next_at__isnull", False)), fields=["look_next_at"], name="resource_to_look_at"
            ),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(condition=models.Q(("review_by__isnull", False)), fields=["review_by"], name="resource_review_by"),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(fields=["author", "-created_at", "-public_id"], name="resource_by_author"),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="resource_search"),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["title"], name="resource_by_likeness", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author", None), ("persona__isnull", False)),
                    models.Q(("author__isnull", False), ("persona", None)),
                    _connector="OR",
                ),
                name="resources_resource_has_one_voice",
            ),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.CheckConstraint(
                condition=models.Q(("published_at", None), ("refused_at", None), _connector="OR"),
                name="resource_is_up_or_turned_down",
            ),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("address_key", ""), _negated=True), ("refused_at", None), ("withdrawn_at", None)),
                fields=("address_key",),
                name="one_resource_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(fields=("collection", "resource"), name="once_in_a_collection"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("collection", "position"),
                name="one_resource_per_place",
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(fields=["source", "state", "number"], name="import_rows_by_state"),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("source", "number"), name="one_number_per_row"),
        ),
        migrations.AddConstraint(
            model_name="resourcefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("content_type__in", ["application/pdf", "image/png", "image/jpeg", "image/webp"])),
                name="file_is_of_a_kind_we_serve",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["resource", "-created_at", "-public_id"], name="review_newest"),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["author", "-created_at", "-public_id"], name="review_by_author"),
        ),
        migrations.AddIndex(
            model_name="review",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="review_search"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author", None), ("persona__isnull", False)),
                    models.Q(("author__isnull", False), ("persona", None)),
                    _connector="OR",
                ),
                name="resources_review_has_one_voice",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("resource", "author"),
                name="one_word_about_a_resource_per_member",
            ),
        ),
        migrations.AddIndex(
            model_name="saved",
            index=models.Index(fields=["user", "-at", "-id"], name="saved_newest"),
        ),
        migrations.AddConstraint(
            model_name="saved",
            constraint=models.UniqueConstraint(fields=("user", "resource"), name="saved_once_by_a_member"),
        ),
    ]
