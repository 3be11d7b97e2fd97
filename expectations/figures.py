"""Figures: is a delivery, or a table, like those that were accepted before it?

The rows of this gate are figures, compared already: what is usual is learned elsewhere. A figure that is unusual is a
warning; one that is too far off to be true is critical where it would harm readers, and then waits for a person.
"""

from collections.abc import Mapping

import great_expectations.expectations as gxe

from expectations.gates import Gate


def figures_gate(stage: str, table: str, meanings: Mapping[str, str]) -> Gate:
    """Return the gate of the figures of one table.

    Args:
        stage: the stage of the table.
        table: the table.
        meanings: the figures by their kind, each with what it is.

    Returns:
        The gate of a relation with ``figure`` (the kind), ``line`` (the figure and its limits in words), ``is_usual``
        and ``is_credible``.
    """
    kinds = list(enumerate(meanings.items()))
    # What is not credible is not usual either, and is said once.
    conditions = {"is_credible": "", "is_usual": " and is_credible"}
    flags = [
        f"case when figure = '{kind}'{condition} then {flag} end as figure_{place}_{flag}"
        for place, (kind, _) in kinds
        for flag, condition in conditions.items()
    ]
    return Gate(
        stage=stage,
        table=f"{table}_figures",
        key=("line",),
        columns=("figure", "line", "is_usual", "is_credible"),
        query=f"select {', '.join(['*', *flags])} from {{table}}",
        expectations=tuple(
            gxe.ExpectColumnValuesToBeInSet(
                column=f"figure_{place}_{flag}",
                value_set=[True],
                severity=severity,
                description=f"{word}: {means} ({kind})",
            )
            for place, (kind, means) in kinds
            for flag, severity, word in (
                ("is_credible", "critical", "credible"),
                ("is_usual", "warning", "usual"),
            )
        ),
    )
