"""Days whose time stands in a field of its own, as tills and payment services write them, as one text."""

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.sources import Stream

_MIDNIGHT = r"[ T]0?0:00(:00(\.0+)?)?$"  # what a workbook shows behind a day that has no time


def with_times_of_days(rows: pa.Table, stream: Stream) -> pa.Table:
    """Return rows with the day and the time of each field that has them apart, a blank between them.

    Args:
        rows: texts by field.
        stream: the stream; a row without a day or without a time keeps what it has.
    """
    for field in stream.fields:
        if field.time_field:
            day, time = rows[field.name], rows[field.time_field]
            date = pc.replace_substring_regex(day, _MIDNIGHT, "")
            has_both = pc.and_(_is_filled(day), _is_filled(time))
            joined = pc.binary_join_element_wise(pc.utf8_trim_whitespace(date), pc.utf8_trim_whitespace(time), " ")
            index = rows.column_names.index(field.name)
            rows = rows.set_column(index, field.name, pc.if_else(has_both, joined, day))
    return rows


def _is_filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0), fill_value=False)
