"""Where one text quotes another, names a member or shows a card: rendered from what it points to, never a copy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community import text
from community.members.models import User
from community.prepared import Prepared, ask, key_array

from .drafts import FORGET_QUOTES

if TYPE_CHECKING:
    from .models import Contribution


@dataclass(frozen=True)
class Quote:
    """Somebody's words as they are quoted: where they stand, and which of them."""

    source: "Contribution"
    excerpt: str


class ReferenceQuerySet(models.QuerySet):
    def of(self, source: models.Model) -> Self:
        return self.filter(source_type=ContentType.objects.get_for_model(source), source_id=source.pk).order_by("pk")

    def to(self, *targets: models.Model) -> Self:
        """To any of these, which are of one kind."""
        kind = ContentType.objects.get_for_model(targets[0])
        return self.filter(to_type=kind, to_id__in=[target.pk for target in targets]).order_by("pk")


class Reference(models.Model):
    """That one text quotes another, names a member or shows a card; rendered from what it points to, never a copy of it."""

    class Kind(models.TextChoices):
        QUOTE = "quote"
        MENTION = "mention"
        CARD = "card"

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
    def keep(
        cls, source: "Contribution", *, quoting: Iterable[Quote], mentioned: Iterable[User], cards: Iterable["Contribution"] = ()
    ) -> list[User]:
        """Make `source` refer to exactly these; returns the members it did not name before."""
        before = set(cls.objects.of(source).filter(kind=cls.Kind.MENTION).values_list("to_id", flat=True))
        people = {user.pk: user for user in mentioned}
        cls.objects.of(source).delete()
        rows = [cls(kind=cls.Kind.QUOTE, source=source, to=q.source, excerpt=q.excerpt[:400]) for q in quoting]
        rows += [cls(kind=cls.Kind.MENTION, source=source, to=user) for user in people.values()]
        rows += [cls(kind=cls.Kind.CARD, source=source, to=card) for card in cards]
        cls.objects.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type]
        return [user for pk, user in people.items() if pk not in before]

    @classmethod
    def quotes_of(cls, source: "Contribution") -> list[Quote]:
        found = cls.objects.of(source).filter(kind=cls.Kind.QUOTE)
        return [Quote(reference.to, reference.excerpt) for reference in found if reference.to is not None]

    @classmethod
    def cards_of(cls, source: "Contribution") -> "list[Contribution]":
        """What `source` shows cards of, in their order."""
        return cls.cards_among(cls.all_of(source))

    @classmethod
    def all_of(cls, source: "Contribution") -> "list[Reference]":
        """All that `source` refers to, in order."""
        return _of.rows(None, None, of=ContentType.objects.get_for_model(source).pk, key=source.pk)

    @classmethod
    def cards_among(cls, references: "Iterable[Reference]") -> "list[Contribution]":
        found = [reference for reference in references if reference.kind == cls.Kind.CARD]
        models.prefetch_related_objects(found, "to")
        return [reference.to for reference in found if reference.to is not None]

    @classmethod
    def around(cls, words: models.Model) -> "tuple[list[Reference], list[Reference]]":
        """All that `words` refer to, in order, and what quotes them or shows a card of them; one statement."""
        here = (ContentType.objects.get_for_model(words).pk, words.pk)
        found = _around.rows(None, None, of=here[0], key=here[1])
        mine = [each for each in found if (each.source_type_id, each.source_id) == here]
        return mine, [each for each in found if (each.to_type_id, each.to_id) == here and each.kind in _SHOWN]

    @classmethod
    def renew_to(cls, targets: "Iterable[Contribution]") -> None:
        """Render everything that quotes one of these or shows a card of it anew, each once."""
        rows = list(targets)
        to = ContentType.objects.get_for_model(rows[0]).pk
        cls.renew(_shown_of.rows(None, None, to=to, keys=key_array(row.pk for row in rows)))

    @classmethod
    def renew_gone(cls, words: "Contribution") -> None:
        """The same where these are gone; no draft keeps what was chosen of them for a quote, either. One statement."""
        to = ContentType.objects.get_for_model(words).pk
        found = ask(_GONE, [str(words.public_id)], to, words.pk, _SHOWN)
        cls.renew([cls.from_db(connection.alias, _COLUMNS, row) for row in found])

    @classmethod
    def renew(cls, shown: "list[Reference]") -> None:
        """Render everything anew that refers so to something."""
        models.prefetch_related_objects(shown, "source")
        for source in dict.fromkeys(reference.source for reference in shown):
            if source is not None:
                _render_anew(source)

    def as_quote(self, *, in_fold: bool = False) -> SafeString:
        """The quote as it stands in a page; where the words are gone, a sentence says so.

        Noted words are folded behind their note, and what many reported until somebody has looked; `in_fold` where what quotes them
        has a fold of its own: then the note is a line.
        """
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
        quote = format_html(
            '<blockquote class="quote"><p dir="auto">{}</p><footer><a href="{}"><bdi>{}</bdi></a></footer></blockquote>',
            self.excerpt or text.excerpt(quoted.body),
            quoted.get_absolute_url(),  # type: ignore[attr-defined]
            name,
        )
        if not quoted.note and quoted.folded_at is None:
            return quote
        why = (
            _("Content note: %(note)s.") % {"note": quoted.note} if quoted.note else _("Folded until a volunteer has looked at it.")
        )
        folded = fold(why, quote)
        return unfolded(folded) if in_fold else folded

    @staticmethod
    def _gone(sentence: str) -> SafeString:
        return format_html('<blockquote class="quote"><p class="gap">{}</p></blockquote>', sentence)


