"""Figures: is a delivery, or a table, like those that were accepted before it?

The rows of this gate are figures, each with what is usual for it, which is learned elsewhere. A figure that is unusual
is a warning; one that is too far off to be true is critical where it would harm readers, and then waits for a person.
"""

import great_expectations.expectations as gxe

from expectations.gates import FIGURES, Gate


def figures_gate(stage: str, table: str) -> Gate:
    """Return the gate of the figures of one table.

    Args:
        stage: the stage of the table.
        table: the table.

    Returns:
        The gate of a relation with ``line`` (the figure and its limits in words), ``is_usual`` and ``is_credible``.
    """
    return Gate(
        stage=stage,
        table=f"{table}{FIGURES}",
        key=("line",),
        columns=("line", "is_usual", "is_credible"),
        # What is not credible is not usual either, and is said once.
        query="select *, case when is_credible then is_usual end as is_usual_if_credible from {table}",
        expectations=(
            gxe.ExpectColumnValuesToBeInSet(
                column="is_credible", value_set=[True], severity="critical", description="every figure is credible"
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="is_usual_if_credible",
                value_set=[True],
                severity="warning",
                description="every figure is usual",
            ),
        ),
    )
