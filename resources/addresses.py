"""How an address, an ISBN, a DOI and a telephone number are written, so that two ways of writing one thing are one.

`tidy` makes an address as it is kept and shown: plain ASCII, without what follows people about. `key_of` makes what two spellings
of one address have in common. What cannot be an address for others is refused with a sentence (ValidationError). Nothing here
looks anything up: no name is resolved and nothing is fetched.
"""

import re
import unicodedata
from hashlib import sha256
from urllib.parse import quote, unquote

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .hosts import host_of, no_address, number_of_a_machine

LONGEST = 2_000
# Nobody pastes more than this; longer text is not even looked at.
_LOOKED_AT = 20_000

# What is put behind addresses to follow people about, or to earn with them.
_TRACKING = re.compile(
    r"utm_\w+|(?:fb|g|d|y|tw|ttc)clid|msclkid|gbraid|wbraid|gclsrc|_gl|srsltid|igshid|igsh|mc_[ce]id|_hsenc|_hsmi|__hs\w+"
    r"|hsctatracking|mkt_tok|vero_(?:id|conv)|oly_(?:anon|enc)_id|ref|ref_src|ref_url|spm|s_cid|at_(?:medium|campaign)|xtor"
    r"|aff|aff_?id|affiliate(?:_?id)?|trk|trkcampaign|__twitter_impression"
)
_TRACKING_AT = {
    "amazon": re.compile(r"tag|linkcode|linkid|ascsubtag|camp|creative(?:asin)?|pd_rd_\w+|pf_rd_\w+|qid|sr|keywords|crid|sprefix"),
    "youtube": re.compile(r"si|feature|pp|ab_channel"),
    "youtu": re.compile(r"si|feature|pp"),
    "spotify": re.compile(r"si|nd|context"),
    "instagram": re.compile(r"hl"),
    "twitter": re.compile(r"s|t"),
    "x": re.compile(r"s|t"),
}
# Sites whose pages for small screens are the same pages under another name.
_MOBILE = re.compile(
    r"(?:m|mobile)\.(?=(?:youtube|facebook|twitter|reddit|imdb|vk)\.com$)|(?<=\.)m\.(?=(?:wiki\w+|wiktionary)\.org$)"
)
_SHORT_VIDEO = re.compile(r"youtu\.be/([\w-]{6,20})(?:\?(.*))?")
_DOI_ADDRESS = re.compile(r"(?:dx\.)?doi\.org/(10\.\d{4,9}/.+)", re.DOTALL)

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"(?://)?([^\s/?#:@]+\.[^\s/?#:@.]+\.?)(?::\d{1,5})?(?:[/?#]|$)")
_PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")

_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Signs that mean the same in a path or a query whether they are written as they are or with a percent sign.
_SAME_EITHER_WAY = _UNRESERVED | frozenset("!$'()*,;:@")


# Addresses --------------------------------------------------------------------------------------------------------------


def tidy(address: str) -> str:
    """The address as it is kept and shown: with its scheme, in ASCII, at most 2,000 characters, without tracking."""
    scheme, host, port, path, query, fragment = _taken_apart(address)
    text = f"{scheme}://{host}{port}{path or '/'}"
    if query := _without_tracking(query, host):
        text += f"?{query}"
    if fragment := _place_in_page(fragment):
        text += f"#{fragment}"
    if len(text) > LONGEST:
        raise _too_long()
    return text


