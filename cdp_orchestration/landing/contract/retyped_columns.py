"""A whole file of another form than declared is refused once, not row by row."""

from collections import Counter

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.checked_rows import CheckedRows
from cdp_orchestration.landing.contract.written_values import CAST_REASONS
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Field, Stream

MIN_VALUES_TO_DECIDE = 2
# Why a whole file has no row that can be read: another sign or form than its ending and header say, an empty column.
_REASONS_OF_FORM = frozenset(
    {
        refusals.WRONG_COLUMN_COUNT,
        refusals.BROKEN_QUOTE,
        refusals.INVALID_JSON,
        refusals.NOT_AN_OBJECT,
        refusals.MISSING_VALUE,
    }
)


class RetypedColumns:
    """Counts over a whole file what is not of its declared form, and notes the first line of it."""

    def __init__(self, stream: Stream) -> None:
        self._required = stream.required
        self._is_frozen = stream.schema_contract.retyped == "freeze"
        self._reasons = {
            field.name: CAST_REASONS.get(field.type, refusals.GRAPHQL_ID)
            for field in stream.fields
            if self._decides(field, stream) and (field.type != "text" or field.name in stream.key)
        }
        self._good_row_count = 0
        self._refused_row_count = 0
        self._failed: dict[str, int] = {}
        self._first_lines: dict[str, int | None] = {}
        self._of_other_form: Counter[tuple[str | None, str]] = Counter()
        self._first_line: int | None = None

    def _decides(self, field: Field, stream: Stream) -> bool:
        """Return whether values of another type in a field can refuse the file."""
        is_left_to_rows = stream.schema_contract.retyped in ("discard_row", "discard_value", "evolve")
        return self._is_frozen or not (field.keeps_row or (is_left_to_rows and field.name not in stream.required))

    def add(self, checked: CheckedRows) -> None:
        """Count some rows of the file."""
        self._good_row_count += checked.good.num_rows
        self._refused_row_count += len({row.source_line for row in checked.refused if not row.is_row_landed})
        for row in checked.refused:
            if row.reason in _REASONS_OF_FORM:
                self._of_other_form[row.field, row.reason] += 1
                self._first_line = self._first_line or row.source_line
            if row.field is not None and row.reason == self._reasons.get(row.field):
                self._failed[row.field] = self._failed.get(row.field, 0) + 1
                self._first_lines.setdefault(row.field, row.source_line)

    def refuse_if_any(self) -> None:
        """Refuse the file when a column fails in most of its rows, or all rows for one reason.

        Where the schema contract freezes types, one value is enough.

        Raises:
            FileRefusedError: with the column, how many rows fail and the first of them.
        """
        self._refuse_if_no_row_is_good()
        row_count = self._good_row_count + self._refused_row_count
        for name in sorted(self._failed, key=lambda name: name not in self._required):
            is_most = row_count >= MIN_VALUES_TO_DECIDE and self._failed[name] * 2 > row_count
            if not is_most and not self._is_frozen:
                continue
            if self._reasons[name] == refusals.GRAPHQL_ID:
                raise FileRefusedError(refusals.GRAPHQL_EXPORT, name)
            reason = refusals.RETYPED_COLUMN if name in self._required else refusals.RETYPED_OPTIONAL_COLUMN
            reason = reason if is_most else refusals.FROZEN_TYPE
            wanted = refusals.MESSAGES[self._reasons[name]]
            counts = f"{self._failed[name]:,} of {row_count:,} rows, the first in line {self._first_lines[name]}"
            raise FileRefusedError(reason, name, f"{counts}: {wanted}")

    def _refuse_if_no_row_is_good(self) -> None:
        if self._good_row_count or self._refused_row_count < MIN_VALUES_TO_DECIDE or not self._of_other_form:
            return
        (field, reason), count = self._of_other_form.most_common(1)[0]
        if count == self._refused_row_count:
            found = f"all {count:,} rows, the first in line {self._first_line}: {refusals.MESSAGES[reason]}"
            raise FileRefusedError(refusals.NO_GOOD_ROW, field, found)
