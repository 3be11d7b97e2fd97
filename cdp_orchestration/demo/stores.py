"""The retailer's stores, their phones, and the kind of their tills."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from cdp_orchestration.demo.countries import Country, countries
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.people import new_number
from cdp_orchestration.demo.places import city_names

TIME_ZONES = {
    "GB": "Europe/London", "DE": "Europe/Berlin", "FR": "Europe/Paris", "US": "America/New_York",
    "SE": "Europe/Stockholm", "IT": "Europe/Rome", "ES": "Europe/Madrid", "PL": "Europe/Warsaw",
    "GR": "Europe/Athens", "BG": "Europe/Sofia", "UA": "Europe/Kyiv",
}  # fmt: skip
SHOP_EMAILS = ("till@fernhill.example", "service@fernhill.example")  # typed where a customer gives none


@dataclass(frozen=True, slots=True)
class Store:
    """One store; its staff type ``phone`` for ``own_phone_share`` of the customers, who gave none."""

    store_id: str
    name: str
    city: str
    country: Country
    time_zone: str
    opened_on: date
    phone: str
    has_negative_returns: bool
    own_phone_share: float


@cache
def stores() -> tuple[Store, ...]:
    """Return all stores, two to four per country; the same in every demo, whatever its seed."""
    dice = Dice("stores")
    return tuple(
        _store(dice, country, city, number)
        for country in countries()
        for number, city in enumerate(city_names(country.code)[: 4 if country.share >= 9 else 2], start=1)
    )


def _store(dice: Dice, country: Country, city: str, number: int) -> Store:
    return Store(
        store_id=f"{country.code}-{number:02d}",
        name=f"Fernhill {city}",
        city=city,
        country=country,
        time_zone=TIME_ZONES[country.code],
        opened_on=date(dice.between(2008, 2021), dice.between(1, 12), dice.between(1, 28)),
        phone=country.trunk + new_number(dice, country.landlines),
        has_negative_returns=country.code not in ("GB", "US", "SE"),  # two models of till
        own_phone_share=0.12 if number == 1 else 0.01,
    )


@cache
def stores_of(code: str) -> tuple[Store, ...]:
    """Return a country's stores."""
    return tuple(store for store in stores() if store.country.code == code)
