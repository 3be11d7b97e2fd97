"""Cities with their region and the beginning of their postcodes, and street names, by country."""

from dataclasses import dataclass, replace
from functools import cache

from cdp_orchestration.demo.countries import Country
from cdp_orchestration.demo.dice import Dice

# city | region | postcode beginning (GB: the district, followed by a sector)
CITIES = {
    "GB": "London|Greater London|SW1;London|Greater London|E1;London|Greater London|N1;"
    "Manchester|Lancashire|M1;Birmingham|West Midlands|B1;Leeds|West Yorkshire|LS1;"
    "Bristol|Avon|BS1;Edinburgh|Midlothian|EH1;Cardiff|South Glamorgan|CF1;Norwich|Norfolk|NR1;"
    "Sheffield|South Yorkshire|S1;Brighton|East Sussex|BN1",
    "DE": "Berlin|Berlin|10;Hamburg|Hamburg|20;München|Bayern|80;Köln|Nordrhein-Westfalen|50;"
    "Leipzig|Sachsen|04;Düsseldorf|Nordrhein-Westfalen|40;Nürnberg|Bayern|90;"
    "Freiburg|Baden-Württemberg|79;Mainz|Rheinland-Pfalz|55",
    "FR": "Paris|Île-de-France|75;Lyon|Auvergne-Rhône-Alpes|69;Marseille|Provence-Alpes-Côte d’Azur|13;"
    "Lille|Hauts-de-France|59;Nantes|Pays de la Loire|44;Bordeaux|Nouvelle-Aquitaine|33;"
    "Orléans|Centre-Val de Loire|45",
    "US": "New York|NY|100;Chicago|IL|606;San Francisco|CA|941;Boston|MA|021;Miami|FL|331;Austin|TX|787;"
    "Denver|CO|802",
    "SE": "Stockholm|Stockholms län|11;Göteborg|Västra Götaland|41;Malmö|Skåne|21;"
    "Uppsala|Uppsala län|75",
    "IT": "Roma|Lazio|00;Milano|Lombardia|20;Torino|Piemonte|10;Napoli|Campania|80;"
    "Bologna|Emilia-Romagna|40;Bari|Puglia|70",
    "ES": "Madrid|Madrid|28;Barcelona|Cataluña|08;Valencia|Valencia|46;Sevilla|Andalucía|41;"
    "Málaga|Andalucía|29",
    "PL": "Warszawa|mazowieckie|00;Kraków|małopolskie|30;Łódź|łódzkie|90;Wrocław|dolnośląskie|50;"
    "Gdańsk|pomorskie|80",
    "GR": "Αθήνα|Αττική|10;Θεσσαλονίκη|Κεντρική Μακεδονία|54;Πάτρα|Δυτική Ελλάδα|26;Ηράκλειο|Κρήτη|71",
    "BG": "София|София|10;Пловдив|Пловдив|40;Варна|Варна|90;Бургас|Бургас|80",
    "UA": "Київ|Київ|01;Львів|Львівська область|79;Одеса|Одеська область|65;"
    "Харків|Харківська область|61",
}  # fmt: skip

