"""Release: do the candidate's files hold what the warehouse holds, with the columns that readers were promised?

The last gate reads the Parquet files themselves, before the pointer moves. The caller passes the promised columns from
the contract of the table's model, so that the promise is declared once.
"""

from collections.abc import Mapping, Sequence

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.gates import COLUMNS_CHECK, Gate
from expectations.warehouse import ExpectColumnTypesToBe

KEY_CHECK = "no key stands in two rows"


def release_gate(table: str, row_count: int, column_types: Mapping[str, str], key: Sequence[str] = ()) -> Gate:
    """Return the gate of one published file.

    Args:
        table: the published table's name.
        row_count: rows of the table in the warehouse; equality also means that none is empty by mistake.
        column_types: the promised columns with their DuckDB types, as ``describe`` names them.
        key: the columns that are unique together; readers join by them.

    Returns:
        The gate: as many rows as the warehouse has, the promised columns, and no key twice.
    """
    return Gate(
        stage="release",
        table=table,
        key=(),
        columns=(),
        personal=("*",),
        is_of_one_run=True,
        expectations=(
            ExpectColumnTypesToBe(types=dict(column_types), severity="critical", description=COLUMNS_CHECK),
            gxe.ExpectTableRowCountToEqual(
                value=row_count, severity="critical", description="as many rows as the warehouse"
            ),
            *_unique(key),
        ),
    )


def _unique(key: Sequence[str]) -> Sequence[Expectation]:
    if len(key) == 1:
        return (gxe.ExpectColumnValuesToBeUnique(column=key[0], severity="critical", description=KEY_CHECK),)
    if not key:
        return ()
    return (gxe.ExpectCompoundColumnsToBeUnique(column_list=list(key), severity="critical", description=KEY_CHECK),)
