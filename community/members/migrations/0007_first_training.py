"""What a role asks of somebody before it begins, in a first version that owners change in the admin.

Whoever holds a role already holds it for another year, with the training behind them.
"""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

_REST = (
    "You can do this for ten minutes a week, or not at all for a while: nobody asks why. You can lay it down at any time on this "
    "page. What weighs on you, tell another volunteer, or [somebody who is there for that](/help/)."
)
STEPS = {
    "greeter": [
        (
            "What a greeter does",
            "You answer the first thing that somebody says here, so that nobody speaks into an empty room. You have no power over "
            "anybody’s words, and see nothing that other members cannot see.\n\n"
            "- **Two or three sentences are enough.** Say that you read it, and name one thing that stayed with you.\n"
            "- **Answer the need that was named.** Where somebody asks to be listened to, no advice.\n"
            "- **Ask at most one question**, one that can be left unanswered.\n"
            "- **Worried about somebody?** *Report* under what they wrote, *I am worried about somebody*. Volunteers see that "
            "first. You need not carry it alone.",
            "",
        ),
        ("Looking after yourself", _REST, ""),
        (
            "A practice case: the one long post",
            "Somebody new writes two pages at night about the last four years, without a question at the end. Below stands: *Sorry, "
            "I know this is too much.* You have ten minutes. What do you write?",
            "“It isn’t too much. I read all of it, and I’m glad you put it down somewhere. What stayed with me is that you still "
            "water her plants. I’m off to bed soon, but others read here in the morning, and so will I.”\n\nIt answers the worry, "
            "names one thing, and promises nothing that you can’t keep.",
        ),
    ],
    "moderator": [
        (
            "What a moderator does",
            "You look after what is said here, with the least that helps: *a note, a change, a part taken out, hiding*, in this "
            "order.\n\n"
            "- **Each time you write a reason**, as you would want to read it: what, where, which rule, and what still works.\n"
            "- **It is about words, not about who somebody is.** Tired, new and clumsy are never a reason.\n"
            "- **You decide nothing about yourself**, nothing of your friends where another one can, and nothing about owners.\n"
            "- **Everything you do is written down**, and everybody can ask for another look, by somebody else than you.\n"
            "- **You see no private rooms** beyond what one of the two reported.",
            "",
        ),
        (
            "When somebody may be in danger",
            "*Worried about somebody* comes first, always. Do not hide a cry for help because it is hard to read: put a content "
            "note on it, answer it by name, and point to [who is there at any hour](/help/). Take out numbers, doses and ways. You "
            "are no crisis line, and it is not yours to save anybody; tell those in charge of safety, who decide what else can be "
            "done.",
            "",
        ),
        ("Looking after yourself", _REST, ""),
        (
            "A practice case: three reports",
            "Three members report the same reply: *rude*. It says: *You have asked this four times now. Leave him or don’t, but "
            "stop asking us.* The one it answers has written that she is used to it. What do you do?",
            "It breaks a rule: *Disagree with what was said, never with who somebody is*, and the need that was named. The least "
            "that helps: ask for a change, with the reason that being tired of a question is allowed and a shrug at a person is "
            "not. It is not for her to be used to it. The three are told that something was done, not what.",
        ),
    ],
    "lead": [
        (
            "What being in charge of safety means",
            "You hear what is called from a room of two, and with another lead you can find out who speaks under an alias.\n\n"
            "- **Never alone.** One asks, the other agrees or does not. Both have to see the same danger.\n"
            "- **Only for a danger to somebody** that nothing less can answer. To pause, hide or warn, nobody needs a name.\n"
            "- **They are told**, unless telling them would put somebody in danger, and then you write down why.\n"
            "- **You call nobody’s home, work or family** because you are worried. Where somebody’s life is in danger now and you "
            "know where, the emergency number is for you as for everybody.",
            "",
        ),
        (
            "A practice case: a name, please",
            "A member writes to you: an alias in their conversation must be their former partner; would you look? They are frightened. "
            "What do you do, and what do you not do?",
            "You do not look. You believe the fear: show them how to block the alias, offer to have the words looked at first, or the "
            "alias paused for words that broke a rule, and give them the numbers for their country. An answer in either direction "
            "would tell somebody who another member is; a wrong guess would, too.",
        ),
    ],
    "librarian": [
        (
            "What a librarian does",
            "You look at what members bring before everybody sees it, and you keep the vocabulary.\n\n"
            "- **Does it help somebody here?** That is the question, not whether you like it.\n"
            "- **Out goes**: what sells something, what promises a cure, what tells ways to harm oneself, what asks for an account "
            "without saying so.\n"
            "- **A no has a reason** that the one who brought it can do something with.\n"
            "- **What you brought yourself** another one looks at.",
            "",
        ),
        (
            "A practice case: the free course",
            "A member brings a page: a free course on sleep, kindly written, three good exercises. At the end of each part there is "
            "a button to a paid programme. What do you do?",
            "Both answers are good ones. Put it up with a line that says where it turns into an advertisement; or ask whether there is "
            "the same without one. What does not help anybody is a no without a reason, or a yes that hides the button.",
        ),
    ],
    "coordinator": [
        (
            "What a coordinator does",
            "You bring newcomers and mentors together, and you see that nobody waits without a word.\n\n"
            "- **You read what they tell you**, never what two say to each other.\n"
            "- **A match is an offer**: both can say no without a reason, and neither is asked for one.\n"
            "- **Mentors get tired.** A full mentor is full; a resting one is not asked.\n"
            "- **What sounds dangerous** goes to those in charge of safety, at once.",
            "",
        ),
        (
            "A practice case: the one who waits",
            "Somebody has waited for five weeks. The one mentor who would fit has a free place and wrote last week that it has been "
            "a hard month. What do you do?",
            "You write to whoever waits, today, that you have not forgotten them, and show what else is here meanwhile. You ask the "
            "mentor how they are before you ask for anything, and take “not now” for an answer.",
        ),
    ],
}
ROLES = {
    "Greeters": "greeter",
    "Moderators": "moderator",
    "Safeguarding leads": "lead",
    "Librarians": "librarian",
    "Coordinators": "coordinator",
}


def begin(apps, schema_editor):
    TrainingStep = apps.get_model("members", "TrainingStep")
    for role, steps in STEPS.items():
        for position, (name, body, answer) in enumerate(steps, start=1):
            TrainingStep.objects.create(role=role, name=name, body=body, answer=answer, position=position)
    now = timezone.now()
    Office, Membership = apps.get_model("members", "Office"), apps.get_model("members", "User").groups.through
    for held in Membership.objects.filter(group__name__in=ROLES):
        office = {"user_id": held.user_id, "group_id": held.group_id, "ended_at": None}
        Office.objects.update_or_create(**office, defaults={"until": now + timedelta(days=365), "trained_at": now})


class Migration(migrations.Migration):
    dependencies = [("members", "0006_training"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
