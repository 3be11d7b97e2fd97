"""What a stage would be built from now: what has landed, the stages before it, the code, the decisions of people."""

import hashlib
import json
from collections.abc import Mapping

import duckdb

from cdp_orchestration.home.code_version import Part, code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table
from cdp_orchestration.identity_stage.fingerprint import decisions_fingerprint
from cdp_orchestration.landing import stream_states
from cdp_orchestration.stages.builds import StageBuild
from cdp_orchestration.stages.person_decisions import person_decisions_fingerprint, restrictions_fingerprint

BUILT_STAGES = ("staging", "identity", "profiles", "journeys")
CODE, DECISIONS, PERSON_DECISIONS, RESTRICTIONS = "code", "decisions", "person_decisions", "restrictions"
_STAGES_READ: Mapping[str, tuple[str, ...]] = {
    "staging": (),
    "identity": ("staging",),
    "profiles": ("staging", "identity"),
    "journeys": ("staging", "identity", "profiles"),
}
_CODE_OF: Mapping[str, Part] = {"staging": "dbt", "identity": "identity", "profiles": "dbt", "journeys": "dbt"}
_NEVER_BUILT = "never built"
KEEPING_PAYS_FROM_ROWS = 500_000
"""Below so many landed rows it costs more to note what each table holds than to build it."""
_LOADED = """
select
    source,
    stream,
    string_agg(batch_id || ' ' || loaded_at, ',' order by batch_id) as times,
    sum(row_count)::bigint as rows
from operations.landing_batches
where status = 'landed'
group by all
"""


def present_inputs(
    connection: duckdb.DuckDBPyConnection, settings: Settings, stage: str, builds: Mapping[str, StageBuild]
) -> dict[str, str]:
    """Return the name and the state of each input of a stage.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.
        stage: one of ``BUILT_STAGES``.
        builds: the newest build of each stage.

    Returns:
        For staging one entry a stream (``landing.<table>``) and who is restricted, for the others one a stage that they
        read; for all of them the code, for identity the decisions of people about records, and for profiles those about
        persons.
    """
    inputs = {CODE: code_version(_CODE_OF[stage])}
    if stage == "staging":
        inputs |= {f"landing.{table}": state for table, state in stream_states(connection).items()}
    if stage == "identity":
        inputs[DECISIONS] = decisions_fingerprint(settings)
    if stage == "staging" and (restricted := restrictions_fingerprint(settings)):
        inputs[RESTRICTIONS] = restricted
    if stage == "profiles" and (decided := person_decisions_fingerprint(settings)):
        inputs[PERSON_DECISIONS] = decided
    return inputs | {read: builds[read].state if read in builds else _NEVER_BUILT for read in _STAGES_READ[stage]}


def landed_contents(
    connection: duckdb.DuckDBPyConnection, from_rows: int = KEEPING_PAYS_FROM_ROWS
) -> dict[str, str] | None:
    """Return what names the rows of each stream (``landing.<table>``): its state, and when its batches were loaded.

    Args:
        connection: the warehouse; one that only reads will do.
        from_rows: how many rows must have landed for it to pay that tables are compared with what they were.

    Returns:
        A name that is another one whenever a row of the stream is: rows also say when they were loaded. None where
        fewer rows have landed.
    """
    loaded = connection.execute(_LOADED).fetchall() if has_table(connection, "operations", "landing_batches") else []
    if sum(rows for *_, rows in loaded) < from_rows:
        return None
    times = {f"{source}_{stream}": times for source, stream, times, _ in loaded}
    code = code_version("landing")
    states = stream_states(connection).items()
    return {f"landing.{table}": state_from({table: state}, code, times.get(table, "")) for table, state in states}


def state_from(inputs: Mapping[str, str], *more: str) -> str:
    """Return the name of what is built from these inputs, and from whatever else decides about the result."""
    return hashlib.sha256(json.dumps([sorted(inputs.items()), *more]).encode()).hexdigest()[:32]
