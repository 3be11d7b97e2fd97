"""Invented customers, always the same: the other records among which the hard cases are resolved."""

import random
from datetime import date, timedelta
from typing import Any

TILL_PHONE = "+442079460000"
FIRM_EMAIL = "info@harbour-supplies.example"
PEOPLE = 230

_GIVEN_NAMES = """
    John David Emma Sarah Mary James Oliver Amelia Jack Isla Harry Ava Charlie Emily George Sophia Noah Grace
    Oscar Lily Ethan Freya Arthur Ivy Leo Ella Archie Rosie Henry Poppy Theo Daisy Freddie Alice Finley Phoebe
    Lucas Evie Max Florence Adam Ruby Edward Sienna Daniel Matilda Samuel Harper Joseph Evelyn Isaac Eliza
    Benjamin Luna Toby Millie Reuben Esme
"""
_FAMILY_NAMES = """
    Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts
    Green Hall Wood Jackson Clarke Patel Khan Lewis Harris Hughes Turner Cooper Hill Ward Moore Clark Baker
    Harrison Morris Allen Scott Bennett Shaw Barker Marsden Holroyde Ackroyd Sutcliffe Ramsden Thwaite Pickles
    Hebden Crabtree Greenwood Ogden
"""
_STREETS = ("High Street", "Church Lane", "Station Road", "Victoria Avenue", "Green Lane", "Park View", "Mill Road")
_TOWNS = (("York", "YO"), ("Leeds", "LS"), ("London", "SE"), ("Plymouth", "PL"), ("Aberdeen", "AB"), ("Bath", "BA"))


def background_people(seed: int = 2026) -> dict[str, dict[str, Any]]:
    """Return some five hundred records of 230 people by record key; every seventh person lives with the one before."""
    dice = random.Random(seed)
    records: dict[str, dict[str, Any]] = {}
    home: dict[str, str] = {}
    family = ""
    for number in range(PEOPLE):
        person = _person(dice, number)
        if number % 7 or not home:
            home, family = _home(dice), person["family_name"]
        known = {**person, **home, "family_name": family}
        for copy in range(dice.choice((1, 2, 2, 3))):
            records[f"background:{number}:{copy}"] = _record(dice, known)
    given_names, family_names = _GIVEN_NAMES.split(), _FAMILY_NAMES.split()
    for number in range(25):
        stranger = {"given_name": given_names[number * 2], "family_name": family_names[number * 2]}
        records[f"background:till:{number}"] = {**stranger, "phones": [TILL_PHONE]}
        records[f"background:firm:{number}"] = {
            **stranger,
            "family_name": family_names[-number],
            "emails": [FIRM_EMAIL],
        }
    return records


def _person(dice: random.Random, number: int) -> dict[str, Any]:
    # the square makes the first names of the lists more frequent
    given, family = (
        names[int(len(names) * dice.random() ** 2)] for names in (_GIVEN_NAMES.split(), _FAMILY_NAMES.split())
    )
    return {
        "given_name": given,
        "family_name": family,
        "date_of_birth": date(1940, 1, 1) + timedelta(days=dice.randrange(24_000)),
        "emails": [f"{given}.{family}{number}@mail.example".lower()],
        "phones": [f"+4477008{number:05d}"],
    }


def _home(dice: random.Random) -> dict[str, str]:
    town, area = dice.choice(_TOWNS)
    postcode = f"{area}{dice.randint(1, 9)} {dice.randint(1, 9)}{dice.choice('ABDEFGHJ')}{dice.choice('LNPQRSTU')}"
    return {"address_line": f"{dice.randint(1, 120)} {dice.choice(_STREETS)}", "city": town, "postcode": postcode}


def _record(dice: random.Random, known: dict[str, Any]) -> dict[str, Any]:
    record = {name: value for name, value in known.items() if name.endswith("_name") or dice.random() < 0.75}
    if dice.random() < 0.06:
        at = dice.randrange(len(record["family_name"]) - 1)
        text = record["family_name"]
        record["family_name"] = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return record
