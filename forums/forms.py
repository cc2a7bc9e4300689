from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community import text
from community.contributions import cards
from community.contributions.drafts import Draft
from community.contributions.forms import WritingForm
from community.contributions.models import Contribution, Quote, Reference, Submission, Voice
from community.contributions.notes import offered_lately
from community.contributions.noting import NotingForm, names_of
from community.contributions.posting import Untouched, restored
from community.members import limits
from community.permissions import Verdict
from community.tags.fields import TagsField
from community.text import LineField
from community.times import STEP

from . import finding
from .models import Audience, Board, Mode, Reply, Topic
from .permissions import can_speak_anonymously
from .speaking import spoken_as


class ForumForm(NotingForm):
    """Words new or changed: what may be in them, in the first days or under an alias, is checked while the text is there."""

    @property
    def is_anonymous(self) -> bool:
        """Are these the words of an alias?"""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for sentence in limits.words_of(self.user, cleaned.get("body", ""), anonymously=self.is_anonymous):
            self.add_error("body", sentence)
        return cleaned


BY_NAME, BY_ALIAS = "name", "alias"


def told_voice(user: Any, spoken: Voice | None, may_hide: Verdict) -> str:
    """What only this member reads beside their words: as whom they speak there for good, or how the first choice is called."""
    if spoken is None:
        return gettext("As %(name)s") % {"name": user.username} if may_hide else ""
    if spoken.is_persona:
        return gettext("You speak here as %(alias)s, anonymous.") % {"alias": spoken.name}
    return gettext("You speak here as %(name)s.") % {"name": spoken.name}


def _lately() -> datetime:
    return timezone.now() - 3 * STEP


