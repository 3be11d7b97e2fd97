"""A person's activity in order of time, across the web shop, the stores and the campaigns."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.after_sales import ask_for_help
from cdp_orchestration.demo.campaigns import Campaign
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.footprints import Footprint
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.sales import buy_in_store
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.styles import STYLES, become_customer, settle
from cdp_orchestration.demo.texts import Facts
from cdp_orchestration.demo.vendors import crm
from cdp_orchestration.demo.visits import BROWSING, FOLLOWING_UP, RESEARCH, browse, choose_product, shop_online

# when, what, and the campaign that led there
Plan = list[tuple[int, str, Campaign | None]]


def write_person(scene: Scene, person: Person, friend: Footprint | None) -> Footprint:
    """Write all records of one person in all systems; ``friend`` receives gifts, or shares a device at home."""
    become_customer(scene.dice, person)
    footprint = settle(scene, person, friend)
    activity = min(scene.dice.lognormvariate(-0.32, 0.8), 8.0)  # few are very active, many hardly; mean 1
    clicks = _meet_crm(scene, footprint, activity)
    plan = _plan(scene.dice, footprint, activity, clicks)
    for at, what, campaign in sorted(plan, key=lambda entry: entry[0]):
        _do(scene, footprint, at, what, campaign)
    if not plan and not footprint.accounts and not footprint.loyalty_number and not footprint.in_crm:
        buy_in_store(scene, footprint, _moment(scene.dice, person, dates.STORE_HOURS))
    return footprint


def _do(scene: Scene, footprint: Footprint, at: int, what: str, campaign: Campaign | None) -> None:
    if what == "order":
        shop_online(scene, footprint, at, campaign)
    elif what == "sale":
        buy_in_store(scene, footprint, at)
    elif what == "question":
        home = footprint.person.home_at(at)
        product = choose_product(scene.dice, footprint.person)
        facts = Facts(product.title, "", scene.dice.between(3, 9), home.city)
        ask_for_help(scene, footprint, "question", at, 0.7, facts)
    else:
        paths = {"browse": BROWSING, "research": RESEARCH, "follow_up": FOLLOWING_UP}[what]
        browse(scene, footprint, at, campaign, paths)


def _meet_crm(scene: Scene, footprint: Footprint, activity: float) -> list[tuple[int, Campaign]]:
    """Add a person to the CRM, some twice, and to its campaigns; return what was clicked when."""
    dice, person = scene.dice, footprint.person
    if dice.random() > STYLES[footprint.style].crm:
        return []
    footprint.in_crm = True
    clicks: list[tuple[int, Campaign]] = []
    for _ in range(2 if dice.chance(0.045) else 1):
        created_at = person.customer_since if dice.chance(0.5) else _moment(dice, person, dates.OFFICE_HOURS)
        known = footprint.loyalty_number and footprint.enrolled_at <= created_at + 90 * dates.DAY
        number = footprint.loyalty_number if known and dice.chance(0.6) else ""
        contact = crm.write_contact(scene, person, created_at, number)
        until = person.customer_until + 200 * dates.DAY  # campaigns continue after the last purchase
        clicks += crm.write_campaign_members(scene, contact, min(0.6 + activity / 2, 2.0), created_at, until)
    return clicks


def _plan(dice: Dice, footprint: Footprint, activity: float, clicks: list[tuple[int, Campaign]]) -> Plan:
    """Draw a person's visits, orders, store purchases and questions over their time as a customer."""
    person, style = footprint.person, STYLES[footprint.style]
    span = (person.customer_until - max(person.customer_since, dates.history_start())) / (
        dates.end() - dates.history_start()
    )
    plan: Plan = []
    for _ in range(int(style.visits * activity * span + dice.random())):
        at = _moment(dice, person, dates.ONLINE_HOURS)
        is_order = dice.random() < style.buys
        plan.append((at, "order" if is_order else "browse", None))
        if is_order and dice.chance(0.3):
            plan.append((at + dice.between(dates.DAY, 20 * dates.DAY), "follow_up", None))
    for _ in range(int(style.sales * activity * span + dice.random())):
        at = _moment(dice, person, dates.STORE_HOURS)
        plan.append((at, "sale", None))
        if style.visits > 3 and dice.chance(0.3):
            plan.append((at - dice.between(2 * dates.HOUR, 6 * dates.DAY), "research", None))
    plan += [(at, "order" if dice.random() < style.buys * 0.8 else "browse", campaign) for at, campaign in clicks]
    plan += [(_moment(dice, person, dates.OFFICE_HOURS), "question", None)] if dice.chance(0.17) else []
    return [entry for entry in plan if dates.history_start() <= entry[0] < dates.end() - dates.HOUR]


def _moment(dice: Dice, person: Person, hours: tuple[int, ...]) -> int:
    return dates.season_moment(dice, max(person.customer_since, dates.history_start()), person.customer_until, hours)
