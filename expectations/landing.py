"""Landing: are a stream's rows fit for staging? The only gate that checks keys, because dbt has not tested them yet.

Refused rows and files are warnings: bad input goes to the quarantine with its reason, the good rows of the same file
are loaded, and one source's delivery never stops the others. Critical is a fault of the loading itself: a row without
its key or cursor should have been refused, and a line that landed twice was loaded twice. An empty stream passes.
"""

from dataclasses import dataclass

from expectations.formats import is_alone
from expectations.gates import Check, Gate, Measure, RowRule

_LOAD_COLUMNS = ("_batch_id", "_loaded_at", "_source_file", "_source_line", "_extra")


@dataclass(frozen=True)
class LoadCounts:
    """Counts of one stream: rows landed and refused, values refused, files refused."""

    rows_landed: int
    rows_refused: int
    values_refused: int
    files_refused: int


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
        checks=(*_key_checks(key), *(_cursor_checks(cursor) if cursor else ()), *_load_checks(load)),
    )


def _key_checks(key: tuple[str, ...]) -> tuple[Check, ...]:
    filled = " and ".join(f"coalesce(trim(\"{column}\"::varchar), '') <> ''" for column in key)
    return (
        RowRule("key is filled", "critical", filled),
        RowRule("no line landed twice", "critical", is_alone("_batch_id", "_source_file", "_source_line")),
        RowRule("no undeclared column", "warning", "_extra is null"),
    )


def _cursor_checks(cursor: str) -> tuple[Check, ...]:
    moment = f'try_cast("{cursor}"::varchar as timestamp)'
    return (
        RowRule("cursor is filled", "critical", f'"{cursor}" is not null'),
        RowRule("cursor is not in the future", "warning", f"{moment} <= _loaded_at + interval 1 day"),
    )


def _load_checks(load: LoadCounts | None) -> tuple[Check, ...]:
    if load is None:
        return ()
    delivered = load.rows_landed + load.rows_refused
    share = load.rows_refused / delivered if delivered else 0
    return (
        Measure("no row was refused", "warning", value=str(load.rows_refused), maximum=0),
        Measure("no value was refused", "warning", value=str(load.values_refused), maximum=0),
        Measure("no file was refused", "warning", value=str(load.files_refused), maximum=0),
        Measure("refused share of rows is small", "warning", value=str(share), maximum=0.05),
    )