STREETS = {
    "GB": "High Street;Station Road;Church Lane;Victoria Road;Park Avenue;Queens Road;Mill Lane;Kings Road;Manor Road;"
    "London Road;Grange Close;Orchard Way;Meadow View;Springfield Road;Albert Street;Chapel Street;Windsor Drive",
    "DE": "Bahnhofstraße;Hauptstraße;Gartenstraße;Schulstraße;Lindenallee;Goethestraße;Schillerstraße;Bergstraße;"
    "Am Markt;Mühlenweg;Rosenweg;Kirchgasse;Ringstraße;Waldstraße;Birkenweg;Friedrichstraße",
    "FR": "rue de la République;rue Victor Hugo;avenue Jean Jaurès;rue de l’Église;place de la Mairie;rue des Lilas;"
    "boulevard Voltaire;rue du Moulin;allée des Tilleuls;rue Pasteur;chemin des Vignes;rue de la Gare",
    "US": "Main Street;Oak Avenue;Maple Street;Washington Street;Park Avenue;Elm Street;Lake Drive;Hillcrest Road;"
    "Sunset Boulevard;Cedar Lane;Lincoln Avenue;Pine Street;Walnut Street;River Road",
    "SE": "Storgatan;Kungsgatan;Drottninggatan;Björkvägen;Ängsvägen;Skolgatan;Sjövägen;Parkgatan",
    "IT": "Via Roma;Via Garibaldi;Corso Italia;Via Dante;Viale dei Tigli;Piazza San Marco;Via Mazzini;Via Verdi",
    "ES": "Calle Mayor;Calle Real;Avenida de la Constitución;Calle del Sol;Plaza de España;Calle Cervantes;Gran Vía;"
    "Calle San Juan;Paseo del Prado;Calle de la Luna",
    "PL": "ul. Lipowa;ul. Kościuszki;ul. Mickiewicza;ul. Słowackiego;al. Jana Pawła II;ul. Polna;ul. Ogrodowa;ul. "
    "Leśna",
    "GR": "Ερμού;Σταδίου;Πατησίων;Ιπποκράτους;Αγίου Δημητρίου;Εγνατία;Βενιζέλου;Κολοκοτρώνη",
    "BG": "ул. Раковски;бул. Витоша;ул. Иван Вазов;бул. България;ул. Шипка;ул. Родопи;ул. Пирин",
    "UA": "вул. Хрещатик;вул. Шевченка;вул. Франка;вул. Садова;просп. Свободи;вул. Лесі Українки",
}

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # those of the second half of British postcodes


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in its correct spelling."""

    line: str
    city: str
    region: str
    postcode: str
    country: Country


@cache
def _cities(code: str) -> tuple[tuple[str, str, str], ...]:
    rows = (city.split("|") for city in CITIES[code].split(";"))
    return tuple((name, region, start) for name, region, start in rows)


@cache
def _streets(code: str) -> tuple[str, ...]:
    return tuple(STREETS[code].split(";"))


def city_names(code: str) -> tuple[str, ...]:
    """Return the country's cities, each once."""
    return tuple(dict.fromkeys(name for name, _, _ in _cities(code)))


def new_address(dice: Dice, country: Country) -> Address:
    """Invent a home in one of the country's cities."""
    city, region, start = dice.pick(_cities(country.code))
    number = str(1 + int(dice.random() ** 2 * 180))
    if country.code in ("ES", "PL", "GR", "UA") or dice.chance(0.08):
        number += dice.pick(("", "", "/2", "/5", "/11", "/3", "/14", "a", "b"))
    line = country.street.format(number=number, street=dice.pick(_streets(country.code)))
    return Address(line, city, region, _postcode(dice, country, start), country)


def new_address_nearby(dice: Dice, old: Address) -> Address:
    """Invent a home in the same city, as most moves are."""
    line = old.country.street.format(number=1 + int(dice.random() * 120), street=dice.pick(_streets(old.country.code)))
    prefix = old.postcode[: 3 if old.country.code != "GB" else len(old.postcode) - 3]
    tail = "".join(str(int(dice.random() * 10)) if c.isdigit() else c for c in old.postcode[len(prefix) :])
    return replace(old, line=line, postcode=prefix + tail)


def _postcode(dice: Dice, country: Country, start: str) -> str:
    if country.code == "GB":
        return f"{start}{dice.between(0, 9)} {dice.between(1, 9)}{dice.pick(LETTERS)}{dice.pick(LETTERS)}"
    rest = list(start)
    return "".join(rest.pop(0) if c == "#" and rest else _digit(dice) if c == "#" else c for c in country.postcode)


def _digit(dice: Dice) -> str:
    return str(int(dice.random() * 10))
