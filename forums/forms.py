from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community import text
from community.contributions.forms import WritingForm
from community.contributions.models import Contribution, Quote, Submission
from community.members import limits
from community.text import LineField
from community.times import STEP

from .models import Audience, Board, Mode, Reply, Topic


class ForumForm(WritingForm):
    """Words new or changed: what a member of the first days may put in them is checked while the text is still there."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for sentence in limits.words_of(self.user, cleaned.get("body", "")):
            self.add_error("body", sentence)
        return cleaned


class NewWordsForm(ForumForm):
    """Words that are new here: how many of a kind a member of the first days may post in a day is checked, too."""

    kind = ""

    def made_today(self) -> int:
        raise NotImplementedError

    def _lately(self, rows: Any) -> UUID | None:
        """The member's newest words among `rows`, if they are these very words and a few minutes old at most.

        Nobody means to say the same thing twice in a row; a browser that went back does.
        """
        since = timezone.now() - 3 * STEP
        newest = rows.visible_to(self.user).in_voice(self.user).filter(created_at__gte=since).order_by("-pk").first()
        is_same = newest is not None and not newest.is_withdrawn and newest.body == self.cleaned_data["body"]
        return newest.public_id if is_same else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # A second press of the day's last one leads to what the first made.
        if not limits.has_limits(self.user) or Submission.is_used(cleaned.get("key", "")):
            return cleaned
        if not (verdict := limits.can_post_more(self.user, made_today=self.made_today(), kind=self.kind)):
            raise forms.ValidationError(str(verdict))
        return cleaned

    def _count_today(self, rows: Any) -> int:
        since = timezone.now() - timedelta(days=1)
        return rows.in_voice(self.user).filter(created_at__gte=since)[:200].count()


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


def _value(audience: Audience, group: Group | None) -> str:
    return f"{audience.value}:{group.pk}" if group else audience.value


def _label(audience: Audience, group: Group | None) -> str:
    return gettext("Only the group “%(name)s”") % {"name": group.name} if group else audience.label


class TopicForm(_AskForm, NewWordsForm):
    """A new conversation on a board."""

    audience = forms.ChoiceField(label=_("Who can read it?"), widget=forms.RadioSelect)
    kind = "topics"
    field_order = ["mode", "title", "body", "audience"]

    def __init__(self, *args: Any, board: Board, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.topic:{board.slug}", **kwargs)
        self.board = board
        self.fields["body"].label = _("What’s going on?")
        self.offered = {_value(*choice): choice for choice in board.audiences_for(kwargs["user"])}
        if len(self.offered) == 1:
            del self.fields["audience"]
        else:
            self.fields["audience"].choices = [(value, _label(*choice)) for value, choice in self.offered.items()]
            self.fields["audience"].initial = next(iter(self.offered))

    @property
    def readers(self) -> dict[str, Any]:
        """Who may read it, as `Board.start` takes it."""
        audience, group = self.offered[self.cleaned_data.get("audience") or next(iter(self.offered))]
        return {"audience": audience, "group": group}

    def made_today(self) -> int:
        return self._count_today(Topic.objects)

    def posted_lately(self) -> UUID | None:
        return self._lately(Topic.objects.filter(board=self.board, title=self.cleaned_data["title"]))


class TopicEditForm(_AskForm, ForumForm):
    field_order = ["mode", "title", "body"]

    def __init__(self, *args: Any, topic: Topic, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.topic_edit:{topic.public_id}", **kwargs)
        self.fields["body"].label = _("What’s going on?")


class ReplyForm(NewWordsForm):
    """An answer, perhaps with words of the same conversation quoted above it."""

    quote = forms.UUIDField(required=False, widget=forms.HiddenInput)
    excerpt = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    kind = "replies"

    def __init__(self, *args: Any, topic: Topic, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.reply:{topic.public_id}", **kwargs)
        self.topic = topic
        self.fields["body"].label = _("Your reply")

    def clean_quote(self) -> UUID | None:
        """What cannot be quoted here is left out, whether it exists elsewhere or not."""
        public_id = self.cleaned_data["quote"]
        self.quoted = quotable(self.user, self.topic, public_id) if public_id else None
        return public_id if self.quoted else None

    def made_today(self) -> int:
        return self._count_today(Reply.objects)

    def posted_lately(self) -> UUID | None:
        return None if self.quoted else self._lately(Reply.objects.filter(topic=self.topic))

    @property
    def quotes(self) -> list[Quote]:
        if not self.quoted:
            return []
        return [Quote(self.quoted, excerpt_of(self.quoted, self.cleaned_data.get("excerpt", "")))]


class ReplyEditForm(ForumForm):
    def __init__(self, *args: Any, reply: Reply, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.reply_edit:{reply.public_id}", **kwargs)
        self.fields["body"].label = _("Your reply")


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
