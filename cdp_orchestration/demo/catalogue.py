"""The products of the invented retailer: one catalogue for the web shop and the tills, priced in every currency."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from cdp_orchestration.demo.countries import countries

SHOP_URL = "https://www.fernhill.example"

# category: title=price in GBP
PRODUCTS = {
    "Kitchen": "Silicone Spatula Set=9;Enamel Mug=11;Bamboo Chopping Board=18;Cast Iron Skillet=45;Pour-Over Coffee "
    "Set=39;Electric Kettle=49;Hand Blender=59;Stand Mixer=289;Espresso Machine=449;Chef's Knife 20 cm=75",
    "Home": "Scented Candle=14;Linen Cushion=24;Wool Throw=65;Ceramic Vase=32;Wall Clock=42;Table Lamp=69;"
    "Cotton Bed Linen=89;Blackout Curtains=79;Jute Rug=139;Oak Bookcase=329",
    "Garden": "Seed Collection=8;Watering Can=22;Pruning Shears=27;Planter Trio=36;Solar Lights=31;Garden Hose 20 m=44;"
    "Fire Bowl=119;Parasol=149;Robot Lawn Mower=749;Teak Bench=399",
    "Clothing": "Merino Socks=15;Organic T-Shirt=22;Linen Shirt=49;Chino Trousers=59;Knitted Jumper=69;Rain Jacket=119;"
    "Denim Jacket=89;Winter Coat=199;Silk Scarf=45;Leather Belt=39",
    "Shoes": "Canvas Plimsolls=39;Running Shoes=99;Hiking Boots=149;Chelsea Boots=139;Leather Loafers=119;Rain "
    "Boots=49",
    "Electronics": "USB-C Cable=12;Power Bank=35;Bluetooth Speaker=79;Wireless Earbuds=129;Smart Bulb Trio=45;"
    "E-Reader=139;Noise-Cancelling Headphones=249;Smart Watch=229;Tablet 10 inch=379;Robot Vacuum=399",
    "Toys": "Wooden Puzzle=16;Card Game=13;Building Blocks=39;Plush Bear=24;Board Game=34;Balance Bike=69;Model "
    "Railway=129",
    "Sports": "Skipping Rope=9;Yoga Mat=32;Water Bottle=19;Resistance Bands=18;Dumbbell Pair=54;Tennis Racket=99;"
    "Bicycle Helmet=59;Camping Tent=189;Trekking Backpack=119;City Bike=549",
    "Beauty": "Hand Cream=9;Lip Balm Trio=8;Shampoo Bar=7;Face Serum=29;Gift Box Spa=49;Electric Toothbrush=89;Hair "
    "Dryer=69",
    "Books": "Cookbook: Simple Suppers=22;Crime Novel=9;Garden Almanac=18;Travel Atlas=35;Children's Picture Book=12",
}  # fmt: skip
REPAIRABLE = frozenset({"Kitchen", "Electronics", "Garden", "Sports"})


@dataclass(frozen=True, slots=True)
class Product:
    """One article. ``cents`` is its price in minor units by currency, ``properties`` its Segment form by currency."""

    number: int
    sku: str
    title: str
    category: str
    cents: dict[str, int]
    properties: dict[str, dict[str, Any]]


@cache
def catalogue() -> tuple[Product, ...]:
    """Return the whole catalogue, in order of category."""
    factors = {country.currency: country.price_factor for country in countries()}
    entries = ((category, entry) for category, text in PRODUCTS.items() for entry in text.split(";"))
    return tuple(_product(number, category, entry, factors) for number, (category, entry) in enumerate(entries))


def _product(number: int, category: str, entry: str, factors: dict[str, float]) -> Product:
    title, _, price = entry.rpartition("=")
    sku = f"{category[:3].upper()}-{1000 + number * 7}"
    cents = {currency: int(int(price) * factor) * 100 + 99 for currency, factor in factors.items()}
    slug = "".join(c if c.isalnum() else "-" for c in title.lower())
    properties = {
        currency: {
            "product_id": str(7_700_000 + number), "sku": sku, "name": title, "category": category,
            "price": amount / 100, "currency": currency, "url": f"{SHOP_URL}/products/{slug}",
        }
        for currency, amount in cents.items()
    }  # fmt: skip
    return Product(number, sku, title, category, cents, properties)


@cache
def categories() -> tuple[str, ...]:
    """Return the category names."""
    return tuple(PRODUCTS)


@cache
def products_of(category: str) -> tuple[Product, ...]:
    """Return the products of a category, each repeated by its weight: cheap ones are bought most."""
    products = [product for product in catalogue() if product.category == category]
    return tuple(p for p in products for _ in range(1 + 6_000 // (p.cents["GBP"] + 500)))
