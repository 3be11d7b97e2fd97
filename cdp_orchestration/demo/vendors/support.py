"""Zendesk exports: users, tickets with ratings, ticket metrics. JSON Lines."""

from dataclasses import dataclass
from typing import Any

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.details import HELPDESK, Details
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.footprints import Footprint, HelpdeskUser
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.texts import Facts, comment_text, ticket_text

Json = dict[str, Any]

LOCALES = {
    "GB": "en-GB", "US": "en-US", "DE": "de", "FR": "fr", "IT": "it", "ES": "es", "PL": "pl", "GR": "el", "BG": "bg",
    "UA": "uk", "SE": "sv",
}  # fmt: skip
CHANNELS = {
    "late": ("email", "email", "web", "chat", "voice", "social"),
    "defect": ("email", "web", "chat", "voice", "in_store"),
    "repair": ("in_store", "in_store", "voice", "email", "web"),
    "refund": ("email", "web", "chat", "voice"),
    "question": ("chat", "chat", "web", "email", "voice", "social"),
    "store": ("in_store", "email", "web", "social"),
}
TYPES = {"late": "problem", "defect": "problem", "repair": "incident", "refund": "task"}
TAGS = {
    "late": ("delivery", "late_delivery"), "defect": ("defect", "quality"), "repair": ("repair",),
    "refund": ("return", "refund"), "question": ("question",), "store": ("store",),
}  # fmt: skip


@dataclass(slots=True)
class Ticket:
    """One ticket with its outcome; the moods are those of its requester before and after, 0 to 1."""

    ticket_id: int
    topic: str
    channel: str
    opened_at: int
    reply_minutes: int
    resolution_minutes: int
    reopens: int
    mood_before: float
    mood: float

    @property
    def solved_at(self) -> int:
        """When it is solved, possibly after the demo's end."""
        return self.opened_at + self.resolution_minutes * 60


def new_ticket(scene: Scene, topic: str, opened_at: int, mood: float) -> Ticket:
    """Draw the course of a ticket: repairs take long, chats are quick, reopened ones lower the mood."""
    dice = scene.dice
    channel = dice.pick(CHANNELS[topic])
    pace = {"chat": 0.05, "voice": 0.1, "in_store": 0.2, "social": 0.6}.get(channel, 1.0)
    reply = int(dice.lognormvariate(5.0, 0.9) * pace) + 1
    hours = {"late": 30, "defect": 50, "repair": 260, "refund": 60, "question": 10, "store": 30}[topic]
    reopens = dice.pick((0, 0, 0, 0, 0, 1)) if topic not in ("repair", "defect") else dice.pick((0, 0, 0, 1, 1, 2))
    resolution = reply + int(dice.lognormvariate(0, 0.7) * hours * 60 * max(pace, 0.3)) * (1 + reopens)
    slow = min(resolution / (hours * 60) / 6, 0.3)
    return Ticket(
        5_000_000 + scene.number("ticket"), topic, channel, opened_at, reply, resolution, reopens,
        mood, max(0.0, min(1.0, mood - slow - 0.22 * reopens + dice.gauss(0.2, 0.2))),
    )  # fmt: skip


def requester(scene: Scene, footprint: Footprint, channel: str, at: int) -> HelpdeskUser:
    """Return the support user who asks, known or new; a caller may have a phone only."""
    known = [user for user in footprint.helpdesk if user.since <= at]
    if known and scene.dice.chance(0.93):
        return known[-1]
    user = _write_user(scene, footprint, at, is_call=channel == "voice" and scene.dice.chance(0.5))
    footprint.helpdesk.append(user)
    return user


