"""Who works on what just now, so that two never do the same."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils import timezone
from django.utils.functional import cached_property

from .limits import DeskSettings

_DROP = "DELETE FROM moderation_claim WHERE target_type_id = %s AND target_id = %s AND by_id = %s"
_HOLD = (
    "INSERT INTO moderation_claim AS held (target_type_id, target_id, by_id, until) VALUES (%s, %s, %s, %s + "
    "make_interval(mins => coalesce((SELECT claim_minutes FROM moderation_desksettings WHERE id = 1), %s))) "
    "ON CONFLICT (target_type_id, target_id) DO UPDATE SET by_id = excluded.by_id, until = excluded.until "
    "WHERE held.by_id = excluded.by_id OR held.until < %s"
)
_PASS_ON = f"WITH left_to_others AS ({_DROP}) {_HOLD}"


class Claimable(models.Model):
    """What can be claimed, so that two do not work on it at once."""

    class Meta:
        abstract = True

    @property
    def claimed_as(self) -> tuple[int, int]:
        """Type and key of what is claimed: the thing itself, where it is not about another one."""
        return ContentType.objects.get_for_model(self).pk, self.pk

    @cached_property
    def running_claim(self) -> "Claim | None":
        """Who works on it just now, looked up once."""
        return Claim.of(self)

    def is_somebody_elses(self, user: Any) -> bool:
        return self.running_claim is not None and self.running_claim.by_id != user.pk

    def claim(self, *, by: Any) -> bool:
        """See `Claim.take`."""
        self.__dict__.pop("running_claim", None)
        return Claim.take(self, by=by)

    def let_go(self, *, by: Any) -> None:
        self.__dict__.pop("running_claim", None)
        Claim.let_go(self, by=by)


class Claim(models.Model):
    """That somebody works on something just now, so that nobody else does the same. It ends by itself."""

    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField()

    personal = {"by": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target_type", "target_id"], name="one_claim_per_thing")]

    def __str__(self) -> str:
        return f"{self.by} until {self.until:%H:%M}"

    @classmethod
    def take(cls, target: models.Model, *, by: Any) -> bool:
        """Claim `target`, or keep one’s claim for longer; False while it is somebody else’s. Safe for two at once."""
        return cls.hold(_claimed_as(target), by=by)

    @classmethod
    def hold(cls, thing: tuple[int, int], *, by: Any, leaving: tuple[int, int] | None = None) -> bool:
        """The same for a thing of which one knows the type and the key, and in the same statement leave another one to others."""
        now, shipped = timezone.now(), DeskSettings._meta.get_field("claim_minutes").default
        with connection.cursor() as cursor:
            cursor.execute(
                _PASS_ON if leaving else _HOLD, [*((*leaving, by.pk) if leaving else ()), *thing, by.pk, now, shipped, now]
            )
            return cursor.rowcount == 1

    @classmethod
    def of(cls, target: models.Model) -> "Claim | None":
        """Who works on `target` just now."""
        kind, key = _claimed_as(target)
        running = cls.objects.filter(target_type=kind, target_id=key, until__gte=timezone.now())
        return running.select_related("by").first()

    @classmethod
    def at_work_on(cls, kind: ContentType, *, but: Any) -> models.QuerySet:
        """Who else than `but` works on things of this kind just now, by `target_id`."""
        return cls.objects.filter(target_type=kind, until__gte=timezone.now()).exclude(by=but.pk)

    @classmethod
    def let_go(cls, target: models.Model, *, by: Any) -> None:
        cls.drop(_claimed_as(target), by=by)

    @classmethod
    def drop(cls, thing: tuple[int, int], *, by: Any) -> None:
        """The same for a thing of which one knows the type and the key."""
        with connection.cursor() as cursor:
            cursor.execute(_DROP, [*thing, by.pk])


def _claimed_as(target: Any) -> tuple[int, int]:
    return getattr(target, "claimed_as", None) or (ContentType.objects.get_for_model(target).pk, target.pk)
