"""Columns of types that the engine does not read, or not all values of, as ones that it reads without a loss."""

import pyarrow as pa
import pyarrow.compute as pc

_PER_UNIT = {"s": 1_000_000, "ms": 1_000}  # microseconds
_LATEST = 2**63 - 1  # microseconds since 1970, either way, that the engine holds


def plain_types(table: pa.Table) -> pa.Table:
    """Return the same rows, small floats as wide ones, and decimals and times beyond the engine's reach as text.

    A time that cannot be held is then refused by the field that it stands in, in its row alone.
    """
    for index, column in enumerate(table.schema):
        plain = _plain(table.column(index))
        if plain is not None:
            table = table.set_column(index, column.name, plain)
    return table


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if pa.types.is_float16(column.type):
        return pc.cast(column, pa.float32())
    if pa.types.is_decimal256(column.type):
        return pc.cast(column, pa.string())
    if pa.types.is_timestamp(column.type) and column.type.unit in _PER_UNIT:
        return _held(column)
    return None


def _held(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return times as text where one of them is out of reach: that one as its count of units."""
    counts = pc.cast(column, pa.int64())
    limit = _LATEST // _PER_UNIT[column.type.unit]
    is_far = pc.greater(pc.abs(counts), limit)
    if not pc.any(is_far).as_py():
        return None
    near = pc.if_else(is_far, pa.scalar(None, column.type), column)
    zone = "Z" if column.type.tz else ""
    # Of a zone only the time in UTC remains, as the engine would write it.
    texts = pc.binary_join_element_wise(
        pc.cast(pc.cast(near, pa.timestamp("us", "UTC" if zone else None)).cast(pa.timestamp("us")), pa.string()),
        zone,
        "",
    )
    return pc.if_else(is_far, pc.cast(counts, pa.string()), texts)
