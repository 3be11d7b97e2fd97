"""Records that changed everything at once: those that keep their person by their key, and those that left it.

Both are pairs of records in ``match_edges`` with the reason ``same_record_key``, used or kept apart, and wait there for
a review. Those of the live release go on until a person decides or a record is gone.
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from identity import REPLACED, find_replaced_records, kept_links


@dataclass(frozen=True)
class KeptRecords:
    """What the keys of records say of their profiles.

    Attributes:
        replaced: the records that changed everything since readers last saw them; see REPLACED.
        links: those that stay with their person, of former runs too, as overrides.
        parted: the pairs (person_record_id, other_record_id) of those that left theirs, of former runs too.
    """

    replaced: pa.Table
    links: pa.Table
    parted: pa.Table


def find_kept_records(connection: duckdb.DuckDBPyConnection, person_records: str, overrides: pa.Table) -> KeptRecords:
    """Compare the records with what readers last saw of them.

    Args:
        connection: the warehouse, within ``published_views``.
        person_records: the name of the table of all present records.
        overrides: the decisions of people; see OVERRIDES.

    Returns:
        The records that changed everything; one that the decisions of people part from its profile is not kept.
    """
    found = find_replaced_records(
        connection, person_records, "published_person_record_values", "published_profile_assignments"
    )
    connection.register("_overrides", overrides)
    connection.register("_replaced", found)
    pairs = connection.execute(_PAIRS_SQL.format(person_records=person_records)).fetchall()
    profiles = dict(connection.execute(_OVERRIDDEN_PROFILES_SQL).fetchall())
    decided = {frozenset(pair) for pair in connection.execute(_OVERRIDDEN_SQL).fetchall()}
    connection.unregister("_overrides")
    connection.unregister("_replaced")
    links = kept_links([(record, other) for record, other, is_kept in pairs if is_kept], overrides, profiles)
    kept = set(links.column("person_record_id_left").to_pylist())
    parted = [
        {"person_record_id": record, "other_record_id": other}
        for record, other, is_kept in pairs
        if not is_kept and frozenset((record, other)) not in decided
    ]
    rows = [{**row, "is_kept": row["is_kept"] and row["person_record_id"] in kept} for row in found.to_pylist()]
    return KeptRecords(
        pa.Table.from_pylist(rows, schema=REPLACED),
        links,
        pa.Table.from_pylist(parted, schema=_PARTED),
    )


_PARTED = pa.schema([("person_record_id", pa.string()), ("other_record_id", pa.string())])

# Of a published pair the record that has fewer other links is the one that its key holds
_PAIRS_SQL = """
with published as (
    select * from published_match_edges where reason = 'same_record_key'
),

ends as (
    select person_record_id_left as person_record_id from published
    union
    select person_record_id_right from published
),

links as (
    select ends.person_record_id, count(*) as link_count
    from ends
    inner join published_match_edges as edges
        on ends.person_record_id in (edges.person_record_id_left, edges.person_record_id_right)
    where edges.is_used
    group by ends.person_record_id
),

directed as (
    select
        if(l.link_count > r.link_count, person_record_id_right, person_record_id_left) as person_record_id,
        if(l.link_count > r.link_count, person_record_id_left, person_record_id_right) as stays_with,
        kept_apart_by is null as is_kept
    from published
    left join links as l on person_record_id_left = l.person_record_id
    left join links as r on person_record_id_right = r.person_record_id
)

select person_record_id, stays_with, is_kept from _replaced
union
select person_record_id, stays_with, is_kept
from directed
semi join {person_records} as record using (person_record_id)
semi join {person_records} as other on directed.stays_with = other.person_record_id
order by all
"""

_OVERRIDDEN_SQL = "select person_record_id_left, person_record_id_right from _overrides"

_OVERRIDDEN_PROFILES_SQL = f"""
select person_record_id, profile_id
from published_profile_assignments
semi join (select unnest([l, r]) as person_record_id from ({_OVERRIDDEN_SQL}) as named (l, r)) using (person_record_id)
"""
