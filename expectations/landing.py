"""Landing: are a stream's rows fit for staging? The only gate that checks keys, because dbt has not tested them yet.

Refused rows and files are warnings: bad input goes to the quarantine with its reason, the good rows of the same file
are loaded, and one source's delivery never stops the others. Critical is a fault of the loading itself: a row without
its key or cursor should have been refused, and a line that landed twice was loaded twice. An empty stream passes.
"""

from typing import TYPE_CHECKING

import great_expectations.expectations as gxe

from expectations.gates import Gate
from expectations.load_counts import LoadCounts
from expectations.warehouse import ExpectFigureToBeBetween

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

_LOAD_COLUMNS = ("_batch_id", "_loaded_at", "_source_file", "_source_line", "_extra")


def landing_gate(
    table: str, key: tuple[str, ...], cursor: str | None = None, *, load: LoadCounts | None = None
) -> Gate:
    """Return the gate of one stream.

    Args:
        table: the stream's table in the landing schema.
        key: the columns of the stream's key.
        cursor: the column of its cursor, if it has one.
        load: the counts of its deliveries, if they are known.

    Returns:
        The gate. It reports failing rows by file and line, where the source can correct them: their key may be missing.
    """
    return Gate(
        stage="landing",
        table=table,
        key=("_source_file", "_source_line"),
        columns=(*key, *([cursor] if cursor else []), *_LOAD_COLUMNS),
        query=f"select *, {', '.join(_flags(key, cursor))} from {{table}}",
        expectations=(*_about_keys(), *(_about_cursors(cursor) if cursor else ()), *(_about(load) if load else ())),
        personal=("*",),
    )


def _flags(key: tuple[str, ...], cursor: str | None) -> list[str]:
    """Return columns of yes and no; a text of blanks is no key."""
    filled = " and ".join(f"coalesce(trim(\"{column}\"::varchar), '') <> ''" for column in key)
    moment = f'try_cast("{cursor}"::varchar as timestamp)'
    cursor_is_past = [f"{moment} <= _loaded_at + interval 1 day as _cursor_is_past"] if cursor else []
    return [f"{filled} as _key_is_filled", *cursor_is_past]


def _about_keys() -> tuple["Expectation", ...]:
    return (
        gxe.ExpectColumnValuesToBeInSet(
            column="_key_is_filled", value_set=[True], severity="critical", description="key is filled"
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["_batch_id", "_source_file", "_source_line"],
            severity="critical",
            description="no line landed twice",
        ),
        gxe.ExpectColumnValuesToBeNull(column="_extra", severity="warning", description="no undeclared column"),
    )


def _about_cursors(cursor: str) -> tuple["Expectation", ...]:
    return (
        gxe.ExpectColumnValuesToNotBeNull(column=cursor, severity="critical", description="cursor is filled"),
        gxe.ExpectColumnValuesToBeInSet(
            column="_cursor_is_past", value_set=[True], severity="warning", description="cursor is not in the future"
        ),
    )


def _about(load: LoadCounts) -> tuple["Expectation", ...]:
    most_by_figure = {
        "no row was refused": (load.rows_refused, 0),
        "no value was refused": (load.values_refused, 0),
        "no file was refused": (load.files_refused, 0),
        "refused share of rows is small": (load.refused_share, 0.05),
    }
    return tuple(
        ExpectFigureToBeBetween(figure=str(found), max_value=most, severity="warning", description=description)
        for description, (found, most) in most_by_figure.items()
    )
