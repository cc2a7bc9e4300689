"""What leads from somebody's words to their door: contact details in what is about to be posted.

Being drawn away to somewhere else is how people get hurt, so whoever writes is asked once whether they mean it; their words are
then posted as they stand. `found_in` looks, `question` asks. Both know nothing of forms and requests, nor of who writes.

What it knows are the words of `contact.toml`. Every pattern is bounded and starts at a place of its own, so time grows with the
length of the text only. A number that leads to help, or costs whoever calls it nothing, is nobody's own.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from django.db.models import TextChoices
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import text as words

from .models import Country, HelpService

# Twice what a post has room for; nothing longer is ever posted.
LENGTH = 2 * words.MAX_LENGTH
# As many digits as a number has at most, with 00 before it.
LONGEST = 17
_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class Kind(TextChoices):
    """What sort of detail it is; the label stands in a sentence."""

    PHONE = "phone", gettext_lazy("a phone number")
    EMAIL = "email", gettext_lazy("an e-mail address")
    ELSEWHERE = "elsewhere", gettext_lazy("a way to reach somebody on another service")
    ADDRESS = "address", gettext_lazy("a postal address")


def found_in(text: str) -> list[Kind]:
    """The kinds of contact details in these words, each once, in the order of `Kind`."""
    written = plain(text[:LENGTH])
    lower = written.lower()
    checks = {
        Kind.PHONE: _has_phone(lower),
        Kind.EMAIL: _has_email(lower),
        Kind.ELSEWHERE: _has_name_elsewhere(lower),
        Kind.ADDRESS: _has_address(written),
    }
    return [kind for kind, found in checks.items() if found]


def question(kinds: Iterable[Kind]) -> str:
    """The sentence that names what was found."""
    names = get_text_list([str(Kind(kind).label) for kind in kinds], _("and"))
    return _("It looks as if there is %(what)s in this.") % {"what": names} if names else ""


def plain(text: str) -> str:
    """The text as it is read: every digit, space and dash the ordinary one, and nothing in it that cannot be seen."""
    if text.isascii():
        return text
    return text.translate({ord(sign): _plain_sign(sign) for sign in set(text) if not sign.isascii()})


_LOOKS_LIKE = {"\u2212": "-", "\u2019": "'", "\u2024": ".", "\u00b7": ".", "\u2022": ".", "\u2800": "", "\ufe6b": "@"}


def _plain_sign(sign: str) -> str:
    if sign in _LOOKS_LIKE:
        return _LOOKS_LIKE[sign]
    if (digit := unicodedata.digit(sign, None)) is not None:
        return str(digit)
    if "\uff01" <= sign <= "\uff5e":
        return chr(ord(sign) - 0xFEE0)
    return {"Cf": "", "Mn": "", "Me": "", "Zs": " ", "Pd": "-"}.get(unicodedata.category(sign), sign)


def _any(*names: str) -> str:
    """A pattern for any word of these lists, the longest first; `phone.call` is the list `call` under `[phone]`."""
    found: set[str] = set()
    for name in names:
        table, _dot, entry = name.partition(".")
        found.update(_WORDS[table][entry].split())
    return "|".join(re.escape(word).replace("_", " ") for word in sorted(found, key=lambda word: (-len(word), word)))


# Phone numbers ------------------------------------------------------------------------------

_WEB_ADDRESS = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}")
_YEAR, _MONTH, _DAY = "(?:1[5-9]|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
# Dates and times of day, where no more digits belong to them.
_MOMENT = re.compile(
    rf"(?<![\d./-]){_DAY}(?P<a>[./-]) ?(?:{_MONTH}|{_DAY})(?P=a) ?{_YEAR}(?!\d)"
    rf"|(?<![\d/.]){_YEAR}(?P<b>[./-]){_MONTH}(?P=b){_DAY}(?!\d)"
    rf"|(?<![\d./-]){_DAY}(?P<c>[./-]){_MONTH}(?P=c)\d\d(?![./-]?\d)"
    rf"|(?<![\d./-])(?:[01]?\d|2[0-3])[.:][0-5]\d(?![./-]?\d)"
)
_NUMBER = re.compile(r"(?<![\w@#=/$£€])[+(]{0,2}\d(?:(?: ?[-/] ?|[. ]| ?[()] ?-?\(?)?\d){5,}+")
_NEXT_NUMBER = re.compile(r" (?=\+|0\d\d)")
_STEP = re.compile(r"\d+")
_OF_SOMETHING = re.compile(
    rf"(?:\b(?:{_any('phone.other')})|[£€$¥#§])[ :.#-]{{0,3}}(?:no|nr|n°|number|num|code|nummer)?[ :.#-]{{0,3}}"
    r"(?:is|was|ist|war|est)?[ :.#-]{0,3}\Z"
)
_COUNTED = re.compile(rf" ?(?:[€£$%°]|(?:{_any('phone.counted')})\b)")
_TO_CALL = re.compile(rf"\b(?:{_any('phone.call')})\b(?! of\b)[^\d\n]{{0,24}}\Z")
# How numbers look without a country's code and without a 0 before them: their groups, joined by spaces.
_SHAPES = re.compile(
    r"1? ?[2-9]\d\d ?[2-9]\d\d ?\d{4}"  # North America
    r"|[6-9]\d\d \d{3} \d{3}|[67]\d\d \d\d \d\d \d\d|[6-9]\d\d \d\d \d\d\d\d"  # Spain, Portugal, Poland
    r"|[6-9]\d{4} ?\d{5}|[6-9]\d{3} \d{3} \d{3}|[6-9]\d\d \d{3} \d{4}"  # India
    r"|1[3-9]\d ?\d{4} ?\d{4}"  # China
    r"|8 ?9\d\d ?\d{3} ?\d\d ?\d\d"  # Russia
    r"|[1-9]\d 9\d{4} \d{4}"  # Brazil
)
_NO_PHONE = re.compile(
    r"(?:\d{1,3}\.){3}\d{1,3}"  # the address of a machine
    r"|97[89][ -]?(?:\d[ -]?){9}\d|\d-\d{1,7}-\d{1,7}-\d"  # a book
    r"|0\.\d+"  # a part of one
    r"|[1-9]\d{0,2}(?:[. ]\d{3}){1,2}(?<![6-9]\d\d.\d{3}.\d{3})"  # thousands and millions
    rf"|{_YEAR} ?[-/ ] ?{_YEAR}(?: ?[-/ ] ?{_YEAR})*"
)
# Numbers that cost the caller nothing, and those that only services have.
_SERVICE_LINE = re.compile(
    r"(?:\+|00)?1?8(?:00|88|77|66|55|44|33)\d{7}|116\d{3}|0800\d{3,8}|0808\d{7}|080[3-9]\d{6}|03(?:0[03]|3[03]|4[345]|7[01])\d{7}"
    r"|1800\d{6}|1300\d{6}|1850\d{6}"
    r"|(?:\+|00)(?:31|32|33|34|39|41|43|44|49|61|64|353)(?:800\d{3,8}|808\d{7}|80[5-9]\d{6}|1800\d{6}|116\d{3})"
)
_SPOKEN = re.compile(rf"(?<!\w)(?:{_any('phone.spoken')})(?:[ ,-]{{1,2}}(?:{_any('phone.spoken')})){{6,}}+(?!\w)")
_SPOKEN_COUNTING = re.compile(r"(?:zero\W+)?(?:one\W+)?two\W+three|nine\W+eight")


def _has_phone(text: str) -> bool:
    if any(not _SPOKEN_COUNTING.match(found[0]) for found in _SPOKEN.finditer(text)):
        return True
    if not _NUMBER.search(text):
        return False
    text = _MOMENT.sub("x", _WEB_ADDRESS.sub(" ", text))
    numbers = {_digits(number) for number, before, after in _numbers(text) if _is_phone(number, before, after)}
    numbers = {digits for digits in numbers if not _SERVICE_LINE.fullmatch(digits)}
    return bool(numbers) and not _are_help(numbers)


def _numbers(text: str) -> Iterator[tuple[str, str, str]]:
    """Everything long enough to be a number, with what stands before and after it."""
    for found in _NUMBER.finditer(text):
        before, after = _before(text, found, 40), text[found.end() : found.end() + 16]
        number = found[0].replace("(0)", "")
        if sum(map(str.isdigit, number)) <= LONGEST:
            yield number, before, after
            continue
        # Several, one after the other.
        for part in _NEXT_NUMBER.split(number):
            if len(part) <= 2 * LONGEST:
                yield part, "", ""


def _is_phone(number: str, before: str, after: str) -> bool:
    if _OF_SOMETHING.search(before) or _COUNTED.match(after) or _NO_PHONE.fullmatch(number) or _is_counting(number):
        return False
    digits = _digits(number)
    length = len(digits.lstrip("+"))
    if digits.startswith("+"):
        return 8 <= length <= 15
    if digits.startswith("00"):
        return 10 <= length <= LONGEST
    # "Text HOME to 741741" is a service's.
    if _TO_CALL.search(before) and not (length < 7 and before.endswith(" to ")):
        return 6 <= length <= 15
    if digits.startswith("0"):
        return 9 <= length <= 13
    if number.startswith("(") and 9 <= length <= 11:
        return True
    if _SHAPES.fullmatch(" ".join(_STEP.findall(number))):
        return True
    # "At 5 07700…": a number of somebody's may follow another number.
    later = _NEXT_NUMBER.split(number, maxsplit=1)
    return len(later) == 2 and 9 <= len(_digits(later[1])) <= 13


def _is_counting(number: str) -> bool:
    """Does this go up or down by equal small steps, as no phone number does?"""
    steps = {after - before for before, after in pairwise(map(int, _STEP.findall(number)))}
    return len(steps) == 1 and 0 < abs(min(steps)) <= 10 and len(_STEP.findall(number)) > 3


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")


def _are_help(numbers: set[str]) -> bool:
    """Is every one of these on the help page, perhaps with its country's code, or in one of its sentences?"""
    told = {part for row in HelpService.objects.values_list("dial", "about", "name") for part in row}
    told |= {part for row in Country.objects.values_list("emergency", "emergency_note") for part in row}
    lines = {_digits(line).lstrip("+0") for part in told for line in re.findall(r"\+?\d[\d ()-]{2,30}", plain(part))}
    return all(
        digits.lstrip("+0") in lines
        or (digits.startswith(("+", "00")) and any(digits.lstrip("+0")[code:] in lines for code in (1, 2, 3)))
        for digits in numbers
    )


