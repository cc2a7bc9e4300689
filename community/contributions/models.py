"""The abstract `Contribution` and what belongs to its words: `Revision` and `Reference`."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import text
from community.audit.models import record
from community.identity.models import Persona
from community.members.handles import skeleton
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

from .drafts import Draft
from .submissions import Submission

__all__ = ["Contribution", "ContributionQuerySet", "Draft", "Quote", "Reference", "Revision", "Submission", "Voice"]

Voice = User | Persona
# How many people one text can call; more would be a shout through the house.
MOST_CALLED = 10


class ContributionQuerySet(models.QuerySet):
    def visible_to(self, viewer) -> Self:
        """What `viewer` may read. Rooms extend this, never replace it."""
        return self.filter(hidden_at=None)

    def in_voice(self, voice: Voice) -> Self:
        return self.filter(persona=voice) if voice.is_persona else self.filter(author=voice)

    def with_voices(self) -> Self:
        return self.select_related("author__profile__avatar", "persona").defer("author__profile__avatar__image")

    def with_place(self) -> Self:
        """With what an address and a byline need; rooms extend it."""
        return self.with_voices()


class Contribution(models.Model):
    """Something written in a voice: a `User` or a `Persona`, exactly one of them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, editable=False, related_name="+")
    body = models.TextField(gettext_lazy("words"), max_length=text.MAX_LENGTH, blank=True)
    body_html = models.TextField(blank=True, editable=False)
    renderer = models.PositiveSmallIntegerField(default=text.RENDERER, editable=False)
    created_at = models.DateTimeField(gettext_lazy("written"), default=now_in_steps, editable=False)
    edited_at = models.DateTimeField(gettext_lazy("edited"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    hidden_at = models.DateTimeField(null=True, editable=False)

    objects = ContributionQuerySet.as_manager()
    personal = {"author": "keep", "body": "blank", "body_html": "blank"}

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author=None, persona__isnull=False) | models.Q(author__isnull=False, persona=None),
                name="%(app_label)s_%(class)s_has_one_voice",
            ),
        ]

    @property
    def voice(self) -> Voice:
        return self.author if self.author_id else self.persona  # type: ignore[return-value]

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None

    @property
    def thread(self) -> uuid.UUID:
        """The conversation this belongs to; news of one conversation is bundled by it."""
        return self.public_id

    def speaks_as(self, voice: Voice | Any) -> bool:
        """Is this written in that very voice?"""
        return (self.persona_id if getattr(voice, "is_persona", False) else self.author_id) == (voice.pk or 0)

    def is_visible_to(self, viewer) -> bool:
        return type(self).objects.visible_to(viewer).filter(pk=self.pk).exists()

    @property
    def shown_title(self) -> str:
        """What leads here in a list of one's own words."""
        return text.excerpt(self.body, 60)

    @property
    def title_apart(self) -> str:
        """The same where the place it stands in is not open to its author (any more)."""
        return self.shown_title

    def action(self, past: str) -> str:
        """The audit action or notification kind of a verb, such as `forums.reply_hidden`."""
        return f"{self._meta.app_label}.{self._meta.model_name}_{past}"

    # Words -----------------------------------------------------------------------

    def put(self, body: str, *, quoting: Iterable["Quote"] = ()) -> list[User]:
        """Set the words and keep their references, then render and save. Returns the members newly mentioned."""
        self.body = body
        quoting, is_new = list(quoting), not self.pk
        if is_new:
            self.body_html, self.renderer = text.render(body), text.RENDERER
            self.save()
            if not quoting and not text.mentions(body):
                return []
        fresh = Reference.keep(self, quoting=quoting, mentioned=self._mentioned(body).values())
        self.render()
        self.save()
        return fresh

    def _mentioned(self, body: str) -> dict[str, User]:
        """The members named in `body` who can read this, by the name as written."""
        by_key = {skeleton(name): name for name in text.mentions(body)}
        if not by_key:
            return {}
        users = User.objects.arrived().filter(handle_key__in=sorted(by_key)[:MOST_CALLED])
        return {by_key[user.handle_key]: user for user in users if self.is_visible_to(user)}

    def render(self) -> None:
        """Render words and references anew; whoever calls this saves."""
        mentioned = {
            skeleton(user.username): user.get_absolute_url()
            for user in User.objects.filter(pk__in=Reference.objects.of(self).filter(kind=Reference.Kind.MENTION).values("to_id"))
        }

        def mention(names: set[str]) -> dict[str, str]:
            return {name: mentioned[skeleton(name)] for name in names if skeleton(name) in mentioned}

        quotes = [reference.as_quote() for reference in Reference.objects.of(self).filter(kind=Reference.Kind.QUOTE)]
        self.body_html = "".join([*quotes, text.render(self.body, mention=mention)])
        self.renderer = text.RENDERER

    def renew_quotes(self) -> None:
        """Render everything that quotes this anew: its words were edited, taken back, hidden or shown again."""
        for reference in Reference.objects.to(self).filter(kind=Reference.Kind.QUOTE).select_related("source_type"):
            source = reference.source
            if source is not None and not source.is_withdrawn:
                source.render()
                source.save(update_fields=["body_html", "renderer"])
                source.touch()

    def touch(self) -> None:
        """Called after every change to what readers see; a room keeps what its pages' validators need."""

    def _lock(self) -> None:
        """Hold this row until the transaction ends and see its newest state."""
        fresh = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    # Verbs -----------------------------------------------------------------------

    def revision(self) -> "Revision":
        """The words as they stand, for the moderators' history."""
        return Revision(target=self, body=self.body)

    @transaction.atomic
    def edit(self, body: str, *, quoting: Iterable["Quote"] | None = None, **fields: Any) -> None:
        """Change the words (and a room's own fields); the change is marked, the old words stay for moderators."""
        self._lock()
        if self.is_withdrawn:
            return
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if body == self.body and not changed and quoting is None:
            return
        self.revision().save()
        for name, value in changed.items():
            setattr(self, name, value)
        self.edited_at = now_in_steps()
        fresh = self.put(body, quoting=Reference.quotes_of(self) if quoting is None else quoting)
        self.renew_quotes()
        self.touch()
        notify(fresh, "contributions.mentioned", by=self.voice, target=self)

    @transaction.atomic
    def withdraw(self) -> None:
        """Take the words back: a gravestone keeps their place, only the moderators' history keeps the words."""
        self._lock()
        if self.is_withdrawn:
            return
        self.revision().save()
        self.body = self.body_html = ""
        self.withdrawn_at = now_in_steps()
        self.empty()
        self.save()
        Reference.objects.of(self).delete()
        self.renew_quotes()
        self.touch()

    def empty(self) -> None:
        """Clear what a room keeps beside the body when the words are taken back."""

    @transaction.atomic
    def hide(self, *, by: User, reason: str) -> None:
        self._lock()
        if self.is_hidden:
            return
        self.hidden_at = now_in_steps()
        self.save(update_fields=["hidden_at"])
        self.renew_quotes()
        self.touch()
        record(self.action("hidden"), by=by, target=self, reason=reason)
        notify([self.voice], "contributions.hidden", target=self, note=reason)

    @transaction.atomic
    def restore(self, *, by: User, reason: str) -> None:
        self._lock()
        if not self.is_hidden:
            return
        self.hidden_at = None
        self.save(update_fields=["hidden_at"])
        self.renew_quotes()
        self.touch()
        record(self.action("restored"), by=by, target=self, reason=reason)
        notify([self.voice], "contributions.restored", target=self, note=reason)