_SHOWN = [Reference.Kind.QUOTE.value, Reference.Kind.CARD.value]
_COLUMNS = ["id", "kind", "source_type_id", "source_id", "to_type_id", "to_id", "excerpt"]
_GONE = f"""
WITH forgotten AS ({FORGET_QUOTES.format(ids="$1", but_in="''")})
SELECT {", ".join(_COLUMNS)} FROM contributions_reference
WHERE to_type_id = $2 AND to_id = $3 AND kind = ANY($4::text[])
ORDER BY id
"""  # noqa: S608 a statement of our own
_of = Prepared(lambda viewer, of, key: Reference.objects.filter(source_type=of, source_id=key).order_by("pk"), of=int, key=int)
_around = Prepared(
    lambda viewer, of, key: Reference.objects.filter(
        models.Q(source_type=of, source_id=key) | models.Q(to_type=of, to_id=key, kind__in=_SHOWN)
    ).order_by("pk"),
    of=int,
    key=int,
)
_shown_of = Prepared(
    lambda viewer, to, keys: Reference.objects.filter(to_type=to, to_id__among=keys, kind__in=_SHOWN).order_by("pk"),
    to=int,
    keys=list,
)


def _render_anew(source: "Contribution") -> None:
    """Render these words with what they refer to as it is now. Whatever was changed since they were read is never written over.

    Nothing is held meanwhile: nobody waits for the many, and there is no order to keep.
    """
    rows = type(source).objects.filter(pk=source.pk, withdrawn_at=None)
    words: Contribution | None = source
    while words is not None and not words.is_withdrawn:
        read = words.body_html
        words.render()
        if rows.filter(body_html=read).update(body_html=words.body_html, renderer=words.renderer):
            return words.touch()
        words = rows.first()


def card_of(shown: "Contribution") -> SafeString:
    """The card of something as it stands below words; where that is gone, a sentence says so.

    What can be shown so has `is_card`, and says by `card_kind` what it is and by `card_gone` that it stood there.
    """
    if not shown.is_standing:  # type: ignore[attr-defined]
        return format_html('<div class="card"><p class="gap">{}</p></div>', shown.card_gone)  # type: ignore[attr-defined]
    note = (
        format_html(' <span class="mark mark-note">{} <bdi>{}</bdi></span>', _("Content note:"), shown.note) if shown.note else ""
    )
    return format_html(
        '<div class="card"><p class="card-kind meta"><span>{}</span>{}</p>'
        '<p class="row-title"><a href="{}"><bdi>{}</bdi></a></p></div>',
        shown.card_kind,  # type: ignore[attr-defined]
        note,
        shown.get_absolute_url(),  # type: ignore[attr-defined]
        shown.shown_title,
    )


def fold(why: str, quote: SafeString) -> SafeString:
    """A quote that is folded."""
    return format_html(
        '<details class="fold"><summary><span>{}</span> <b>{}</b></summary>{}</details>', why, _("Read the quoted words"), quote
    )


_OPENS = re.compile(r'<details class="fold"><summary>(<span>.*?</span>) <b>.*?</b></summary>')


def unfolded(html: str) -> SafeString:
    """The same words without the folds of their quotes, to stand in a fold themselves: one never lies in another."""
    return text.kept(_OPENS.sub(r'<p class="meta">\1</p>', html).replace("</details>", "") if "<details" in html else html)
