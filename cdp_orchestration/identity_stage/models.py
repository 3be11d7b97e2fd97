"""The trained models: the one in force, which decides, and a candidate that waits for approval.

Each model is stored in ``models/<version>/``. ``models/IN_FORCE`` names the one in force, ``models/APPROVED`` the
candidate that was approved last, and ``models/CANDIDATE.json`` holds what the candidate would change.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import DamagedModelError, DecisionError
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.stored_models import UNREADABLE, remove_other_copies, sound_copy, store_model
from identity import ProfileChanges, TrainedModel

_IN_FORCE, _CANDIDATE, _APPROVED = "IN_FORCE", "CANDIDATE.json", "APPROVED"

_VERSION = re.compile("[0-9a-f]{16}")

# A share of very few records is less than one person; so many may move whatever the share
ALLOWED_IN_ANY_CASE = 50


@dataclass(frozen=True)
class Comparison:
    """What a candidate model would change in the profiles of the same records.

    Attributes:
        model_version: the candidate.
        compared_with: the version of the model that made the stored profiles.
        record_count: all compared records.
        profile_count_before: the stored profiles.
        profile_count_after: the profiles by the candidate.
        merged_profile_count: profiles that would become part of another one.
        split_profile_count: profiles that would lose records to another one.
        moved_record_count: records whose profile would be another one.
        allowed_record_count: the churn budget: so many records may move without approval.
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
        """Whether so few records would move that no approval is needed."""
        return self.moved_record_count <= self.allowed_record_count


_COMPARED_SQL = """
select
    count(distinct before.profile_id),
    count(distinct after.profile_id),
    count(*) filter (before.profile_id <> after.profile_id),
    count(*)
from before
inner join after using (person_record_id)
"""


def model_in_force(settings: Settings) -> TrainedModel | None:
    """Return the model in force; None before the first sync, and when older code saved it in another format.

    Where its name is lost, or a kill came before it was written, the copy of the model that decided last is it.
    """
    version = _read(settings.models / _IN_FORCE)
    return sound_copy(settings, None) if version is None else _load(settings, version)


def compare_models(
    model_version: str,
    compared_with: str,
    assignments: pa.Table,
    changes: ProfileChanges,
    *,
    churn_share: float,
) -> Comparison:
    """Compare profiles with those of a candidate model.

    Args:
        model_version: the candidate.
        compared_with: the version of the model that made the profiles.
        assignments: the profile_assignments of all records by that model.
        changes: the assignments of all records by the candidate, with the events.
        churn_share: the share (0..1) of the records that may move without approval.

    Returns:
        The comparison.
    """
    with duckdb.connect() as work:
        work.register("before", assignments)
        work.register("after", changes.assignments)
        before, after, moved, records = work.execute(_COMPARED_SQL).fetchall()[0]
    kinds = changes.events.column("event_type").to_pylist()
    return Comparison(
        model_version=model_version,
        compared_with=compared_with,
        record_count=records,
        profile_count_before=before,
        profile_count_after=after,
        merged_profile_count=kinds.count("merged"),
        split_profile_count=kinds.count("split"),
        moved_record_count=moved,
        allowed_record_count=max(ALLOWED_IN_ANY_CASE, int(records * churn_share)),
    )


def put_in_force(settings: Settings, model: TrainedModel) -> None:
    """Store a model as the one in force; a candidate that waits is dropped, as are the copies of other models."""
    store_model(settings, model, with_copy=True)
    name_in_force(settings, model)
    (settings.models / _CANDIDATE).unlink(missing_ok=True)
    remove_other_copies(settings, model.version)


def name_in_force(settings: Settings, model: TrainedModel) -> None:
    """Name a stored model as the one in force."""
    if _read(settings.models / _IN_FORCE) != model.version:
        _write(settings.models / _IN_FORCE, model.version)


def restore_copy(settings: Settings, version: str | None) -> bool:
    """Put the copy of the model that was in force back in force; a candidate that waits goes on waiting.

    Args:
        settings: the home; a model that is not what was saved is put aside already.
        version: the model that was in force, where that can still be read.

    Returns:
        Whether there was a copy that is what was saved.
    """
    model = sound_copy(settings, version)
    if model:
        store_model(settings, model, with_copy=True)
        name_in_force(settings, model)
    return model is not None


def park(settings: Settings, model: TrainedModel, comparison: Comparison) -> None:
    """Store a candidate with what it would change; it waits for approval."""
    store_model(settings, model, with_copy=False)
    _write(settings.models / _CANDIDATE, json.dumps(asdict(comparison), indent=2))


def waiting_candidate(settings: Settings) -> Comparison | None:
    """Return what the candidate would change; None when no candidate waits."""
    content = _read(settings.models / _CANDIDATE)
    return Comparison(**json.loads(content)) if content else None


def approve_candidate(settings: Settings) -> Comparison:
    """Approve the waiting candidate; the next sync puts it in force.

    Args:
        settings: the home.

    Returns:
        What the candidate would change.

    Raises:
        DecisionError: no candidate waits.
    """
    found = waiting_candidate(settings)
    if found is None:
        raise DecisionError(
            f"no candidate model waits for approval: {settings.models / _CANDIDATE} does not exist; expected a "
            "candidate. Train one with `cdp identity compare`."
        )
    _write(settings.models / _APPROVED, found.model_version)
    counts = {"moved_records": found.moved_record_count, "records": found.record_count}
    record(settings.audit, "approve model", found.model_version, details=counts)
    return found


def last_approved(settings: Settings) -> str | None:
    """Return the version that was approved last, whether or not it is in force already; None before any approval."""
    return _read(settings.models / _APPROVED)


def approved_model(settings: Settings) -> TrainedModel | None:
    """Return the candidate if it is approved and was saved in the format of this code, else None."""
    found = waiting_candidate(settings)
    if found is None or found.model_version != last_approved(settings):
        return None
    return _load(settings, found.model_version)


def model_damage(settings: Settings) -> DamagedModelError | None:
    """Return what is wrong with the model in force or the one that is named as such; None where it can be used."""
    try:
        model_in_force(settings)
    except DamagedModelError as error:
        return error
    return None


def named_in_force(settings: Settings) -> tuple[Path, Path | None]:
    """Return the file that names the model in force, and the model's folder where it names one that is there."""
    file = settings.models / _IN_FORCE
    version = _read(file)
    folder = settings.models / version if version and _VERSION.fullmatch(version) else None
    return file, folder if folder and folder.exists() else None


def _load(settings: Settings, version: str) -> TrainedModel | None:
    folder = settings.models / version
    if not _VERSION.fullmatch(version) or not folder.exists():
        raise _damaged(settings, "it is not there")
    try:
        return TrainedModel.load(folder) if TrainedModel.can_load(folder) else None
    except UNREADABLE as error:
        raise _damaged(settings, type(error).__name__) from None


def _damaged(settings: Settings, found: str) -> DamagedModelError:
    return DamagedModelError(
        f"the model of identity that {settings.models} names is not what was saved ({found}); `cdp repair` puts its "
        "copy in force; without one the next `cdp sync` trains another model"
    )


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else None


def _write(path: Path, content: str) -> None:
    replace_file(path, content.encode())
