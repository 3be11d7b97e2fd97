"""What a system records of a person at a time, and how a move, a marriage or a correction changes the record."""

from dataclasses import dataclass, replace
from datetime import date

from cdp_orchestration.demo.countries import Country
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.noise import (
    PLACEHOLDER_EMAILS,
    PLACEHOLDER_PHONES,
    NameHabits,
    TypedName,
    type_email,
    type_line,
    type_name,
    type_phone,
    typo,
)
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.places import Address
from cdp_orchestration.demo.transliteration import in_latin


@dataclass(frozen=True)
class Habits:
    """Which fields a system records and how often they hold errors; numbers are probabilities."""

    names: NameHabits
    email: float
    work_email: float
    second_email: float
    household_email: float
    phone: float
    landline: float
    birth: float
    address: float
    postcode: float
    placeholder: float


CRM = Habits(
    names=NameHabits(0.06, 0.03, 0.04, 0.02, 0.012, 0.004, 0.03, 0.015, 0.6, 0.25),
    email=0.84, work_email=0.5, second_email=0.1, household_email=0.25, phone=0.72, landline=0.3,
    birth=0.62, address=0.82, postcode=0.92, placeholder=0.02,
)  # fmt: skip
SHOP = Habits(
    names=NameHabits(0.1, 0.02, 0.025, 0.025, 0.01, 0.004, 0.02, 0.05, 0.35, 0.3),
    email=1.0, work_email=0.08, second_email=0.2, household_email=0.15, phone=0.45, landline=0.1,
    birth=0.0, address=0.93, postcode=0.98, placeholder=0.0,
)  # fmt: skip
TILL = Habits(
    names=NameHabits(0.1, 0.05, 0.06, 0.03, 0.02, 0.006, 0.14, 0.02, 0.45, 0.5),
    email=0.62, work_email=0.03, second_email=0.15, household_email=0.4, phone=0.68, landline=0.25,
    birth=0.7, address=0.75, postcode=0.9, placeholder=0.03,
)  # fmt: skip
HELPDESK = Habits(
    names=NameHabits(0.12, 0.05, 0.02, 0.0, 0.03, 0.003, 0.02, 0.08, 0.5, 0.4),
    email=0.9, work_email=0.12, second_email=0.2, household_email=0.2, phone=0.3, landline=0.2,
    birth=0.0, address=0.0, postcode=0.0, placeholder=0.005,
)  # fmt: skip


@dataclass(slots=True)
class Details:
    """A person as one system has recorded them; missing fields are empty."""

    name: TypedName
    email: str
    true_email: str  # without typos; empty when the system has no e-mail
    phone: str
    birth: str
    line: str
    city: str
    region: str
    postcode: str
    country: Country


def describe(dice: Dice, person: Person, habits: Habits, at: int, emails: tuple[str, ...] = ()) -> Details:
    """Record a person at a time; ``emails`` holds the addresses to choose from, otherwise ``habits`` decide."""
    code = person.country.code
    true_name = TypedName(person.given, person.middle, person.family_at(at))
    true_email = dice.pick(emails) if emails else choose_email(dice, person, habits)
    email = type_email(dice, true_email) if true_email else ""
    if dice.random() < habits.placeholder:
        true_email, email = "", dice.pick(PLACEHOLDER_EMAILS)
    details = Details(
        name=type_name(dice, habits.names, true_name, code),
        email=email,
        true_email=true_email,
        phone=choose_phone(dice, person, habits),
        birth=_type_birth(dice, person.birth) if dice.random() < habits.birth else "",
        line="", city="", region="", postcode="", country=person.country,
    )  # fmt: skip
    if dice.random() < habits.address:
        write_home(dice, details, person.home_at(at), habits)
    return details


def write_home(dice: Dice, details: Details, home: Address, habits: Habits) -> None:
    """Set the address in the details, with its typing errors."""
    code = home.country.code
    is_latin = dice.random() < habits.names.latin
    details.line = type_line(dice, home.line, code, is_latin)
    details.city = in_latin(home.city, code) if is_latin else home.city
    details.region = in_latin(home.region, code) if is_latin else home.region
    details.postcode = home.postcode if dice.random() < habits.postcode else ""
    details.country = home.country
    if dice.chance(0.01):
        details.city = typo(dice, details.city)


def choose_email(dice: Dice, person: Person, habits: Habits) -> str:
    """Choose which of a person's e-mail addresses a system records; empty for none."""
    if dice.random() > habits.email:
        return ""
    if person.work_email and dice.random() < habits.work_email:
        return person.work_email
    if person.household_email and dice.random() < habits.household_email:
        return person.household_email
    if person.second_email and dice.random() < habits.second_email:
        return person.second_email
    return person.private_email


def choose_phone(dice: Dice, person: Person, habits: Habits) -> str:
    """Choose and type one of a person's phone numbers; empty for none."""
    if dice.random() > habits.phone:
        return ""
    if dice.random() < habits.placeholder:
        return dice.pick(PLACEHOLDER_PHONES)
    is_landline = person.landline and dice.random() < habits.landline
    return type_phone(dice, person.country, person.landline if is_landline else person.mobile)


def _type_birth(dice: Dice, birth: date) -> str:
    luck = dice.random()
    if luck > 0.06:
        return birth.isoformat()
    if luck < 0.025:
        return "1900-01-01"
    if luck < 0.04:
        return date(birth.year, 1, 1).isoformat()
    if luck < 0.05 and birth.day <= 12:
        return date(birth.year, birth.day, birth.month).isoformat()
    return birth.replace(day=min(birth.day, 28), year=birth.year + dice.pick((-10, -1, 1, 10))).isoformat()


def brought_up_to_date(dice: Dice, person: Person, details: Details, habits: Habits, since: int, at: int) -> Details:
    """Update a record with the move or marriage between two times; a typo in the e-mail is corrected, too."""
    fresh = replace(details)
    if details.true_email:
        fresh.email = details.true_email
    if person.home_at(at) is not person.home_at(since) and details.line:
        write_home(dice, fresh, person.home_at(at), habits)
    if person.family_at(at) != person.family_at(since):
        fresh.name = TypedName(details.name.given, details.name.middle, person.family_at(at))
    return fresh
