"""Personal filters: what a member would rather fold or not see at all, for a while or always. Nobody else learns of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import SearchQueryField
from django.db import connection, models
from django.db.models import F, Func, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .notes import Note

# So many can one member have at a time.
MOST = 200
LONGEST_WORDS = 60


class FilterQuerySet(models.QuerySet):
    def running(self) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=Now()))

    def over(self) -> Self:
        return self.filter(until__lte=Now())

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Filter(models.Model):
    """What one member folds or hides: a content note, words, or a person."""

    class Act(models.TextChoices):
        FOLD = "fold", _("Fold it, so that I can open it")
        HIDE = "hide", _("Leave it out")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    act = models.CharField(max_length=4, choices=Act.choices)
    until = models.DateTimeField(null=True)
    note = models.ForeignKey(Note, models.CASCADE, null=True, related_name="+")
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    # What PostgreSQL looks for, as the text of a tsquery.
    query = models.TextField(null=True)  # noqa: DJ001 NULL where there are no words, so that nothing is looked for
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")

    objects = FilterQuerySet.as_manager()
    personal = {
        "user": "erase",
        "act": "erase",
        "until": "erase",
        "note": "erase",
        "words": "erase",
        "query": "erase",
        "person": "erase",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(note__isnull=False, words="", query=None, person=None)
                | (Q(note=None, query__isnull=False, person=None) & ~Q(words=""))
                | Q(note=None, words="", query=None, person__isnull=False),
                name="filter_is_by_one_thing",
            ),
            models.UniqueConstraint(fields=["user", "note"], name="one_filter_per_note"),
            models.UniqueConstraint(fields=["user", "words"], condition=~Q(words=""), name="one_filter_per_words"),
            models.UniqueConstraint(fields=["user", "person"], name="one_filter_per_person"),
        ]

    def __str__(self) -> str:
        return "a filter"

    @property
    def is_running(self) -> bool:
        return self.until is None or self.until > timezone.now()

    @classmethod
    def keep(
        cls, user: Any, *, act: str, until: datetime | None, note: Note | None = None, words: str = "", person: Any = None
    ) -> None:
        """Fold or hide one thing for `user`, until then or always; what they had about the same thing is replaced.

        Raises ValueError for words in which nothing can be looked for.
        """
        about = cls._about(note, words, person)
        if None in about.values():
            raise ValueError("There is no word in these words.")
        cls.objects.update_or_create(user=user, **about, defaults={"act": act, "until": until, "words": words})

    @classmethod
    def has_room(cls, user: Any, *, note: Note | None = None, words: str = "", person: Any = None) -> bool:
        """Can `user` keep one more, or have they one about the same thing?"""
        kept = cls.objects.filter(user=user)
        return kept.running()[:MOST].count() < MOST or kept.filter(**cls._about(note, words, person)).exists()

    @staticmethod
    def _about(note: Note | None, words: str, person: Any) -> dict[str, Any]:
        return {"note": note} if note else {"person": person} if person else {"query": query_of(words)}


def query_of(words: str) -> str | None:
    """What PostgreSQL looks for when these words are filtered: all of them, in this order. None where there are none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(phraseto_tsquery('hearth', %s)::text, '')", [words])
        (query,) = cursor.fetchone()
    # A lone "…" is a lexeme, too.
    return query if query and any(map(str.isalnum, query)) else None


# In the database -----------------------------------------------------------------------
# What somebody filters is asked for once in a statement, however many rows it looks at. Like the parts of `visible_to`, these
# ask for `viewer.pk` and `viewer.persona_keys` alone.


class _Matches(Func):
    """Do the words of a search column match a tsquery? NULL where there is none."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


def _filters_of(viewer: Any, acts: Iterable[Filter.Act]) -> FilterQuerySet:
    return Filter.objects.filter(user=viewer.pk, act__in=[act.value for act in acts]).running()


def _words_found(filters: FilterQuerySet, searched: Any) -> Coalesce:
    # The cast is a part of what is asked once: reading two hundred words takes longer than looking for them.
    all_of_them = Cast(StringAgg("query", " | "), SearchQueryField())
    words = filters.filter(query__isnull=False).order_by().values("user").annotate(all=all_of_them).values("all")
    return Coalesce(_Matches(searched, Subquery(words)), Value(False))


def words_found(viewer: Any, searched: Any) -> Q:
    """Are words that `viewer` filters in this search vector, of something that is no contribution?"""
    return Q(_words_found(_filters_of(viewer, Filter.Act), searched))


def matching(viewer: Any, *acts: Filter.Act) -> Q:
    """What a filter of `viewer` that does one of these folds or hides; never their own words."""
    filters = _filters_of(viewer, acts)
    found = _words_found(filters, F("search"))
    about = Q(notes__overlap=filters.filter(note__isnull=False).values("note"))
    by = Q(author__in=filters.filter(person__isnull=False).values("person"))
    is_own = Q(author=viewer.pk) | Q(persona__pk__among=viewer.persona_keys)
    return (Q(found) | about | by) & ~is_own
