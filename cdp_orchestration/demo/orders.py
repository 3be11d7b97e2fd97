"""Orders and their outcome: delivered, late, defective, returned or cancelled."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.after_sales import ask_for_help, ask_opinion
from cdp_orchestration.demo.catalogue import REPAIRABLE, Product
from cdp_orchestration.demo.details import SHOP, Details, describe
from cdp_orchestration.demo.dice import Dice, weighted
from cdp_orchestration.demo.footprints import Footprint, ShopAccount
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.texts import Facts
from cdp_orchestration.demo.vendors.ecommerce import Order, write_order
from cdp_orchestration.demo.vendors.web_events import Visit

OUTCOMES = weighted({"fine": 76, "late": 8, "defect": 4, "returned": 8, "cancelled": 4})
OUTCOMES_BEFORE_CHRISTMAS = weighted({"fine": 68, "late": 17, "defect": 4, "returned": 8, "cancelled": 3})
MOODS = {"fine": 0.8, "late": 0.28, "defect": 0.22, "returned": 0.55, "cancelled": 0.5}


def place_order(
    scene: Scene, footprint: Footprint, visit: Visit, basket: list[tuple[Product, int]], buyer: Details,
    account: ShopAccount | None,
) -> Order | None:  # fmt: skip
    """Write the order of a visit, its tickets and its surveys; None when the demo ends before it."""
    dice, placed_at = scene.dice, visit.at
    if placed_at >= dates.end() - 60:
        return None
    is_peak = dates.iso(placed_at)[5:7] in ("11", "12")
    outcome = dice.pick(OUTCOMES_BEFORE_CHRISTMAS if is_peak else OUTCOMES)
    order = Order(
        number=scene.number("order"), placed_at=placed_at, basket=basket, currency=visit.currency, discount=0,
        source_name=visit.device.platform if visit.device.platform != "ios" else "iphone",
        landing_site=visit.arrival.landing_site, referring_site=visit.arrival.referrer,
        shipped_at=placed_at + dice.between(6 * dates.HOUR, 60 * dates.HOUR),
    )  # fmt: skip
    if dice.chance(0.22):
        order.discount = order.total * dice.pick((5, 10, 10, 15, 20)) // 100
    _decide(dice, order, outcome)
    gift_to = None
    if footprint.friend and dice.chance(0.03):
        gift_to = describe(dice, footprint.friend, SHOP, placed_at)
    delivered = write_order(scene, order, buyer, account, gift_to)
    if account is None:
        kind = ("ecommerce", "guest_order")
        scene.truth.note(kind, str(order.order_id), footprint.person.person_id, delivered)
    _follow(scene, footprint, order, outcome, buyer.true_email)
    return order


def _decide(dice: Dice, order: Order, outcome: str) -> None:
    """Set the dates and amounts of an order by its outcome."""
    if outcome == "cancelled":
        order.shipped_at = 0
        order.cancelled_at = order.placed_at + dice.between(1_200, 30 * dates.HOUR)
        order.is_voided = dice.chance(0.4)
        return
    order.arrived_at = order.shipped_at + dice.between(1, 3) * dates.DAY
    if outcome == "late":
        order.arrived_at += dice.between(6, 14) * dates.DAY
    if outcome == "returned" or (outcome == "defect" and dice.chance(0.5)) or (outcome == "late" and dice.chance(0.08)):
        order.refunded_at = order.arrived_at + dice.between(3 * dates.DAY, 21 * dates.DAY)
        order.refund = order.total
        if len(order.basket) > 1 and dice.chance(0.6):
            product, quantity = order.basket[0]
            order.refund = min(product.cents[order.currency] * quantity, order.total)


def _follow(scene: Scene, footprint: Footprint, order: Order, outcome: str, email: str) -> None:
    """Write the tickets and survey answers of a buyer by the outcome of the order."""
    dice = scene.dice
    product = order.basket[0][0]
    arrived_at = order.arrived_at or order.cancelled_at
    home = footprint.person.home_at(order.placed_at)
    facts = Facts(product.title, f"#{1000 + order.number}", dice.between(5, 14), home.city)
    mood = MOODS[outcome] + dice.gauss(0, 0.12)
    topic, chance = {
        "fine": ("question", 0.05), "late": ("late", 0.45), "defect": ("defect", 0.65), "returned": ("refund", 0.22),
        "cancelled": ("question", 0.1),
    }[outcome]  # fmt: skip
    if outcome == "defect" and product.category in REPAIRABLE and dice.chance(0.55):
        topic, arrived_at = "repair", arrived_at + dice.between(5, 90) * dates.DAY
    if dice.random() < chance:
        asked_at = arrived_at - 2 * dates.DAY if outcome == "late" else arrived_at + dice.between(0, 3) * dates.DAY
        mood = ask_for_help(scene, footprint, topic, asked_at, mood, facts, order.order_id)
    if dice.chance(0.19 if outcome == "fine" else 0.28):
        asked_at = arrived_at + dice.between(3, 12) * dates.DAY
        ask_opinion(scene, footprint, asked_at, mood, topic, email, order.order_id)
