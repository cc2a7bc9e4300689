"""What the person who starts a conversation asks of those who answer."""

from django.db import models
from django.utils.translation import gettext_lazy


class Mode(models.TextChoices):
    LISTENING = "listening", gettext_lazy("Just listening")
    STORIES = "stories", gettext_lazy("Your stories")
    ADVICE = "advice", gettext_lazy("Advice welcome")
    PRACTICAL = "practical", gettext_lazy("Practical help")
    GOOD_NEWS = "good_news", gettext_lazy("Good news")

    @property
    def icon(self) -> str:
        return _ICONS[self]

    @property
    def hint(self) -> str:
        """What choosing it means, for the person who starts."""
        return str(_HINTS[self])

    def asks(self, name: str) -> str:
        """What is asked for, above the conversation."""
        return _ASKS[self] % {"name": name}

    def reminds(self, name: str) -> str:
        """The same once more, above the reply box."""
        return _REMINDS[self] % {"name": name}


_ICONS = {
    Mode.LISTENING: "cup",
    Mode.STORIES: "book",
    Mode.ADVICE: "post",
    Mode.PRACTICAL: "list",
    Mode.GOOD_NEWS: "sun",
}
_HINTS = {
    Mode.LISTENING: gettext_lazy("Company, not solutions."),
    Mode.STORIES: gettext_lazy("What it was like for others."),
    Mode.ADVICE: gettext_lazy("What would you try?"),
    Mode.PRACTICAL: gettext_lazy("Forms, words, how it is done."),
    Mode.GOOD_NEWS: gettext_lazy("Something went well, and you want to say so."),
}
_ASKS = {
    Mode.LISTENING: gettext_lazy("%(name)s would like company, not solutions."),
    Mode.STORIES: gettext_lazy("%(name)s would like to hear what it was like for you. Not what they should do."),
    Mode.ADVICE: gettext_lazy("%(name)s would like to know what you would try."),
    Mode.PRACTICAL: gettext_lazy("%(name)s is looking for something that works: forms, words, how it is done."),
    Mode.GOOD_NEWS: gettext_lazy("%(name)s has something good to share. Be glad with them; advice isn’t needed."),
}
_REMINDS = {
    Mode.LISTENING: gettext_lazy("%(name)s asked for company. You don’t have to fix anything; “I’m here” is a whole answer."),
    Mode.STORIES: gettext_lazy("%(name)s asked for stories. Tell what it was like for you, and leave out what they should do."),
    Mode.ADVICE: gettext_lazy("%(name)s welcomes advice. Say what you would try, and how it went for you."),
    Mode.PRACTICAL: gettext_lazy("%(name)s asked for practical help. Plain steps are best, and say where you know it from."),
    Mode.GOOD_NEWS: gettext_lazy("%(name)s shared good news. A glad word is enough."),
}
