"""The bytes of a whole column of text, looked at without making a text of each value; empty texts count for nothing."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_Positions = np.ndarray[Any, np.dtype[np.int32]]
_Bytes = np.ndarray[Any, np.dtype[np.uint8]]
_BRACKET_BIT = ord("[") ^ ord("{")  # the one in which the two differ
PIECE_BYTES = 256 * 1024  # looked at while they are in the processor's own memory


def all_begin(column: pa.ChunkedArray, first: str, last: str) -> bool:
    """Return whether the first byte of each text is one of a range."""
    for offsets, data in texts(column):
        signs = data[offsets[:-1][np.diff(offsets) > 0]]
        if len(signs) and (signs.min() < ord(first) or signs.max() > ord(last)):
            return False
    return True


def signs_at(column: pa.ChunkedArray, place: int) -> frozenset[int]:
    """Return the bytes that stand at a place of the texts, from 0 on; one that ends before it has none there."""
    found = set[int]()
    for offsets, data in texts(column):
        signs = data[offsets[:-1][np.diff(offsets) > place] + place]
        found.update(np.flatnonzero(np.bincount(signs)).tolist())
    return frozenset(found)


def any_has(column: pa.ChunkedArray, pattern: str) -> bool:
    """Return whether a pattern (RE2) without an anchor is found in any of the texts."""
    # To look through all of them at once is faster, and where one ends and the next begins it may find more.
    if not any(_has(data[offsets[0] : offsets[-1]], pattern) for offsets, data in texts(column)):
        return False
    return pc.any(pc.match_substring_regex(column, pattern)).as_py() is True


def _has(data: _Bytes, pattern: str) -> bool:
    ends = pa.py_buffer(np.array([0, len(data)], np.int32))
    text = pa.Array.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(data)])
    return bool(pc.match_substring_regex(text, pattern)[0].as_py())


def all_end(column: pa.ChunkedArray, sign: str) -> bool:
    """Return whether a sign of ASCII ends each text."""
    return all(
        bool((data[offsets[1:][np.diff(offsets) > 0] - 1] == ord(sign)).all()) for offsets, data in texts(column)
    )


def has_only(column: pa.ChunkedArray, signs: bytes) -> bool:
    """Return whether all texts consist of some signs of ASCII."""
    return not any(data[offsets[0] : offsets[-1]].tobytes().translate(None, signs) for offsets, data in texts(column))


def has_sign(column: pa.ChunkedArray, sign: str) -> bool:
    """Return whether a sign of ASCII stands in any of the texts."""
    for offsets, data in texts(column):
        for at in range(offsets[0], offsets[-1], PIECE_BYTES):
            if (data[at : min(at + PIECE_BYTES, offsets[-1])] == ord(sign)).any():
                return True
    return False


def may_have_levels(column: pa.ChunkedArray, longest: int, most: int) -> bool:
    """Return whether one of some JSON texts may have more levels of lists and objects than so many.

    Args:
        column: the texts.
        longest: how many bytes the longest of them has.
        most: how many levels it may have.

    Returns:
        True where more than ``most`` brackets open within ``longest`` bytes, be it in strings or in several long texts.
    """
    if longest <= 2 * most or not _may_open(column, longest, most):  # each level is closed as well
        return False
    # Many short texts in a row open as many, but none of them has so many levels.
    long = column.filter(pc.greater(pc.binary_length(column), 2 * most))
    return _may_open(long, longest, most)


def _may_open(column: pa.ChunkedArray, longest: int, most: int) -> bool:
    for offsets, data in texts(column):
        begins = _bracket_positions(data[offsets[0] : offsets[-1]])
        if len(begins) > most and (begins[most:] - begins[:-most]).min() < longest:
            return True
    return False


def _bracket_positions(data: _Bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
    pieces = range(0, len(data) or 1, PIECE_BYTES)
    found = [np.flatnonzero((data[at : at + PIECE_BYTES] | _BRACKET_BIT) == ord("{")) + at for at in pieces]
    return np.concatenate(found)


def texts(column: pa.ChunkedArray) -> Iterator[tuple[_Positions, _Bytes]]:
    """Yield for each part of a text column where each text begins and ends, and the bytes of all."""
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        if len(chunk) and data is not None and data.size:
            positions = np.frombuffer(offsets, np.int32, len(chunk) + 1, chunk.offset * 4)
            yield positions, np.frombuffer(data, np.uint8)
