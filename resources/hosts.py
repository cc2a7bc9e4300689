"""The name of a site, as it is kept: in ASCII, a public one, and none that a reader would take for another."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.members.handles import skeleton

_DOTS = re.compile("[\u3002\uff0e\uff61]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_INSIDE = re.compile(r"(?:.*\.)?(?:localhost|localdomain|local|internal|intranet|lan|home|corp|arpa|invalid)")


def host_of(host: str) -> str:
    """The name of a site, in ASCII and small letters. Raises ValidationError for what is no public name."""
    host = _DOTS.sub(".", host).removesuffix(".")
    if not host or len(host) > 253:
        raise no_address()
    labels = [_label(label) for label in host.split(".")]
    ascii_host = ".".join(labels)
    if _NUMBER.fullmatch(labels[-1]):
        raise number_of_a_machine()
    if _INSIDE.fullmatch(ascii_host):
        raise ValidationError(_("This address works only inside one house or one computer; others can’t open it."), code="inside")
    if len(labels) < 2 or len(ascii_host) > 253:
        raise ValidationError(_("The name of the site has no dot in it. It is written like “example.org”."), code="dot")
    for label in labels:
        if label.startswith("xn--"):
            _refuse_look_alikes(label, of_latin=not labels[-1].startswith("xn--"))
    return ascii_host


def _label(label: str) -> str:
    """One part of a name between dots, in ASCII."""
    if len(label) > 63:
        raise no_address()
    label = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
    if not label.isascii():
        if len(label) > 63 or not all(sign == "-" or sign.isalnum() or unicodedata.category(sign)[0] == "M" for sign in label):
            raise no_address()
        label = f"xn--{label.encode('punycode').decode('ascii')}"
    if not _LABEL.fullmatch(label):
        raise no_address()
    return label


def _refuse_look_alikes(label: str, *, of_latin: bool) -> None:
    """Raise ValidationError for a name that a reader would take for another one."""
    try:
        name = label[4:].encode("ascii").decode("punycode")
        is_true = name != "" and _label(name) == label
    except (UnicodeError, OverflowError, ValueError):
        is_true = False
    if not is_true:
        raise no_address()
    scripts = {_script(sign) for sign in name if not (sign.isascii() and not sign.isalpha())} - {""}
    east = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "BOPOMOFO", "HANGUL", "LATIN"}
    is_mixed = len(scripts) > 1 and not scripts <= east
    # A whole word of letters that look like Latin ones, under a Latin ending.
    is_mask = of_latin and scripts <= {"CYRILLIC", "GREEK", "ARMENIAN"} and skeleton(name).isascii()
    if is_mixed or is_mask or "ODD" in scripts:
        raise ValidationError(
            _("The name of this site has letters of another alphabet that look like ordinary ones. Somebody may want to mislead."),
            code="look_alike",
        )


def _script(sign: str) -> str:
    """The alphabet a letter belongs to; ODD for letters that are seldom anything but look-alikes."""
    if unicodedata.category(sign) == "Nd":
        return ""
    name = unicodedata.name(sign, "ODD").partition(" ")[0]
    if name == "LATIN" and (0x1C0 <= ord(sign) <= 0x1C3 or 0x24F < ord(sign) < 0x1E00 or ord(sign) > 0x1EFF):
        return "ODD"
    return "ODD" if name in {"COMBINING", "CHEROKEE", "LISU", "COPTIC", "MODIFIER"} else name


def no_address() -> ValidationError:
    return ValidationError(
        _("This doesn’t look like the address of a page. Copy it from the browser’s address bar."), code="address"
    )


def number_of_a_machine() -> ValidationError:
    return ValidationError(_("This address is the number of a machine. Write the name of the site instead."), code="number")
