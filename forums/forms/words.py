"""Words new or changed, and under which name they go out."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Contribution, Submission, Voice
from community.contributions.noting import NotingForm
from community.members import limits
from community.permissions import Verdict
from community.times import STEP


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


def lately() -> datetime:
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


class ChangedWordsForm(ForumForm):
    """Words that stand already: they stay in the voice that said them."""

    changed: Contribution

    @property
    def is_anonymous(self) -> bool:
        return self.changed.voice.is_persona
