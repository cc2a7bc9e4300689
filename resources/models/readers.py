"""What readers make of a resource: `Review`, for others; `Saved`, for themselves."""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.contributions.fields import SearchColumn
from community.contributions.models import Contribution, ContributionQuerySet, Note, Revision
from community.members.models import User
from community.notifications.models import notify
from community.tags import applying
from community.tags.models import Tag
from community.times import now_in_steps

from .resources import NoRoom, Resource

# As many as one member keeps for themselves.
MOST_SAVED = 2_000


class ReviewQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        return super().visible_to(viewer).filter(withdrawn_at=None, resource__in=Resource.objects.visible_to(viewer))

    def standing(self) -> Self:
        """Those that are not taken back; hidden ones, too."""
        return self.filter(withdrawn_at=None)

    def with_place(self) -> Self:
        return super().with_place().select_related("resource", "need__alias_of")


class Review(Contribution):
    """That something helped somebody, or was not for them: for which need, and a sentence if they like. Never a star."""

    class Verdict(models.TextChoices):
        HELPED = "helped", _("It helped me")
        NOT_FOR_ME = "not", _("It was not for me")

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="reviews", editable=False)
    verdict = models.CharField(_("did it help"), max_length=6, choices=Verdict.choices)
    need = models.ForeignKey(Tag, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("for what"))
    search = SearchColumn("note", "body")

    reported_as = "review"

    objects = ReviewQuerySet.as_manager()
    personal = Contribution.personal | {"need": "erase"}

    class Meta(Contribution.Meta):
        verbose_name = _("word about a resource")
        verbose_name_plural = _("words about resources")
        constraints = [
            *Contribution.Meta.constraints,
            models.UniqueConstraint(
                fields=["resource", "author"], condition=models.Q(withdrawn_at=None), name="one_word_about_a_resource_per_member"
            ),
        ]
        indexes = [
            models.Index(fields=["resource", "-created_at", "-public_id"], name="review_newest"),
            models.Index(fields=["author", "-created_at", "-public_id"], name="review_by_author"),
            GinIndex(fields=["search"], name="review_search"),
        ]

    def __str__(self) -> str:
        return str(self.get_verdict_display())

    def get_absolute_url(self) -> str:
        return f"{self.resource.get_absolute_url()}#w-{self.public_id}"

    @property
    def shown_title(self) -> str:
        return f"{self.get_verdict_display()}: {self.resource.shown_title}"

    @property
    def title_apart(self) -> str:
        return gettext("Your word about something in the library")

    @property
    def need_name(self) -> str:
        """What readers see of the need; not what was only proposed."""
        shown = self.need and (self.need.alias_of or self.need)
        return shown.name if shown and shown.is_accepted else ""

    def revision(self) -> Revision:
        revision = super().revision()
        revision.title = str(self.get_verdict_display())
        return revision

    def touch(self) -> None:
        """What was hidden already leaves no trace when it is taken back."""
        if not (self.is_hidden and self.is_withdrawn):
            self.resource.touch()

    def empty(self) -> None:
        self.need = None

    @staticmethod
    @transaction.atomic
    def say(
        resource: Resource,
        author: User,
        *,
        verdict: str,
        need: str = "",
        body: str = "",
        notes: Iterable[Note] = (),
        note_words: str = "",
        **fields: Any,
    ) -> "Review":
        """A member's one word about a resource; what they said of it before is changed.

        Safe for somebody who says it in two windows at once: the second waits, and changes what the first said.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"{resource.pk}|{author.pk}"])
        tag = next(iter(applying.resolve([need])), None) if need else None
        said = Review.objects.in_voice(author).standing().filter(resource=resource).first()
        if said is None:
            said = Review(resource=resource, author=author, verdict=verdict, need=tag, **fields)
            said.set_note(notes, note_words)
            fresh = said.put(body)
            said.touch()
            notify(fresh, "contributions.mentioned", by=author, target=said)
        else:
            said.edit(body, verdict=verdict, need=tag, notes=notes, note_words=note_words)
        return said


class Saved(models.Model):
    """A resource that a member keeps for themselves, with a note for nobody else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="+")
    note = models.CharField(_("a note for yourself"), max_length=500, blank=True)
    at = models.DateTimeField(default=now_in_steps)

    personal = {"user": "erase", "note": "erase", "at": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "resource"], name="saved_once_by_a_member")]
        indexes = [models.Index(fields=["user", "-at", "-id"], name="saved_newest")]

    def __str__(self) -> str:
        return "something saved"

    @staticmethod
    @transaction.atomic
    def keep(resource: Resource, user: User, note: str | None = None) -> None:
        """Keep it for `user`, once; without a note the one that is there stays. Raises NoRoom."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"saved by {user.pk}"])
        mine = Saved.objects.filter(user=user)
        if mine[:MOST_SAVED].count() >= MOST_SAVED and not mine.filter(resource=resource).exists():
            raise NoRoom
        row = Saved(resource=resource, user=user, note=note or "")
        if note is None:
            Saved.objects.bulk_create([row], ignore_conflicts=True)
        else:
            Saved.objects.bulk_create([row], update_conflicts=True, unique_fields=["user", "resource"], update_fields=["note"])
