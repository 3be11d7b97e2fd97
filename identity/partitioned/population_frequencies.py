"""The term frequencies of a model that was trained on a sample, counted over all units: a sample lacks rare values."""

from dataclasses import replace
from functools import partial

import duckdb
import pyarrow as pa

from identity.model.trained_model import TrainedModel, term_frequency_columns
from identity.partitioned.engine import Engine
from identity.partitioned.steps import Steps
from identity.partitioned.task import Resources, fetched, open_task, put
from identity.prepare.units import with_parts

_COUNTS = "select name, value, cast(sum(number) as bigint) as number from term_counts group by name, value"


def with_frequencies_of_all(
    engine: Engine, steps: Steps, model: TrainedModel, unit_columns: tuple[str, ...]
) -> TrainedModel:
    """The model with the term frequencies of all units.

    Args:
        engine: where the partitions are worked on.
        steps: the steps, with `units`.
        model: the model of a sample.
        unit_columns: the columns of the units without members and blocks.

    Returns:
        The model, with another version.
    """
    columns = term_frequency_columns(model.parameters)
    counted = partial(term_counts_of, columns=columns, resources=engine.resources)
    steps.make("term_counts", lambda: engine.map(steps, "term_counts", "units", unit_columns, counted))
    steps.make("term_totals", lambda: engine.select(steps, "term_totals", _COUNTS))
    with duckdb.connect() as work:
        work.execute(f"create view term_totals as from {steps.rows('term_totals')}")
        frequencies = {column: fetched(work, _frequencies_sql(column)) for column in columns}
    return replace(model, term_frequencies=frequencies)


def term_counts_of(units: pa.Table, *, columns: tuple[str, ...], resources: Resources) -> pa.Table:
    """How often each value occurs in columns of units: (name, value, number); such counts add up."""
    with open_task(resources) as workspace:
        work = workspace.connection
        put(work, "units", units, with_parts("rows"))
        counts = " union all ".join(
            f"select '{column}' as name, {column} as value, count(*) as number from units "
            f"where {column} is not null group by {column}"
            for column in columns
        )
        return fetched(work, counts)


def _frequencies_sql(column: str) -> str:
    return f"""
        select value as {column}, round(number / sum(number) over (), 9) as tf_{column}
        from term_totals
        where name = '{column}'
        order by value
    """
