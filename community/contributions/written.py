"""What somebody wrote, for their own eyes: the list of it, and the page of one of them that others do not see (yet)."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community import text
from community.decisions.models import Decision
from community.members import limits
from community.notifications.inbox import Item, items
from community.notifications.models import Notification
from community.pages import KeysetPage, answer, cursor_of, keyset, page
from community.permissions import require
from community.text import LineField

from .drafts import Draft
from .models import Change, Contribution, ContributionQuerySet
from .noting import NotingForm
from .permissions import can_send_again
from .posting import as_written, restored, wants_preview


class SentAgainForm(NotingForm):
    """Words that wait or came back, with their title if they have one; more can be changed once they are shown."""

    title = LineField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("One plain line. It shows in lists, so leave the hardest details for below."),
        max_length=120,
    )
    field_order = ["title", "body"]

    def __init__(self, *args: Any, words: Contribution, **kwargs: Any) -> None:
        super().__init__(*args, place=f"contributions.wrote:{words.public_id}", carried=words.notes, **kwargs)
        self.written = words
        if "title" not in words.own_words:
            del self.fields["title"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.written.waits_first:
            for sentence in limits.words_of(self.user, cleaned.get("body", ""), anonymously=self.written.voice.is_persona):
                self.add_error("body", sentence)
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """What `send_again` takes beside the body."""
        title = {"title": self.cleaned_data["title"]} if "title" in self.fields else {}
        return self.note | title


@require_http_methods(["GET", "HEAD", "POST"])
def wrote_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own words that others do not see: what became of them, and a form to put them right where that is possible."""
    words = _find(request, public_id)
    change = words.waiting_change
    if request.method != "POST" and not change and words.is_visible_to(request.user):
        return redirect(words.get_absolute_url())  # type: ignore[attr-defined]
    if request.method == "POST":
        require(can_send_again(request.user, words))
        form = SentAgainForm(request.POST, user=request.user, words=words)
        if form.is_valid() and not wants_preview(request) and _send(request, words, form):
            return answer(request, "wrote_list", said=_thanks_for(words))
        context = {"form": form}
    else:
        context = _ways_on(request, words)
    decisions = Decision.objects.visible_to(request.user).about(words).newest_first()[:10]
    return page(request, "contributions/wrote_detail.html", {"words": words, "change": change, "decisions": decisions, **context})


@require_POST
def change_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let the words stand as others see them."""
    words = _find(request, public_id)
    words.leave_change()
    Draft.drop(request.user, SentAgainForm(user=request.user, words=words).place)
    return answer(request, "wrote_list", said=_("It stays as others see it."))


def _thanks_for(words: Contribution) -> str:
    """Whether a volunteer looks at what was sent, or others see it already: where it stands words may not wait any more."""
    if words.is_hidden or words.waiting_change:
        return _("Thank you. A volunteer looks at it, then others can see it.")
    return _("Thank you. Others see it as you changed it.")


def _ways_on(request: HttpRequest, words: Contribution) -> dict[str, Any]:
    """The form to put them right, where they lie with their author; or why they can't be sent."""
    if not words.lies_with_author:
        return {}
    if may_send := can_send_again(request.user, words):
        return restored(SentAgainForm, request.user, now=_title_of(words) | as_written(words), words=words)
    return {"may_send": may_send}


def _title_of(words: Contribution) -> dict[str, str]:
    return {"title": getattr(words, "title", "")}


def _send(request: HttpRequest, words: Contribution, form: SentAgainForm) -> bool:
    """Send it; a volunteer may have decided in this very moment."""
    if not words.send_again(form.cleaned_data["body"], **form.changes):
        form.add_error(
            None, _("A volunteer decided about it just now, so nothing was changed. Your words are below; copy them first.")
        )
        return False
    Draft.drop(request.user, form.place)
    return True


def said_of_change(waits: bool) -> str:
    """What is said to whoever changed their words."""
    if waits:
        return _("Thank you. A volunteer looks at your change first; until then others see your words as they were.")
    return _("Changed. A small mark says so.")


def answer_held(request: HttpRequest, model: type[Contribution], public_id: UUID) -> HttpResponse | None:
    """Where what was posted just now waits for a volunteer: the way to it."""
    if not model.objects.filter(public_id=public_id, held_at__isnull=False).exists():
        return None
    said = _("Thank you. A volunteer looks at it first, then others can see it. Until then you can change it here.")
    return answer(request, reverse("wrote_detail", args=[public_id]), said=said)


# The list ------------------------------------------------------------------------------------


@require_safe
def wrote_list(request: HttpRequest) -> HttpResponse:
    """Everything the member wrote, under whatever name, newest first; hidden and withdrawn words too, for their own eyes."""
    parts = [keyset(request, rows.with_place(), by="created_at") for rows in _written_by(request.user)]
    merged = sorted((item for part in parts for item in part.items), key=attrgetter("created_at", "public_id"), reverse=True)
    mine = merged[:20]
    more = len(merged) > 20 or any(part.further for part in parts)
    further = cursor_of(mine[-1].created_at, mine[-1].public_id) if more and mine else ""
    pages = KeysetPage(items=mine, further=further, is_first=parts[0].is_first, next_label=_("Older"))
    open_to_them = _open_places(mine, request.user)
    changes = {(each.target_type.model_class()._meta.label, each.target_id): each for each in Change.objects.of_any(mine)}
    for item in mine:
        item.excerpt = text.excerpt(item.body)
        item.is_open = (type(item), item.pk) in open_to_them
        item.changed_to = changes.get((item._meta.label, item.pk))
    return page(request, "contributions/wrote_list.html", {"pages": pages, "answers": _answers(request.user, pages)})


def _written_by(user: Any) -> Iterator[ContributionQuerySet]:
    """By name and under aliases, each apart: then each is read along its own index."""
    for model in Contribution.kinds():
        yield model.objects.in_voice(user)
        if user.persona_keys and not model.is_by_name:
            yield model.objects.under_aliases_of(user)


def _find(request: HttpRequest, public_id: UUID) -> Contribution:
    """One's own words that were not taken back."""
    found = (rows.filter(public_id=public_id, withdrawn_at=None).with_place().first() for rows in _written_by(request.user))
    words = next(filter(None, found), None)
    if words is None:
        raise Http404
    return words


def _answers(user: Any, pages: KeysetPage) -> list[Item]:
    """What came to the member's aliases, read or not, as far as it is still open to them."""
    if not (user.persona_keys and pages.is_first):
        return []
    return items(Notification.objects.for_member(user).filter(recipient=None).newest_first()[:20], user)


def _open_places(mine: list[Contribution], viewer: Any) -> set[tuple[type, int]]:
    """Which of these stand where `viewer` may look; one query for each kind."""
    kinds: dict[type[Contribution], list[int]] = {}
    for item in mine:
        kinds.setdefault(type(item), []).append(item.pk)
    return {
        (model, pk)
        for model, keys in kinds.items()
        for pk in model.objects.visible_to(viewer).filter(pk__in=keys).values_list("pk", flat=True)
    }


@require_http_methods(["GET", "HEAD", "POST"])
def wrote_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back one's own words where their conversation is hidden or not open any more, or before others see them."""
    words = _find(request, public_id)
    if request.method == "POST":
        words.withdraw()
        return answer(request, reverse("wrote_list"), said=_("Taken back. Only the volunteers can still see it."))
    return page(request, "contributions/words_withdraw.html", {"words": words, "back": reverse("wrote_list")})
