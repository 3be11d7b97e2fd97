"""One person's accounts, cards and devices in the four systems."""

from dataclasses import dataclass, field

from cdp_orchestration.demo.details import Details
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.stores import Store


@dataclass(slots=True)
class ShopAccount:
    """One account of the web shop, with its versions by time."""

    customer_id: int
    opened_at: int
    versions: list[tuple[int, Details]]

    def details_at(self, at: int) -> Details:
        """Return the details of the account at a time."""
        return next((details for since, details in reversed(self.versions) if since <= at), self.versions[0][1])


@dataclass(slots=True)
class Device:
    """A browser or an app with its own anonymous id; ``knows`` is the user id after a sign-in."""

    anonymous_id: str
    platform: str  # web, ios or android
    kind: str  # desktop, mobile, tablet, ios or android
    signs_in: bool
    knows: str | None = None
    is_new: bool = True


@dataclass(slots=True)
class HelpdeskUser:
    """One user of the support desk, with the e-mail address that it uses."""

    user_id: int
    email: str
    since: int


@dataclass(slots=True)
class Footprint:
    """One person in the four systems; what does not exist is empty."""

    person: Person
    style: str
    accounts: list[ShopAccount] = field(default_factory=list)
    loyalty_number: str = ""
    enrolled_at: int = 0
    cards: list[str] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    helpdesk: list[HelpdeskUser] = field(default_factory=list)
    home_store: Store | None = None
    in_crm: bool = False
    friend: Person | None = None  # the receiver of gifts

    def account_at(self, at: int) -> ShopAccount | None:
        """Return the shop account in use at a time; of several, the last opened one."""
        for account in reversed(self.accounts):
            if account.opened_at <= at:
                return account
        return None
