"""What became of each profile from one release to another."""

import duckdb

from cdp_orchestration.release.reader import Release

_OLD = "_earlier_"


def changes_between(connection: duckdb.DuckDBPyConnection, before: Release) -> duckdb.DuckDBPyRelation:
    """Return the profiles that are not as they were in an earlier release.

    Args:
        connection: the later release, a view a table.
        before: the earlier one.

    Returns:
        Rows (profile_id, change, current_profile_id), sorted; see ``HomeReader.changes``.
    """
    for table in ("profiles", "profile_records"):
        file = str(before.folder / before.manifest["tables"][table]["file"])
        connection.read_parquet(file).create_view(f"{_OLD}{table}", replace=True)
    names = (set(connection.view("profiles").columns) & set(connection.view(f"{_OLD}profiles").columns)) - {
        "updated_at"
    }
    columns = ", ".join(f'"{name}"' for name in sorted(names))
    return connection.sql(_CHANGES.format(old=_OLD, columns=columns))


# A profile that is gone is followed by its records: they say where its customer is now, as redirects do for its id
_CHANGES = """
with old as (select profile_id, hash(struct_pack({columns})) as content from {old}profiles),
new as (select profile_id, hash(struct_pack({columns})) as content from profiles),
pairs as (
    select distinct old_records.profile_id as old_id, new_records.profile_id as new_id
    from {old}profile_records as old_records
    inner join profile_records as new_records using (person_record_id)
),
targets as (
    select old_id, new_id from pairs
    union
    select redirects.old_profile_id, redirects.profile_id
    from profile_redirects as redirects
    semi join new on redirects.profile_id = new.profile_id
)
select old.profile_id, case when targets.new_id is null then 'retired' else 'merged' end as change,
    targets.new_id as current_profile_id
from old anti join new using (profile_id)
left join targets on old.profile_id = targets.old_id
union all
select new.profile_id, case when new.profile_id in (select new_id from pairs) then 'split' else 'created' end,
    new.profile_id
from new anti join old using (profile_id)
union all
select old.profile_id, 'changed', old.profile_id
from old inner join new using (profile_id)
where old.content <> new.content
order by all
"""