def _write_user(scene: Scene, footprint: Footprint, at: int, *, is_call: bool) -> HelpdeskUser:
    dice, person = scene.dice, footprint.person
    user_id = 9_700_000_000 + scene.number("user")
    account = footprint.account_at(at)
    of_shop = account.details_at(at).true_email if account else ""
    versions = scene.history(person, HELPDESK, at, (of_shop,) if of_shop and dice.chance(0.7) else ())
    details = versions[0][1]
    has_mail = not (is_call and details.phone)
    external = str(account.customer_id) if account and not is_call and dice.chance(0.42) else None
    name, is_verified = _one_field(dice, details), dice.chance(0.8)
    tags = dice.pick(([], [], [], ["vip"], ["newsletter"]))

    def row(version: int) -> Json:
        touched_at, current = versions[version]
        renamed = current.name.family != details.name.family
        return {
            "id": user_id, "name": f"{current.name.given} {current.name.family}".strip() if renamed else name,
            "email": current.email or None if has_mail else None, "phone": current.phone or None,
            "role": "end-user", "external_id": external, "verified": is_verified, "active": True,
            "suspended": False, "permanently_deleted": False, "created_at": dates.iso(at),
            "updated_at": dates.iso(touched_at), "locale": LOCALES[person.country.code],
            "time_zone": person.country.time_zone, "organization_id": None, "tags": tags,
        }  # fmt: skip

    delivered = scene.outbox.send_versions("support/users", [touched for touched, _ in versions], row)
    scene.truth.note(("support", "user"), str(user_id), person.person_id, delivered)
    return HelpdeskUser(user_id, details.true_email if has_mail else "", at)


def _one_field(dice: Dice, details: Details) -> str:
    """Return a name in one field, in one of the orders in which people and agents type it."""
    given, family = details.name.given, details.name.family
    luck = dice.random()
    if luck < 0.62 or not given:
        return f"{given} {family}".strip()
    if luck < 0.74:
        return f"{family}, {given}"
    if luck < 0.81:
        return f"{family} {given}"
    if luck < 0.86:
        return f"{given[:1]}. {family}"
    if luck < 0.9:
        return given
    if luck < 0.93 and details.name.middle:
        return f"{given} {details.name.middle} {family}"
    if luck < 0.96 and "@" in details.email:
        return details.email.partition("@")[0]  # the name that the desk derives from a first e-mail
    return f"{dice.pick(('Mr', 'Mrs', 'Ms', 'Dr'))} {family}"


def write_ticket(scene: Scene, ticket: Ticket, user: HelpdeskUser, language: str, facts: Facts) -> None:
    """Write a ticket and its metrics, open until it is solved and rated."""
    dice = scene.dice
    rating = _rating(dice, ticket, language)
    rated_at = ticket.solved_at + dice.between(3_600, 200_000)
    moments = [at for at in (ticket.opened_at, ticket.solved_at, rated_at) if at < dates.end()]
    subject, description = ticket_text(dice, ticket.topic, language, facts, ticket.mood_before)
    priority = dice.pick(("low", "normal", "normal", "normal", "high", "urgent"))
    tags = [*TAGS[ticket.topic], *(("reopened",) if ticket.reopens else ())]

    def row(version: int) -> Json:
        return {
            "id": ticket.ticket_id, "requester_id": user.user_id, "subject": subject, "description": description,
            "status": ("open", "solved", "closed")[version], "priority": priority,
            "type": TYPES.get(ticket.topic, "question"), "via": {"channel": ticket.channel}, "tags": tags,
            "created_at": dates.iso(ticket.opened_at), "updated_at": dates.iso(moments[version]),
            "satisfaction_rating": rating if version == 2 else {"score": "unoffered", "comment": None},
        }  # fmt: skip

    scene.outbox.send_versions("support/tickets", moments, row)
    scene.outbox.send_versions(
        "support/ticket_metrics", moments[:2], lambda version: _metrics(ticket, moments, version)
    )


def _metrics(ticket: Ticket, moments: list[int], version: int) -> Json:
    is_solved = version == 1
    reply_at = ticket.opened_at + ticket.reply_minutes * 60
    return {
        "ticket_id": ticket.ticket_id,
        "reply_time_in_minutes": {"calendar": ticket.reply_minutes if is_solved or reply_at < dates.end() else None},
        "full_resolution_time_in_minutes": {"calendar": ticket.resolution_minutes if is_solved else None},
        "reopens": ticket.reopens if is_solved else 0,
        "replies": 1 + ticket.reopens * 2 if is_solved else 0,
        "solved_at": dates.iso(ticket.solved_at) if is_solved else None,
        "updated_at": dates.iso(moments[version]),
    }


def _rating(dice: Dice, ticket: Ticket, language: str) -> Json:
    if dice.chance(0.6):
        return {"score": dice.pick(("offered", "offered", "unoffered")), "comment": None}
    score = "good" if ticket.mood + dice.gauss(0, 0.12) > 0.5 else "bad"
    own_words = Dice(ticket.ticket_id + ticket.mood)
    is_commented = own_words.chance(0.4)
    comment = comment_text(own_words, ticket.topic, ticket.mood, language) if is_commented else None
    return {"score": score, "comment": comment}
