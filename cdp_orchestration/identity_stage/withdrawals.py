"""``overrides/withdrawn_overrides.csv``: the decisions about two records that a person took back, and why."""

from dataclasses import asdict, dataclass, fields

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import read_rows, write_rows


@dataclass(frozen=True)
class Withdrawal:
    """One override that was taken back: its id, what it said of which records, and who took it back, when and why."""

    override_id: str
    decision: str
    person_record_id_left: str
    person_record_id_right: str
    withdrawn_by: str
    withdrawn_at: str
    why: str


WITHDRAWAL_COLUMNS = tuple(field.name for field in fields(Withdrawal))


def note_withdrawal(settings: Settings, withdrawal: Withdrawal) -> None:
    """Add an override that was taken back to ``overrides/withdrawn_overrides.csv``."""
    known = read_rows(settings.withdrawn_overrides, WITHDRAWAL_COLUMNS)
    write_rows(settings.withdrawn_overrides, WITHDRAWAL_COLUMNS, [*known, asdict(withdrawal)])
