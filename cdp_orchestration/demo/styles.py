"""Shopping styles: in which systems a person appears, and how much they browse and buy."""

from dataclasses import dataclass
from functools import cache

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.catalogue import categories
from cdp_orchestration.demo.dice import Dice, weighted
from cdp_orchestration.demo.footprints import Device, Footprint
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.stores import stores_of
from cdp_orchestration.demo.vendors import ecommerce, in_store


@dataclass(frozen=True)
class Style:
    """Probabilities of a record in each system, and mean visits and store sales over the whole history."""

    share: int
    account: float
    loyalty: float
    crm: float
    visits: float
    buys: float
    sales: float


STYLES = {
    "omnichannel": Style(26, 0.96, 0.85, 0.7, 10.0, 0.28, 6.5),
    "online": Style(30, 0.86, 0.08, 0.5, 10.0, 0.29, 0.6),
    "store_regular": Style(18, 0.12, 0.95, 0.5, 1.6, 0.06, 7.5),
    "passer_by": Style(9, 0.0, 0.0, 0.05, 0.8, 0.0, 4.0),
    "guest": Style(11, 0.0, 0.05, 0.2, 5.5, 0.36, 0.8),
    "lead": Style(6, 0.05, 0.0, 1.0, 4.0, 0.05, 0.3),
}


@cache
def _shares() -> tuple[str, ...]:
    return weighted({name: style.share for name, style in STYLES.items()})


def become_customer(dice: Dice, person: Person) -> None:
    """Draw when a person becomes a customer, and whether and when they churn."""
    luck = dice.random()
    if luck < 0.035:
        person.customer_since = dice.between(dates.cuts()[0], dates.end() - 2 * dates.DAY)
    elif luck < 0.45:
        person.customer_since = dice.between(dates.epoch(dates.FIRST_DAY), dates.history_start())
    else:
        latest = dates.end() - 2 * dates.DAY
        person.customer_since = dates.season_moment(dice, dates.history_start(), latest, dates.ONLINE_HOURS)
    person.customer_until = dates.end()
    if dice.chance(0.27):
        start = max(person.customer_since, dates.history_start()) + dates.DAY
        person.customer_until = dice.between(start, dates.end())
    person.tastes = tuple(dice.pick(categories()) for _ in range(2))


def settle(scene: Scene, person: Person, friend: Footprint | None) -> Footprint:
    """Create the records of a person in the shop and the loyalty programme, by their style; the CRM follows later."""
    dice = scene.dice
    name = dice.pick(_shares())
    style = STYLES[name]
    footprint = Footprint(person, name, friend=friend.person if friend else None)
    footprint.home_store = dice.pick(stores_of(person.country.code))
    footprint.devices = [new_device(dice) for _ in range(dice.pick((1, 1, 1, 2, 2, 3)))]
    if friend and friend.person.homes[0][1] is person.homes[0][1] and dice.chance(0.06):
        footprint.devices.append(friend.devices[0])  # a shared tablet
    if dice.random() < style.account:
        _open_accounts(scene, footprint)
    if dice.random() < style.loyalty:
        _enrol(scene, footprint)
    footprint.cards = [person.card] if dice.chance(0.9) else []
    if dice.chance(0.12):
        footprint.cards.append(f"tok_{dice.getrandbits(64):016x}")
    return footprint


def _open_accounts(scene: Scene, footprint: Footprint) -> None:
    dice, person = scene.dice, footprint.person
    opened_at = _later(dice, person) if dice.chance(0.4) else person.customer_since
    footprint.accounts.append(ecommerce.write_customer(scene, person, opened_at, ()))
    other = tuple(email for email in (person.second_email, person.work_email) if email)
    if other and dice.chance(0.12):
        second = ecommerce.write_customer(scene, person, _later(dice, person), (dice.pick(other),))
        footprint.accounts = sorted((*footprint.accounts, second), key=lambda account: account.opened_at)


def _enrol(scene: Scene, footprint: Footprint) -> None:
    dice, person, store = scene.dice, footprint.person, footprint.home_store
    if store is None:
        return
    footprint.enrolled_at = _later(dice, person) if dice.chance(0.5) else person.customer_since
    footprint.loyalty_number = f"29{4_000_000_000 + scene.number('loyalty') * 37 % 6_000_000_000:010d}"
    in_store.write_member(scene, person, footprint.enrolled_at, store, footprint.loyalty_number)
    if dice.chance(0.02):  # enrolled again at another till, with the same card
        again = _later(dice, person)
        if again > footprint.enrolled_at:
            in_store.write_member(scene, person, again, store, footprint.loyalty_number)


def _later(dice: Dice, person: Person) -> int:
    return dice.between(person.customer_since, max(person.customer_until - 1, person.customer_since))


def new_device(dice: Dice) -> Device:
    """Return a new browser or app, without a sign-in."""
    platform = dice.pick(("web", "web", "web", "web", "web", "ios", "android"))
    kind = platform if platform != "web" else dice.pick(("desktop", "desktop", "mobile", "mobile", "tablet"))
    bits = f"{dice.getrandbits(128):032x}"
    anonymous_id = f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"
    return Device(anonymous_id, platform, kind, signs_in=dice.chance(0.88))