# E-mail addresses ---------------------------------------------------------------------------

_NAME_END = r"(?<=[\w+%'.-])"
_AT = rf"[([{{<]{{1,2}} ?(?:{_any('email.at')}|a|@) ?[)\]}}>]{{1,2}}|[-_*](?:{_any('email.at')})[-_*]"
_DOT = rf" ?(?:[([{{<]{{1,2}} ?(?:{_any('email.dot')}|\.) ?[)\]}}>]{{1,2}}|\.) ?| (?:{_any('email.dot')}) "
_WRITTEN_EMAIL = [
    re.compile(rf"{_NAME_END}@(?:[\w-]{{1,63}}\.){{1,4}}[a-z]{{2,24}}(?![\w@])"),
    re.compile(rf"{_NAME_END} @ ?[\w-]{{1,63}} ?\. ?(?:{_any('email.ends')})(?!\w)"),
    re.compile(rf"{_NAME_END} ?(?:{_AT}) ?[\w-]{{1,63}}(?:{_DOT})[a-z]{{2,24}}(?!\w)"),
]
_SPOKEN_EMAIL = [
    re.compile(rf"{_NAME_END} (?:{_any('email.at')}|@) (?:{_any('email.providers')})(?:{_DOT})(?:{_any('email.ends')})(?!\w)"),
    re.compile(
        rf"(?<=\w) (?:{_any('email.at')}) (?!(?:{_any('email.no_name')}) )[\w-]{{1,63}}"
        rf" (?:{_any('email.dot')}) (?!dot)[a-z]{{2,24}}(?!\w)"
    ),
]
_LOOKING = re.compile(rf"\b(?:{_any('email.looking')})\Z")
_HANDLE_BEFORE = re.compile(r"(?<!\w)@[\w.-]{1,64}\Z")


