"""What a new house begins with: texts to agree to, the limits of the first days, the moderators' group.

The texts are a first version; owners publish their own in the admin.
"""

from django.db import migrations

RULES = """\
We keep each other company here. These few rules let people speak freely, and they are the same for everybody.

### Be gentle

- **Speak from your own life.** “This is what I tried” helps more than “you should”.
- **Answer the need that was named.** Where somebody asks to be listened to, listen; advice can wait until it is asked for.
- **Disagree with what was said, never with who somebody is.** No contempt, no threats, no jokes at anybody’s cost.

### Keep people safe

- **Everybody here has a made-up name.** Leave out your own name, address, workplace and number, and those of others. Do not try to find out who somebody is.
- **What is said here stays here.** Do not copy it to other places, and do not write about people who have not agreed to it so that others could recognise them.
- **No descriptions of ways to harm oneself or others**, and no numbers, doses, weights or tools. You may say how bad it is; you need not say how.
- **We are not doctors, lawyers or a crisis line.** If somebody may be in danger now, *Get help now* at the top of every page leads to people who are there for that.

### Keep it ours

- **No selling, recruiting, fundraising or preaching.**
- **No looking for dates, and no private contact that the other person did not ask for.**
- **You are of the age that you said at the door.** This place is for adults.

### When something goes wrong

Volunteers read here at some hours, not at all times. They may hide something or close a conversation; each time they write down why, and what you wrote is still there for you under *What you wrote*. Being new, tired or clumsy is never a reason to be sent away. Making others afraid is.
"""

SENSITIVE = """\
Much of what people write here is about health, grief, faith, love or money. The law asks us to have your clear yes before we keep such things, apart from your yes to the house rules. Here is what you say yes to.

### What we keep

- **What you write**, with its earlier versions when you change it, and words that you have not sent yet.
- **Your made-up name, your e-mail address, and what you choose to say about yourself.** Nobody sees the address on any page here, volunteers included.
- **When you were here last, and from where and on which devices you are signed in**, so that you can see it and end it.

We do not ask for your name, do not measure you, do not show you advertisements and give nothing to anybody who does.

### Who can read it

Each conversation says who can read it: everybody, members, or a group. Volunteers can read what members can read, and what was hidden. Whoever runs the server has the whole database in their hands, addresses included; ask who that is before you trust a house like this one.

### Taking your yes back

You can take it back under *What you agreed to*, at any time and without a reason, by one button as you gave it. From then on you can read but not write, and nobody asks you why. What you have written so far stays where it stands until you take it back, one thing at a time, under *What you wrote*. You can give your yes again whenever you like.
"""


def begin(apps, schema_editor):
    Agreement = apps.get_model("members", "Agreement")
    for kind, body in (("rules", RULES), ("sensitive", SENSITIVE)):
        Agreement.objects.create(kind=kind, version=1, body=body)
    apps.get_model("members", "NewMemberLimits").objects.create(pk=1)
    apps.get_model("auth", "Group").objects.get_or_create(name="Moderators")


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
