"""The schema contract of a stream, on the rows of one file: columns that are new, missing or of another type."""

from dataclasses import replace

import pyarrow as pa

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.headings import listed
from cdp_orchestration.landing.raw_rows import EXTRA, RawRows
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Field, Stream

IS_ANY_FILLED = f"len(list_filter(json_extract_string({EXTRA}, '$.*'), lambda v: trim(v) <> '')) > 0"
"""The condition that a row fills a column that is not declared."""


class SchemaCheck:
    """Applies to each part of a file what the contract says of columns; of missing ones it decides at the end."""

    def __init__(self, stream: Stream) -> None:
        """Take the stream whose contract holds."""
        self._contract = stream.schema_contract
        self._required = stream.required
        self._missing: frozenset[str] | None = None

    def admit(self, raw: RawRows) -> RawRows:
        """Return the rows without what the contract leaves out.

        Args:
            raw: some rows of the file.

        Returns:
            The rows; columns that are not stored are among ``left_out``.

        Raises:
            FileRefusedError: a column is not declared, and the contract takes no new one.
        """
        self._missing = raw.missing if self._missing is None else self._missing & raw.missing
        if not raw.undeclared or self._contract.new in ("evolve", "discard_row"):
            return raw
        if self._contract.new == "freeze":
            raise FileRefusedError(refusals.NEW_COLUMN, found=listed(sorted(raw.undeclared)))
        table = raw.table.set_column(
            raw.table.column_names.index(EXTRA), EXTRA, pa.nulls(raw.table.num_rows, pa.string())
        )
        return replace(raw, table=table, undeclared=frozenset(), left_out=raw.left_out | raw.undeclared)

    def refuse_if_missing(self) -> None:
        """Refuse the file if no row of it has a declared column, and the contract asks for all."""
        if self._contract.missing == "freeze" and self._missing:
            raise FileRefusedError(
                refusals.MISSING_DECLARED_COLUMN, found=f"missing: {', '.join(sorted(self._missing))}"
            )


def keeps_row(stream: Stream, field: Field) -> bool:
    """Return whether a row lands although a value of it is not of its field's type."""
    mode = stream.schema_contract.retyped
    if mode is None or field.name in stream.required:
        return field.keeps_row
    return mode in ("evolve", "discard_value")


def keeps_text(stream: Stream, field: Field) -> bool:
    """Return whether the text of such a value is kept beside the declared columns."""
    return stream.schema_contract.retyped == "evolve" and field.type != "text" and field.name not in stream.required
