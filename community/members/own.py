"""What of an account is its member's own. What lets somebody in (passwords, codes, keys of sessions) stays out of the file."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from community.copying import Own

from .models import Acceptance, Avatar, Block, Office, Profile, Standing, StepTaken, User
from .models.naming import TakenName
from .models.standing import places

OWN = [
    Own(
        User,
        _("Your account"),
        {
            "username": _("your name here"),
            "email": _("e-mail address"),
            "date_joined": _("joined"),
            "last_login": _("last signed in, to the hour"),
            "settled_at": _("limits of the first days lifted"),
            "unnamed_at": _("without a name of your own since"),
        },
        by=("pk",),
    ),
    Own(TakenName, _("Names that were taken from you"), {"key": _("name, as it is compared"), "decision__at": _("when")}),
    Own(
        Profile,
        _("What others see of you"),
        {
            "about": _("about you"),
            "languages": _("languages"),
            "time_zone": _("time zone"),
            "avatar_seed": _("number of your window"),
        },
    ),
    Own(
        Avatar,
        _("Your picture"),
        {"picture": _("file")},
        by=("profile__user",),
        also={"picture": Value("files/picture.webp")},
        file=("image", "picture"),
    ),
    Own(
        EmailAddress, _("Your addresses"), {"email": _("address"), "verified": _("confirmed"), "primary": _("the one we write to")}
    ),
    Own(
        Authenticator,
        _("Your second steps and passkeys"),
        {"type": _("what"), "created_at": _("since"), "last_used_at": _("used last")},
    ),
    Own(
        UserSession,
        _("Where you are signed in"),
        {"user_agent": _("browser"), "ip": _("network address"), "created_at": _("since"), "last_seen_at": _("seen last")},
    ),
    Own(
        Acceptance,
        _("What you agreed to"),
        {
            "agreement__kind": _("text"),
            "agreement__version": _("version"),
            "at": _("when"),
            "withdrawn_at": _("taken back"),
        },
    ),
    Own(User.groups.through, _("Groups you are in"), {"group__name": _("group")}, name="groups"),
    Own(
        Office,
        _("Your roles"),
        {
            "group__name": _("role"),
            "since": _("since"),
            "trained_at": _("training done"),
            "until": _("until"),
            "ended_at": _("ended"),
        },
    ),
    Own(StepTaken, _("Steps of your training"), {"step__name": _("step"), "at": _("when")}, by=("office__user",)),
    Own(
        Block,
        _("Whom you blocked"),
        {"blocked__username": _("member"), "blocked_persona__alias": _("alias"), "at": _("when")},
        by=("blocker", "blocker_persona"),
    ),
    Own(
        Standing,
        _("Until when you can’t post because of something said under an alias"),
        {"paused_until": _("until")},
        found=lambda user: Standing.objects.filter(tag__in=list(places(user))),
    ),
]
