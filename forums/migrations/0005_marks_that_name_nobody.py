"""Read marks that name nobody, in a new table: of columns that are dropped the values would stay on the disk.

What members left by name is carried over; it takes the tag key, which every process has. Whose marks those of aliases are cannot
be known here, so they go. The new rows lie in the order of their tags, which tells nothing.
"""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

import community.times
from community.identity.seal import read_tags, shelf_tags

ON_SHELVES = timedelta(weeks=8)
COLUMNS = "topic_id, reader, shelf, position, at"


def put_aside(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE carried (topic_id bigint, reader bytea, shelf bytea, position integer, at timestamptz) "
            "ON COMMIT DROP"
        )
        # Read before they are written: a connection does one after the other.
        marks = _named(apps)
        with cursor.copy(f"COPY carried ({COLUMNS}) FROM STDIN") as copy:
            for row in _nameless(marks):
                copy.write_row(row)


def _named(apps) -> list[tuple]:
    marks = apps.get_model("forums", "ReadMark").objects.exclude(user=None).order_by("user", "-at")
    return list(marks.values_list("user", "topic", "topic__public_id", "position", "at"))


def _nameless(marks: list[tuple]) -> Iterator[tuple]:
    places: dict[tuple, Iterator[bytes]] = {}
    for user_id, topic_id, public_id, position, at in marks:
        user = SimpleNamespace(pk=user_id)
        (reader,), shelf = read_tags(user, [public_id]), None
        if at > timezone.now() - ON_SHELVES:
            year, week, _day = at.isocalendar()
            shelf = next(places.setdefault((user_id, year, week), iter(shelf_tags(user, f"{year}-{week}"))), None)
        yield topic_id, reader, shelf, position, at


def carry_over(apps, schema_editor):
    schema_editor.execute(f"INSERT INTO forums_readmark ({COLUMNS}) SELECT {COLUMNS} FROM carried ORDER BY reader")


def nothing(apps, schema_editor):
    """Whom a mark names cannot be known any more."""


class Migration(migrations.Migration):
    dependencies = [("forums", "0004_waiting_by_board")]

    operations = [
        migrations.RunPython(put_aside, nothing),
        migrations.DeleteModel("ReadMark"),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="forums.topic"
                    ),
                ),
                ("reader", models.BinaryField(max_length=32, unique=True)),
                ("shelf", models.BinaryField(db_index=True, max_length=32, null=True)),
                ("position", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=community.times.now_in_steps)),
            ],
        ),
        migrations.RunPython(carry_over, nothing),
    ]
