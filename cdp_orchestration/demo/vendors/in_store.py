"""The point of sale: stores, loyalty members, transactions and their lines. Parquet."""

from dataclasses import dataclass
from datetime import date

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.catalogue import Product
from cdp_orchestration.demo.details import TILL, Details
from cdp_orchestration.demo.drops import DROP_COUNT, Outbox
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.stores import SHOP_EMAILS, Store, stores


@dataclass(slots=True)
class Sale:
    """One purchase or return at a till. Money in minor units; missing identifiers are empty."""

    sold_at: int
    store: Store
    basket: list[tuple[Product, int]]
    discount: int = 0
    loyalty_number: str = ""
    card: str = ""
    receipt_email: str = ""
    receipt_phone: str = ""
    is_return: bool = False
    is_typed_by_staff: bool = False  # the contact of the receipt is the store's own


def write_stores(outbox: Outbox) -> None:
    """Write every store in every drop, as tills do; in the third drop one is renamed and one has opened."""
    for drop in range(DROP_COUNT):
        for number, store in enumerate(stores()):
            if number == len(stores()) - 1 and drop < 2:
                continue
            name = f"{store.name} Centre" if number == 0 and drop >= 2 else store.name
            opened = date(2026, 6, 12) if number == len(stores()) - 1 else store.opened_on
            row = (store.store_id, name, store.city, store.country.code, store.time_zone, opened)
            outbox.again("in_store/stores", 1 << drop, row)


def write_member(scene: Scene, person: Person, enrolled_at: int, store: Store, loyalty_number: str) -> None:
    """Write one loyalty member with its versions; for some, staff type the store's own contacts."""
    dice = scene.dice
    member_id = f"LM{scene.number('member_id'):08d}"
    versions = scene.history(person, TILL, enrolled_at)
    opt_in = dice.pick((True, True, False, None))
    own_phone = store.phone if dice.chance(store.own_phone_share) else ""
    own_email = dice.pick(SHOP_EMAILS) if dice.chance(0.025) else ""
    deleted_at = dates.deletion_after(dice, versions[-1][0]) if dice.chance(0.012) else dates.end()
    if deleted_at < dates.end():
        versions.append((deleted_at, versions[-1][1]))

    def row(version: int) -> tuple[object, ...]:
        at, details = versions[version]
        contacts = (own_email or details.email or None, own_phone or details.phone or None)
        times = (enrolled_at, at, at if at == deleted_at else None)
        return _member(member_id, loyalty_number, details, contacts, store.store_id, opt_in, times)

    delivered = scene.outbox.send_versions("in_store/loyalty_members", [at for at, _ in versions], row)
    scene.truth.note(("in_store", "loyalty_member"), member_id, person.person_id, delivered)


def _member(
    member_id: str, loyalty_number: str, details: Details, contacts: tuple[str | None, str | None], store_id: str,
    opt_in: bool | None, times: tuple[int, int, int | None],
) -> tuple[object, ...]:  # fmt: skip
    return (
        member_id, loyalty_number, details.name.given or None, details.name.family or None, *contacts,
        date.fromisoformat(details.birth) if details.birth else None, details.line or None, details.city or None,
        details.region or None, details.postcode or None, details.country.code if details.line else None, store_id,
        opt_in, *times,
    )  # fmt: skip


def write_sale(scene: Scene, sale: Sale, person_id: str) -> str:
    """Write one transaction with its lines, on some tills a return with negative amounts; return its id."""
    dice, currency = scene.dice, sale.store.country.currency
    transaction_id = f"T{scene.number('transaction'):010d}"
    sign = -1 if sale.is_return and sale.store.has_negative_returns else 1
    lines = [(p, quantity * sign, p.cents[currency]) for p, quantity in sale.basket]
    total = sum(quantity * price for _, quantity, price in lines) - sale.discount
    updated_at = min(sale.sold_at + dice.between(1, 900), dates.end() - 1)
    row = (
        transaction_id, sale.store.store_id, str(dice.between(1, 4)), sale.sold_at, sale.loyalty_number or None,
        sale.card or None, sale.receipt_email or None, sale.receipt_phone or None, currency, "completed", None, total,
        sale.discount, sale.is_return, updated_at,
    )  # fmt: skip
    delivered = scene.outbox.send("in_store/transactions", updated_at, row)
    for line_no, (product, quantity, price) in enumerate(lines, start=1):
        line = (transaction_id, line_no, product.sku, product.title, product.category)
        scene.outbox.again("in_store/transaction_items", delivered, (*line, quantity, price, quantity * price, False))
    contact = (sale.receipt_email or sale.receipt_phone) and not sale.is_typed_by_staff
    if sale.card:
        is_linkable = bool(sale.loyalty_number or contact)
        scene.truth.note(("in_store", "payment_card"), sale.card, person_id, delivered, is_linkable=is_linkable)
    elif not sale.loyalty_number and (sale.receipt_email or sale.receipt_phone):
        scene.truth.note(("in_store", "receipt"), transaction_id, person_id, delivered, is_linkable=bool(contact))
    return transaction_id
