"""Snapshots of a stream, in SQL: files that together hold every row, so that what the newest one lacks was deleted."""

from cdp_orchestration.connectors.row_files import PART

_NAME = f"coalesce(nullif(regexp_extract(_source_file, '^(.*){PART}', 1), ''), _source_file)"
# In the order of newest_version: a file that comes late counts where its name stands, so that what counts does not
# depend on when files land. Versions of one file follow each other.
POSITION = f"row({_NAME}, _loaded_at)"


def snapshots(relation: str) -> str:
    """Return a query with one row per snapshot of a landing table.

    A snapshot is one delivered version of a file, or all parts of a fetch. What it lacks counts as deleted only where
    it is believed: all of its parts are there, and it has at least half of the rows of the one before. Of one that
    shrank more, the next one decides: the loss is real if that has lost the rows as well.

    Args:
        relation: the landing table, as SQL.

    Returns:
        A query with the columns position (comparable with that of a row), began_at, row_count, former_count,
        is_complete and is_believed.
    """
    return f"""
        select
            *,
            lag(row_count) over (order by position) as former_count,
            is_complete and row_count * 2 >= coalesce(former_count, 0) as is_believed
        from (
            select
                min({POSITION}) as position,
                min(_loaded_at) as began_at,
                count(*) as row_count,
                count(distinct _source_file)
                    >= coalesce(max(try_cast(regexp_extract(_source_file, '{PART}', 1) as integer)), 1) as is_complete
            from {relation}
            group by if({_NAME} = _source_file, _batch_id, {_NAME})
        )
    """
