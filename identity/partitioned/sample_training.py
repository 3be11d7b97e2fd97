"""Training for a population that does not fit in memory: on a uniform sample of its records.

The prior, the m and u values and the worths of households are shares, which a uniform sample keeps. What is counted by
the size of the population takes that size; see train. The counts by which a given name is known not to be a typo are
those of the sample, so that rarer names pass for unknown.
"""

import duckdb

from identity.decision import train_model
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.partitioned.steps import Steps
from identity.partitioned.task import Resources, fetched, open_task, put
from identity.prepare.overrides import create_overridden
from identity.prepare.records import RecordMapping, load_records, read_caller_records
from identity.resolution import create_compared_units
from identity.workspace import quoted


def train_on_sample(
    steps: Steps, mapping: RecordMapping, limits: Limits, resources: Resources, most_records: int
) -> TrainedModel:
    """Train a model on a uniform sample of the records, or on all of them where they are no more.

    Args:
        steps: the steps, with `records`, `overrides` and `blocklist`.
        mapping: the meaning of the columns.
        limits: the limits of the resolution.
        resources: what may be used.
        most_records: the size of the sample.

    Returns:
        The model. Without a need for a sample it is the one that `resolve` trains.
    """
    share = min(most_records / max(steps.row_count("records"), 1), 1.0)
    with open_task(resources) as workspace:
        work = workspace.connection
        for table in ("overrides", "blocklist"):
            put(work, table, steps.path(table))
        create_overridden(work)
        _read_sample(work, steps.rows("records"), mapping.key, share)
        read_caller_records(work, fetched(work, "from sampled_records"), mapping, workspace)
        load_records(work, mapping)
        create_compared_units(work, None, limits)
        units = int(work.execute("select count(*) from units").fetchall()[0][0])
        return train_model(work, None if share == 1 else round(units / share))


def _read_sample(work: duckdb.DuckDBPyConnection, records: str, key: str, share: float) -> None:
    among = "" if share == 1 else f"where hash({quoted(key)}) / 18446744073709551616 < {share}"
    work.execute(f"create view sampled_records as from {records} {among}")
