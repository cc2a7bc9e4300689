import secrets
import uuid
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.identity.models import Persona
from community.times import now_in_steps

from .jobs import defer
from .telling import notify, notify_each, together

__all__ = ["Notification", "Outgoing", "Preference", "notify", "notify_each", "together"]


class NotificationQuerySet(models.QuerySet):
    def to(self, voice) -> Self:
        return self.filter(persona=voice) if voice.is_persona else self.filter(recipient=voice)

    def for_member(self, user) -> Self:
        """All news of the signed-in `user`, under whatever name it came; one look-up for the names."""
        if not user.persona_keys:
            return self.filter(recipient=user.pk)
        unwanted = Preference.objects.filter(user=user.pk, inbox=False).values("kind")
        return self.filter(Q(recipient=user.pk) | (Q(persona__pk__among=user.persona_keys) & ~Q(kind__in=unwanted)))

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-public_id")

    def mark_read(self) -> int:
        """Note that these were read; one statement."""
        return self.unread().update(read_at=now_in_steps())

    def read_in_thread(self, voice, thread: uuid.UUID) -> int:
        """`voice` has read the conversation, so its news is read; one statement."""
        return self.to(voice).filter(thread=thread).mark_read()


class Notification(models.Model):
    """One piece of news for one voice. What it says is a template; what it is about is looked up when it is read."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # No index of its own: the inbox's begins with it.
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    thread = models.UUIDField(help_text="The conversation; one unread piece of news per kind and conversation.")
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now_in_steps)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()
    personal = {"recipient": "erase", "note": "erase", "read_at": "erase", "mailed_at": "erase"}

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

    @property
    def is_read(self) -> bool:
        return self.read_at is not None

    @property
    def voice(self) -> Any:
        return self.recipient if self.recipient_id else self.persona


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

    @classmethod
    @transaction.atomic
    def choose(cls, user, wishes: dict[str, tuple[bool, bool]]) -> None:
        """Keep what `user` wants of each kind, as (inbox, mail). Mail says that something is in the inbox, so it needs one."""
        differing = [
            Preference(user=user, kind=kind, inbox=inbox, mail=inbox and mail)
            for kind, (inbox, mail) in sorted(wishes.items())
            if not (inbox and mail)
        ]
        usual = set(wishes) - {preference.kind for preference in differing}
        Preference.objects.filter(user=user, kind__in=usual).delete()
        Preference.objects.bulk_create(
            differing, update_conflicts=True, unique_fields=["user", "kind"], update_fields=["inbox", "mail"]
        )


class OutgoingQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(sent_at=None, given_up_at=None)

    def due(self) -> Self:
        return self.waiting().filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "pk")


class Outgoing(models.Model):
    """One mail on its way: written in the transaction of its cause, sent by the worker, then emptied.

    A mail about news holds the news only. Whom it goes to and whether it should still go is found out when it is sent.
    """

    KEEP_TRYING = timedelta(hours=30)
    SHORTEST_WAIT = timedelta(minutes=1)

    message_id = models.CharField(max_length=320, unique=True)
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, related_name="+")
    to = models.CharField(max_length=320, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=100, blank=True)
    unreachable_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(default=now_in_steps)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = OutgoingQuerySet.as_manager()
    personal = {"to": "erase", "body": "erase", "subject": "erase", "notification": "erase"}

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("outgoing mail")
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(sent_at=None, given_up_at=None), name="mail_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        if self.sent_at:
            return _("sent")
        if self.given_up_at:
            return _("given up")
        return _("trying again") if self.attempts else _("waiting")

    @classmethod
    @transaction.atomic(savepoint=False)
    def put(cls, **fields: Any) -> Self:
        """Put a mail on its way; it leaves when the transaction is done. Two statements."""
        host = urlsplit(settings.SITE_URL).hostname or "localhost"
        mail = cls.objects.create(message_id=f"<{secrets.token_hex(16)}@{host}>", **fields)
        defer("send_mail", {"mail_id": mail.pk})
        return mail

    def done(self) -> None:
        """It was handed on: nothing of it stays but that it was."""
        self.sent_at = now_in_steps()
        self.problem, self.unreachable_at = "", None
        self._empty()

    def postpone(self, problem: str, *, unreachable: bool) -> None:
        """Try again after an eighth of the mail's age, a minute at least; give up when it has been tried for long enough."""
        now = timezone.now()
        age = now - self.created_at
        self.attempts += 1
        self.problem = problem
        self.unreachable_at = now if unreachable else None
        if age >= self.KEEP_TRYING:
            self.given_up_at = now_in_steps()
            self._empty()
            return
        self.next_try_at = now + max(age / 8, self.SHORTEST_WAIT)
        self.save()

    def _empty(self) -> None:
        self.to = self.sender = self.subject = self.body = ""
        self.notification = None
        self.save()
