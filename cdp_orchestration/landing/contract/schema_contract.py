"""The schema contract of a stream, on the rows of one file: columns that are new, missing or of another type."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyarrow as pa

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.headings import listed
from cdp_orchestration.landing.raw_rows import EXTRA, RawRows
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Field, Stream

IS_ANY_FILLED = f"len(list_filter(json_extract_string({EXTRA}, '$.*'), lambda v: trim(v) <> '')) > 0"
"""The condition that a row fills a column that is not declared."""


def admitted(rows: Iterable[RawRows], stream: Stream) -> Iterator[RawRows]:
    """Yield the rows of a file without what the contract leaves out.

    Args:
        rows: the rows of one file, part by part.
        stream: the stream whose contract holds.

    Yields:
        The rows; columns that are not stored are among ``left_out``.

    Raises:
        FileRefusedError: a column is not declared, or no row has a declared one, and the contract does not take that.
    """
    contract, missing = stream.schema_contract, None
    for raw in rows:
        missing = raw.missing if missing is None else missing & raw.missing
        if not raw.undeclared or contract.new in ("evolve", "discard_row"):
            yield raw
        elif contract.new == "freeze":
            raise FileRefusedError(refusals.NEW_COLUMN, found=listed(sorted(raw.undeclared)))
        else:
            extra = raw.table.column_names.index(EXTRA)
            table = raw.table.set_column(extra, EXTRA, pa.nulls(raw.table.num_rows, pa.string()))
            yield replace(raw, table=table, undeclared=frozenset(), left_out=raw.left_out | raw.undeclared)
    if contract.missing == "freeze" and missing:
        raise FileRefusedError(refusals.MISSING_DECLARED_COLUMN, found=f"missing: {', '.join(sorted(missing))}")


def keeps_row(stream: Stream, field: Field) -> bool:
    """Return whether a row lands although a value of it is not of its field's type."""
    mode = stream.schema_contract.retyped
    if mode is None or field.name in stream.required:
        return field.keeps_row
    return mode in ("evolve", "discard_value")


def keeps_text(stream: Stream, field: Field) -> bool:
    """Return whether the text of such a value is kept beside the declared columns."""
    return stream.schema_contract.retyped == "evolve" and field.type != "text" and field.name not in stream.required
