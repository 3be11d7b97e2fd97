"""Purchases and returns at the tills, with their tickets and surveys."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.after_sales import ask_for_help, ask_opinion
from cdp_orchestration.demo.catalogue import REPAIRABLE
from cdp_orchestration.demo.details import TILL, choose_email
from cdp_orchestration.demo.footprints import Footprint
from cdp_orchestration.demo.noise import type_email, type_phone
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.stores import SHOP_EMAILS, Store, stores_of
from cdp_orchestration.demo.texts import Facts
from cdp_orchestration.demo.vendors.in_store import Sale, write_sale
from cdp_orchestration.demo.visits import choose_basket, choose_product


def buy_in_store(scene: Scene, footprint: Footprint, at: int) -> None:
    """Buy in a store, mostly the home store; some purchases are returned, defective or rated."""
    dice, person = scene.dice, footprint.person
    near = footprint.home_store
    store = near if near and dice.chance(0.9) else dice.pick(stores_of(person.country.code))
    basket = choose_basket(dice, person, choose_product(dice, person))
    sale = _sale(scene, footprint, at, store)
    sale.basket = basket
    if dice.chance(0.15):
        total = sum(product.cents[store.country.currency] * quantity for product, quantity in basket)
        sale.discount = total * dice.pick((5, 10, 20)) // 100
    write_sale(scene, sale, person.person_id)
    _follow(scene, footprint, sale)


def _sale(scene: Scene, footprint: Footprint, at: int, store: Store) -> Sale:
    """Create a sale with the identifiers that its buyer gives that day."""
    dice, person = scene.dice, footprint.person
    sale = Sale(at, store, [])
    if footprint.loyalty_number and footprint.enrolled_at <= at and dice.chance(0.85):
        sale.loyalty_number = footprint.loyalty_number
    if footprint.cards and dice.chance(0.72):
        sale.card = footprint.cards[0] if dice.chance(0.75) else footprint.cards[-1]
    luck = dice.random()
    if luck < 0.012:
        sale.receipt_email, sale.is_typed_by_staff = dice.pick(SHOP_EMAILS), True
    elif luck < 0.02:
        sale.receipt_phone, sale.is_typed_by_staff = store.phone, True
    elif luck < 0.18:
        sale.receipt_email = type_email(dice, _receipt_email(scene, footprint, at))
    elif luck < 0.21:
        sale.receipt_phone = type_phone(dice, person.country, person.mobile)
    return sale


def _receipt_email(scene: Scene, footprint: Footprint, at: int) -> str:
    account = footprint.account_at(at)
    if account and scene.dice.chance(0.6):
        return account.details_at(at).true_email or footprint.person.private_email
    return choose_email(scene.dice, footprint.person, TILL) or footprint.person.private_email


def _follow(scene: Scene, footprint: Footprint, sale: Sale) -> None:
    dice = scene.dice
    product = sale.basket[0][0]
    mood, cause = 0.78 + dice.gauss(0, 0.12), "store"
    facts = Facts(product.title, "", dice.between(4, 20), sale.store.city)
    luck = dice.random()
    if luck < 0.06:
        returned_at = sale.sold_at + dice.between(1, 25) * dates.DAY
        if returned_at < dates.end():
            back = _sale(scene, footprint, returned_at, sale.store)
            back.basket, back.is_return = [(product, sale.basket[0][1])], True
            write_sale(scene, back, footprint.person.person_id)
        mood = 0.55
    elif luck < 0.085:
        cause = "repair" if product.category in REPAIRABLE else "defect"
        asked_at = sale.sold_at + dice.between(3, 120) * dates.DAY
        mood = ask_for_help(scene, footprint, cause, asked_at, 0.35, facts)
    elif luck < 0.105:
        mood = dice.pick((0.15, 0.3, 0.9))
        mood = ask_for_help(scene, footprint, "store", sale.sold_at + dates.DAY, mood, facts)
    if sale.receipt_email and not sale.is_typed_by_staff and dice.chance(0.14):
        ask_opinion(scene, footprint, sale.sold_at + dice.between(1, 6) * dates.DAY, mood, cause, sale.receipt_email)
