"""The abstract `Contribution`; what belongs to its words stands in references.py, revisions.py and notes.py, what a reader would
rather not see in filters.py."""

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, Self

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import ExpressionWrapper, Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from community import text
from community.decisions.models import About
from community.identity import aliases
from community.identity.models import Persona
from community.members.handles import skeleton
from community.members.models import User, not_blocked
from community.notifications.models import Notification, notify
from community.prepared import Prepared, mostly
from community.times import now_in_steps

from .changing import Change, Changing
from .decided import Decided
from .drafts import Draft
from .filters import Filter, matching
from .holding import Holding
from .many import ManyWords
from .notes import LONGEST, LONGEST_WORDS, Note, in_words
from .pausing import Pausing
from .quotes import calling
from .references import Quote, Reference, card_of
from .revisions import Revision
from .submissions import Submission

__all__ = [
    "Change",
    "Contribution",
    "ContributionQuerySet",
    "Draft",
    "Filter",
    "Holding",
    "Note",
    "Quote",
    "Reference",
    "Revision",
    "Submission",
    "Voice",
]

Voice = User | Persona
# How many people one text can call; more would be a shout through the house.
MOST_CALLED = 10


class ContributionQuerySet(ManyWords):
    def visible_to(self, viewer) -> Self:
        """What `viewer` may read: nothing hidden, nothing across a block between accounts. Rooms extend this, never replace it."""
        return self.filter(mostly(not_blocked(viewer, account="author")), hidden_at=None)

    def wanted_by(self, viewer) -> Self:
        """Without what `viewer` chose to leave out. That is their wish, not a rule: they may still look."""
        return self.filter(mostly(~matching(viewer, Filter.Act.HIDE))) if viewer.is_authenticated else self

    def with_folds(self, viewer, *, of_wanted: bool = False) -> Self:
        """With `is_folded`: whether `viewer` chose to have it folded, or left out where it is shown to them all the same; or
        whether it is folded for everybody.

        `of_wanted`: these are `wanted_by` the viewer, so nothing that they left out is among them.
        """
        acts = (Filter.Act.FOLD,) if of_wanted else (Filter.Act.FOLD, Filter.Act.HIDE)
        folds = Q(folded_at__isnull=False)
        if viewer.is_authenticated:
            folds |= matching(viewer, *acts)
        return self.annotate(is_folded=ExpressionWrapper(folds, output_field=models.BooleanField()))

    def within_reach_of(self, viewer) -> Self:
        """Those that whoever looks after words may read, hidden ones too; a room with narrower audiences says so."""
        return self

    def in_voice(self, voice: Voice) -> Self:
        return self.filter(persona=voice) if voice.is_persona else self.filter(author=voice)

    def held(self) -> Self:
        """What waits until a volunteer has looked, whoever waited longest first."""
        return self.filter(held_at__isnull=False, withdrawn_at=None).order_by("held_at", "public_id")

    def under_aliases_of(self, user: Any) -> Self:
        """What the signed-in `user` said under aliases."""
        return self.filter(persona__pk__among=user.persona_keys)

    def of_member(self, user: Any) -> Self:
        """Everything by the signed-in `user`, under whatever name."""
        return self.filter(Q(author=user.pk) | Q(persona__pk__among=user.persona_keys))

    def with_voices(self) -> Self:
        return self.select_related("author__profile__avatar", "persona").defer("author__profile__avatar__image")

    def with_place(self) -> Self:
        """With what an address and a byline need; rooms extend it."""
        return self.with_voices()

    def first_of_each(self, place: str) -> Self:
        """Of each voice the first that is shown in each place; `place` is the field that says where."""
        each = (place, "author", "persona")
        return self.filter(hidden_at=None, withdrawn_at=None).order_by(*each, "pk").distinct(*each).with_voices()

    def conversations(self, viewer) -> models.QuerySet[Any]:
        """What these stand in, as far as `viewer` may and wants to see it."""
        return self.visible_to(viewer).wanted_by(viewer)


@cache
def _held(model: Any) -> Prepared[Any]:
    """A row, held until the transaction ends."""
    return Prepared(lambda viewer, key: model.objects.select_for_update(of=("self",)).filter(pk=key), key=int)


