"""An answer, and one that is changed: with what it quotes and what it shows from the library."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from community import text
from community.contributions import cards
from community.contributions.drafts import Draft
from community.contributions.forms import WritingForm
from community.contributions.models import Contribution, Quote, Reference, Voice
from community.contributions.notes import offered_lately
from community.contributions.noting import names_of
from community.contributions.posting import Untouched, restored
from community.permissions import Verdict
from forums import finding
from forums.models import Mode, Reply, Topic
from forums.permissions import can_speak_anonymously
from forums.speaking import spoken_as

from .words import ChangedWordsForm, NewWordsForm, lately, told_voice


def _place(topic: Topic) -> str:
    return f"forums.reply:{topic.public_id}"


def _voices(user: Any, topic: Topic) -> tuple[Voice | None, Verdict]:
    """The voice that `user` has there already, and whether they may take an alias."""
    # Where nobody can take an alias, who has none speaks by name: nothing need be looked up.
    spoken = spoken_as(user, topic) if topic.board.is_anonymous else user.persona_in(topic.public_id)
    return spoken, can_speak_anonymously(user, topic.board) if spoken is None else True


class ReplyForm(NewWordsForm):
    """An answer, perhaps with words of the same conversation quoted above it."""

    quote = forms.UUIDField(required=False, widget=forms.HiddenInput)
    excerpt = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    cards = cards.CardsField()
    kind = "replies"
    field_order = ["body", "voice"]

    def __init__(self, *args: Any, topic: Topic, **kwargs: Any) -> None:
        spoken, may_hide = _voices(kwargs["user"], topic)
        super().__init__(*args, place=_place(topic), spoken=spoken, may_hide=may_hide, **kwargs)
        self.topic = topic
        self.quoted: Contribution | None = None
        self.fields["body"].label = _("Your reply")

    def settle(self) -> None:
        """Quote nothing that was changed, taken back or hidden since."""
        chosen, excerpt = self.initial.pop("quote", None), self.initial.pop("excerpt", None)
        try:
            words = quotable(self.user, self.topic, UUID(str(chosen))) if chosen else None
        except ValueError:
            words = None
        if words is not None:
            self.initial.update(quote=str(words.public_id), excerpt=excerpt_of(words, str(excerpt or "")))

    def clean_quote(self) -> UUID | None:
        """What cannot be quoted here is left out, whether it exists elsewhere or not."""
        public_id = self.cleaned_data["quote"]
        self.quoted = quotable(self.user, self.topic, public_id) if public_id else None
        return public_id if self.quoted else None

    def clean_excerpt(self) -> str:
        """Only what still stands there goes back into the page if the form does."""
        excerpt = excerpt_of(self.quoted, self.cleaned_data["excerpt"]) if self.quoted else ""
        if excerpt != self.data.get("excerpt", ""):
            self.data = self.data.copy()
            self.data["excerpt"] = excerpt
        return excerpt

    @property
    def takes_cards(self) -> bool:
        return takes_cards(self.topic)

    def clean_cards(self) -> list[Contribution]:
        return cards.find(self.user, self.cleaned_data["cards"]) if self.takes_cards else []

    @property
    def chosen_cards(self) -> list[str]:
        """The public ids of what is to be shown below the words, as far as it was chosen by now."""
        return [str(each) for each in cards.ids_of(self["cards"].value() or ())]

    def visible_fields(self) -> list[forms.BoundField]:
        """The cards stand in a panel of their own, forums/_library.html."""
        return [field for field in super().visible_fields() if field.name != "cards"]

    @property
    def preview(self) -> SafeString | str:
        html, shown = super().preview, getattr(self, "cleaned_data", {}).get("cards", ())
        return format_html("{}{}", html, cards.in_words(shown)) if html and shown else html

    def made_today(self) -> int:
        return self._count_today(Reply.objects)

    def posted_lately(self) -> UUID | None:
        if self.quoted or self.cleaned_data["cards"]:
            return None
        said = finding.said_lately(self.user, self.topic, since=lately(), anonymously=self.is_anonymous)
        return next(filter(None, map(self._if_same, said)), None)

    @property
    def quotes(self) -> list[Quote]:
        if not self.quoted:
            return []
        return [Quote(self.quoted, self.cleaned_data["excerpt"])]


def takes_cards(topic: Topic) -> bool:
    """Nothing is suggested where somebody asked for company."""
    return topic.mode != Mode.LISTENING


class UntouchedReply(Untouched):
    """The reply box of a conversation in which this member has left nothing."""

    def __init__(self, user: Any, topic: Topic) -> None:
        spoken, may_hide = _voices(user, topic)
        # What it looks like depends on the list of notes, on whether there is a choice of voices, and on whether cards are taken.
        shape = (names_of(offered_lately()), spoken is None and bool(may_hide), takes_cards(topic))
        super().__init__(lambda: ReplyForm(user=user, topic=topic), user, _place(topic), shape)
        self.told_voice = told_voice(user, spoken, may_hide)

    @property
    def own(self) -> list[str]:
        return [*super().own, self.told_voice]

    def form(self, own: Sequence[str]) -> WritingForm:
        form = super().form(own)
        form.tell_voice(own[-1])  # type: ignore[attr-defined]
        return form


def reply_box(user: Any, topic: Topic) -> dict[str, Any]:
    """For the page of a conversation: its form with the words that were left there, or the one that nobody has touched."""
    if draft := Draft.of(user, _place(topic)):
        return restored(ReplyForm, user, draft=draft, topic=topic)
    return {"untouched": UntouchedReply(user, topic)}


class ReplyEditForm(ChangedWordsForm):
    """With what stands below the words from the library, to be taken away; what is not open to whoever said them stays."""

    cards = cards.CardsField(label=_("From the library"), help_text=_("What you leave ticked stays below your words."))

    def __init__(self, *args: Any, reply: Reply, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.reply_edit:{reply.public_id}", carried=reply.notes, **kwargs)
        self.changed = reply
        self.fields["body"].label = _("Your reply")
        self.shown = Reference.cards_of(reply)
        offered = cards.find(self.user, [str(each.public_id) for each in self.shown])
        self.fields["cards"].choices = [(str(each.public_id), each.shown_title) for each in offered]
        self.initial.setdefault("cards", [value for value, _title in self.fields["cards"].choices])
        if not offered:
            del self.fields["cards"]

    @property
    def kept_cards(self) -> list[Contribution]:
        """What stays below the words."""
        if "cards" not in self.fields:
            return self.shown
        offered, ticked = dict(self.fields["cards"].choices), {str(each) for each in cards.ids_of(self.cleaned_data["cards"])}
        return [each for each in self.shown if str(each.public_id) in ticked or str(each.public_id) not in offered]


def quotable(user: Any, topic: Topic, public_id: UUID) -> Contribution | None:
    """The words of this conversation that stand under `public_id`, if `user` may see them and they still stand."""
    if public_id == topic.public_id:
        opening = Topic.objects.visible_to(user).with_opening(user).with_place()
        return opening.filter(pk=topic.pk, is_gap=False, withdrawn_at=None).first()
    replies = Reply.objects.visible_to(user).with_place()
    return replies.filter(topic=topic, public_id=public_id, withdrawn_at=None).first()


def excerpt_of(words: Contribution, chosen: str) -> str:
    """The chosen part if it really stands in these words, else nothing, which quotes their beginning."""
    chosen = " ".join(text.clean(chosen).split())[:400]
    return chosen if chosen and chosen in text.excerpt(words.body, text.MAX_LENGTH) else ""
