"""A new conversation, and one that is changed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.tags.fields import TagsField
from community.text import LineField
from forums.models import Audience, Board, Mode, Topic
from forums.permissions import can_speak_anonymously

from .words import ChangedWordsForm, NewWordsForm, lately


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
        rows = Topic.objects.filter(there, board=self.board, title=self.cleaned_data["title"], created_at__gte=lately())
        own = rows.under_aliases_of(self.user) if self.is_anonymous else rows.in_voice(self.user)
        return self._if_same(own.order_by("-pk").first())


class TopicEditForm(_AskForm, ChangedWordsForm):
    field_order = ["mode", "title", "body", "tags"]

    def __init__(self, *args: Any, topic: Topic, **kwargs: Any) -> None:
        super().__init__(*args, place=f"forums.topic_edit:{topic.public_id}", carried=topic.notes, **kwargs)
        self.changed = topic
        self.fields["body"].label = _("What’s going on?")
