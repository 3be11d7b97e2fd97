"""Update of the identity tables: only what changed is resolved, or everything when the state cannot be used.

The model in force decides. When enough records have changed since a model was last trained, a candidate is trained on
all records and compared with it on the same records. A candidate that moves more records than the churn budget waits
for approval, and the model in force continues to decide; any other candidate is put in force at once.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.charts import write_identity_charts
from cdp_orchestration.identity_stage.decisions import overrides_table, read_blocklist, read_limits, read_overrides
from cdp_orchestration.identity_stage.models import (
    Comparison,
    approved_model,
    compare_models,
    model_in_force,
    park,
    put_in_force,
)
from cdp_orchestration.identity_stage.runs import (
    IdentityRun,
    changed_since_training,
    last_run,
    record_run,
    run_metadata,
)
from cdp_orchestration.identity_stage.tables import load_table, store_resolution
from identity import (
    PLATFORM_MAPPING,
    Limits,
    ProfileChanges,
    Resolution,
    TrainedModel,
    assign_profile_ids,
    can_resolve_changes,
    move_state,
    resolve,
    resolve_changes,
    stored_state_token,
)

PERSON_RECORDS = "staging.person_records"
STATE, _CANDIDATE_STATE = "identity", "identity_candidate"
_NEW_MODEL = "new_model_version"


@dataclass(frozen=True)
class _Stage:
    connection: duckdb.DuckDBPyConnection
    settings: Settings
    run_id: str
    now: datetime
    overrides: pa.Table
    blocklist: pa.Table
    limits: Limits
    charts_in: Path | None

    @property
    def decisions(self) -> dict[str, Any]:
        """The decisions of people, as arguments of the library."""
        return {"overrides": self.overrides, "blocklist": self.blocklist, "limits": self.limits}


def update_identity(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    run_id: str,
    *,
    train: bool = False,
    charts_in: Path | None = None,
) -> dict[str, Any]:
    """Resolve the person records of staging and store the results.

    Args:
        connection: the warehouse.
        settings: the home.
        run_id: the id of the run.
        train: whether to train a candidate model even if few records changed.
        charts_in: the folder of the charts, which are drawn when everything is resolved; None draws no charts.

    Returns:
        Metadata of the run; ``charts`` holds the new charts by name as Markdown.
    """
    stage = _stage(connection, settings, run_id, charts_in)
    approved, in_force = approved_model(settings), model_in_force(settings)
    model = approved or in_force
    resolution = _resolve(stage, model)
    cause = _NEW_MODEL if approved else None
    _store(stage, resolution, _assign(stage, resolution, cause), is_trained=approved is not None or in_force is None)
    if in_force is None or approved:
        put_in_force(settings, resolution.model)
    about = run_metadata(resolution) | {"charts": _draw(stage, resolution)}
    if model is not None and approved is None and (train or _is_training_due(stage)):
        about |= _try_candidate(stage, resolution)
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
    stage = _stage(connection, settings, "comparison", None)
    candidate = _resolve_all(stage, None, None)
    comparison = _compare(stage, candidate, _assign(stage, candidate, _NEW_MODEL), in_force.version)
    if candidate.model.version != in_force.version:
        park(settings, candidate.model, comparison)
    return comparison


def _stage(connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str, charts_in: Path | None) -> _Stage:
    return _Stage(
        connection,
        settings,
        run_id,
        now=datetime.now(UTC).replace(tzinfo=None),
        overrides=overrides_table(read_overrides(settings)),
        blocklist=read_blocklist(settings),
        limits=read_limits(settings),
        charts_in=charts_in,
    )


def _resolve(stage: _Stage, model: TrainedModel | None) -> Resolution:
    if model is not None and is_state_current(stage.connection, model, stage.limits):
        return resolve_changes(
            stage.connection,
            PERSON_RECORDS,
            PLATFORM_MAPPING,
            model=model,
            state_schema=STATE,
            **stage.decisions,
        )
    return _resolve_all(stage, model, STATE)


def _resolve_all(stage: _Stage, model: TrainedModel | None, store_state_in: str | None) -> Resolution:
    return resolve(
        stage.connection,
        PERSON_RECORDS,
        PLATFORM_MAPPING,
        model=model,
        **stage.decisions,
        store_state_in=store_state_in,
        with_figures=stage.charts_in is not None,
    )


def is_state_current(connection: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> bool:
    """Return whether the last run stored both the state and the tables, with this code, model and these limits."""
    last = last_run(connection)
    return (
        last is not None
        and last.code_version == code_version("identity")
        and last.state_token == stored_state_token(connection, STATE)
        and can_resolve_changes(connection, STATE, PLATFORM_MAPPING, model, limits)
    )


def _assign(stage: _Stage, resolution: Resolution, cause: str | None) -> ProfileChanges:
    return assign_profile_ids(
        resolution.clusters,
        load_table(stage.connection, "profile_assignments", resolution.touched),
        previous_redirects=load_table(stage.connection, "profile_redirects"),
        now=stage.now,
        run_id=stage.run_id,
        cause=cause,
    )


def _store(stage: _Stage, resolution: Resolution, changes: ProfileChanges, *, is_trained: bool) -> None:
    # The model is stored before any row names its version.
    resolution.model.save(stage.settings.models / resolution.model.version)
    store_resolution(stage.connection, resolution, changes)
    _record(stage, resolution, is_trained=is_trained)


def _record(stage: _Stage, resolution: Resolution, *, is_trained: bool) -> None:
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


def _is_training_due(stage: _Stage) -> bool:
    return changed_since_training(stage.connection) > stage.settings.identity_training_share * _record_count(stage)


def _try_candidate(stage: _Stage, current: Resolution) -> dict[str, Any]:
    stage.connection.execute(f"create schema if not exists {_CANDIDATE_STATE}")
    candidate = _resolve_all(stage, None, _CANDIDATE_STATE)
    changes = _assign(stage, candidate, _NEW_MODEL)
    comparison = _compare(stage, candidate, changes, current.model.version)
    if comparison.is_within_budget:
        token = move_state(stage.connection, _CANDIDATE_STATE, STATE)
        _store(stage, replace(candidate, state_token=token), changes, is_trained=True)
        put_in_force(stage.settings, candidate.model)
    else:
        park(stage.settings, candidate.model, comparison)
        _record(stage, replace(current, counts={}), is_trained=True)
    stage.connection.execute(f"drop schema {_CANDIDATE_STATE} cascade")
    charts = {"charts": _draw(stage, candidate)} if comparison.is_within_budget else {}
    return {"candidate": vars(comparison) | {"is_within_budget": comparison.is_within_budget}, **charts}


def _draw(stage: _Stage, resolution: Resolution) -> dict[str, str]:
    folder = stage.charts_in if resolution.touched is None else None
    return write_identity_charts(resolution, stage.limits, folder) if folder else {}


def _compare(stage: _Stage, candidate: Resolution, changes: ProfileChanges, compared_with: str) -> Comparison:
    share = stage.settings.identity_churn_share
    return compare_models(stage.connection, candidate.model.version, compared_with, changes, churn_share=share)


def _record_count(stage: _Stage) -> int:
    return int(stage.connection.execute(f"select count(*) from {PERSON_RECORDS}").fetchall()[0][0])
