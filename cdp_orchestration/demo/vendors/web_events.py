"""Segment calls of the web shop and the apps: pages, products, carts and orders of visitors. JSON Lines."""

from dataclasses import dataclass, field
from typing import Any

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.campaigns import Campaign
from cdp_orchestration.demo.catalogue import SHOP_URL, Product
from cdp_orchestration.demo.details import Details
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.footprints import Device
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.truth import Answer

Json = dict[str, Any]

TRACKED = {
    "list": "Product List Viewed", "search": "Products Searched", "product": "Product Viewed", "add": "Product Added",
    "wish": "Product Added to Wishlist", "remove": "Product Removed", "cart": "Cart Viewed",
    "checkout": "Checkout Started", "completed": "Order Completed", "review": "Product Reviewed",
    "share": "Product Shared", "opened": "Application Opened", "installed": "Application Installed",
}  # fmt: skip
PAGES = {"home": "Home", "stores": "Store Locator", "help": "Help Centre", "orders": "My Orders", "blog": "Magazine"}
OF_PRODUCT = frozenset({"product", "add", "wish", "remove", "review", "share"})
# referrer, campaign source, campaign medium; an entry weighs as often as it is listed
ARRIVALS = (
    ("", "", ""), ("", "", ""), ("", "", ""), ("https://www.google.com/", "", ""), ("https://www.google.com/", "", ""),
    ("https://www.google.com/", "", ""), ("https://www.bing.com/", "", ""),
    ("https://www.google.com/", "google", "cpc"), ("https://www.google.com/", "google", "cpc"),
    ("https://www.facebook.com/", "facebook", "paid_social"),
    ("https://www.instagram.com/", "instagram", "paid_social"), ("https://www.instagram.com/", "", ""),
    ("https://www.pricewatch.example/", "pricewatch", "affiliate"), ("https://www.pinterest.com/", "", ""),
)  # fmt: skip
MEDIA = {"Email": ("newsletter", "email"), "Paid Social": ("facebook", "paid_social"), "Paid Search": ("google", "cpc")}


@dataclass(slots=True)
class Arrival:
    """How a visit begins: the referring page and, for paid or mailed links, the campaign."""

    referrer: str = ""
    campaign: Json | None = None

    @property
    def landing_site(self) -> str:
        """The path of the first page with its campaign parameters, as the shop stores it with an order."""
        if not self.campaign:
            return "/"
        parameters = "&".join(f"utm_{key}={str(value).replace(' ', '+')}" for key, value in self.campaign.items())
        return f"/?{parameters}".replace("utm_name", "utm_campaign")


def arrive(dice: Dice, campaign: Campaign | None, platform: str) -> Arrival:
    """Choose how a visit begins; a clicked campaign decides it."""
    if campaign:
        source, medium = MEDIA.get(campaign.type, (campaign.type.lower().replace(" ", "_"), "referral"))
        return Arrival("", {"source": source, "medium": medium, "name": campaign.name})
    if platform != "web":
        return Arrival()
    referrer, source, medium = dice.pick(ARRIVALS)
    name = f"always_on_{medium}" if source else ""
    return Arrival(referrer, {"source": source, "medium": medium, "name": name} if source else None)


@dataclass(slots=True)
class Visit:
    """One visit: its calls are sent one after another, seconds to minutes apart."""

    scene: Scene
    device: Device
    arrival: Arrival
    at: int
    currency: str
    person_id: str
    answer: Answer = field(init=False)

    def __post_init__(self) -> None:
        """Look up the visitor's answer in the truth once: a visit sends several calls."""
        self.answer = self.scene.truth.answer(("ecommerce", "anonymous_visitor"), self.device.anonymous_id)
        self.answer.people[self.person_id] += 1

    def step(self, step: str, product: Product, more: Json | None = None) -> None:
        """Send the call of one step, with ``more`` properties."""
        properties: Json = product.properties[self.currency] if step in OF_PRODUCT else {}
        name = TRACKED.get(step)
        if name is None:
            is_web = self.device.platform == "web"
            properties = {"name": PAGES[step], "path": f"/{step}" if step != "home" else "/"}
            self._send("page" if is_web else "screen", None, properties, properties["path"])
            return
        if step in ("list", "search"):
            properties = {"category": product.category} if step == "list" else {"query": product.title.lower()}
        path = properties.get("url", SHOP_URL)[len(SHOP_URL) :] or f"/{step}"
        self._send("track", name, {**properties, **more} if more else properties, path)

    def identify(self, user_id: str | None, details: Details) -> None:
        """Send the identity of the visitor; without a user id it is a newsletter sign-up."""
        traits: Json = {"email": details.email} if details.email else {}
        if user_id:
            named = {"phone": details.phone, "firstName": details.name.given, "lastName": details.name.family}
            traits |= {key: value for key, value in named.items() if value}
            self.device.knows = user_id
        self._send("identify", None, None, "/account" if user_id else "/newsletter", traits)

    def _send(
        self, kind: str, event: str | None, properties: Json | None, path: str, traits: Json | None = None
    ) -> None:
        scene, device = self.scene, self.device
        random, at = scene.dice.random, self.at
        self.at = at + 4 + int(random() ** 2 * 170)
        received_at = at + int(random() * 3)
        if device.platform != "web" and random() < 0.02:
            received_at += int(random() * 40 * dates.HOUR)  # the phone was offline
        if received_at >= dates.end():
            return
        context: Json = {"page": {"url": SHOP_URL + path, "referrer": self.arrival.referrer or None}}
        if self.arrival.campaign:
            context["campaign"] = self.arrival.campaign
        context["device"] = {"type": device.kind}
        row = {
            "messageId": f"{device.platform}-{scene.number('event'):013x}", "type": kind, "event": event,
            "anonymousId": device.anonymous_id, "userId": device.knows, "previousId": None,
            "properties": properties or {}, "traits": traits or {}, "context": context, "timestamp": dates.iso(at),
            "originalTimestamp": dates.iso(at), "sentAt": dates.iso(received_at), "receivedAt": dates.iso(received_at),
        }  # fmt: skip
        delivered = scene.outbox.send("ecommerce/events", received_at, row)
        self.answer.add(delivered, is_linkable=device.knows is not None or bool(traits))
