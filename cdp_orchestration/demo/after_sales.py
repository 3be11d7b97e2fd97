"""After-sales contacts: tickets, and surveys about tickets and purchases."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.footprints import Footprint
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.texts import Facts
from cdp_orchestration.demo.vendors.support import new_ticket, requester, write_ticket
from cdp_orchestration.demo.vendors.surveys import write_answer

TICKET_SURVEYS = (("csat", 0.3, 0.0), ("ces", 0.13, 0.05))  # survey, chance, how much lower it is rated


def ask_for_help(
    scene: Scene, footprint: Footprint, topic: str, around: int, mood: float, facts: Facts, order_id: int = 0
) -> float:
    """Open a ticket in office hours of a day, unless the demo has ended; return the mood of the customer after it."""
    dice, person = scene.dice, footprint.person
    opened_at = around // dates.DAY * dates.DAY + dice.pick(dates.OFFICE_HOURS) * dates.HOUR + dice.between(0, 3_599)
    if not dates.history_start() <= opened_at < dates.end():
        return mood
    ticket = new_ticket(scene, topic, opened_at, mood)
    user = requester(scene, footprint, ticket.channel, opened_at)
    write_ticket(scene, ticket, user, person.language, facts)
    for survey, chance, penalty in TICKET_SURVEYS:
        if dice.random() < chance:
            by_mail = not dice.chance(0.75)
            write_answer(
                scene, survey, ticket.solved_at + dice.between(600, 3 * dates.DAY), ticket.mood - penalty, topic,
                person.language, "email" if by_mail else dice.pick(("web", "email", "chat")), person.person_id,
                email=user.email if by_mail else "", user=None if by_mail else user, ticket_id=ticket.ticket_id,
                order_id=order_id if dice.chance(0.3) else 0,
            )  # fmt: skip
    return ticket.mood


def ask_opinion(
    scene: Scene, footprint: Footprint, at: int, mood: float, cause: str, email: str, order_id: int = 0
) -> None:
    """Write an NPS answer after a purchase, with an e-mail address, a support user or only an order as reference."""
    dice, person = scene.dice, footprint.person
    luck = dice.random()
    user = footprint.helpdesk[-1] if footprint.helpdesk and footprint.helpdesk[-1].since <= at and luck < 0.5 else None
    is_by_mail = bool(email) and user is None and (luck > 0.55 or not order_id)
    if not (user or is_by_mail or order_id):
        return
    channel = "email" if is_by_mail else dice.pick(("web", "email", "mobile_app"))
    write_answer(
        scene, "nps", at, mood, cause, person.language, channel, person.person_id,
        email=email if is_by_mail else "", user=user, order_id=order_id,
    )  # fmt: skip
