"""Typing errors and habits in names, e-mail addresses, phones and address lines."""

from dataclasses import dataclass
from functools import cache

from cdp_orchestration.demo.countries import Country
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.given_names import nicknames
from cdp_orchestration.demo.transliteration import in_latin, umlauts_spelled, without_accents

NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
PLACEHOLDER_NAMES = ("N/A", "unknown", "Test", "xxx", "-", "Customer", "Guest")
PLACEHOLDER_EMAILS = ("none@none.com", "test@test.com", "noemail@noemail.com", "na@na.com", "n/a")
PLACEHOLDER_PHONES = ("000-000-0000", "0000000000", "123456789", "N/A", "unknown", "1111111111")


@dataclass(frozen=True)
class NameHabits:
    """How often a system's names deviate from the true ones; each number is a probability."""

    nickname: float
    initial: float
    typo: float
    swapped: float
    no_given: float
    placeholder: float
    capitals: float
    small: float
    latin: float
    plain: float


@dataclass(slots=True)
class TypedName:
    """A name as a system records it; missing parts are empty."""

    given: str
    middle: str
    family: str


def type_name(dice: Dice, habits: NameHabits, name: TypedName, code: str) -> TypedName:
    """Type a true name with the deviations of a system."""
    given, middle, family = name.given, name.middle, name.family
    if dice.random() < habits.nickname:
        given = dice.pick(nicknames(given) or (given,))
    if dice.random() < habits.latin:
        given, middle, family = in_latin(given, code), in_latin(middle, code), in_latin(family, code)
    if dice.random() < habits.plain:
        soften = umlauts_spelled if code == "DE" and dice.chance(0.5) else without_accents
        given, middle, family = soften(given), soften(middle), soften(family)
    if code == "ES" and dice.chance(0.25):
        family = family.split(" ")[0]
    return _mistype(dice, habits, TypedName(given, middle, family))


def _mistype(dice: Dice, habits: NameHabits, name: TypedName) -> TypedName:
    """Make at most one error, and sometimes write the name in capitals or small letters."""
    luck = dice.random()
    if luck < habits.initial:
        name = TypedName(f"{name.given[:1]}{dice.pick(('', '.'))}", "", name.family)
    elif (luck := luck - habits.initial) < habits.typo:
        is_family = dice.chance(0.6)
        given, family = (name.given, typo(dice, name.family)) if is_family else (typo(dice, name.given), name.family)
        name = TypedName(given, name.middle, family)
    elif (luck := luck - habits.typo) < habits.swapped:
        name = TypedName(name.family, "", name.given)
    elif (luck := luck - habits.swapped) < habits.no_given:
        name = TypedName("", "", name.family)
    elif luck - habits.no_given < habits.placeholder:
        name = TypedName(dice.pick(PLACEHOLDER_NAMES), "", name.family)
    return _recase(dice, habits, name)


def _recase(dice: Dice, habits: NameHabits, name: TypedName) -> TypedName:
    luck = dice.random()
    if luck < habits.capitals:
        return TypedName(name.given.upper(), name.middle.upper(), name.family.upper())
    if luck < habits.capitals + habits.small:
        return TypedName(name.given.lower(), name.middle.lower(), name.family.lower())
    return name


def typo(dice: Dice, text: str) -> str:
    """Make one typo: two letters swapped, one omitted, doubled, or replaced by its neighbour on the keyboard."""
    if len(text) < 3:
        return text
    at = 1 + int(dice.random() * (len(text) - 2))
    kind = int(dice.random() * 4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + dice.pick(NEIGHBOURS.get(text[at].lower(), text[at])) + text[at + 1 :]


def type_email(dice: Dice, address: str) -> str:
    """Type an e-mail address: mostly correct, sometimes in capitals, with a tag, with Gmail's dots, or with a typo."""
    luck = dice.random()
    if luck > 0.1:
        return address
    local, _, domain = address.partition("@")
    if luck < 0.04:
        return address.upper() if luck < 0.012 else f"{local.title()}@{domain}"
    if domain != "gmail.com":
        return f"{typo(dice, local)}@{domain}" if luck < 0.05 else address
    if luck < 0.07:
        return f"{local}+{dice.pick(('shop', 'fernhill', 'orders', 'news'))}@{domain}"
    if luck < 0.09:
        return f"{local.replace('.', '') if '.' in local else local[:2] + '.' + local[2:]}@{domain}"
    return f"{local}@{dice.pick(('gmial.com', 'gmail.co', 'gmai.com'))}"


def type_phone(dice: Dice, country: Country, number: str) -> str:
    """Type a national number: national or international, with or without separators."""
    style = int(dice.random() * 8)
    if style <= 1:
        return f"+{country.calling_code}{number}"
    if style == 2:
        return f"00{country.calling_code}{number}" if country.code != "US" else f"+1 {_grouped(number, ' ')}"
    if style == 3:
        return f"+{country.calling_code} {_grouped(number, ' ')}"
    if style == 4 and country.trunk:
        return f"+{country.calling_code} (0) {_grouped(number, ' ')}"
    if style == 5:
        return f"{country.trunk}{_grouped(number, '-')}"
    if style == 6:
        return f"{country.trunk}{_grouped(number, ' ')}"
    return country.trunk + number


def _grouped(number: str, gap: str) -> str:
    return gap.join((number[:3], number[3:6], number[6:]))


@cache
def _short_street(line: str) -> str:
    for long, short in (
        ("Street", "St"), ("Road", "Rd."), ("Avenue", "Ave"), ("straße", "str."), ("Calle", "C/"), ("rue", "r."),
        ("Lane", "Ln"), ("boulevard", "bd"), ("avenue", "av."), ("ul. ", ""), ("Via", "V."),
    ):  # fmt: skip
        line = line.replace(long, short)
    return line


def type_line(dice: Dice, line: str, code: str, is_latin: bool) -> str:
    """Type an address line: sometimes abbreviated, in one case, or with a typo."""
    text = in_latin(line, code) if is_latin else line
    luck = dice.random()
    if luck > 0.24:
        return text
    if luck < 0.1:
        return _short_street(text)
    if luck < 0.15:
        return text.lower()
    if luck < 0.19:
        return text.upper()
    return typo(dice, text) if luck < 0.22 else without_accents(text)
