"""The countries where the demo's customers live: currency, language, phones, mail providers, spellings."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """One country. Phone patterns are national numbers without the trunk digit, ``#`` any digit."""

    code: str
    share: int
    names: tuple[str, ...]
    currency: str
    price_factor: float
    language: str
    time_zone: str
    calling_code: str
    trunk: str
    mobiles: tuple[str, ...]
    landlines: tuple[str, ...]
    mail_domains: tuple[str, ...]
    postcode: str
    street: str
    wife_takes_name: float


def _mail(local: str) -> tuple[str, ...]:
    return ("gmail.com", "gmail.com", "gmail.com", "outlook.com", "icloud.com", "hotmail.com", *local.split())


def countries() -> tuple[Country, ...]:
    """Return all countries; their ``share`` adds up to 100."""
    return (*_north_west(), *_south_east())


def _north_west() -> tuple[Country, ...]:
    return (
        Country(
            "GB", 25, ("United Kingdom", "UK", "GB", "Great Britain"), "GBP", 1.0, "en", "London", "44", "0",
            ("74########", "75########", "78########", "795#######"),
            ("2079######", "1614######", "1312######", "1212######"),
            _mail("btinternet.com yahoo.co.uk sky.com"), "", "{number} {street}", 0.75,
        ),
        Country(
            "DE", 16, ("Germany", "Deutschland", "DE"), "EUR", 1.15, "de", "Berlin", "49", "0",
            ("151########", "160#######", "170#######", "176########"),
            ("30555#####", "89333#####", "40444#####", "22177####"),
            _mail("gmx.de gmx.de web.de web.de t-online.de"), "#####", "{street} {number}", 0.7,
        ),
        Country(
            "FR", 12, ("France", "FR"), "EUR", 1.15, "fr", "Paris", "33", "0",
            ("61#######", "62#######", "66#######", "76#######"), ("14#######", "47#######", "55#######"),
            _mail("orange.fr free.fr laposte.net wanadoo.fr"), "#####", "{number} {street}", 0.6,
        ),
        Country(
            "US", 9, ("United States", "USA", "US"), "USD", 1.25, "en", "Eastern Time (US & Canada)", "1", "",
            ("2124######", "3125######", "4153######", "6176######", "3053######"),
            ("2122######", "3122######", "4155######", "6172######"),
            _mail("yahoo.com comcast.net aol.com"), "#####", "{number} {street}", 0.7,
        ),
        Country(
            "SE", 4, ("Sweden", "Sverige", "SE"), "SEK", 12.5, "sv", "Stockholm", "46", "0",
            ("702######", "730######", "760######"), ("85######", "317#####"),
            _mail("telia.com bredband.net"), "### ##", "{street} {number}", 0.5,
        ),
    )  # fmt: skip


def _south_east() -> tuple[Country, ...]:
    return (
        Country(
            "IT", 10, ("Italy", "Italia", "IT"), "EUR", 1.15, "it", "Rome", "39", "",
            ("328#######", "333#######", "347#######", "349#######"), ("0655#####", "0248#####", "0115#####"),
            _mail("libero.it libero.it tiscali.it virgilio.it"), "#####", "{street} {number}", 0.0,
        ),
        Country(
            "ES", 9, ("Spain", "España", "ES"), "EUR", 1.15, "es", "Madrid", "34", "",
            ("61#######", "62#######", "65#######", "67#######"), ("915######", "932######", "963######"),
            _mail("telefonica.net yahoo.es"), "#####", "{street} {number}", 0.0,
        ),
        Country(
            "PL", 6, ("Poland", "Polska", "PL"), "PLN", 5.0, "pl", "Warsaw", "48", "",
            ("501######", "601######", "692######", "782######"), ("2255#####", "1242#####", "7134#####"),
            _mail("wp.pl wp.pl onet.pl interia.pl"), "##-###", "{street} {number}", 0.85,
        ),
        Country(
            "GR", 4, ("Greece", "Ελλάδα", "GR", "Hellas"), "EUR", 1.15, "el", "Athens", "30", "",
            ("694#######", "697#######", "698#######"), ("21055#####", "231055####"),
            _mail("yahoo.gr otenet.gr"), "### ##", "{street} {number}", 0.3,
        ),
        Country(
            "BG", 3, ("Bulgaria", "България", "BG"), "EUR", 1.1, "bg", "Sofia", "359", "0",
            ("87#######", "88#######", "89#######"), ("29######",),
            _mail("abv.bg abv.bg mail.bg"), "####", "{street} {number}", 0.8,
        ),
        Country(
            "UA", 2, ("Ukraine", "Україна", "UA"), "UAH", 52.0, "uk", "Kyiv", "380", "0",
            ("50#######", "67#######", "95#######", "97#######"), ("4423#####", "3227#####"),
            _mail("ukr.net ukr.net i.ua"), "#####", "{street}, {number}", 0.8,
        ),
    )  # fmt: skip
