"""Update of the identity tables: only what changed is resolved, or everything when the state cannot be used.

Profile ids are decided once, at the end, against the live release: a run that was not published, or that a newly
trained model overruled, leaves no trace in them.

The model in force decides. When enough records have changed since a model was last trained, a candidate is trained on
all records and compared with it on the same records. A candidate that moves more records than the churn budget waits
for approval, and the model in force continues to decide; any other candidate is put in force at once.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.charts import write_identity_charts
from cdp_orchestration.identity_stage.engine_choice import remove_steps
from cdp_orchestration.identity_stage.models import (
    Comparison,
    approved_model,
    compare_models,
    model_in_force,
    name_in_force,
    park,
    put_in_force,
)
from cdp_orchestration.identity_stage.override_changes import override_changes
from cdp_orchestration.identity_stage.published import assignments_now, published_views, to_decide
from cdp_orchestration.identity_stage.runs import (
    IdentityRun,
    changed_since_training,
    record_run,
    run_metadata,
)
from cdp_orchestration.identity_stage.stage import (
    PERSON_RECORDS,
    STATE,
    IdentityStage,
    open_stage,
    resolve_all,
    resolve_records,
)
from cdp_orchestration.identity_stage.stored_models import store_model
from cdp_orchestration.identity_stage.tables import load_table, store_resolution
from cdp_orchestration.release.reader import live_release
from identity import ProfileChanges, Resolution, assign_profile_ids, move_state

_CANDIDATE_STATE = "identity_candidate"
_NEW_MODEL = "new_model_version"


@dataclass(frozen=True)
class _Decided:
    """The profiles of the decided records (person_record_id; None for all)."""

    records: pa.Table | None
    changes: ProfileChanges


def update_identity(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    run_id: str,
    *,
    train: bool = False,
    charts_in: Path | None = None,
) -> dict[str, Any]:
    """Resolve the person records of staging, decide the profile ids once, and store the results.

    Args:
        connection: the warehouse.
        settings: the home; its live release holds the profile ids that readers last saw.
        run_id: the id of the run.
        train: whether to train a candidate model even if few records changed.
        charts_in: the folder of the charts, which are drawn when everything is resolved; None draws no charts.

    Returns:
        Metadata of the run; ``charts`` holds the new charts by name as Markdown.
    """
    approved, in_force = approved_model(settings), model_in_force(settings)
    model = approved or in_force
    with published_views(connection, live_release(settings.releases)):
        stage = open_stage(connection, settings, run_id, charts_in)
        resolution = resolve_records(stage, model)
        decided = _decide(stage, resolution, _NEW_MODEL if approved else None)
        about = run_metadata(resolution) | {"charts": _draw(stage, resolution)}
        is_trained = approved is not None or in_force is None
        is_in_force = is_trained
        if model is not None and approved is None and (train or _is_training_due(stage, resolution)):
            is_trained = True
            found, comparison = _try_candidate(stage, resolution, decided)
            about["candidate"] = vars(comparison) | {"is_within_budget": comparison.is_within_budget}
            if found:
                resolution, decided, is_in_force = found, _decide(stage, found, _NEW_MODEL), True
                about["charts"] = _draw(stage, found)
        _store(stage, resolution, decided, is_trained=is_trained)
    remove_steps(settings)
    (put_in_force if is_in_force else name_in_force)(settings, resolution.model)
    return about


def compare_candidate(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Comparison:
    """Train a candidate on the present records and store it with what it would change; no table changes.

    Args:
        connection: the warehouse.
        settings: the home.

    Returns:
        What the candidate would change. A candidate that equals the model in force is not stored.

    Raises:
        DecisionError: there is no model in force to compare with.
    """
    in_force = model_in_force(settings)
    if in_force is None:
        raise DecisionError(f"{settings.models} holds no model in force; expected one. `cdp sync` trains the first.")
    with published_views(connection, live_release(settings.releases)):
        stage = open_stage(connection, settings, "comparison", None)
    candidate = resolve_all(stage, None, None)
    comparison = _compare(stage, candidate, load_table(connection, "profile_assignments"), in_force.version)
    if candidate.model.version != in_force.version:
        park(settings, candidate.model, comparison)
    remove_steps(settings)
    return comparison


def _decide(stage: IdentityStage, resolution: Resolution, cause: str | None) -> _Decided:
    known = to_decide(stage.connection, resolution.clusters, resolution.touched)
    changes = assign_profile_ids(
        known.clusters,
        known.published,
        previous_redirects=known.redirects,
        unpublished=known.unpublished,
        decisions=override_changes(stage.settings, stage.connection),
        replaced=stage.kept.replaced,
        now=stage.now,
        run_id=stage.run_id,
        cause=cause,
    )
    return _Decided(known.records, changes)


def _store(stage: IdentityStage, resolution: Resolution, decided: _Decided, *, is_trained: bool) -> None:
    # The model is stored before any row names its version.
    store_model(stage.settings, resolution.model, with_copy=True)
    store_resolution(stage.connection, resolution, decided.changes, decided.records, stage.kept.parted)
    _record(stage, resolution, is_trained=is_trained)


def _record(stage: IdentityStage, resolution: Resolution, *, is_trained: bool) -> None:
    counts = resolution.counts
    record_run(
        stage.connection,
        IdentityRun(
            run_id=stage.run_id,
            resolved_at=stage.now,
            model_version=resolution.model.version,
            state_token=resolution.state_token,
            code_version=code_version("identity"),
            is_full=resolution.touched is None,
            is_trained=is_trained,
            record_count=_record_count(stage),
            changed_count=counts.get("changed", 0),
            touched_count=counts.get("touched", counts.get("records", 0)),
        ),
    )


def _is_training_due(stage: IdentityStage, resolution: Resolution) -> bool:
    changed = changed_since_training(stage.connection) + resolution.counts.get("changed", 0)
    return changed > stage.settings.identity_training_share * _record_count(stage)


def _try_candidate(
    stage: IdentityStage, current: Resolution, decided: _Decided
) -> tuple[Resolution | None, Comparison]:
    """Train a candidate and compare it with the model in force; one within the budget replaces the stored state."""
    stage.connection.execute(f"create schema if not exists {_CANDIDATE_STATE}")
    candidate = resolve_all(stage, None, _CANDIDATE_STATE)
    before = assignments_now(stage.connection, decided.changes.assignments, decided.records)
    comparison = _compare(stage, candidate, before, current.model.version)
    if comparison.is_within_budget:
        candidate = replace(candidate, state_token=move_state(stage.connection, _CANDIDATE_STATE, STATE))
    else:
        park(stage.settings, candidate.model, comparison)
    stage.connection.execute(f"drop schema {_CANDIDATE_STATE} cascade")
    return candidate if comparison.is_within_budget else None, comparison


def _draw(stage: IdentityStage, resolution: Resolution) -> dict[str, str]:
    folder = stage.charts_in if resolution.touched is None else None
    return write_identity_charts(resolution, stage.limits, folder) if folder else {}


def _compare(stage: IdentityStage, candidate: Resolution, before: pa.Table, compared_with: str) -> Comparison:
    changes = assign_profile_ids(candidate.clusters, before, now=stage.now, run_id=stage.run_id, cause=_NEW_MODEL)
    share = stage.settings.identity_churn_share
    return compare_models(candidate.model.version, compared_with, before, changes, churn_share=share)


def _record_count(stage: IdentityStage) -> int:
    return int(stage.connection.execute(f"select count(*) from {PERSON_RECORDS}").fetchall()[0][0])
