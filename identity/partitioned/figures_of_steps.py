"""The figures of a partitioned resolution: counts that add up over the tasks, and a sample of units."""

import duckdb

from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.partitioned.stages_of_pairs import create_numbered_units
from identity.partitioned.steps import Steps
from identity.partitioned.task import Resources, fetched, open_task
from identity.quality.figures import SAMPLE_UNITS, Figures, figures_of_units

# The key of a unit is a hash, so that the first keys are a uniform sample
SAMPLED_UNITS = "select {columns} from units order by unit_key limit " + str(SAMPLE_UNITS)


def figures_of_steps(steps: Steps, model: TrainedModel, limits: Limits, resources: Resources) -> Figures:
    """The figures of a resolution, from the steps `pairs_by_weight` and `sampled_units`.

    Args:
        steps: the finished steps.
        model: the model that decided.
        limits: the limits of the resolution.
        resources: what may be used.

    Returns:
        The figures; the units of their sample are others than those of `resolve`.
    """
    with duckdb.connect() as work:
        counted, units = (fetched(work, f"from {steps.rows(step)}") for step in ("pairs_by_weight", "sampled_units"))
    pairs = {row["bits"]: row["pair_count"] for row in counted.to_pylist()}
    with open_task(resources) as workspace:
        create_numbered_units(workspace.connection, units)
        return figures_of_units(workspace.connection, model, limits, pairs)