def key_of(address: str) -> str:
    """What all spellings of one address have in common; two addresses with one key lead to one place.

    Empty for no address. A link to doi.org has its DOI's key.
    """
    if not address:
        return ""
    _scheme, host, port, path, query, fragment = _taken_apart(address)
    while host.startswith("www.") and host.count(".") > 1:
        host = host[4:]
    host = _MOBILE.sub("", host)
    parts = sorted((_same(part) for part in _without_tracking(query, host).split("&")), key=lambda part: part.partition("=")[0])
    query = "&".join(part.replace("+", "%20") for part in parts)
    key = f"{host}{port}{_same(path).rstrip('/')}"
    key += f"?{query}" if query else ""
    # Pages that are one page to the server and many to their reader.
    fragment = _place_in_page(fragment)
    key += f"#{_same(fragment)}" if fragment.startswith(("!", "/")) else ""
    if short := _SHORT_VIDEO.fullmatch(key):
        key = f"youtube.com/watch?{'&'.join(sorted(filter(None, [short[2], f'v={short[1]}'])))}"
    if (found := _DOI_ADDRESS.fullmatch(key)) and not _CONTROL.search(doi := unquote(found[1])):
        key = key_of_doi(doi)
    # Two long ones must not become one by their ends being cut.
    return key if len(key) <= LONGEST else f"{key[: LONGEST - 65]}#{sha256(key.encode()).hexdigest()}"


def key_of_isbn(isbn: str) -> str:
    """The key of a book without an address; `isbn` as `isbn_of` writes it."""
    return f"isbn:{isbn}" if isbn else ""


def key_of_doi(doi: str) -> str:
    """The key of a paper without an address; `doi` as `doi_of` writes it."""
    return f"doi:{doi.casefold()}" if doi else ""


def _taken_apart(address: str) -> tuple[str, str, str, str, str, str]:
    """Scheme, host, “:port”, path, query and fragment, each in its normal form. Raises ValidationError."""
    if len(address) > _LOOKED_AT:
        raise _too_long()
    address = address.strip().strip("\ufeff\u200b<>")
    if _CONTROL.search(address) or _NO_TEXT.search(address):
        raise ValidationError(
            _("There is a character in this address that cannot be seen. Copy it anew from the browser."), code="control"
        )
    found = _PARTS.fullmatch(_with_scheme(address))
    if not found or "\\" in found[2]:
        raise no_address()
    scheme, place, path, query, fragment = (part or "" for part in found.groups())
    if "@" in place:
        raise ValidationError(
            _("There is a name or a password in this address, before the @. Take it out, so that nobody else gets it."),
            code="credentials",
        )
    if place.startswith("["):
        raise number_of_a_machine()
    host, _colon, port = place.partition(":")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        raise no_address()
    number = int(port or 0)
    port = f":{number}" if number and number != {"http": 80, "https": 443}[scheme.lower()] else ""
    # Browsers read \ as / in a path.
    path = _without_dots(_escaped(path.replace("\\", "/"), "/!$&'()*+,;=:@"))
    return scheme.lower(), host_of(host), port, path, _escaped(query, "/?!$'()*+,;:@=&[]"), _escaped(fragment, "/?!$'()*+,;:@=&")


def _with_scheme(address: str) -> str:
    if not address:
        raise no_address()
    if _WITHOUT_SCHEME.match(address):
        return f"https://{address.removeprefix('//')}"
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() in ("mailto", "tel", "sms"):
        raise ValidationError(_("This leads to a person or a telephone, not to a page on the web."), code="scheme")
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise ValidationError(
            _("Only addresses that begin with http:// or https:// can be opened by others; this one begins with “%(scheme)s”."),
            params={"scheme": f"{scheme[1][:20].lower()}:"},
            code="scheme",
        )
    return address


def _escaped(part: str, safe: str) -> str:
    """A part of an address in ASCII, with a percent sign only before what needs one."""
    return _unescape(quote(_STRAY_PERCENT.sub("%25", part), safe=f"{safe}%"), _UNRESERVED)


def _same(part: str) -> str:
    return _unescape(part, _SAME_EITHER_WAY)


def _unescape(part: str, plain: frozenset[str]) -> str:
    return _ESCAPED.sub(lambda found: sign if (sign := chr(int(found[1], 16))) in plain else found[0].upper(), part)


def _without_dots(path: str) -> str:
    """The path with its steps up and nowhere taken, as a browser takes them."""
    if "/." not in path:
        return path
    kept: list[str] = []
    steps = path.split("/")[1:]
    for step in steps:
        if step == "..":
            del kept[-1:]
        elif step != ".":
            kept.append(step)
    return "/" + "/".join(kept) + ("/" if steps[-1] in (".", "..") and kept else "")


