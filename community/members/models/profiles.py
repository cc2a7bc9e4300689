"""What a member shows of themselves: the profile, and a picture if they chose one."""

import secrets
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community import text
from community.members import time_zones
from community.times import in_steps

from .users import User


def drawing_seed() -> int:
    """A random seed for somebody's drawn window; never derived from a name, an id or an address."""
    return secrets.randbelow(2**31)


def validate_time_zone(value: str) -> None:
    if value not in time_zones.known():
        raise ValidationError(_("Choose a time zone from the list."))


class Profile(models.Model):
    """What a member shows of themselves; nothing here counts anything."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    about = models.TextField(_("about me"), blank=True, max_length=500)
    about_html = models.TextField(blank=True, editable=False)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])
    avatar_seed = models.PositiveIntegerField(default=drawing_seed, editable=False)

    personal = {"about": "blank", "about_html": "blank", "languages": "blank", "time_zone": "blank", "avatar_seed": "keep"}

    def __str__(self) -> str:
        return self.user.username

    def save(self, **kwargs: Any) -> None:
        self.about_html = text.render(self.about) if self.about else ""
        if "about" in (fields := kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*fields, "about_html"}
        super().save(**kwargs)

    @classmethod
    def of(cls, user: User) -> "Profile":
        """The member's profile; a fresh one, not yet saved, if there is none."""
        return getattr(user, "profile", None) or cls(user=user)

    @property
    def picture(self) -> "Avatar | None":
        """The member's own picture, if they chose one."""
        return getattr(self, "avatar", None)

    @property
    def clock(self) -> str:
        """What their clock says, as in 21:40, if they told where it hangs."""
        if self.time_zone not in time_zones.known():
            return ""
        return f"{in_steps(timezone.now()).astimezone(ZoneInfo(self.time_zone)):%H:%M}"

    def draw_another_window(self) -> None:
        self.avatar_seed = drawing_seed()
        self.save()

    @transaction.atomic
    def hang(self, picture: bytes) -> "Avatar":
        """Show this picture (small WebP, see `pictures`) instead of the drawn window; each one has an address of its own."""
        if self._state.adding:
            self.save()
        return Avatar.objects.update_or_create(profile=self, defaults={"image": picture, "public_id": uuid.uuid4()})[0]

    def take_down(self) -> None:
        """Forget the member's picture; the drawn window is back."""
        Avatar.objects.filter(profile=self).delete()


class Avatar(models.Model):
    """A member's own picture, made small and written anew, so that nothing of the original file remains."""

    profile = models.OneToOneField(Profile, models.CASCADE, primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    image = models.BinaryField(max_length=200_000)

    personal = {"image": "erase"}

    def __str__(self) -> str:
        return str(self.public_id)

    def get_absolute_url(self) -> str:
        return reverse("avatar_image", args=[self.public_id])
