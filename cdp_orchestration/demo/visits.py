"""Visits to the web shop and the apps, with or without an order."""

from dataclasses import replace

from cdp_orchestration.demo.campaigns import Campaign
from cdp_orchestration.demo.catalogue import Product, categories, products_of
from cdp_orchestration.demo.details import SHOP, Details, describe, write_home
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.footprints import Device, Footprint
from cdp_orchestration.demo.orders import place_order
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.styles import STYLES, new_device
from cdp_orchestration.demo.vendors.ecommerce import money
from cdp_orchestration.demo.vendors.web_events import Visit, arrive

BROWSING = (
    "home", "home", "product", "product", "product", "list product", "home list product", "search product",
    "list product product", "home search", "blog product", "product wish", "home list product product wish",
    "product add cart", "list product add cart", "search product product add cart checkout", "product share", "help",
    "home list", "blog", "product remove",
)  # fmt: skip
BUYING = (
    "product", "list product", "home search product", "home list product product", "search product product wish",
    "product product",
)  # fmt: skip
RESEARCH = ("search product stores", "product stores", "home list product product stores", "product product")
FOLLOWING_UP = ("orders", "orders help", "home orders", "review", "review share")


def choose_product(dice: Dice, person: Person) -> Product:
    """Choose a product, mostly in a person's favourite categories."""
    return dice.pick(products_of(dice.pick(person.tastes) if dice.chance(0.7) else dice.pick(categories())))


def choose_basket(dice: Dice, person: Person, first: Product) -> list[tuple[Product, int]]:
    """Fill a basket around a first product; most baskets are small."""
    basket = {first.number: (first, dice.pick((1, 1, 1, 1, 1, 2, 3)))}
    for _ in range(dice.pick((0, 0, 0, 1, 1, 2, 3))):
        product = choose_product(dice, person)
        basket[product.number] = (product, 1)
    return list(basket.values())


def browse(scene: Scene, footprint: Footprint, at: int, campaign: Campaign | None, paths: tuple[str, ...]) -> None:
    """Write a visit that ends without an order."""
    visit = _begin(scene, footprint, at, campaign)
    product = choose_product(scene.dice, footprint.person)
    for step in scene.dice.pick(paths).split(" "):
        visit.step(step, product)


def shop_online(scene: Scene, footprint: Footprint, at: int, campaign: Campaign | None) -> None:
    """Write a visit that ends with an order, with an account or as a guest."""
    dice, person = scene.dice, footprint.person
    visit = _begin(scene, footprint, at, campaign)
    product = choose_product(dice, person)
    for step in dice.pick(BUYING).split(" "):
        visit.step(step, product)
    basket = choose_basket(dice, person, product)
    for bought, quantity in basket:
        visit.step("add", bought, {"quantity": quantity})
    visit.step("cart", product)
    account = footprint.account_at(at)
    if account and dice.chance(0.08):
        account = None  # a customer with an account who orders as a guest
    details = account.details_at(at) if account else describe(dice, person, SHOP, at)
    if not details.line:
        details = _with_home(dice, person, details, at)
    if account and visit.device.knows != str(account.customer_id) and visit.device.signs_in:
        visit.identify(str(account.customer_id), details)
    visit.step("checkout", product)
    order = place_order(scene, footprint, visit, basket, details, account)
    if order:
        total = {"order_id": str(order.order_id), "total": float(money(order.total)), "currency": order.currency}
        visit.step("completed", product, total)


def _with_home(dice: Dice, person: Person, details: Details, at: int) -> Details:
    complete = replace(details)
    write_home(dice, complete, person.home_at(at), SHOP)
    return complete


def _begin(scene: Scene, footprint: Footprint, at: int, campaign: Campaign | None) -> Visit:
    """Begin a visit on one of the person's devices, with a sign-in or a newsletter sign-up for some."""
    dice, person = scene.dice, footprint.person
    device = _device(dice, footprint)
    currency = person.country.currency
    visit = Visit(scene, device, arrive(dice, campaign, device.platform), at, currency, person.person_id)
    if device.platform != "web":
        first = choose_product(dice, person)
        if device.is_new:
            visit.step("installed", first)
        visit.step("opened", first)
    device.is_new = False
    account = footprint.account_at(at)
    if account and device.knows is None and device.signs_in and dice.chance(0.3):
        visit.identify(str(account.customer_id), account.details_at(at))
    elif not account and device.knows is None and dice.chance(0.04) and STYLES[footprint.style].visits > 3:
        visit.identify(None, describe(dice, person, SHOP, at))
    return visit


def _device(dice: Dice, footprint: Footprint) -> Device:
    """Return a device, mostly the first; a browser that lost its cookie becomes a new one."""
    devices = footprint.devices
    place = 0 if dice.chance(0.6) else int(dice.random() * len(devices))
    if devices[place].platform == "web" and not devices[place].is_new and dice.chance(0.02):
        fresh = new_device(dice)
        devices[place] = replace(
            fresh, platform="web", kind=devices[place].kind if fresh.platform != "web" else fresh.kind
        )
    return devices[place]
