"""Verification of the stored state and the stored profiles: a sample of neighbourhoods is resolved again.

Of the sample everything is made again: features, units, blocks and identifiers, and from these the suppressed values,
oversized blocks, compared pairs, neighbourhoods and clusters. Not verified are the stored rows of all other records
(the blocks, units and identifiers that those counts and pairs are made from), the stored overrides and blocklist, and
the model.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from identity.clusters.neighbourhoods import create_row_hashes
from identity.decision import Clock, Resolution
from identity.incremental.changes import create_changed, find_touched
from identity.incremental.resolve_changes import require_state, touched_records_sql
from identity.incremental.state import State
from identity.incremental.touched_records import decide_touched
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.overrides import create_overridden
from identity.prepare.records import RecordMapping, read_caller_records
from identity.scoring.blocking import most_units_sql
from identity.workspace import Workspace, open_workspace, quoted

# Whole neighbourhoods of so many records together; a second or two, whatever the population
_SAMPLE_RECORDS = 500


@dataclass(frozen=True)
class Verification:
    """What was resolved again, and what came out different; all counts.

    Attributes:
        records: the records of the sample.
        neighbourhoods: the neighbourhoods of the sample.
        unknown_records: of all records, those that are not as the state has them.
        moved_records: of the sample, the records that share a profile with other records than is stored.
        differing_rows: by stored table, the rows about the sample that are missing, too many or different.
    """

    records: int
    neighbourhoods: int
    unknown_records: int
    moved_records: int
    differing_rows: dict[str, int]

    @property
    def is_equal(self) -> bool:
        """Whether the records give exactly the stored state and profiles."""
        return not (self.unknown_records or self.moved_records or any(self.differing_rows.values()))


def verify_sample(
    connection: duckdb.DuckDBPyConnection,
    person_records: str,
    mapping: RecordMapping,
    assignments: str,
    *,
    model: TrainedModel,
    state_schema: str,
    limits: Limits,
    seed: str,
) -> Verification:
    """Resolve a sample of neighbourhoods again, as if all records of the sample had changed; changes no table.

    Fails with IdentityError when the state is missing or was made with another model, mapping or limits.

    Args:
        connection: the caller's DuckDB connection.
        person_records: the table of all person records, by its qualified name.
        mapping: which column of the table holds what.
        assignments: the table (person_record_id, profile_id) of the stored profiles, by its qualified name.
        model: the model that the state was made with.
        state_schema: the schema of the stored state.
        limits: the limits that the state was made with.
        seed: chooses the sample. Over many seeds each neighbourhood is drawn, except for those larger than a sample.

    Returns:
        The counts of what was compared and what differs.
    """
    require_state(connection, state_schema, mapping, model, limits)
    with open_workspace(connection) as changes, open_workspace(connection) as decision:
        state, work = State(changes.caller_catalog, state_schema), changes.connection
        read_caller_records(connection, person_records, mapping, changes)
        _take_stored_decisions((changes, decision), state)
        create_row_hashes(work, mapping)
        unknown = _draw_sample(work, state, seed)
        sample = _count(work, "from changed"), _count(work, _neighbourhoods_sql(state))
        find_touched(work, state, mapping, model, limits)
        found = decide_touched(changes, decision, state, model, limits, Clock())
        moved = _moved_records(decision, f"{quoted(state.catalog)}.{assignments}", found)
        return Verification(*sample, unknown, moved, _differing_rows(changes, decision, state, limits))


def _take_stored_decisions(workspaces: Iterable[Workspace], state: State) -> None:
    for work in (workspace.connection for workspace in workspaces):
        for table in ("overrides", "blocklist"):
            work.execute(f"create table {table} as select * from {state.table(table)}")
        create_overridden(work)


def _draw_sample(work: duckdb.DuckDBPyConnection, state: State, seed: str) -> int:
    """Create table `changed` (person_record_id), the sample; return how many of all records the state does not know."""
    create_changed(work, state)
    unknown = _count(work, "from changed")
    work.execute(f"create or replace table changed as {_sample_sql(state)}", {"seed": seed, "size": _SAMPLE_RECORDS})
    return unknown


def _sample_sql(state: State) -> str:
    return f"""
        with sizes as (
            select neighbourhood, count(*) as record_count
            from {state.table("records")}
            group by neighbourhood
            order by hash(neighbourhood, $seed), neighbourhood
            limit $size
        ),

        running as (
            select
                neighbourhood,
                sum(record_count) over (order by hash(neighbourhood, $seed), neighbourhood) as total
            from sizes
            where record_count <= $size
        )

        select person_record_id
        from {state.table("records")}
        semi join (from running where total <= $size) as drawn using (neighbourhood)
    """


def _neighbourhoods_sql(state: State) -> str:
    return (
        f"from (select distinct neighbourhood from {state.table('records')} semi join changed using (person_record_id))"
    )


def _moved_records(decision: Workspace, assignments: str, found: Resolution) -> int:
    work = decision.connection
    work.register("clusters_arrow", found.clusters)
    moved = _count(
        work,
        f"""
        from (
            with now as (
                select touched.person_record_id, cluster_id, profile_id
                from touched
                left join clusters_arrow using (person_record_id)
                left join {assignments} using (person_record_id)
            ),

            stored_sizes as (
                select profile_id, count(*) as stored_count
                from {assignments}
                semi join now using (profile_id)
                group by profile_id
            )

            select *
            from now
            left join stored_sizes using (profile_id)
            qualify profile_id is null
                or stored_count <> count(*) over (partition by profile_id)
                or min(profile_id) over (partition by cluster_id) <> max(profile_id) over (partition by cluster_id)
                or min(cluster_id) over (partition by profile_id) <> max(cluster_id) over (partition by profile_id)
        )
        """,
    )
    work.unregister("clusters_arrow")
    return moved


def _differing_rows(changes: Workspace, decision: Workspace, state: State, limits: Limits) -> dict[str, int]:
    of_touched = f"""
        select identifier_type, value as identifier_value
        from {state.table("identifiers")}
        semi join touched using (person_record_id)
    """
    compared = {
        "records": (touched_records_sql(changes, decision), "semi join touched using (person_record_id)"),
        "units": ("select * from new_units", "semi join deleted_units using (unit_key)"),
        "blocks": ("select * from new_blocks", "semi join deleted_units using (unit_key)"),
        "oversized_blocks": (_oversized_sql(state, limits), "semi join new_blocks using (block)"),
        "identifiers": ("select * from identifiers", "semi join changed using (person_record_id)"),
        "suppressed_values": (
            "select * from suppressed_values semi join touched_values using (identifier_type, value)",
            "semi join touched_values using (identifier_type, value)",
        ),
        "conflicting_identifiers": (
            f"select * from {decision.catalog}.conflicting_identifiers",
            f"semi join ({of_touched}) as of_touched using (identifier_type, identifier_value)",
        ),
    }
    return {
        name: _count(
            changes.connection,
            f"""
            from (
                with now as ({now}),

                stored as (select stored_rows.* from {state.table(name)} as stored_rows {of_sample})

                (from now except all from stored) union all (from stored except all from now)
            )
            """,
        )
        for name, (now, of_sample) in compared.items()
    }


def _oversized_sql(state: State, limits: Limits) -> str:
    return f"""
        select rule, block
        from (
            from new_blocks
            union all
            from {state.table("blocks")} semi join new_blocks using (block) anti join deleted_units using (unit_key)
        )
        group by rule, block
        having count(*) > {most_units_sql(limits)}
    """


def _count(work: duckdb.DuckDBPyConnection, source: str) -> int:
    return int(work.execute(f"select count(*) {source}").fetchall()[0][0])