class NewWordsForm(ForumForm):
    """Words that are new here, and under which name they go out: that is chosen with the first ones in a conversation.

    `spoken` is the voice that the member has there already, `may_hide` whether they may take an alias. How many of a kind may be
    posted in a day is checked, too.
    """

    voice = forms.ChoiceField(
        label=_("How do you want to post?"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the two.")},
    )
    kind = ""

    def __init__(self, *args: Any, spoken: Voice | None, may_hide: Verdict, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spoken, self.may_hide = spoken, may_hide
        if spoken is None and may_hide:
            self.initial.setdefault("voice", BY_NAME)
        else:
            # What was wished for before goes along unseen, or a draft meant for an alias would go out by name.
            self.fields["voice"] = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)
        self.tell_voice(told_voice(self.user, spoken, may_hide))

    def tell_voice(self, told: str) -> None:
        self.told_voice = told
        if self.may_choose:
            anonymously = gettext("Anonymously, under a name made for this conversation")
            self.fields["voice"].choices = [(BY_NAME, told), (BY_ALIAS, anonymously)]

    @property
    def may_choose(self) -> bool:
        return isinstance(self.fields["voice"], forms.ChoiceField)

    @property
    def is_anonymous(self) -> bool:
        if self.spoken is not None:
            return self.spoken.is_persona
        return self.may_choose and self.data.get("voice") == BY_ALIAS

    @property
    def speaks_as(self) -> str:
        """Where there is nothing (any more) to choose, as whom these words go out."""
        return self.told_voice if self.spoken is not None else ""

    def _check_voice(self) -> None:
        """Nothing goes out under another name than was asked for; sent once more, it is asked for."""
        wish = self.data.get("voice", "")
        if self.may_choose or not wish or (wish == BY_ALIAS) == self.is_anonymous:
            return
        if self.spoken:
            reason = f"{self.speaks_as} {gettext('That stays so in this conversation.')}"
        else:
            reason = f"{self.may_hide} {gettext('Sent once more, this goes out as %(name)s.') % {'name': self.user.username}}"
        self.add_error(None, f"{reason} {gettext('Nothing is posted yet; your words are below.')}")
        self.data = self.data.copy()
        self.data["voice"] = ""

    def made_today(self) -> int:
        raise NotImplementedError

    def _if_same(self, newest: Contribution | None) -> UUID | None:
        """The member's newest words of a few minutes ago, if they are these very words.

        Nobody means to say the same thing twice in a row; a browser that went back does.
        """
        is_same = newest is not None and not newest.is_withdrawn and newest.body == self.cleaned_data["body"]
        return newest.public_id if is_same else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_voice()
        # A second press finds no choice any more, and is the same all the same.
        cleaned["voice"] = BY_ALIAS if self.is_anonymous else BY_NAME
        # A second press of the day's last one leads to what the first made.
        if not (self.is_anonymous or limits.has_limits(self.user)) or Submission.is_used(cleaned.get("key", "")):
            return cleaned
        made = self.made_today()
        if not (verdict := limits.can_post_more(self.user, made_today=made, kind=self.kind, anonymously=self.is_anonymous)):
            raise forms.ValidationError(str(verdict))
        return cleaned

    def _count_today(self, rows: Any) -> int:
        """What counts today; in the first days that is everything, else what was said under aliases."""
        own = rows.of_member(self.user) if limits.has_limits(self.user) else rows.under_aliases_of(self.user)
        return own.filter(created_at__gte=timezone.now() - timedelta(days=1))[:200].count()


class _AskForm(forms.Form):
    """What somebody asks for, and the line that stands in lists."""

    mode = forms.ChoiceField(
        label=_("What would help you most?"),
        help_text=_("Everyone sees this above the reply box. You can change it at any time."),
        choices=Mode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what would help you most, so that people know how to answer.")},
    )
    title = LineField(
        label=_("Title"),
        help_text=_("One plain line. It shows in lists, so leave the hardest details for below."),
        max_length=120,
    )
    tags = TagsField()


def _value(audience: Audience, group: Group | None) -> str:
    return f"{audience.value}:{group.pk}" if group else audience.value


def _label(audience: Audience, group: Group | None) -> str:
    return gettext("Only the group “%(name)s”") % {"name": group.name} if group else audience.label


class TopicForm(_AskForm, NewWordsForm):
    """A new conversation on a board."""

    audience = forms.ChoiceField(label=_("Who can read it?"), widget=forms.RadioSelect)
    kind = "topics"
    field_order = ["mode", "title", "body", "tags", "voice", "audience"]

    def __init__(self, *args: Any, board: Board, **kwargs: Any) -> None:
        may_hide = can_speak_anonymously(kwargs["user"], board)
        super().__init__(*args, place=f"forums.topic:{board.slug}", spoken=None, may_hide=may_hide, **kwargs)
        self.board = board
        self.fields["body"].label = _("What’s going on?")
        self.offered = {_value(*choice): choice for choice in board.audiences_for(kwargs["user"])}
        if len(self.offered) == 1:
            del self.fields["audience"]
        else:
            self.fields["audience"].choices = [(value, _label(*choice)) for value, choice in self.offered.items()]
            self.fields["audience"].initial = next(iter(self.offered))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        choice = self.offered.get(cleaned.get("audience", ""))
        if self.is_anonymous and choice is not None and choice != next(iter(self.offered.values())) and choice[1]:
            self.add_error("audience", _("The few in a group could guess who you are. Choose more readers, or post by name."))
        return cleaned

    @property
    def readers(self) -> dict[str, Any]:
        """Who may read it, as `Board.start` takes it."""
        audience, group = self.offered[self.cleaned_data.get("audience") or next(iter(self.offered))]
        return {"audience": audience, "group": group}

    def made_today(self) -> int:
        return self._count_today(Topic.objects)

    def posted_lately(self) -> UUID | None:
        there = Q(hidden_at=None) | Q(held_at__isnull=False)
        rows = Topic.objects.filter(there, board=self.board, title=self.cleaned_data["title"], created_at__gte=_lately())
        own = rows.under_aliases_of(self.user) if self.is_anonymous else rows.in_voice(self.user)
        return self._if_same(own.order_by("-pk").first())


class ChangedWordsForm(ForumForm):
    """Words that stand already: they stay in the voice that said them."""

    changed: Contribution

    @property
    def is_anonymous(self) -> bool:
        return self.changed.voice.is_persona


class TopicEditForm(_AskForm, ChangedWordsForm):
    field_order = ["mode", "title", "body", "tags"]

    def __init__(self, *args: Any, topic: Topic, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.topic_edit:{topic.public_id}", carried=topic.notes, **kwargs)
        self.changed = topic
        self.fields["body"].label = _("What’s going on?")


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
        said = finding.said_lately(self.user, self.topic, since=_lately(), anonymously=self.is_anonymous)
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
