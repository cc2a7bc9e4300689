from django.db import migrations

# What is needed often, kindly put; leads and owners change the list in the admin. An empty act stands for all of them.
REASONS = (
    (
        "",
        "Somebody else can be known by it",
        "It says something by which somebody who is not here can be known: a name, a place of work, a street. They can’t say "
        "whether they want that. Without it, your words are welcome.",
    ),
    (
        "",
        "It hurts somebody who reads here",
        "It speaks of somebody in a way that hurts them, whether or not you meant it to. You may be angry here; please say how "
        "it is for you, rather than what they are.",
    ),
    (
        "note",
        "Harder to read than it looks",
        "What you wrote may stay as it is. It touches something that is hard for some who read here, so it is folded behind a "
        "few words that say what it is about.",
    ),
    (
        "fold",
        "Somebody has yet to look",
        "Some members asked us to look at this. Until a volunteer has done so it is folded, not hidden: whoever wants to can read it.",
    ),
    (
        "revise",
        "A part can’t stay",
        "Most of this can stay. There is a part that can’t, and you know best how to put it otherwise. It is back with you, as "
        "you wrote it; change it and send it again, and somebody looks soon.",
    ),
    (
        "revise",
        "Say it as your own experience",
        "It reads as advice for everybody. Please tell it as what you have been through yourself, so that nobody takes it for "
        "what they have to do.",
    ),
    (
        "redact",
        "An address, a number or a name",
        "There was an address, a number or a name in it by which somebody can be found. We took it out to keep them, or you, "
        "safe. Everything else stands as you wrote it.",
    ),
    (
        "redact",
        "A method or an amount",
        "We took out how something was done, or how much was taken: it can be dangerous to somebody who reads it on a bad "
        "night. That you spoke of it is all right.",
    ),
    (
        "hide",
        "Not safe for others as it stands",
        "As it stands it could put somebody who reads it in danger, so it is not shown. We do not think badly of you for it. "
        "If you want to, write it anew without that part; we are glad to have you here.",
    ),
    (
        "hide",
        "It sells or asks for money",
        "It offers something for money, or asks for some. Nobody should have to wonder here whether they are being sold something.",
    ),
    (
        "remove",
        "It may not be kept here",
        "It can’t be kept here, also not where nobody reads it. You have a copy of your words, on the page of this decision.",
    ),
    (
        "move",
        "More people who know this read there",
        "There is a board where more people know what this is like, so it stands there now. Nothing else changed, and its old "
        "address leads on.",
    ),
    (
        "lock",
        "It has gone round in a circle",
        "It has been said, and it goes round by now. Everybody can still read it. If there is something new, begin another "
        "conversation.",
    ),
    (
        "lock",
        "It has become too heated",
        "It has become hard for some of those who take part, so it rests. That is nobody’s fault alone.",
    ),
    (
        "slow",
        "To leave time to breathe",
        "It goes fast just now, and it is about something that matters. With some time between two replies everybody can keep up.",
    ),
    (
        "hold",
        "For a while somebody reads first",
        "Some of what you wrote lately had to be changed. For a while a volunteer reads first what you post, so that this "
        "happens before others see it.",
    ),
    (
        "pause",
        "Time to rest",
        "It was too much lately, for others and perhaps for you. You can read, write to us and ask for another look meanwhile; "
        "afterwards you can post as before.",
    ),
    (
        "refuse",
        "Not for this place",
        "Thank you for bringing it. It does not fit what people look for here, so we can’t take it as it is. Your words are "
        "yours to change and to send again.",
    ),
    (
        "refuse",
        "Something is missing",
        "Thank you. Something is missing before we can take it; what that is stands below. Add it and send it again when you can.",
    ),
    (
        "end",
        "It ends here, with thanks",
        "Your part in this ends here. Thank you for what you have given to it. You stay a member like everybody else.",
    ),
)


def offer_reasons(apps, schema_editor):
    ReasonTemplate = apps.get_model("decisions", "ReasonTemplate")
    ReasonTemplate.objects.bulk_create(
        ReasonTemplate(act=act, name=name, words=words, position=position)
        for position, (act, name, words) in enumerate(REASONS, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("decisions", "0002_the_house_decides")]

    operations = [migrations.RunPython(offer_reasons, migrations.RunPython.noop)]
