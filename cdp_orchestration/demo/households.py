"""Households: singles, couples, families (some with a son of his father's name), twins, shared flats."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.countries import Country, countries
from cdp_orchestration.demo.dice import Dice, weighted
from cdp_orchestration.demo.family_names import in_gender_form
from cdp_orchestration.demo.people import Mailboxes, Person, new_family, new_given, new_number
from cdp_orchestration.demo.places import Address, new_address, new_address_nearby
from cdp_orchestration.demo.transliteration import in_latin


class Town:
    """Generates households one after another; numbers people from ``first_number`` on."""

    def __init__(self, dice: Dice, mailboxes: Mailboxes, first_number: int) -> None:
        self.dice = dice
        self.mailboxes = mailboxes
        self.first_number = first_number
        self.count = 0
        self._by_code = {country.code: country for country in countries()}
        self._codes = weighted({country.code: country.share for country in countries()})
        self._kinds = weighted(
            {self._single: 44, self._couple: 25, self._family: 20, self._twins: 5, self._shared_flat: 6}
        )

    def new_household(self) -> list[Person]:
        """Generate one household: the people at one address, the oldest first; a few come from abroad."""
        country = self._by_code[self.dice.pick(self._codes)]
        origin = country if self.dice.chance(0.94) else self._by_code[self.dice.pick(self._codes)]
        home = new_address(self.dice, country)
        kind = self.dice.pick(self._kinds)
        members = kind(origin, home)
        if origin is not country:
            _write_in_latin(members, origin.code)
        give_contacts(self.dice, self.mailboxes, members)
        if len(members) > 1 and kind != self._shared_flat:
            _share_contacts(self.dice, members)
        _move(self.dice, members)
        return members

    def _person(self, origin: Country, home: Address, is_woman: bool, family: str, year: int) -> Person:
        dice = self.dice
        self.count += 1
        given = new_given(dice, origin, is_woman)
        person = Person(
            person_id=f"P{self.first_number + self.count:07d}",
            country=home.country,
            is_woman=is_woman,
            given=given,
            middle=new_given(dice, origin, is_woman) if dice.chance(0.2) else "",
            family=in_gender_form(family, origin.code, is_woman),
            birth=dates.date_of_birth(dice, year),
            homes=[(0, home)],
            mobile=new_number(dice, home.country.mobiles),
            language=home.country.language,
        )
        person.middle = "" if person.middle == given else person.middle
        return person

    def _single(self, origin: Country, home: Address) -> list[Person]:
        is_woman = self.dice.chance(0.5)
        return [self._person(origin, home, is_woman, new_family(self.dice, origin), self._adult_year())]

    def _couple(self, origin: Country, home: Address) -> list[Person]:
        dice, family, year = self.dice, new_family(self.dice, origin), self._adult_year()
        one = self._person(origin, home, False, family, year)
        other = self._person(origin, home, dice.chance(0.95), new_family(dice, origin), _near(dice, year))
        if dice.chance(origin.wife_takes_name):
            former_family = other.family
            other.family = in_gender_form(family, origin.code, other.is_woman)
            if dice.chance(0.18):
                wed_at = dates.cuts()[0] if dice.chance(0.4) else dates.history_start()
                other.renamed_at = dice.between(wed_at, dates.end() - 4 * dates.DAY)
                other.previous_family = former_family
        return [one, other]

    def _family(self, origin: Country, home: Address) -> list[Person]:
        dice, family, year = self.dice, new_family(self.dice, origin), self.dice.between(1950, 1978)
        father = self._person(origin, home, False, family, year)
        mother = self._person(origin, home, True, new_family(dice, origin), _near(dice, year))
        if dice.chance(origin.wife_takes_name):
            mother.family = in_gender_form(family, origin.code, True)
        if origin.code == "ES":
            family = f"{father.family.split(' ')[0]} {mother.family.split(' ')[0]}"
        children = [
            self._person(origin, home, dice.chance(0.5), family, min(year + dice.between(22, 33), 2007))
            for _ in range(dice.pick((1, 1, 1, 2, 2, 3)))
        ]
        if dice.chance(0.3) and not children[0].is_woman:
            children[0].given = father.given  # father and son: one name, two dates of birth
        return [father, mother, *children]

    def _twins(self, origin: Country, home: Address) -> list[Person]:
        dice, family, year = self.dice, new_family(self.dice, origin), self.dice.between(1970, 2006)
        first = self._person(origin, home, dice.chance(0.5), family, year)
        second = self._person(origin, home, dice.chance(0.5), family, year)
        second.birth = first.birth
        for _ in range(40 if dice.chance(0.75) else 0):
            if second.given[0] == first.given[0] and second.given != first.given:
                break
            second.given = new_given(dice, origin, second.is_woman)
        while second.given == first.given:
            second.given = new_given(dice, origin, second.is_woman)
        return [first, second]

    def _shared_flat(self, origin: Country, home: Address) -> list[Person]:
        return [
            self._person(origin, home, self.dice.chance(0.5), new_family(self.dice, origin), year)
            for year in (self.dice.between(1988, 2006) for _ in range(self.dice.between(2, 4)))
        ]

    def _adult_year(self) -> int:
        return 1940 + int((self.dice.random() + self.dice.random()) * 34)


def _near(dice: Dice, year: int) -> int:
    return min(year + dice.between(-3, 6), 2006)


def _write_in_latin(members: list[Person], code: str) -> None:
    """Write the names of people from abroad in Latin letters, as in their passports."""
    for person in members:
        person.given, person.middle = in_latin(person.given, code), in_latin(person.middle, code)
        person.family = in_latin(person.family, code)
        person.previous_family = in_latin(person.previous_family, code)


def give_contacts(dice: Dice, mailboxes: Mailboxes, members: list[Person]) -> None:
    """Give each person a mailbox, some a second one, and some homes a landline."""
    head = members[0]
    landline = new_number(dice, head.country.landlines) if dice.chance(0.4) else ""
    for person in members:
        person.landline = landline
        person.card = f"tok_{dice.getrandbits(64):016x}"
        person.private_email = mailboxes.open(dice, person)
        if dice.chance(0.22):
            person.second_email = mailboxes.open(dice, person)


def _share_contacts(dice: Dice, members: list[Person]) -> None:
    """Let some of a family use one mailbox, one mobile or one payment card."""
    if dice.chance(0.22):
        for person in members:
            person.household_email = members[0].private_email
        if dice.chance(0.5):
            members[1].private_email = members[0].private_email  # a couple with one mailbox
    if dice.chance(0.08):
        members[1].mobile = members[0].mobile
    if dice.chance(0.3):
        members[1].card = members[0].card


def _move(dice: Dice, members: list[Person]) -> None:
    movers = members if dice.chance(0.14) else members[-1:] if len(members) > 2 and dice.chance(0.4) else []
    if not movers:
        return
    start = dates.cuts()[0] if dice.chance(0.3) else dates.history_start()
    moved_at = dice.between(start, dates.end() - 4 * dates.DAY)
    old = members[0].homes[0][1]
    new = new_address_nearby(dice, old) if dice.chance(0.6) else new_address(dice, members[0].country)
    for person in movers:
        person.homes.append((moved_at, new))
        person.landline = person.landline if dice.chance(0.3) else ""