def _without_tracking(query: str, host: str) -> str:
    own = [_TRACKING_AT[name] for name in host.split(".") if name in _TRACKING_AT]
    return "&".join(part for part in query.split("&") if part and not _is_tracking(part, own))


def _is_tracking(part: str, own: list[re.Pattern[str]]) -> bool:
    name = unquote(part.partition("=")[0]).lower()
    return any(pattern.fullmatch(name) for pattern in [_TRACKING, *own])


def _place_in_page(fragment: str) -> str:
    """The fragment, without the words that a browser is to mark and without tracking."""
    fragment = fragment.partition(":~:")[0]
    return "" if fragment and all(_is_tracking(part, []) and "=" in part for part in fragment.split("&")) else fragment


def _too_long() -> ValidationError:
    return ValidationError(
        _("This address has more than 2,000 characters. Look for a shorter one; sites often offer it under “Share”."),
        code="max_length",
    )


# Books, papers, telephones ----------------------------------------------------------------------------------------------

_ISBN = re.compile(r"(?:ISBN(?:1[03](?=:|[0-9X]{10}))?:?)?([0-9X]+)")
_BETWEEN = re.compile(r"[\s\u2010-\u2015\u2212-]+")
_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_DIALLED = re.compile(r"\+?\d{2,15}")


def isbn_of(text: str) -> str:
    """An ISBN as it is kept: thirteen digits. Raises ValidationError."""
    found = _ISBN.fullmatch(_BETWEEN.sub("", text[:60]).upper())
    digits = found[1] if found else ""
    if len(digits) == 10 and digits[:9].isdigit():
        if sum((10 - place) * (10 if sign == "X" else int(sign)) for place, sign in enumerate(digits)) % 11 == 0:
            return _with_check_digit(f"978{digits[:9]}")
    elif len(digits) == 13 and digits.isdigit() and digits[:3] in ("978", "979"):
        if _with_check_digit(digits[:12]) == digits:
            return digits
    else:
        raise ValidationError(_("An ISBN has ten or thirteen digits; it stands on the back of the book."), code="isbn")
    raise ValidationError(_("There is a slip in this ISBN: its last digit doesn’t fit the others."), code="isbn_digit")


def _with_check_digit(twelve: str) -> str:
    return twelve + str(-sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(twelve)) % 10)


def doi_of(text: str) -> str:
    """A DOI as it is kept: “10.1000/182”, in small letters, also from a link to doi.org. Raises ValidationError."""
    text = text.strip()
    if len(text) <= LONGEST and not _CONTROL.search(text) and (found := _DOI.fullmatch(text)):
        doi = unquote(found[1]) if "doi.org/" in text[:40].lower() else found[1]
        doi = doi.rstrip(".,;").lower()
        if len(doi) <= 200 and not _NO_TEXT.search(doi) and not re.search(r"\s", doi):
            return doi
    raise ValidationError(_("A DOI is written like “10.1000/182”."), code="doi")


def phone_of(text: str) -> str:
    """A telephone number as it is kept: digits, with + before a country’s code. A short one stays as it is dialled.

    Letters on keys become their digits (“13 YARN”). Raises ValidationError.
    """
    written = unicodedata.normalize("NFKC", text[:60]).strip().removeprefix("tel:")
    written = re.sub(r"[\s().\-/\u2010-\u2015\u2212]+", "", written.replace("(0)", "") if "+" in written else written)
    if re.fullmatch(r"\+?[0-9]+[A-Z]{2,}[0-9]*", written):
        written = written.translate(_KEYS)
    if len(written) > 10 and written.startswith("00") and written[2:3] != "0":
        written = f"+{written[2:]}"
    if len(text) > 60 or not written.isascii() or not _DIALLED.fullmatch(written):
        raise ValidationError(_("Write the number exactly as it is dialled there, and nothing else."), code="phone")
    return written
