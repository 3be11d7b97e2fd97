"""One run of the identity stage: the decisions that it resolves the person records by, and the resolution."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.blocked_phones import with_international_phones
from cdp_orchestration.identity_stage.decisions import overrides_table, read_blocklist, read_limits, read_overrides
from cdp_orchestration.identity_stage.engine_choice import chosen_engine
from cdp_orchestration.identity_stage.kept_records import KeptRecords, find_kept_records
from cdp_orchestration.identity_stage.runs import last_run
from identity import (
    PLATFORM_MAPPING,
    Limits,
    Resolution,
    TrainedModel,
    can_resolve_changes,
    resolve,
    resolve_changes,
    resolve_partitioned,
    stored_state_token,
)

PERSON_RECORDS = "staging.person_records"
STATE = "identity"
_COMPARISON = "comparison"


@dataclass(frozen=True)
class IdentityStage:
    """What one run of the stage decides by.

    Attributes:
        connection: the warehouse.
        settings: the home.
        run_id: the run.
        now: its time, UTC.
        overrides: the decisions of people about two records.
        kept: the records that changed everything at once.
        blocklist: the identifier values to suppress.
        limits: the limits of the resolution.
        charts_in: the folder of the charts; None draws none.
    """

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    run_id: str
    now: datetime
    overrides: pa.Table
    kept: KeptRecords
    blocklist: pa.Table
    limits: Limits
    charts_in: Path | None

    @property
    def decisions(self) -> dict[str, Any]:
        """The decisions of people, and the records that are kept by their keys, as arguments of the library."""
        overrides = pa.concat_tables([self.overrides, self.kept.links])
        return {"overrides": overrides, "blocklist": self.blocklist, "limits": self.limits}


def open_stage(
    connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str, charts_in: Path | None
) -> IdentityStage:
    """Read the decisions of people, and compare the records with the live release, within ``published_views``."""
    overrides = overrides_table(read_overrides(settings))
    return IdentityStage(
        connection,
        settings,
        run_id,
        now=datetime.now(UTC).replace(tzinfo=None),
        overrides=overrides,
        kept=find_kept_records(connection, PERSON_RECORDS, overrides),
        blocklist=with_international_phones(connection, PERSON_RECORDS, read_blocklist(settings)),
        limits=read_limits(settings),
        charts_in=charts_in,
    )


def resolve_records(stage: IdentityStage, model: TrainedModel | None) -> Resolution:
    """Resolve what changed since the last run, or everything when the state cannot be used; the state is stored."""
    if model is not None and is_state_current(stage.connection, model, stage.limits):
        return resolve_changes(
            stage.connection,
            PERSON_RECORDS,
            PLATFORM_MAPPING,
            model=model,
            state_schema=STATE,
            **stage.decisions,
        )
    return resolve_all(stage, model, STATE)


def resolve_all(stage: IdentityStage, model: TrainedModel | None, store_state_in: str | None) -> Resolution:
    """Resolve all records, by a model or one that is trained on them, and store the state in a schema, if any.

    The results of a resolution in partitions are read from its steps, until ``remove_steps``.

    Args:
        stage: the decisions.
        model: the model that decides; None to train one.
        store_state_in: a schema of the warehouse; None stores no state.

    Returns:
        The resolution.
    """
    options = {
        **stage.decisions,
        "model": model,
        "store_state_in": store_state_in,
        "with_figures": stage.charts_in is not None,
    }
    engine = chosen_engine(stage.connection, stage.settings, PERSON_RECORDS)
    if engine is None:
        return resolve(stage.connection, PERSON_RECORDS, PLATFORM_MAPPING, **options)
    folder = stage.settings.identity_steps / (store_state_in or _COMPARISON)
    return resolve_partitioned(engine, stage.connection, PERSON_RECORDS, PLATFORM_MAPPING, folder=folder, **options)


def is_state_current(connection: duckdb.DuckDBPyConnection, model: TrainedModel, limits: Limits) -> bool:
    """Return whether the last run stored both the state and the tables, with this code, model and these limits."""
    last = last_run(connection)
    return (
        last is not None
        and last.code_version == code_version("identity")
        and last.state_token == stored_state_token(connection, STATE)
        and can_resolve_changes(connection, STATE, PLATFORM_MAPPING, model, limits)
    )
