"""E-mail addresses: one account for each, whatever letters it is typed in."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def plain_address(email: str) -> str:
    """The one form in which an address is kept and looked for: small plain letters, the domain as the mail system writes it.

    Raises ValidationError for a name with other letters: some of them become another address on their way.
    """
    name, _at, domain = unicodedata.normalize("NFKC", email[:320]).casefold().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        name = ""
    if not name or not email.rpartition("@")[0].isascii():
        raise ValidationError(_("Please write the address in plain letters, without accents."), code="plain")
    return f"{name}@{domain}"
