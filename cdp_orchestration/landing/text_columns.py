"""The bytes of a whole column of text, looked at without making a text of each value; empty texts count for nothing."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

Positions = np.ndarray[Any, np.dtype[np.int32]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


def all_begin(column: pa.ChunkedArray, first: str, last: str) -> bool:
    """Return whether the first byte of each text is one of a range."""
    for offsets, data in texts(column):
        signs = data[offsets[:-1][np.diff(offsets) > 0]]
        if len(signs) and (signs.min() < ord(first) or signs.max() > ord(last)):
            return False
    return True


def all_end(column: pa.ChunkedArray, sign: str) -> bool:
    """Return whether a sign of ASCII ends each text."""
    return all(
        bool((data[offsets[1:][np.diff(offsets) > 0] - 1] == ord(sign)).all()) for offsets, data in texts(column)
    )


def has_only(column: pa.ChunkedArray, signs: bytes) -> bool:
    """Return whether all texts consist of some signs of ASCII."""
    return not any(data[offsets[0] : offsets[-1]].tobytes().translate(None, signs) for offsets, data in texts(column))


def texts(column: pa.ChunkedArray) -> Iterator[tuple[Positions, Bytes]]:
    """Yield for each part of a text column where each text begins and ends, and the bytes of all."""
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        if len(chunk) and data is not None and data.size:
            positions = np.frombuffer(offsets, np.int32, len(chunk) + 1, chunk.offset * 4)
            yield positions, np.frombuffer(data, np.uint8)