class Contribution(Changing, Pausing, Decided):
    """Something written in a voice: a `User` or a `Persona`, exactly one of them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, editable=False, related_name="+")
    body = models.TextField(gettext_lazy("words"), max_length=text.MAX_LENGTH, blank=True)
    body_html = models.TextField(blank=True, editable=False)
    renderer = models.PositiveSmallIntegerField(default=text.RENDERER, editable=False)
    # What was chosen from the list, for filters; one's own words; and both as readers see them.
    notes = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    note_words = models.CharField(max_length=LONGEST_WORDS, blank=True, editable=False)
    note = models.CharField(gettext_lazy("content note"), max_length=LONGEST, blank=True, editable=False)
    created_at = models.DateTimeField(gettext_lazy("written"), default=now_in_steps, editable=False)
    edited_at = models.DateTimeField(gettext_lazy("edited"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    undone_by = Decided.undone_by | Pausing.undone_by | Changing.undone_by
    # The time by which lists of it are ordered; a room may have another one.
    listed_by = "created_at"
    # What `_lock` holds before the row itself, as fields that lead there.
    held_after: ClassVar[tuple[str, ...]] = ()
    # What stands for it in the address of a report.
    reported_as = ""
    # Where nobody has an alias, none is looked for.
    is_by_name = False

    objects = ContributionQuerySet.as_manager()
    personal = {"author": "keep", "body": "blank", "body_html": "blank", "note_words": "blank", "note": "blank", "notes": "blank"}

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author=None, persona__isnull=False) | models.Q(author__isnull=False, persona=None),
                name="%(app_label)s_%(class)s_has_one_voice",
            ),
            models.CheckConstraint(
                condition=models.Q(hidden_at__isnull=False) | models.Q(held_at=None, sent_back_at=None),
                name="%(app_label)s_%(class)s_waits_unseen",
            ),
        ]

    @classmethod
    def kinds(cls) -> list[type["Contribution"]]:
        """Everything that members write, in whatever room."""
        return [model for model in apps.get_models() if issubclass(model, cls)]

    @property
    def voice(self) -> Voice:
        return self.author if self.author_id else self.persona  # type: ignore[return-value]

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def thread(self) -> uuid.UUID:
        """The conversation this belongs to; news of one conversation is bundled by it."""
        return self.public_id

    @classmethod
    def in_these(cls, rows: "Iterable[Any]", inner: ContributionQuerySet, place: str) -> Iterable[About]:
        """See `seen_only_with`: whoever else has words in one of these; `place` is the field of `inner` that says where."""
        by_key = {row.pk: row for row in rows}
        for words in inner.filter(**{f"{place}__in": by_key}).first_of_each(place) if by_key else ():
            row = by_key[getattr(words, f"{place}_id")]
            if not row.speaks_as(words.voice):
                yield row, words.voice, {"within": text.excerpt(words.body, 80)}

    def speaks_as(self, voice: Voice | Any) -> bool:
        """Is this written in that very voice?"""
        return (self.persona_id if getattr(voice, "is_persona", False) else self.author_id) == (voice.pk or 0)

    def is_visible_to(self, viewer) -> bool:
        return type(self).objects.visible_to(viewer).filter(pk=self.pk).exists()

    @property
    def own_html(self) -> SafeString:
        """These words without those of others that they quote."""
        return text.render(self.body)

    @property
    def shown_title(self) -> str:
        """What leads here in a list of one's own words."""
        return text.excerpt(self.body, 60)

    @property
    def title_apart(self) -> str:
        """The same where the place it stands in is not open to its author (any more)."""
        return self.shown_title

    @property
    def apart(self) -> str:
        """Why the place it stands in is not open to its author, in the list of what they wrote."""
        return gettext("Where this stands is not open to you at the moment.")

    @classmethod
    def reportable_by(cls, viewer: Any) -> models.QuerySet[Any]:
        """What `viewer` can report, signed in or not: whatever they can see."""
        return cls.objects.visible_to(viewer).with_place()

    def as_reported(self) -> dict[str, str]:
        """What a report keeps of it, as it stands now."""
        return {"title": self.shown_title, "body": self.body}

    def action(self, past: str) -> str:
        """The audit action or notification kind of a verb, such as `forums.reply_hidden`."""
        return f"{self._meta.app_label}.{self._meta.model_name}_{past}"

    # Words -----------------------------------------------------------------------

    def set_note(self, notes: Iterable[Note] = (), words: str = "") -> None:
        """Say what the words are about; whoever calls this saves."""
        chosen = list(notes)
        self.notes, self.note_words, self.note = [note.pk for note in chosen], words, in_words(chosen, words)

    def put(self, body: str, *, quoting: Iterable[Quote] = (), cards: "Iterable[Contribution]" = ()) -> list[User]:
        """Set the words and keep their references, then render and save. Returns the readers who are newly mentioned."""
        self.body = body
        quoting, cards, is_new = list(quoting), list(cards), not self.pk
        if is_new:
            self.body_html, self.renderer = text.render(body), text.RENDERER
            self.save()
            if not quoting and not cards and not text.mentions(body):
                return []
        fresh = Reference.keep(self, quoting=quoting, mentioned=self._mentioned(body).values(), cards=cards)
        self.render()
        self.save()
        return [user for user in fresh if self.is_visible_to(user)]

    def _mentioned(self, body: str) -> dict[str, User]:
        """The members named in `body`, by the name as written; whether they can read this shows in nothing."""
        by_key = {skeleton(name): name for name in aliases.without_called(text.mentions(body), body)}
        if not by_key:
            return {}
        users = User.objects.arrived().filter(handle_key__in=sorted(by_key)[:MOST_CALLED])
        return {by_key[user.handle_key]: user for user in users}

    def tell_mentioned(self) -> None:
        """Tell those who are named in it, can read it by now, and were not told of it before."""
        named = Reference.objects.of(self).filter(kind=Reference.Kind.MENTION)
        if not named.exists():
            return
        here = {"target_type": ContentType.objects.get_for_model(self), "target_id": self.pk}
        told = Notification.objects.filter(kind="contributions.mentioned", recipient__isnull=False, **here)
        users = User.objects.filter(pk__in=named.values("to_id")).exclude(pk__in=told.values("recipient"))
        notify([user for user in users if self.is_visible_to(user)], "contributions.mentioned", by=self.voice, target=self)

    def render(self, references: list[Reference] | None = None) -> None:
        """Render words and references anew; whoever calls this saves."""
        references = Reference.all_of(self) if references is None else references
        named = [reference.to_id for reference in references if reference.kind == Reference.Kind.MENTION]
        quotes = [reference.as_quote(in_fold=bool(self.note)) for reference in references if reference.kind == Reference.Kind.QUOTE]
        cards = [card_of(shown) for shown in Reference.cards_among(references)]
        self.body_html = "".join([*quotes, calling(self.body, named), *cards])
        self.renderer = text.RENDERER

    def renew_quotes(self) -> None:
        """Render everything that quotes this or shows a card of it anew: it was edited or shown again."""
        Reference.renew_to([self])

    def leave_quotes(self) -> None:
        """The same, and no draft keeps what was chosen of it: it was taken back or hidden."""
        Reference.renew_gone(self)

    def touch(self) -> None:
        """Called after every change to what readers see; a room keeps what its pages' validators need."""

    @classmethod
    def touch_all(cls, rows: "Iterable[Self]") -> None:
        """The same after many changes at once; a room says it in fewer statements."""
        for row in rows:
            row.touch()

    @classmethod
    def hold_places_of(cls, keys: Iterable[int]) -> None:
        """Hold what `_lock` holds before the rows themselves."""

    def _lock(self) -> None:
        """Hold this row until the transaction ends and see its newest state; nothing more where it was found so just now."""
        if self.__dict__.pop("is_held_here", False):
            return
        self._hold_place()
        fresh = _held(type(self)).first(None, None, key=self.pk)
        if fresh is None:
            raise type(self).DoesNotExist
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    def _hold_place(self) -> None:
        """Hold what is held before the row itself."""

    # Verbs -----------------------------------------------------------------------

    def revision(self) -> Revision:
        """The words as they stand, for the moderators' history."""
        return Revision(target=self, body=self.body, note=self.note)

    def _change(
        self,
        body: str,
        *,
        quoting: Iterable[Quote] | None = None,
        cards: "Iterable[Contribution] | None" = None,
        notes: Iterable[Note] | None = None,
        note_words: str = "",
        **fields: Any,
    ) -> None:
        """Change words that are held until the transaction ends.

        Without `notes` the note stays as it is; an empty one takes it away. So do the cards below the words.
        """
        noted = None if notes is None else list(notes)
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        is_renoted = noted is not None and ([note.pk for note in noted], note_words) != (self.notes, self.note_words)
        there = Reference.cards_of(self)
        shown = there if cards is None else list(cards)
        if body == self.body and not changed and not is_renoted and quoting is None and shown == there:
            return
        self.revision().save()
        for name, value in changed.items():
            setattr(self, name, value)
        if is_renoted:
            self.set_note(noted or (), note_words)
        self.edited_at = now_in_steps()
        quotes = Reference.quotes_of(self) if quoting is None else quoting
        fresh = self.put(body, quoting=quotes, cards=shown)
        Draft.forget_quotes_of(self.public_id, but_in=text.excerpt(body, text.MAX_LENGTH))
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
        self.set_note()
        self.withdrawn_at = now_in_steps()
        self.held_at = self.sent_back_at = None
        self.empty()
        self.save()
        Reference.objects.of(self).delete()
        Reference.objects.to(self).update(excerpt="")
        self.leave_change()
        self.leave_quotes()
        self.touch()

    def empty(self) -> None:
        """Clear what a room keeps beside the body when the words are taken back."""
