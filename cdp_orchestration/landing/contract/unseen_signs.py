"""Signs of an id, number, day or flag that are not seen: programs leave them there, and none is a part of it."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.contract.text_columns import texts
from cdp_orchestration.sources import Field

_JOINERS = (
    r"\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}\x{0}"  # and marks of direction, byte order
)
_BLANKS = r"\s\x{a0}\x{2007}-\x{200a}\x{202f}\x{3000}"
_UNSEEN = f"^[{_BLANKS}{_JOINERS}]+|[{_BLANKS}{_JOINERS}]+$|[{_JOINERS}]+"
_FIRST_SEEN, _LAST_SEEN = ord(" "), ord("~")  # of ASCII


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


def _may_have_any(column: pa.ChunkedArray) -> bool:
    parts = (data[offsets[0] : offsets[-1]] for offsets, data in texts(column))
    return any(len(part) and (part.min() < _FIRST_SEEN or part.max() > _LAST_SEEN) for part in parts)
