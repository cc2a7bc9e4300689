from typing import Any, Self

from django.db import connection, models, transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from .resources import Resource

# All that one member can have here.
MOST_BYTES_OF_A_MEMBER = 100 * 1024 * 1024


class ResourceFileQuerySet(models.QuerySet):
    def about(self) -> Self:
        """Without their bytes."""
        return self.defer("content")

    def visible_to(self, viewer: Any) -> Self:
        """As the resources they belong to."""
        return self.filter(resource__in=Resource.objects.visible_to(viewer))

    def brought_by(self, member: Any) -> Self:
        return self.filter(resource__in=Resource.objects.in_voice(member))

    def bytes_of(self, member: Any, *, but: int | None = None) -> int:
        """How much this member has here, beside the file of one resource."""
        own = self.brought_by(member).exclude(resource=but)
        return own.aggregate(size=Coalesce(Sum("size"), 0))["size"]


class ResourceFile(models.Model):
    """A file that is a resource or belongs to one: a PDF or a picture, made anew without what its maker left in it."""

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="file")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=20)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    # What is to be seen in a picture, for whoever can't see it.
    alt = models.CharField(max_length=300, blank=True)

    objects = ResourceFileQuerySet.as_manager()
    personal = {"name": "erase", "content": "erase", "alt": "erase"}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content_type__in=["application/pdf", "image/png", "image/jpeg", "image/webp"]),
                name="file_is_of_a_kind_we_serve",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("resource_file", args=[self.resource.public_id])

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @classmethod
    def of(cls, resource: Resource) -> Self | None:
        """The file of a resource, without its bytes."""
        return cls.objects.about().filter(resource=resource).first()

    @classmethod
    def hold_room_of(cls, member: Any) -> None:
        """Two files that this member brings at once are counted one after the other."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"files of {member.pk}"])

    @classmethod
    @transaction.atomic
    def put(cls, resource: Resource, *, name: str, content_type: str, content: bytes, alt: str = "") -> Self:
        """Keep this in place of what was there. It has a key of its own, so nobody takes a kept copy of the old one for it."""
        cls.objects.filter(resource=resource).delete()
        made = cls.objects.create(
            resource=resource, name=name, content_type=content_type, content=content, size=len(content), alt=alt
        )
        resource.touch()
        return made

    @classmethod
    @transaction.atomic
    def drop(cls, resource: Resource) -> None:
        cls.objects.filter(resource=resource).delete()
        resource.touch()
