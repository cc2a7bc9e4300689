import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import aliases


class Persona(models.Model):
    """An alias in one conversation. Who speaks through it is known to its seal only."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.UUIDField(help_text=_("The public id of the conversation."))
    alias = models.CharField(max_length=60)
    avatar_seed = models.PositiveIntegerField(default=aliases.seed)

    personal = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "alias"], name="one_alias_per_conversation"),
        ]

    def __str__(self) -> str:
        return self.alias

    @property
    def name(self) -> str:
        return self.alias

    @property
    def told_name(self) -> str:
        """The name in lists and sentences."""
        return aliases.told(self.alias)

    @property
    def is_persona(self) -> bool:
        return True


class Sealed(models.Model):
    """The link from a persona to a person, readable with a key that is never in the database."""

    persona = models.OneToOneField(Persona, models.CASCADE, primary_key=True, related_name="sealed")
    topic_tag = models.BinaryField(max_length=32, unique=True)
    slot_tag = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField(max_length=128)

    # Erasure removes the seal: the words stay under the alias, nobody can be found behind it.
    personal = {"sealed": "erase"}

    def __str__(self) -> str:
        return "a seal"
