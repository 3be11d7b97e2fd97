"""The invented people: their true data, before any system records it."""

from dataclasses import dataclass, field
from datetime import date

from cdp_orchestration.demo.countries import Country
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.family_names import family_names
from cdp_orchestration.demo.given_names import given_names, nicknames
from cdp_orchestration.demo.places import Address
from cdp_orchestration.demo.transliteration import mail_letters


@dataclass(slots=True, eq=False)
class Person:
    """One real person. Times are epoch seconds, phones national numbers; a second home follows a move."""

    person_id: str
    country: Country
    is_woman: bool
    given: str
    middle: str
    family: str
    birth: date
    homes: list[tuple[int, Address]]
    previous_family: str = ""
    renamed_at: int = 0
    mobile: str = ""
    landline: str = ""
    private_email: str = ""
    second_email: str = ""
    work_email: str = ""
    household_email: str = ""
    account_id: str = ""
    language: str = "en"
    customer_since: int = 0
    customer_until: int = 0
    tastes: tuple[str, ...] = ()
    card: str = ""

    def family_at(self, at: int) -> str:
        """Return the family name at a time."""
        return self.previous_family if self.previous_family and at < self.renamed_at else self.family

    def home_at(self, at: int) -> Address:
        """Return the home at a time."""
        if len(self.homes) > 1 and self.homes[-1][0] <= at:
            return self.homes[-1][1]
        return self.homes[0][1]


def new_given(dice: Dice, country: Country, is_woman: bool) -> str:
    """Draw a given name of the country."""
    return dice.pick(given_names(country.code, is_woman))


def new_family(dice: Dice, country: Country) -> str:
    """Draw a family name in the male form; in Spain two names, the father's and the mother's."""
    first = dice.pick(family_names(country.code))
    return f"{first} {dice.pick(family_names(country.code))}" if country.code == "ES" else first


def new_number(dice: Dice, patterns: tuple[str, ...]) -> str:
    """Fill a national phone pattern with digits."""
    return "".join(str(int(dice.random() * 10)) if c == "#" else c for c in dice.pick(patterns))


@dataclass(slots=True)
class Mailboxes:
    """Assigns e-mail addresses, each to one person in the whole demo, without any exchange between chunks.

    A number at the end of an address is congruent to its chunk; one without a number goes to the chunk that
    its letters' sum names.
    """

    chunk: int
    chunk_count: int
    taken: set[str] = field(default_factory=set)

    def open(self, dice: Dice, person: Person) -> str:
        """Open a private mailbox, named after the person or after a fancy word."""
        given = mail_letters(dice.pick(nicknames(person.given) or (person.given,)), person.country.code)
        given = given if dice.chance(0.25) else mail_letters(person.given, person.country.code)
        family = person.previous_family or person.family
        family = mail_letters(family.split(" ")[0] if person.country.code == "ES" else family, person.country.code)
        local = dice.pick(_shapes(dice, given, family))
        return self._claim(dice, local, dice.pick(person.country.mail_domains))

    def open_at_work(self, dice: Dice, person: Person, domain: str) -> str:
        """Open a mailbox at the employer's domain."""
        code = person.country.code
        local = f"{mail_letters(person.given, code)}.{mail_letters(person.family, code)}"
        return self._claim(dice, local, domain)

    def _claim(self, dice: Dice, local: str, domain: str) -> str:
        address = f"{local}@{domain}"
        is_ours = sum(address.encode()) % self.chunk_count == self.chunk and dice.chance(0.7)
        while not is_ours or address in self.taken:
            number = self.chunk + self.chunk_count * dice.between(1, max(9_900 // self.chunk_count, 90))
            address, is_ours = f"{local}{number}@{domain}", True
        self.taken.add(address)
        return address


FANCY_WORDS = (
    "sunflower",
    "bluebird",
    "redfox",
    "musicfan",
    "seaside",
    "stargazer",
    "goalkeeper",
    "bookworm",
    "wanderer",
)


def _shapes(dice: Dice, given: str, family: str) -> tuple[str, ...]:
    fancy_word = dice.pick(FANCY_WORDS)
    return (
        f"{given}.{family}", f"{given}.{family}", f"{given}{family}", f"{given[:1]}.{family}", f"{given[:1]}{family}",
        f"{family}.{given}", f"{given}_{family}", f"{given}-{family}", given, f"{fancy_word}.{given[:2]}",
    )  # fmt: skip