def _has_email(text: str) -> bool:
    # "@name@server" is a name elsewhere.
    written = _WRITTEN_EMAIL if "@" in text else _WRITTEN_EMAIL[2:]
    if any(not _HANDLE_BEFORE.search(_before(text, found, 66)) for pattern in written for found in pattern.finditer(text)):
        return True
    return any(not _LOOKING.search(_before(text, found, 24)) for pattern in _SPOKEN_EMAIL for found in pattern.finditer(text))


def _before(text: str, found: re.Match[str], length: int) -> str:
    return text[max(0, found.start() - length) : found.start()]


# Names on other services --------------------------------------------------------------------

_PLACE = rf"(?:{_any('elsewhere.clear', 'elsewhere.vague')})(?!\w)"
_A_SERVICE = re.compile(rf"(?<!\w){_PLACE}")
_ON = rf"(?:{_any('elsewhere.on')}|via|über|per|par|por|through|by|over|at)"
_NAME = r"(?P<name>@?\w[\w.#-]{2,39})"
_NOT_A_NAME = rf"(?!(?:{_any('elsewhere.pages')})(?:[/?.]|\b))(?!\w{{1,30}}/status/)"
_PROFILE = re.compile(
    r"(?<![\w-])(?:wa\.me/|t\.me/|telegram\.me/|(?:api|chat)\.whatsapp\.com/|discord\.gg/|discord(?:app)?\.com/(?:invite|users)/"
    r"|signal\.(?:me|group)/|m\.me/|fb\.me/|line\.me/|kik\.me/|snapchat\.com/add/|join\.skype\.com/|linkedin\.com/in/|tiktok\.com/@"
    r"|threads\.net/@|bsky\.app/profile/|reddit\.com/u(?:ser)?/|onlyfans\.com/|linktr\.ee/|paypal\.me/|cash\.app/"
    rf"|steamcommunity\.com/id/|(?:instagram|facebook|fb|twitter|(?<!\.)x)\.com/{_NOT_A_NAME})[\w@+#.-]{{2}}"
)
_AT_A_SERVER = re.compile(r"(?<![\w@./-])@[\w.-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}(?!\w)")
_MENTION_ON = re.compile(rf"(?<![\w@])@[\w.-]{{2,40}} (?:is me )?(?:{_any('elsewhere.on')}) (?:my )?{_PLACE}")
_SERVICE_AND_MENTION = re.compile(rf"(?<!\w){_PLACE},? ?@[\w.-]{{2,40}}")
_TAG = re.compile(r"(?<![\w/])[a-z_][\w.]{1,31}#\d{4}(?!\w)")
_NO_TAG = re.compile(rf"(?:{_any('elsewhere.no_tag')})#")
_NAMES_GIVEN = [
    # My insta is quietwren.
    re.compile(
        rf"(?<!\w)(?:{_any('elsewhere.own')}) {_PLACE}(?P<said>[ -]?(?:{_any('elsewhere.handle')}))?"
        rf" ?(?:is|'s|=|:|-|ist|est|c'est|es|lautet|heißt)? ?:? ?{_NAME}"
    ),
    # Discord: quietwren.
    re.compile(rf"(?<![\w-]){_PLACE} ?(?:(?:{_any('elsewhere.handle')}) ?)?[:=] ?{_NAME}"),
    # On discord I'm quietwren.
    re.compile(rf"(?<!\w)on {_PLACE},? (?:{_any('elsewhere.called')}) {_NAME}"),
    # I'm quietwren on telegram.
    re.compile(rf"(?<!\w)(?:{_any('elsewhere.called')}) {_NAME},? (?:{_any('elsewhere.on')}) {_PLACE}"),
]
_COME = re.compile(
    rf"(?<!\w)(?:{_any('elsewhere.come')}) me(?: up| there| back| out| privately| directly| instead)? {_ON} (?:my )?{_PLACE}"
    rf"|(?<!\w)(?:{_any('elsewhere.come_service')}) me(?!\w)"
    rf"|(?<!\w)(?:{_any('elsewhere.komm')}) (?:mir|mich)(?: gern| gerne| doch| an){{0,2}} {_ON} {_PLACE}"
    rf"|(?<!\w)melde? dich(?: gern| gerne| doch| bei mir){{0,2}} {_ON} {_PLACE}"
    rf"|(?<!\w)(?:{_any('elsewhere.viens')})[- ]moi {_ON} {_PLACE}"
    rf"|(?<!\w)(?:{_any('elsewhere.ven')}) {_ON} {_PLACE}"
    rf"|(?<!\w)(?:{_any('elsewhere.together')})(?: \w{{1,15}}){{0,3}} (?:on|over to|to|via|over|auf|über|zu|sur) {_PLACE}"
)
_TOLD = re.compile(rf"(?<!\w)(?:{_any('elsewhere.told')})(?!\w)")
_SAYS_NOTHING = frozenset(_WORDS["elsewhere"]["says_nothing"].split())


