"""Signs that are not seen: programs leave them there, and none is a part of an id, number, day or flag."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.contract.text_columns import has_sign, texts
from cdp_orchestration.landing.raw_rows import EXTRA
from cdp_orchestration.sources import Field, Stream

_JOINERS = (
    r"\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{fe0e}\x{fe0f}\x{feff}\x{0}"
    # and marks of direction, of how a sign is drawn, byte order
)
_BLANKS = r"\s\x{a0}\x{2007}-\x{200a}\x{202f}\x{3000}"
_UNSEEN = f"^[{_BLANKS}{_JOINERS}]+|[{_BLANKS}{_JOINERS}]+$|[{_JOINERS}]+"
_FIRST_SEEN, _LAST_SEEN = ord(" "), ord("~")  # of ASCII
_Bytes = np.ndarray[Any, np.dtype[np.uint8]]
_NULL, _NULL_OF_JSON = "\0", "\\u0000"
# behind an even number of backslashes; behind an odd one the sign is a backslash and some digits
_NULLS_OF_JSON = r"(^|[^\\])((?:\\\\)*)(?:\\u0000)+"


def without_unseen_signs(rows: pa.Table, fields: Iterable[Field]) -> pa.Table:
    """Return rows without the unseen signs of some of their fields, and without blanks of any kind around them.

    Free text and documents stay as they are.
    """
    for field in fields:
        if field.type != "json" and not (field.type == "text" and field.text_kind == "free"):
            column = rows[field.name]
            if _may_have_any(column):
                index = rows.column_names.index(field.name)
                rows = rows.set_column(index, field.name, pc.replace_substring_regex(column, _UNSEEN, ""))
    return rows


def without_nulls(rows: pa.Table, stream: Stream) -> pa.Table:
    """Return rows without the sign of number 0, which many databases hold in no text; JSON writes an escape."""
    # Of ids, numbers, days and flags it goes with the other signs that are not seen
    documents = {EXTRA, *(field.name for field in stream.fields if field.type == "json")}
    written = {field.name for field in stream.fields if field.type == "text" and field.text_kind == "free"}
    for name in (each for each in rows.column_names if each in documents | written):
        column, index = rows[name], rows.column_names.index(name)
        if not pa.types.is_string(column.type):
            continue
        if name in documents and _may_escape_null(column):
            rows = rows.set_column(index, name, pc.replace_substring_regex(column, _NULLS_OF_JSON, r"\1\2"))
        elif any(len(part) and part.min() == 0 for part in _parts(column)):
            rows = rows.set_column(index, name, pc.replace_substring(column, _NULL, ""))
    return rows


def _may_escape_null(column: pa.ChunkedArray) -> bool:
    # Most documents have no backslash, which is found much sooner
    return has_sign(column, "\\") and pc.any(pc.match_substring(column, _NULL_OF_JSON)).as_py() is True


def _may_have_any(column: pa.ChunkedArray) -> bool:
    return any(len(part) and (part.min() < _FIRST_SEEN or part.max() > _LAST_SEEN) for part in _parts(column))


def _parts(column: pa.ChunkedArray) -> Iterator[_Bytes]:
    return (data[offsets[0] : offsets[-1]] for offsets, data in texts(column))