class Revision(models.Model):
    """Words as they stood before an edit or a withdrawal; for moderators only."""

    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    title = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    replaced_at = models.DateTimeField(default=now_in_steps)

    personal = {"title": "erase", "body": "erase"}

    class Meta:
        indexes = [models.Index(fields=["target_type", "target_id"], name="revision_target")]

    def __str__(self) -> str:
        return f"{self.replaced_at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Quote:
    """Somebody's words as they are quoted: where they stand, and which of them."""

    source: Contribution
    excerpt: str


class ReferenceQuerySet(models.QuerySet):
    def of(self, source: models.Model) -> Self:
        return self.filter(source_type=ContentType.objects.get_for_model(source), source_id=source.pk).order_by("pk")

    def to(self, target: models.Model) -> Self:
        return self.filter(to_type=ContentType.objects.get_for_model(target), to_id=target.pk).order_by("pk")


class Reference(models.Model):
    """That one text quotes another or names a member; rendered from what it points to, never a copy of it."""

    class Kind(models.TextChoices):
        QUOTE = "quote"
        MENTION = "mention"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    source_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    source_id = models.BigIntegerField()
    source = GenericForeignKey("source_type", "source_id")
    to_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    to_id = models.BigIntegerField()
    to = GenericForeignKey("to_type", "to_id")
    excerpt = models.CharField(max_length=400, blank=True)

    objects = ReferenceQuerySet.as_manager()
    personal = {"excerpt": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_type", "source_id", "to_type", "to_id"], name="one_reference_per_pair")
        ]
        indexes = [models.Index(fields=["to_type", "to_id"], name="reference_to")]

    def __str__(self) -> str:
        return self.kind

    @classmethod
    def keep(cls, source: Contribution, *, quoting: Iterable[Quote], mentioned: Iterable[User]) -> list[User]:
        """Make `source` refer to exactly these; returns the members it did not name before."""
        before = set(cls.objects.of(source).filter(kind=cls.Kind.MENTION).values_list("to_id", flat=True))
        people = {user.pk: user for user in mentioned}
        cls.objects.of(source).delete()
        rows = [cls(kind=cls.Kind.QUOTE, source=source, to=q.source, excerpt=q.excerpt[:400]) for q in quoting]
        rows += [cls(kind=cls.Kind.MENTION, source=source, to=user) for user in people.values()]
        cls.objects.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type]
        return [user for pk, user in people.items() if pk not in before]

    @classmethod
    def quotes_of(cls, source: Contribution) -> list[Quote]:
        found = cls.objects.of(source).filter(kind=cls.Kind.QUOTE)
        return [Quote(reference.to, reference.excerpt) for reference in found if reference.to is not None]

    def as_quote(self) -> SafeString:
        """The quote as it stands in a page; where the words are gone, a sentence says so."""
        quoted: Contribution | None = self.to
        if quoted is None or quoted.is_withdrawn:
            return self._gone(_("The person who wrote this took it back."))
        if quoted.is_hidden:
            return self._gone(_("The words quoted here are not shown at the moment."))
        name = conditional_escape(quoted.voice.name)
        if quoted.voice.is_persona:
            name = format_html(_("{name}, anonymous"), name=name)
        if self.excerpt and self.excerpt not in text.excerpt(quoted.body, text.MAX_LENGTH):
            return format_html(
                '<blockquote class="quote"><p class="gap">{}</p><footer><a href="{}"><bdi>{}</bdi></a></footer></blockquote>',
                _("The words quoted here were changed."),
                quoted.get_absolute_url(),  # type: ignore[attr-defined]
                name,
            )
        return format_html(
            '<blockquote class="quote"><p dir="auto">{}</p><footer><a href="{}"><bdi>{}</bdi></a></footer></blockquote>',
            self.excerpt or text.excerpt(quoted.body),
            quoted.get_absolute_url(),  # type: ignore[attr-defined]
            name,
        )

    @staticmethod
    def _gone(sentence: str) -> SafeString:
        return format_html('<blockquote class="quote"><p class="gap">{}</p></blockquote>', sentence)
