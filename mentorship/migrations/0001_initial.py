import community.times
import django.contrib.postgres.fields
import django.db.models.deletion
import mentorship.fields
import mentorship.models.mentors
import taggit.managers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("members", "0003_blocks"),
        ("tags", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Help",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("retired_at", models.DateTimeField(editable=False, null=True, verbose_name="not used any more since")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("hint", models.CharField(blank=True, max_length=160, verbose_name="what it means")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="place in the list")),
            ],
            options={
                "verbose_name": "kind of help",
                "verbose_name_plural": "kinds of help",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Lesson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("retired_at", models.DateTimeField(editable=False, null=True, verbose_name="not used any more since")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("body", models.TextField(max_length=8000, verbose_name="what to read")),
                (
                    "is_case",
                    models.BooleanField(
                        default=False, help_text="Answered in words that the coordinator reads.", verbose_name="a practice case"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="place in the list")),
            ],
            options={
                "verbose_name": "training step",
                "verbose_name_plural": "training steps",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Cohort",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "aim",
                    models.CharField(
                        choices=[("fit", "Best fit"), ("many", "Most people matched")],
                        default="many",
                        max_length=4,
                        verbose_name="what for",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("only", models.JSONField(blank=True, default=list)),
                ("progress", models.PositiveSmallIntegerField(default=0)),
                ("solving_at", models.DateTimeField(null=True)),
                ("solved_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("published_at", models.DateTimeField(null=True)),
                ("certificate", models.JSONField(blank=True, default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "cohort",
                "verbose_name_plural": "cohorts",
            },
        ),
        migrations.CreateModel(
            name="Mentor",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mentor",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("story", models.TextField(blank=True, max_length=2000, verbose_name="what you have been through")),
                ("offers", models.TextField(blank=True, max_length=1000, verbose_name="what you can offer")),
                ("limits", models.TextField(blank=True, max_length=1000, verbose_name="what you will not do")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), blank=True, default=list, size=None, verbose_name="languages"
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("hours", mentorship.fields.Bits(168, default=0, editable=False)),
                ("capacity", models.PositiveSmallIntegerField(default=1, verbose_name="places")),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "I would rather not say"),
                            ("woman", "A woman"),
                            ("man", "A man"),
                            ("other", "Neither of these"),
                        ],
                        max_length=6,
                        verbose_name="you are",
                    ),
                ),
                (
                    "wished_gender",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "I would rather not say"),
                            ("woman", "A woman"),
                            ("man", "A man"),
                            ("other", "Neither of these"),
                        ],
                        max_length=6,
                        verbose_name="you would rather guide",
                    ),
                ),
                (
                    "shares",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("topics", "what you look for in each other"),
                                ("lived", "what you have both lived through"),
                                ("hours", "when you are both free"),
                                ("wish", "that one of you asked for the other"),
                                ("nearness", "that your clocks are close"),
                                ("language", "a second language that you share"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=mentorship.models.mentors.all_facts,
                        size=None,
                    ),
                ),
                ("begun_at", models.DateTimeField(default=community.times.now_in_steps, editable=False)),
                ("applied_at", models.DateTimeField(editable=False, null=True, verbose_name="applied")),
                ("approved_at", models.DateTimeField(editable=False, null=True, verbose_name="approved")),
                ("approved_until", models.DateField(editable=False, null=True, verbose_name="approved until")),
                ("refused_at", models.DateTimeField(editable=False, null=True)),
                ("refusal", models.CharField(blank=True, editable=False, max_length=500, verbose_name="why not, or not yet")),
                (
                    "experienced_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="trained for harder stories since"),
                ),
                ("paused_at", models.DateTimeField(editable=False, null=True, verbose_name="rests since")),
                ("stood_down_at", models.DateTimeField(editable=False, null=True, verbose_name="stopped")),
                ("renewal_asked_at", models.DateTimeField(editable=False, null=True, verbose_name="asked to go on")),
                ("lapse_told_at", models.DateTimeField(editable=False, null=True)),
                ("tag_bits", mentorship.fields.Bits(1024, default=0, editable=False)),
                ("not_bits", mentorship.fields.Bits(1024, default=0, editable=False)),
                ("help_bits", mentorship.fields.Bits(64, default=0, editable=False)),
                ("language_bits", mentorship.fields.Bits(64, default=0, editable=False)),
                ("utc_hours", mentorship.fields.Bits(168, default=0, editable=False)),
                ("offset", models.SmallIntegerField(default=0, editable=False)),
                ("free", models.SmallIntegerField(default=0, editable=False)),
                ("price", models.SmallIntegerField(default=0, editable=False)),
                ("helps", models.ManyToManyField(blank=True, to="mentorship.help", verbose_name="what you can be asked for")),
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
                "verbose_name": "mentor",
                "verbose_name_plural": "mentors",
            },
        ),
        migrations.CreateModel(
            name="Match",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cover_asked_at", models.DateTimeField(null=True)),
                ("cover_arranged_at", models.DateTimeField(null=True)),
                ("rhythm", models.CharField(blank=True, max_length=200, verbose_name="how often")),
                ("channel", models.CharField(blank=True, max_length=200, verbose_name="where you talk")),
                ("between_us", models.CharField(blank=True, max_length=500, verbose_name="what stays between you")),
                ("how_to_stop", models.CharField(blank=True, max_length=500, verbose_name="how either of you can stop")),
                ("lasts_until", models.DateField(blank=True, null=True, verbose_name="until about")),
                ("newcomer_agreed_at", models.DateTimeField(null=True)),
                ("mentor_agreed_at", models.DateTimeField(null=True)),
                ("notes", models.TextField(blank=True, max_length=8000, verbose_name="what you both want to remember")),
                ("notes_version", models.PositiveIntegerField(default=0)),
                ("last_position", models.PositiveIntegerField(default=0, editable=False)),
                ("spoke_at", models.DateTimeField(null=True)),
                ("nudged_at", models.DateTimeField(null=True)),
                ("frozen_at", models.DateTimeField(null=True)),
                ("ending_reminded_at", models.DateTimeField(null=True)),
                ("testimonial_is_named", models.BooleanField(default=False)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("newcomer", "The newcomer chose"),
                            ("coord", "A coordinator matched them"),
                            ("cohort", "Matched in a cohort"),
                            ("again", "Both asked for each other again"),
                        ],
                        default="newcomer",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=community.times.now_in_steps, editable=False)),
                ("hello", models.TextField(blank=True, max_length=1000, verbose_name="a first line")),
                ("answer_until", models.DateTimeField()),
                ("newcomer_accepted_at", models.DateTimeField(null=True)),
                ("mentor_accepted_at", models.DateTimeField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("place", models.PositiveSmallIntegerField(null=True)),
                ("score", models.SmallIntegerField(null=True)),
                ("parts", models.JSONField(blank=True, default=dict)),
                ("rank", models.PositiveIntegerField(null=True)),
                ("eligible", models.PositiveIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("declined", "One of them said no"),
                            ("expired", "Nobody answered in time"),
                            ("back", "The question was taken back"),
                            ("planned", "It came to a good end"),
                            ("no_fit", "It did not fit"),
                            ("stopped", "One of them stopped"),
                            ("quiet", "It went quiet"),
                            ("safety", "Ended for safety"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[("newcomer", "Newcomer"), ("mentor", "Mentor"), ("programme", "The programme")],
                        max_length=9,
                    ),
                ),
                ("decline_reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("ending_planned_for", models.DateField(null=True)),
                ("newcomer_thanks", models.TextField(blank=True, max_length=2000, verbose_name="your thank-you")),
                ("mentor_thanks", models.TextField(blank=True, max_length=2000, verbose_name="your thank-you")),
                ("newcomer_feedback", models.TextField(blank=True, max_length=2000)),
                ("mentor_feedback", models.TextField(blank=True, max_length=2000)),
                ("testimonial", models.CharField(blank=True, max_length=600, verbose_name="what others may read")),
                ("testimonial_shown_at", models.DateTimeField(null=True)),
                ("newcomer_asks_again_at", models.DateTimeField(null=True)),
                ("mentor_asks_again_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "newcomer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "mentor",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="mentorship.mentor"),
                ),
            ],
            options={
                "verbose_name": "match",
                "verbose_name_plural": "matches",
            },
        ),
        migrations.CreateModel(
            name="LessonDone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField(blank=True, max_length=4000, verbose_name="in your words")),
                ("at", models.DateTimeField(default=community.times.now_in_steps)),
                (
                    "lesson",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mentorship.lesson"),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lessons_done", to="mentorship.mentor"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Message",
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
                ("position", models.PositiveIntegerField(editable=False)),
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
                    "match",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="mentorship.match",
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
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NotAbout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="not_about", to="mentorship.mentor"
                    ),
                ),
                ("tag", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tags.tag")),
            ],
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "mentor",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="places", to="mentorship.mentor"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("need", models.TextField(max_length=2000, verbose_name="what it is about")),
                ("hopes", models.TextField(blank=True, max_length=1000, verbose_name="what you hope for")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None, verbose_name="languages"
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("hours", mentorship.fields.Bits(168, default=0, editable=False)),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "I would rather not say"),
                            ("woman", "A woman"),
                            ("man", "A man"),
                            ("other", "Neither of these"),
                        ],
                        max_length=6,
                        verbose_name="you are",
                    ),
                ),
                (
                    "wished_gender",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "I would rather not say"),
                            ("woman", "A woman"),
                            ("man", "A man"),
                            ("other", "Neither of these"),
                        ],
                        max_length=6,
                        verbose_name="you would rather have",
                    ),
                ),
                (
                    "weigh_topics",
                    models.CharField(
                        choices=[
                            ("must", "It has to be so"),
                            ("high", "It matters a lot"),
                            ("medium", "It would be good"),
                            ("low", "It matters little"),
                        ],
                        default="high",
                        max_length=6,
                        verbose_name="the kind of help",
                    ),
                ),
                (
                    "weigh_lived",
                    models.CharField(
                        choices=[
                            ("must", "It has to be so"),
                            ("high", "It matters a lot"),
                            ("medium", "It would be good"),
                            ("low", "It matters little"),
                        ],
                        default="high",
                        max_length=6,
                        verbose_name="having been there",
                    ),
                ),
                (
                    "weigh_hours",
                    models.CharField(
                        choices=[
                            ("must", "It has to be so"),
                            ("high", "It matters a lot"),
                            ("medium", "It would be good"),
                            ("low", "It matters little"),
                        ],
                        default="medium",
                        max_length=6,
                        verbose_name="being free at the same time",
                    ),
                ),
                (
                    "weigh_gender",
                    models.CharField(
                        choices=[
                            ("must", "It has to be so"),
                            ("high", "It matters a lot"),
                            ("medium", "It would be good"),
                            ("low", "It matters little"),
                        ],
                        default="must",
                        max_length=6,
                        verbose_name="who it is",
                    ),
                ),
                (
                    "most_important",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("topics", "what you look for in each other"),
                            ("lived", "what you have both lived through"),
                            ("hours", "when you are both free"),
                            ("wish", "that one of you asked for the other"),
                            ("nearness", "that your clocks are close"),
                            ("language", "a second language that you share"),
                        ],
                        max_length=8,
                        verbose_name="what matters most to you",
                    ),
                ),
                (
                    "struck",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), blank=True, default=list, editable=False, size=None
                    ),
                ),
                (
                    "shares",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("topics", "what you look for in each other"),
                                ("lived", "what you have both lived through"),
                                ("hours", "when you are both free"),
                                ("wish", "that one of you asked for the other"),
                                ("nearness", "that your clocks are close"),
                                ("language", "a second language that you share"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=mentorship.models.mentors.all_facts,
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField(default=community.times.now_in_steps, editable=False)),
                ("changed_at", models.DateTimeField(default=community.times.now_in_steps, editable=False)),
                ("waiting_since", models.DateTimeField(default=community.times.now_in_steps, editable=False)),
                ("open_until", models.DateField(editable=False)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[("found", "A mentor was found"), ("back", "Taken back"), ("out", "Run out")],
                        editable=False,
                        max_length=5,
                    ),
                ),
                (
                    "flagged_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="needs somebody trained for harder stories since"),
                ),
                ("tag_bits", mentorship.fields.Bits(1024, default=0, editable=False)),
                ("without_bits", mentorship.fields.Bits(1024, default=0, editable=False)),
                ("help_bits", mentorship.fields.Bits(64, default=0, editable=False)),
                ("language_bits", mentorship.fields.Bits(64, default=0, editable=False)),
                ("utc_hours", mentorship.fields.Bits(168, default=0, editable=False)),
                ("offset", models.SmallIntegerField(default=0, editable=False)),
                ("helps", models.ManyToManyField(blank=True, to="mentorship.help", verbose_name="what would help")),
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
                (
                    "user",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a mentor",
                "verbose_name_plural": "requests for a mentor",
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.SmallIntegerField(null=True)),
                ("parts", models.JSONField(blank=True, default=dict)),
                ("rank", models.PositiveIntegerField(null=True)),
                ("eligible", models.PositiveIntegerField(default=0)),
                ("why", models.JSONField(blank=True, default=dict)),
                ("stale", models.CharField(blank=True, max_length=200)),
                ("left_out_at", models.DateTimeField(null=True)),
                (
                    "cohort",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="pairings", to="mentorship.cohort"),
                ),
                (
                    "match",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="mentorship.match"
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="mentorship.mentor"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="mentorship.request"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Noted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("how", models.CharField(choices=[("saved", "Kept in mind"), ("not", "Not for me")], max_length=5)),
                (
                    "mentor",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="mentorship.mentor"),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="noted", to="mentorship.request"),
                ),
            ],
        ),
        migrations.AddField(
            model_name="match",
            name="request",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="mentorship.request"),
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("pin", "Together"), ("forbid", "Not together")], max_length=6)),
                (
                    "cohort",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="mentorship.cohort"),
                ),
                (
                    "mentor",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="mentorship.mentor"),
                ),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="mentorship.request"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("on", models.DateField(verbose_name="day")),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="a line for yourself")),
                (
                    "match",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="sessions", to="mentorship.match"),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Without",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="without", to="mentorship.request"),
                ),
                ("tag", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tags.tag")),
            ],
        ),
        migrations.CreateModel(
            name="Goal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("words", models.CharField(max_length=300, verbose_name="goal")),
                ("reached_at", models.DateTimeField(null=True)),
                (
                    "match",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="mentorship.match"),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("match", "number"), name="each_goal_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1), ("number__lte", 3)), name="three_goals_at_most"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Concern",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("words", models.TextField(blank=True, max_length=2000, verbose_name="what is the matter")),
                (
                    "shown",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("at", models.DateTimeField(default=community.times.now_in_steps)),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=500, verbose_name="what came of it")),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "match",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="concerns", to="mentorship.match"),
                ),
            ],
            options={
                "verbose_name": "concern for safety",
                "verbose_name_plural": "concerns for safety",
                "indexes": [models.Index(condition=models.Q(("closed_at", None)), fields=["at", "id"], name="concerns_open")],
            },
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(choices=[("fit", "After the first contact"), ("along", "Along the way")], max_length=5)),
                ("number", models.PositiveSmallIntegerField()),
                ("asked_at", models.DateTimeField(default=community.times.now_in_steps)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("good", "A good fit"), ("deciding", "Still deciding"), ("not", "Not a good fit")],
                        max_length=8,
                        verbose_name="how is it?",
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=2000, verbose_name="anything the coordinator should know")),
                ("answered_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "match",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="check_ins", to="mentorship.match"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at__isnull", False), ("seen_at", None)),
                        fields=["answered_at"],
                        name="check_ins_to_read",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("match", "user", "number"), name="asked_once_each_time"),
                    models.CheckConstraint(
                        condition=models.Q(("answered_at", None), models.Q(("answer", ""), _negated=True), _connector="OR"),
                        name="an_answer_says_how_it_is",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="mentor",
            index=models.Index(
                condition=models.Q(("approved_at", None), ("refused_at", None), ("stood_down_at", None)),
                fields=["applied_at"],
                name="mentors_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="mentor",
            index=models.Index(
                condition=models.Q(("free__gt", 0), ("paused_at", None), ("stood_down_at", None)),
                fields=["approved_until"],
                name="mentors_listed",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentor",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity__gte", 1), ("capacity__lte", 20)), name="a_mentor_has_one_to_twenty_places"
            ),
        ),
        migrations.AddConstraint(
            model_name="mentor",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_at", None), ("approved_until__isnull", False), _connector="OR"),
                name="an_approval_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentor",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_at", None), ("refused_at", None), _connector="OR"),
                name="mentor_is_approved_or_turned_down",
            ),
        ),
        migrations.AddConstraint(
            model_name="lessondone",
            constraint=models.UniqueConstraint(fields=("mentor", "lesson"), name="each_lesson_once"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["author", "-created_at", "-public_id"], name="message_by_author"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author", None), ("persona__isnull", False)),
                    models.Q(("author__isnull", False), ("persona", None)),
                    _connector="OR",
                ),
                name="mentorship_message_has_one_voice",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(condition=models.Q(("persona", None)), name="messages_are_said_by_name"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("match", "position"), name="one_message_per_position"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(fields=("mentor", "number"), name="each_place_once"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", 40)), name="places_are_numbered_from_one"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["waiting_since", "id"], name="requests_longest_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("user",), name="one_open_request_per_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("ending", "")),
                    models.Q(("closed_at__isnull", False), models.Q(("ending", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_ended_request_says_how",
            ),
        ),
        migrations.AddIndex(
            model_name="pairing",
            index=models.Index(fields=["cohort", "mentor"], name="pairings_of_a_mentor"),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.UniqueConstraint(fields=("cohort", "request"), name="one_row_per_newcomer_in_a_draft"),
        ),
        migrations.AddConstraint(
            model_name="noted",
            constraint=models.UniqueConstraint(fields=("request", "mentor"), name="one_note_per_request_and_mentor"),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["newcomer", "-asked_at"], name="matches_of_a_newcomer"),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["mentor", "-asked_at"], name="matches_of_a_mentor"),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(
                condition=models.Q(("began_at", None), ("ended_at", None)), fields=["answer_until"], name="questions_running_out"
            ),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(
                condition=models.Q(("began_at__isnull", False), ("ended_at", None)), fields=["spoke_at"], name="matches_gone_quiet"
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(("newcomer", models.F("mentor")), _negated=True), name="nobody_mentors_themselves"
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("began_at__isnull", False), ("ended_at", None), ("place__isnull", False)),
                    models.Q(("began_at", None), ("place", None)),
                    models.Q(("ended_at__isnull", False), ("place", None)),
                    _connector="OR",
                ),
                name="an_active_match_holds_a_place_and_no_other_does",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("place__isnull", False)), fields=("mentor", "place"), name="one_match_per_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("began_at__isnull", False), ("ended_at", None)),
                fields=("newcomer",),
                name="one_active_match_per_newcomer",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("began_at", None), ("ended_at", None)),
                fields=("newcomer", "mentor"),
                name="one_open_question_per_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("began_at__isnull", False),
                    models.Q(
                        ("newcomer_asks_again_at", None), ("mentor_asks_again_at", None), ("ending", "safety"), _connector="OR"
                    ),
                ),
                fields=("newcomer", "mentor"),
                name="a_pair_begins_again_only_if_both_ask",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("began_at", None),
                    models.Q(("mentor_accepted_at__isnull", False), ("newcomer_accepted_at__isnull", False)),
                    _connector="OR",
                ),
                name="a_match_begins_when_both_said_yes",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ending", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("ending", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_ended_match_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(fields=("cohort", "request", "mentor"), name="one_wish_per_pair_of_a_draft"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "pin")), fields=("cohort", "request"), name="one_pin_per_newcomer_of_a_draft"
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["match", "user", "-on"], name="sessions_of_one"),
        ),
    ]
