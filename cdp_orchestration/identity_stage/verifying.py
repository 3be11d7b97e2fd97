"""Verification after each run: a sample is resolved again and compared with the stored tables and the stored state."""

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.decisions import read_limits
from cdp_orchestration.identity_stage.models import model_in_force
from cdp_orchestration.identity_stage.runs import last_run
from cdp_orchestration.identity_stage.stage import PERSON_RECORDS, STATE, is_state_current
from identity import PLATFORM_MAPPING, Verification, verify_sample


def verify_last_run(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Verification | None:
    """Verify a sample that the id of the last run selects; None when the next run resolves everything anyway."""
    last, model, limits = last_run(connection), model_in_force(settings), read_limits(settings)
    if last is None or model is None or not is_state_current(connection, model, limits):
        return None
    return verify_sample(
        connection,
        PERSON_RECORDS,
        PLATFORM_MAPPING,
        "identity.profile_assignments",
        model=model,
        state_schema=STATE,
        limits=limits,
        seed=last.run_id,
    )
