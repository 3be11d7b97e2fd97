"""What became of each profile from one release to another, as one query that whoever asks may count or read."""

from collections.abc import Iterable

KINDS = ("created", "changed", "merged", "split", "retired")


def changes_query(old: str, new: str, columns: Iterable[str], *, has_redirects: bool) -> str:
    """Return a query over two releases whose tables are views in one connection.

    Args:
        old: what stands before the names of the earlier tables, such as ``before.``.
        new: what stands before those of the later ones.
        columns: the columns of ``profiles`` that both have.
        has_redirects: whether the later release has ``profile_redirects``.

    Returns:
        Rows (profile_id, change, current_profile_id): a profile that is as it was has none, one whose customers are in
        several profiles now has a row for each. ``change`` is one of KINDS; the time of an update is no change.
    """
    listed = ", ".join(f'"{name}"' for name in sorted(set(columns) - {"updated_at"}))
    redirects = _REDIRECTS.format(new=new) if has_redirects else ""
    return _CHANGES.format(old=old, new=new, columns=listed, redirects=redirects)


_REDIRECTS = """
    union
    select redirects.old_profile_id, redirects.profile_id
    from {new}profile_redirects as redirects
    semi join later on redirects.profile_id = later.profile_id"""

# A profile that is gone is followed by its records: they say where its customer is now, as redirects do for its id
_CHANGES = """
with earlier as (select profile_id, hash(struct_pack({columns})) as content from {old}profiles),
later as (select profile_id, hash(struct_pack({columns})) as content from {new}profiles),
pairs as (
    select distinct old_records.profile_id as old_id, new_records.profile_id as new_id
    from {old}profile_records as old_records
    inner join {new}profile_records as new_records using (person_record_id)
),
targets as (
    select old_id, new_id from pairs{redirects}
)
select earlier.profile_id, case when targets.new_id is null then 'retired' else 'merged' end as change,
    targets.new_id as current_profile_id
from earlier anti join later using (profile_id)
left join targets on earlier.profile_id = targets.old_id
union all
select later.profile_id, case when later.profile_id in (select new_id from pairs) then 'split' else 'created' end,
    later.profile_id
from later anti join earlier using (profile_id)
union all
select earlier.profile_id, 'changed', earlier.profile_id
from earlier inner join later using (profile_id)
where earlier.content <> later.content
order by all
"""