def _has_name_elsewhere(text: str) -> bool:
    if ("/" in text and _PROFILE.search(text)) or ("@" in text and _AT_A_SERVER.search(text)):
        return True
    if "#" in text and any(not _NO_TAG.match(found[0]) for found in _TAG.finditer(text)):
        return True
    # Everything else names a service.
    if not _A_SERVICE.search(text):
        return False
    if _MENTION_ON.search(text) or _SERVICE_AND_MENTION.search(text):
        return True
    if any(_is_name(text, found) for pattern in _NAMES_GIVEN for found in pattern.finditer(text)):
        return True
    return any(not _TOLD.search(_clause_before(text, found)) for found in _COME.finditer(text))


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Is this word a name, or one that says something about the service?"""
    name = found["name"].rstrip(".-#")
    if name.startswith("@") or re.search(r"[\d_#]|\w\.\w", name):
        return True
    if name in _SAYS_NOTHING or len(name) < 3:
        return False
    # "My user name is …", "I'm quietwren on …"; else it is a name if nothing follows that it could belong to.
    is_said = bool(found.groupdict().get("said")) or found.end("name") < found.end()
    return is_said or not re.match(r"[ ']?\w", text[found.end("name") : found.end("name") + 2])


def _clause_before(text: str, found: re.Match[str]) -> str:
    return re.split(r"[.!?;:\n]", _before(text, found, 60))[-1]


# Postal addresses ---------------------------------------------------------------------------

_HOUSE = r"(?<![\w.,:/£€$-])\d{1,5}"
_NO_UNIT = rf"(?! ?(?:{_any('address.units')}|[%€:])(?!\w))(?!\d)"
_POSTCODE = rf"(?:{_any('address.postcode_areas')})\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{{2}}(?![\w-])"
_PLACES = [
    re.compile(
        rf"(?<!\w)(?:{_any('address.live')})(?: at| in)? (?:flat \w{{1,4}},? )?\d{{1,5}}[a-z]?,? (?:[a-z'-]{{2,24}} ){{1,3}}"
        rf"(?:{_any('address.small_streets')})(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_HOUSE} ?(?:bis|ter|[a-d](?= ))?,? ?(?:(?:{_any('address.rues')}) (?:(?:de|du|des|la|le|les) |l'|d'){{0,2}}[\w-]{{2}}"
        r"|(?:place|route|cours|square|passage|sentier) (?:(?:de|du|des|la|le) |l'|d'){0,2}[A-ZÀ-Ý])"
    ),
    re.compile(
        rf"(?<!\w)(?:{_any('address.calles')}) ?(?:(?:de|del|da|di|la|el) ){{0,2}}"
        r"(?:[A-ZÁÉÍÓÚ][\w'-]{2,24} ?){1,3},? \d{1,4}(?!\d)"
    ),
    re.compile(rf"(?<![\w-])(?=[A-Z]{{1,2}}\d){_POSTCODE}"),
    re.compile(rf"(?<!\w)post ?code(?: is|:)? {_POSTCODE}", re.IGNORECASE),
    re.compile(rf"(?<=[a-z]),? (?:{_any('address.states')}),? \d{{5}}(?:-\d{{4}})?(?![\w,.]\d|\w)"),
    re.compile(r"(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d(?![\w-])"),  # Canada
    re.compile(r"(?<!\w)(?:p\.? ?o\.? ?box|postfach|boîte postale) \d{1,6}(?!\w)", re.IGNORECASE),
]
_ENGLISH = re.compile(rf"{_HOUSE}[A-Za-z]?,? ((?:[A-Z][\w'.-]{{0,24}} ){{1,3}})(?:{_any('address.streets')})(?![\w'])")
_NO_STREET = re.compile(rf"(?:{_any('address.no_street')}) ")
_NO_HOUSE_BEFORE = re.compile(rf"\b(?:{_any('address.no_number')}) \Z", re.IGNORECASE)
_GERMAN = [
    re.compile(rf"(?<![\w-])[\w-]{{2,40}}(?:straße|strasse|str\.|gasse|allee) ?,? ?\d{{1,4}} ?[a-z]?{_NO_UNIT}", re.IGNORECASE),
    re.compile(rf"(?<![\w-])[A-ZÄÖÜ][\w-]{{2,40}}(?:{_any('address.ways')}) \d{{1,4}}{_NO_UNIT}"),
    re.compile(rf"(?<![\w-])[A-ZÄÖÜ][\w-]{{2,30}}[ -](?:{_any('address.parted_ways')}) \d{{1,4}}{_NO_UNIT}"),
]
_DIGIT = re.compile(r"\d")
_NO_GERMAN_STREET = re.compile(rf"(?<!\w)(?:{_any('address.no_way')})[ -]?(?:weg|platz|straße|strasse)\b", re.IGNORECASE)


def _has_address(text: str) -> bool:
    # There is a number in every one, and in few of the texts that people write.
    if not _DIGIT.search(text):
        return False
    if any(pattern.search(text) for pattern in _PLACES):
        return True
    if any(not _NO_STREET.match(it[1]) and not _NO_HOUSE_BEFORE.search(_before(text, it, 10)) for it in _ENGLISH.finditer(text)):
        return True
    return any(not _NO_GERMAN_STREET.search(found[0]) for pattern in _GERMAN for found in pattern.finditer(text))
