from django.db import migrations

KINDS = (
    ("Listening", "Somebody who hears you out and gives no advice."),
    ("Writing on hard days", "A few lines when it is bad."),
    ("What helped me", "Practical things from somebody’s own way through."),
    ("Finding words", "For telling family, friends or people at work."),
    ("Offices and forms", "What to ask for, where, and how to stand it."),
    ("Finding professional help", "What there is, what to ask, how to begin."),
    ("Rhythm of the day", "Sleeping, eating, going out, one step at a time."),
    ("Work and study", "Staying, stopping for a while, going back."),
    ("Being a family", "As a parent, a child, a partner who cares for somebody."),
    ("Starting again", "After a loss, a move, a long time away."),
    ("Small good things", "Somebody to notice with what went well."),
)
LESSONS = (
    (
        "What a mentor is here",
        False,
        "You are somebody who has been there, not a therapist, and not on call. You listen first, you share what helped you, and you "
        "leave every decision with the person it belongs to.\n\nYou may say “I don’t know”, “that is more than I can carry” and "
        "“let us ask somebody in charge of safety” at any time.",
    ),
    (
        "Our agreements with each other",
        False,
        "- What is said between you stays between you, except where somebody’s life or safety is in danger.\n"
        "- You talk here, in your own room, and not elsewhere. You don’t ask for telephone numbers, addresses or money, and give none.\n"
        "- No dates, no selling, no faith or cure that you want somebody to take up.\n"
        "- Either of you can stop at any time, without a reason.\n"
        "- When you are worried about somebody, you press “Something is not safe”, and a safeguarding lead takes it from there.",
    ),
    (
        "Looking after yourself",
        False,
        "Take fewer people than you think you can. Rest before you need it: the switch “I am resting” works at once, and nobody "
        "is told why. After a hard talk, write to the other mentors or to a coordinator.",
    ),
    (
        "A practice case",
        True,
        "Linden writes to you at one in the morning, for the third night: “I can’t do this any more. You are the only one who gets "
        "it. Can I have your number?” You are tired, and you have to get up at six.\n\nWhat do you answer, and what do you do next?",
    ),
)


def fill(apps, schema_editor):
    Help, Lesson = apps.get_model("mentorship", "Help"), apps.get_model("mentorship", "Lesson")
    Help.objects.bulk_create(Help(name=name, hint=hint, position=n) for n, (name, hint) in enumerate(KINDS))
    Lesson.objects.bulk_create(
        Lesson(name=name, is_case=is_case, body=body, position=n) for n, (name, is_case, body) in enumerate(LESSONS)
    )


class Migration(migrations.Migration):
    """What Django can't say in a model: a match holds a place of its own mentor. And what a programme begins with."""

    dependencies = [("mentorship", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE mentorship_match ADD CONSTRAINT a_match_holds_a_place_of_its_own_mentor "
            "FOREIGN KEY (mentor_id, place) REFERENCES mentorship_place (mentor_id, number)",
            "ALTER TABLE mentorship_match DROP CONSTRAINT a_match_holds_a_place_of_its_own_mentor",
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
