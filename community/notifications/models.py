import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from community.identity.models import Persona
from community.times import now_in_steps

from . import kinds


class NotificationQuerySet(models.QuerySet):
    def to(self, voice) -> Self:
        return self.filter(persona=voice) if voice.is_persona else self.filter(recipient=voice)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-public_id")


class Notification(models.Model):
    """One piece of news for one voice. What it says is a template; what it is about is looked up when it is read."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    thread = models.UUIDField(help_text="The conversation; one unread piece of news per kind and conversation.")
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now_in_steps)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()
    personal = {"recipient": "erase", "note": "erase", "read_at": "erase"}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient=None, persona__isnull=False) | Q(recipient__isnull=False, persona=None),
                name="notification_has_one_voice",
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind", "thread"], condition=Q(read_at=None), name="one_unread_per_member_and_thread"
            ),
            models.UniqueConstraint(
                fields=["persona", "kind", "thread"], condition=Q(read_at=None), name="one_unread_per_persona_and_thread"
            ),
        ]
        indexes = [models.Index(fields=["recipient", "-created_at", "-public_id"], name="inbox_newest_first")]

    def __str__(self) -> str:
        return self.kind


class Preference(models.Model):
    """What a member wants to hear of one kind of news; only what differs from the default is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    inbox = models.BooleanField(default=True)
    mail = models.BooleanField(default=True)

    personal = {"user": "erase", "kind": "erase", "inbox": "erase", "mail": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_kind")]

    def __str__(self) -> str:
        return self.kind


class Outgoing(models.Model):
    """One mail on its way: written in the transaction of its cause, sent by the worker, then emptied."""

    message_id = models.CharField(max_length=120, unique=True)
    to = models.CharField(max_length=320)
    sender = models.CharField(max_length=320)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    personal = {"to": "erase", "body": "erase", "subject": "erase"}

    class Meta:
        verbose_name = "outgoing mail"
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(sent_at=None, given_up_at=None), name="mail_waiting"),
        ]

    def __str__(self) -> str:
        return self.message_id


def notify(voices: Iterable[Any], kind: str, *, target: Any, by: Any = None, note: str = "") -> None:
    """Tell each voice (once, and never `by` itself) that something of `kind` happened to `target`.

    `target` has `get_absolute_url()`, `is_visible_to(viewer)` and `thread`. Call it inside the verb's transaction: news of
    what was rolled back never leaves. While a piece of news of the same kind and conversation is unread, no second one is made.
    """
    kinds.require(kind)
    content_type = ContentType.objects.get_for_model(target)
    seen = set() if by is None else {(by.is_persona, by.pk)}
    for voice in voices:
        if (voice.is_persona, voice.pk) in seen:
            continue
        seen.add((voice.is_persona, voice.pk))
        _tell(voice, kind, target, content_type, note)


def _tell(voice: Any, kind: str, target: Any, content_type: ContentType, note: str) -> None:
    if not voice.is_persona and Preference.objects.filter(user=voice, kind=kind, inbox=False).exists():
        return
    column = "persona" if voice.is_persona else "recipient"
    with transaction.atomic():
        waiting = Notification.objects.select_for_update().to(voice).unread().filter(kind=kind, thread=target.thread).first()
        if waiting is not None:
            # The older news stands, unless what it was about can no longer be seen.
            if voice.is_persona or (waiting.target is not None and waiting.target.is_visible_to(voice)):
                return
            waiting.target_type, waiting.target_id, waiting.note = content_type, target.pk, note[:500]
            waiting.save(update_fields=["target_type", "target_id", "note"])
            return
        made = Notification.objects.bulk_create(
            [
                Notification(
                    **{column: voice},
                    kind=kind,
                    target_type=content_type,
                    target_id=target.pk,
                    thread=target.thread,
                    note=note[:500],
                )
            ],
            ignore_conflicts=True,
        )
    app.configure_task("community.notifications.tasks.mail_notification").defer(public_id=str(made[0].public_id))
