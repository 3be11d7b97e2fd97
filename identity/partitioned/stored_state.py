"""The state of a partitioned resolution, stored for the next one, which resolves changes alone."""

import duckdb

from identity.incremental.state import State, save_state
from identity.partitioned.steps import Steps
from identity.partitioned.task import unsigned
from identity.scoring.blocking import blocking_rules


def store_state(work: duckdb.DuckDBPyConnection, steps: Steps, state: State, settings: str) -> str:
    """Store the state as `resolve` does, from the steps.

    Args:
        work: a workspace of the caller's database.
        steps: the finished steps.
        state: where to store.
        settings: the key of the settings that were used; see settings_key.

    Returns:
        The token of the state.
    """
    rows = {step: f"{steps.rows(step)} as {step}" for step in steps.finished()}
    names = " ".join(f"when {number} then '{name}'" for number, name in enumerate(blocking_rules()))
    rule, block, unit_key = f"case rule {names} end as rule", f"{unsigned('block')} as block", unsigned("unit_key")
    queries = {
        "records": f"""
            select
                person_record_id,
                row_hash,
                {unit_key} as unit_key,
                {unsigned("neighbourhood")} as neighbourhood
            from {rows["decided"]}
            inner join {rows["row_hashes"]} using (person_record_id)
            where kind = 'record'
        """,
        "units": f"select * exclude (members, blocks) replace ({unit_key} as unit_key) from {rows['units']}",
        "blocks": f"select {rule}, {block}, {unit_key} as unit_key from {rows['blocks']}",
        "oversized_blocks": f"select {rule}, {block} from {rows['oversized_blocks']}",
        **{
            table: f"select * from {rows[table]}"
            for table in ("identifiers", "suppressed_values", "conflicting_identifiers", "overrides", "blocklist")
        },
    }
    return save_state(work, state, settings, queries)
