from django.db import models

from .resources import Resource


class ResourceFile(models.Model):
    """A file that is a resource or belongs to one: a PDF or a picture, made anew without what its maker left in it."""

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="file")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=20)
    content = models.BinaryField()
    size = models.PositiveIntegerField()

    personal = {"name": "erase", "content": "erase"}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content_type__in=["application/pdf", "image/png", "image/jpeg", "image/webp"]),
                name="file_is_of_a_kind_we_serve",
            ),
        ]

    def __str__(self) -> str:
        return self.name
