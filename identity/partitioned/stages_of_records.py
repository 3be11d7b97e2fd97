"""The stages from records to units: what one task makes of its partition. Arrow in, Arrow out; no engine is known.

Each takes its rows first and its settings as keywords; `overrides`, `suppressed` and `blocklist` are folders of small
steps, which each task reads.
"""

from pathlib import Path

import pyarrow as pa

from identity.incremental.state import KEYED_UNITS
from identity.limits import Limits
from identity.partitioned.task import Resources, StoredModel, fetched, open_task, put, signed
from identity.prepare.features import create_features
from identity.prepare.overrides import create_overridden
from identity.prepare.records import RecordMapping, load_records, read_caller_records
from identity.prepare.shared_identifiers import create_identifiers, suppress_shared_values
from identity.prepare.shared_values import count_names
from identity.prepare.units import create_units, unit_keys_sql
from identity.scoring.blocking import blocking_rules, create_blocks

# A record is numbered within its task, in the order of its key, as in a resolution of all records
_NUMBERED = "select cast(row_number() over (order by person_record_id) - 1 as integer) as record"


def features_of(records: pa.Table, *, mapping: RecordMapping, model: StoredModel, resources: Resources) -> pa.Table:
    """The comparison forms of each record, with its identifiers as a list; local to a record, given the model."""
    with open_task(resources) as workspace:
        work = workspace.connection
        read_caller_records(work, records, mapping, workspace)
        load_records(work, mapping)
        create_features(work, model.load())
        create_identifiers(work)
        return fetched(
            work,
            """
            with held as (
                select
                    person_record_id,
                    list({
                        'identifier_type': identifier_type, 'identifier_value': identifier_value, 'value': value
                    }) as identifiers,
                    any_value(initials) as initials
                from identifiers
                group by person_record_id
            )

            select features.* exclude (record), coalesce(identifiers, []) as identifiers, initials
            from features
            left join held using (person_record_id)
            order by person_record_id
            """,
        )


def identifiers_of(features: pa.Table, *, resources: Resources) -> pa.Table:
    """The identifiers of the features, one row each; see create_identifiers."""
    with open_task(resources) as workspace:
        put(workspace.connection, "identifiers", features, _IDENTIFIERS_SQL)
        return fetched(workspace.connection, "select * from identifiers")


_IDENTIFIERS_SQL = """
    select person_record_id, held.identifier_type, held.identifier_value, held.value, given_name, initials
    from (select person_record_id, unnest(identifiers) as held, given_name, initials from rows)
"""


def suppressed_of(holders: pa.Table, *, limits: Limits, blocklist: Path, resources: Resources) -> pa.Table:
    """The suppressed values among the counted holders of values (see value_holders_sql); local to a value."""
    with open_task(resources) as workspace:
        work = workspace.connection
        put(work, "blocklist", blocklist)
        put(work, "value_holders", holders)
        count_names(work, limits)
        return fetched(work, "select * from suppressed_values")


def keyed_features_of(features: pa.Table, *, suppressed: Path, overrides: Path, resources: Resources) -> pa.Table:
    """The features without suppressed values, each with the key of its unit; local to a record."""
    with open_task(resources) as workspace:
        work = workspace.connection
        put(work, "overrides", overrides)
        create_overridden(work)
        put(work, "identifiers", features, _IDENTIFIERS_SQL)
        put(work, "suppressed_values", suppressed)
        put(work, "features", features, f"{_NUMBERED}, * exclude (identifiers, initials) from rows order by record")
        suppress_shared_values(work)
        return fetched(
            work,
            f"""
            select {signed("unit_key")} as unit_key, features.* exclude (record)
            from features
            inner join ({unit_keys_sql(work)}) as keyed using (record)
            order by record
            """,
        )


def units_of(keyed: pa.Table, *, overrides: Path, resources: Resources) -> pa.Table:
    """The units of the keyed features, with their members and blocks as lists; local to a unit's key."""
    with open_task(resources) as workspace:
        work = workspace.connection
        put(work, "overrides", overrides)
        create_overridden(work)
        put(work, "keyed", keyed, f"{_NUMBERED}, person_record_id, unit_key from rows")
        put(work, "features", keyed, f"{_NUMBERED}, * exclude (unit_key) from rows order by record")
        create_units(work, "select * from keyed")
        create_blocks(work)
        return fetched(work, _UNITS_SQL)


_RULE_NUMBER = " ".join(f"when '{name}' then {number}" for number, name in enumerate(blocking_rules()))

_UNITS_SQL = f"""
    with keyed_units as ({KEYED_UNITS}),

    found as (select unit, list(person_record_id order by record) as members from unit_members group by unit),

    blocked as (
        select
            unit,
            list({{'rule': cast(case cast(rule as varchar) {_RULE_NUMBER} end as integer), 'block': {signed("block")}}})
                as blocks
        from blocks
        group by unit
    )

    select keyed_units.*, found.members, coalesce(blocked.blocks, []) as blocks
    from keyed_units
    inner join unit_members on keyed_units.first_record = unit_members.person_record_id
    inner join found on unit_members.unit = found.unit
    left join blocked on unit_members.unit = blocked.unit
    order by keyed_units.first_record
"""


def blocks_of(units: pa.Table, *, resources: Resources) -> pa.Table:
    """The blocks of units, one row each: the number of the rule, the block and the unit's key."""
    with open_task(resources) as workspace:
        put(workspace.connection, "blocks", units, _BLOCKS_SQL)
        return fetched(workspace.connection, "select * from blocks")


_BLOCKS_SQL = """
    select held.rule, held.block, unit_key from (select unnest(blocks) as held, unit_key from rows)
"""
