"""Shopify exports: customers and orders, with fulfillments, refunds and cancellations inside the order. JSON Lines."""

from dataclasses import dataclass
from typing import Any

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.catalogue import Product
from cdp_orchestration.demo.details import SHOP, Details
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.footprints import ShopAccount
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.scene import Scene

Json = dict[str, Any]


@dataclass(slots=True)
class Order:
    """One order with its outcome. Money in minor units; times in epoch seconds, 0 for never."""

    number: int
    placed_at: int
    basket: list[tuple[Product, int]]
    currency: str
    discount: int
    source_name: str
    landing_site: str
    referring_site: str
    shipped_at: int
    arrived_at: int = 0
    refunded_at: int = 0
    refund: int = 0
    cancelled_at: int = 0
    is_voided: bool = False

    @property
    def order_id(self) -> int:
        """The vendor's id."""
        return 5_400_000_000_000 + self.number

    @property
    def total(self) -> int:
        """The total: the lines less the discount, in minor units."""
        return sum(product.cents[self.currency] * quantity for product, quantity in self.basket) - self.discount


def write_customer(scene: Scene, person: Person, opened_at: int, emails: tuple[str, ...]) -> ShopAccount:
    """Write one shop account with its versions."""
    dice = scene.dice
    versions = scene.history(person, SHOP, opened_at, emails)
    account = ShopAccount(6_200_000_000_000 + scene.number("customer"), opened_at, versions)
    tags = dice.pick(("", "", "", "newsletter", "vip", "newsletter, vip", "wholesale"))
    consent = (_consent(dice, opened_at, 0.55), _consent(dice, opened_at, 0.2))
    state, is_verified = dice.pick(("enabled",) * 6 + ("disabled", "invited")), dice.chance(0.9)

    def row(version: int) -> Json:
        at, details = versions[version]
        address = _address(details)
        return {
            "id": account.customer_id, "email": details.email or None, "phone": details.phone or None,
            "first_name": details.name.given or None, "last_name": details.name.family or None,
            "created_at": dates.iso(opened_at), "updated_at": dates.iso(at), "state": state,
            "verified_email": is_verified, "tags": tags, "currency": person.country.currency,
            "email_marketing_consent": consent[0], "sms_marketing_consent": consent[1],
            "default_address": address, "addresses": [address] if address else [],
        }  # fmt: skip

    delivered = scene.outbox.send_versions("ecommerce/customers", [at for at, _ in versions], row)
    scene.truth.note(("ecommerce", "customer"), str(account.customer_id), person.person_id, delivered)
    return account


def _consent(dice: Dice, at: int, probability: float) -> Json | None:
    if dice.chance(0.12):
        return None
    state = "subscribed" if dice.chance(probability) else dice.pick(("not_subscribed", "unsubscribed"))
    level = "confirmed_opt_in" if dice.chance(0.5) else "single_opt_in"
    return {"state": state, "opt_in_level": level, "consent_updated_at": dates.iso(at)}


def _address(details: Details) -> Json | None:
    if not details.line:
        return None
    region = details.region if len(details.region) == 2 else None
    return {
        "first_name": details.name.given or None, "last_name": details.name.family or None,
        "address1": details.line, "address2": None, "city": details.city, "province_code": region,
        "zip": details.postcode or None, "country_code": details.country.code, "phone": details.phone or None,
    }  # fmt: skip


def write_order(
    scene: Scene, order: Order, buyer: Details, account: ShopAccount | None, gift_to: Details | None
) -> int:
    """Write an order in its states (placed, shipped, delivered, refunded, cancelled); return its drops as bits."""
    states = (order.placed_at, order.shipped_at, order.arrived_at, order.refunded_at, order.cancelled_at)
    moments = sorted({at for at in states if 0 < at < dates.end()})
    fixed = {
        "id": order.order_id,
        "name": f"#{1000 + order.number}",
        "test": False,
        "customer": {"id": account.customer_id} if account else None,
        "email": buyer.email or None,
        "phone": (buyer.phone or None) if account is None else None,
        "created_at": dates.iso(order.placed_at),
    }
    billing = _address(buyer)
    shipping = _address(gift_to) if gift_to else billing

    def row(version: int) -> Json:
        at = moments[version]
        return {
            **fixed, "updated_at": dates.iso(at), "processed_at": fixed["created_at"], **_state(order, at),
            "source_name": order.source_name, "tags": "", "landing_site": order.landing_site,
            "referring_site": order.referring_site, "billing_address": billing, "shipping_address": shipping,
            "line_items": _lines(order),
        }  # fmt: skip

    return scene.outbox.send_versions("ecommerce/orders", moments, row)


def _lines(order: Order) -> list[Json]:
    return [
        {
            "id": order.order_id * 10 + place, "product_id": 7_700_000 + product.number, "sku": product.sku,
            "title": product.title, "product_type": product.category, "quantity": quantity,
            "price": money(product.cents[order.currency]),
        }
        for place, (product, quantity) in enumerate(order.basket)
    ]  # fmt: skip


def _state(order: Order, at: int) -> Json:
    is_refunded = 0 < order.refunded_at <= at
    is_cancelled = 0 < order.cancelled_at <= at
    refunded = order.refund if is_refunded else order.total if is_cancelled and not order.is_voided else 0
    paid = "refunded" if refunded == order.total else "partially_refunded" if refunded else "paid"
    total = money(order.total)
    return {
        "cancelled_at": dates.iso(order.cancelled_at) if is_cancelled else None,
        "currency": order.currency,
        "total_price": total,
        "current_total_price": "0.00" if is_cancelled else money(order.total - refunded),
        "subtotal_price": total,
        "total_discounts": money(order.discount),
        "financial_status": "voided" if is_cancelled and order.is_voided else paid,
        "fulfillment_status": "fulfilled" if 0 < order.shipped_at <= at else None,
        "fulfillments": [_fulfillment(order, at)] if 0 < order.shipped_at <= at else [],
        "refunds": [_refund(order, refunded)] if refunded else [],
    }


def _fulfillment(order: Order, at: int) -> Json:
    is_delivered = order.arrived_at <= at
    return {
        "id": 9_900_000_000 + order.number,
        "created_at": dates.iso(order.shipped_at),
        "updated_at": dates.iso(order.arrived_at if is_delivered else order.shipped_at),
        "status": "success",
        "shipment_status": "delivered" if is_delivered else "in_transit",
    }


def _refund(order: Order, amount: int) -> Json:
    return {
        "id": 8_800_000_000 + order.number,
        "created_at": dates.iso(order.refunded_at or order.cancelled_at),
        "transactions": [{"amount": money(amount)}],
    }


def money(cents: int) -> str:
    """Return minor units as a decimal text, as Shopify writes money."""
    return f"{cents // 100}.{cents % 100:02d}"
