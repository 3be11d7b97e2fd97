"""Which trained model decides: the one in force, and a candidate that waits for approval.

Each model lies in ``models/<version>/``. ``models/IN_FORCE`` names one, ``models/APPROVED`` the candidate that somebody
approved last, and ``models/CANDIDATE.json`` says what the candidate would change.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.settings import Settings
from identity import TrainedModel

_IN_FORCE, _CANDIDATE, _APPROVED = "IN_FORCE", "CANDIDATE.json", "APPROVED"


@dataclass(frozen=True)
class Comparison:
    """What a candidate model would do to the profiles of the same records.

    moved_record_count are records whose profile would be another; allowed_record_count is the churn budget.
    """

    model_version: str
    compared_with: str
    record_count: int
    profile_count_before: int
    profile_count_after: int
    merged_profile_count: int
    split_profile_count: int
    moved_record_count: int
    allowed_record_count: int

    @property
    def is_within_budget(self) -> bool:
        """Whether so little would move that nobody need look at it."""
        return self.moved_record_count <= self.allowed_record_count


def model_in_force(settings: Settings) -> TrainedModel | None:
    """Return the model that decides now, None before the first sync."""
    version = _read(settings.models / _IN_FORCE)
    return TrainedModel.load(settings.models / version) if version else None


def put_in_force(settings: Settings, model: TrainedModel) -> None:
    """Keep a model and let it decide from now on; a candidate that waited is dropped."""
    model.save(settings.models / model.version)
    _write(settings.models / _IN_FORCE, model.version)
    (settings.models / _CANDIDATE).unlink(missing_ok=True)


def park(settings: Settings, model: TrainedModel, comparison: Comparison) -> None:
    """Keep a candidate, with what it would change, until somebody approves it."""
    model.save(settings.models / model.version)
    _write(settings.models / _CANDIDATE, json.dumps(asdict(comparison), indent=2))


def waiting_candidate(settings: Settings) -> Comparison | None:
    """Return what the candidate would change, None when none waits."""
    told = _read(settings.models / _CANDIDATE)
    return Comparison(**json.loads(told)) if told else None


def approve_candidate(settings: Settings) -> Comparison:
    """Let the candidate come into force with the next sync.

    Raises:
        DecisionError: no candidate waits.
    """
    found = waiting_candidate(settings)
    if found is None:
        raise DecisionError("no candidate model waits for approval; `cdp identity compare` trains one")
    _write(settings.models / _APPROVED, found.model_version)
    return found


def last_approved(settings: Settings) -> str | None:
    """Return the version that somebody approved last, whether or not it decides by now."""
    return _read(settings.models / _APPROVED)


def approved_model(settings: Settings) -> TrainedModel | None:
    """Return the candidate if it is approved."""
    found = waiting_candidate(settings)
    if found is None or found.model_version != last_approved(settings):
        return None
    return TrainedModel.load(settings.models / found.model_version)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{path.name}.new")
    written.write_text(content, encoding="utf-8")
    written.replace(path)
