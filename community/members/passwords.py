"""Passwords that anybody here would try first."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.text import fold

# Words a guesser would begin with in a place like this one, beside its name and the member's own.
_WORDS = "hearth password passwort recovery support together welcome windowlamp fireplace letmein iloveyou"
LONGEST = 1_000


class NotAboutThisPlace:
    """Refuses a password that is little more than the place's name, the member's name or a word of the house."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(_("That is longer than we can keep. A thousand characters are plenty."), code="password_too_long")
        left = folded = fold(password)
        for word in sorted(self._words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if len("".join(char for char in left if char.isalpha())) < 3 and left != folded:
            raise ValidationError(
                _("Anybody would try the name of this place, or yours, first. Add words that have nothing to do with either."),
                code="password_about_this_place",
            )

    def get_help_text(self) -> str:
        return _("Not the name of this place, and not your name here.")

    @staticmethod
    def _words(user: Any) -> set[str]:
        """Folded words of at least three letters."""
        own = (getattr(user, "username", ""), getattr(user, "email", "").partition("@")[0], settings.SITE_NAME)
        return {folded for word in (*_WORDS.split(), *own) if len(folded := fold(word or "")) > 2}
