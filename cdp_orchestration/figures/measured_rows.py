"""Measure the rows of a delivery as wholes: old ones again, copies, such as have ended, missing ones, late ones."""

from collections.abc import Iterator

import duckdb

from cdp_orchestration.figures.figure import Figure, angle
from cdp_orchestration.figures.samples import ACCEPTED, DELIVERED, EARLIER, Samples

_IS_NEW = f"row_key not in (select row_key from {EARLIER})"


def repetitions(connection: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    """Count rows that say what an older version said, and new keys whose rows say what others do."""
    repeated, went_back = connection.execute(
        f"""
        with versions as (
            select row_key, list(content order by age) as contents from {EARLIER} group by row_key
        )

        select count(*) filter (where len(list_distinct(contents)) > 1),
            count(*) filter (where content != contents[1] and list_contains(contents[2:], content))
        from {DELIVERED} join versions using (row_key)
        """
    ).fetchall()[0]
    if repeated:
        yield Figure("went back", "rows", went_back / repeated, repeated, 0.02, repeated, 0, True)
    new, copies, accepted, accepted_copies = connection.execute(
        f"""
        with accepted as (select content, count(*) as n from {ACCEPTED} group by content),
        delivered as (select content, count(*) as n from {DELIVERED} where {_IS_NEW} group by content)

        select (select sum(n) from delivered),
            (select sum(n) from delivered where n > 1 or content in (select content from accepted)),
            (select sum(n) from accepted), (select sum(n) from accepted where n > 1)
        """
    ).fetchall()[0]
    if new and accepted:
        usual = (accepted_copies or 0) / accepted
        yield Figure("copies", "rows", (copies or 0) / new, int(new), usual, int(accepted), 0, True)


def ended(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    """Compare how many rows were deleted, left or cancelled when they came first with how many are by now."""
    for index, value in enumerate(samples.values):
        if value.kind != "ending":
            continue
        delivered, accepted, new_counts, old_counts = connection.execute(
            f"""
            select sum(delivered), sum(accepted), list(delivered), list(accepted) from (
                select sum(is_delivered)::bigint as delivered, sum(1 - is_delivered)::bigint as accepted from (
                    select v{index}, 1 as is_delivered from {DELIVERED} where {_IS_NEW}
                    union all
                    select v{index}, 0 from {ACCEPTED}
                ) where v{index} is not null group by v{index}
            )
            """
        ).fetchall()[0]
        if delivered and accepted:
            found, spread = angle(new_counts, old_counts)
            yield Figure("ended", value.label, found, int(delivered), 0.0, int(accepted), spread, True)


def returned(samples: Samples) -> Iterator[Figure]:
    """Yield the share of all former rows that came again, where that is usually a part of some size."""
    keys = samples.keys
    if keys.usual is not None and keys.before:
        share = keys.returned / keys.before
        yield Figure("returned", "rows", share, keys.before, keys.usual, keys.before, 0, samples.is_snapshot)


def behind(connection: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    """Yield by how many days the middle of the new rows lies before the newest row that was accepted."""
    rows, days = connection.execute(
        f"select count(*), date_diff('second', median(row_cursor::timestamp), "
        f"(select max(row_cursor::timestamp) from {ACCEPTED})) / 86400.0 from {DELIVERED} "
        f"where row_cursor is not null and {_IS_NEW}"
    ).fetchall()[0]
    if rows and days is not None:
        yield Figure("behind", "rows", max(0.0, days), rows, 0.0)
