"""Answers to satisfaction surveys: NPS after orders, CSAT and CES after tickets. CSV."""

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.footprints import HelpdeskUser
from cdp_orchestration.demo.noise import type_email
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.texts import comment_text

COLUMNS = (
    "response_id", "survey", "score", "comment", "email", "user_id", "order_id", "ticket_id", "channel", "responded_at",
)  # fmt: skip


def score_of(dice: Dice, survey: str, mood: float) -> int:
    """Turn a mood between 0 and 1 into the survey's own scale: NPS 0-10, CSAT 1-5, CES 1-7 (7: very easy)."""
    low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[survey]
    felt = min(1.0, max(0.0, mood + dice.gauss(0.06, 0.1)))
    return low + round(felt * (high - low))


def write_answer(
    scene: Scene, survey: str, at: int, mood: float, cause: str, language: str, channel: str, person_id: str,
    *, email: str = "", user: HelpdeskUser | None = None, order_id: int = 0, ticket_id: int = 0,
) -> None:  # fmt: skip
    """Write one answer, unless its time is after the demo's end."""
    if at >= dates.end():
        return
    dice = scene.dice
    response_id = f"R{scene.number('response'):09d}"
    typed = type_email(dice, email) if email else ""
    comment = comment_text(dice, cause, mood, language) if dice.chance(0.5) else ""
    row = (
        response_id, survey, score_of(dice, survey, mood), comment, typed, user.user_id if user else "", order_id or "",
        ticket_id or "", channel, dates.iso(at),
    )  # fmt: skip
    delivered = scene.outbox.send("support/survey_responses", at, row)
    if typed and not user:
        scene.truth.note(("support", "survey_respondent"), response_id, person_id, delivered)
