"""What is told of a resource in a word: its kind, its cost, how hard it is to read, who may see it, how its address fares."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    ARTICLE = "article", _("Article")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    BOOK = "book", _("Book")
    TOOL = "tool", _("Tool")
    SERVICE = "service", _("Service or helpline")
    LIVED = "lived", _("From lived experience")

    @property
    def icon(self) -> str:
        """The drawing beside its name."""
        return _ICONS[self]


_ICONS = {
    Kind.ARTICLE: "page",
    Kind.VIDEO: "play",
    Kind.AUDIO: "ear",
    Kind.BOOK: "book",
    Kind.TOOL: "list",
    Kind.SERVICE: "phone",
    Kind.LIVED: "person",
}


class Cost(models.TextChoices):
    FREE = "free", _("Free")
    PARTLY = "partly", _("Partly free")
    PAID = "paid", _("Costs money")


class Level(models.TextChoices):
    PLAIN = "plain", _("Easy to read")
    USUAL = "usual", _("Takes some attention")
    EXPERT = "expert", _("For professionals")


class Audience(models.TextChoices):
    """Who may see something of the library."""

    EVERYONE = "everyone", _("Anyone can see it, also without signing in")
    MEMBERS = "members", _("Members can see it")


class LinkState(models.TextChoices):
    """What was found when its address was looked at last."""

    UNSEEN = "unseen", _("Not looked at yet")
    FINE = "fine", _("Opens")
    MOVED = "moved", _("Moved")
    LOCKED = "locked", _("Behind a sign-in")
    FAILING = "failing", _("Did not open lately")
    BROKEN = "broken", _("Does not open any more")


class Fault(models.TextChoices):
    """What was the matter when its address was looked at last, for whoever can mend it."""

    GONE = "gone", _("The site says that there is no such page.")
    ERROR = "error", _("The site has trouble of its own.")
    NAME = "name", _("There is no site of this name.")
    SILENT = "silent", _("The site did not answer.")
    UNSAFE = "unsafe", _("The certificate of the site is not right, so browsers warn of it.")
    NONSENSE = "nonsense", _("What the site answers can’t be understood.")
    INSIDE = "inside", _("It leads to a machine that is not open to everybody.")
    BARRED = "barred", _("The site doesn’t let programs look; it may open for people.")
    BUSY = "busy", _("The site was too busy to say.")
    CIRCLES = "circles", _("The site sends on and on; it may open for people.")
    PORT = "port", _("It leads to a port that is not looked at.")
    OURS = "ours", _("This place could not reach the network.")
