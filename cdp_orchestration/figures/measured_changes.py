"""Measure what a delivery changes in rows that came before, and whether values have changed their fields."""

from collections.abc import Iterator

import duckdb

from cdp_orchestration.figures.figure import Figure
from cdp_orchestration.figures.samples import ACCEPTED, DELIVERED, EARLIER, Samples


def changes(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    """Compare the delivered rows with the newest accepted versions of their keys."""
    watched = [(index, value) for index, value in enumerate(samples.values) if not value.is_part]
    counts = ", ".join(
        f"count(old.v{index}), count(*) filter (where old.v{index} is not null and new.v{index} is null), "
        f"count(*) filter (where old.v{index} != new.v{index}), "
        f"count(*) filter (where old.v{index} != new.v{index} and ltrim(old.v{index}, '0') = new.v{index})"
        for index, _ in watched
    )
    row = connection.execute(
        f"select count(*), {counts} from {DELIVERED} as new join {EARLIER} as old "
        f"on new.row_key = old.row_key and old.age = 1 where {samples.lives('new.')}"
    ).fetchall()[0]
    for place, (_, value) in enumerate(watched):
        filled, emptied, changed, shortened = row[1 + 4 * place : 5 + 4 * place]
        if filled:
            is_decisive = value.is_decisive or value.is_consent
            yield Figure("emptied", value.label, emptied / filled, filled, 0.02, filled, 0, is_decisive)
            if value.is_postcode:
                yield Figure("lost zeros", value.label, shortened / filled, filled, 0.0, filled, 0, is_decisive=True)
            name = "altered" if value.is_fixed or value.names_person else "changed"
            yield Figure(name, value.label, changed / filled, filled, 0.05, filled, 0, is_decisive)


def misplaced_values(connection: duckdb.DuckDBPyConnection, samples: Samples) -> Iterator[Figure]:
    """Yield the share of new rows whose value another field of the accepted rows has, such as exchanged names."""
    persons = [(index, value) for index, value in enumerate(samples.values) if value.is_of_person or value.is_id]
    if len(persons) < 2:
        return
    columns = ", ".join(f"v{index}" for index, _ in persons)
    rows = connection.execute(
        f"""
        with accepted as (
            select label, value, count(*) as n from {ACCEPTED} unpivot (value for label in ({columns})) group by all
        ),
        delivered as (
            select label, value, count(*) as n
            from (select * from {DELIVERED} where row_key not in (select row_key from {EARLIER}))
                unpivot (value for label in ({columns}))
            group by all
        ),
        fields as (select value, count(*) as n, any_value(label) as label from accepted group by value)

        select rows.label, rows.is_delivered, sum(rows.n),
            sum(rows.n) filter (where fields.n > 1 or fields.label != rows.label)
        from (
            select label, value, n, true as is_delivered from delivered union all
            select label, value, n, false from accepted
        ) as rows
        left join fields on rows.value = fields.value
        group by all
        """
    ).fetchall()
    counted = {(label, is_delivered): (count, elsewhere or 0) for label, is_delivered, count, elsewhere in rows}
    for index, value in persons:
        found, usual = counted.get((f"v{index}", True)), counted.get((f"v{index}", False))
        if found and usual:
            share, usual_share = found[1] / found[0], usual[1] / usual[0]
            yield Figure("misplaced", value.label, share, int(found[0]), usual_share, int(usual[0]), 0, True)
