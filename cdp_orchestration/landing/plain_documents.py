"""What finds in JSON texts that the contract may refuse them or write them otherwise, without parsing them.

That there is nothing to find holds of valid JSON alone: whether a document is valid is for the engine to say.
"""

import functools
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.text_columns import Bytes, texts
from cdp_orchestration.landing.written_values import ODD_DOCUMENT
from cdp_orchestration.sources import Field, NumberInside
from cdp_orchestration.sources.limits import MAX_NESTING

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DECIMALS = 4  # that a number inside may have: more are rounded, which may lift it over its limit
_NOT_AN_OBJECT = r"\A[^{]"
# A list begins with something else than an object, or something else follows an object: a text that no colon follows
# is an item, not the name of a member.
_NOT_A_LIST_OF_OBJECTS = r'\A[^\[]|\A\[\s*[^{\]\s]|\}\s*,\s*(?:[^{"\s]|"(?:[^"\\]|\\.)*"\s*[,\]])'
_BRACKET_BIT = ord("[") ^ ord("{")  # the one in which the two differ
_PIECE_BYTES = 256 * 1024  # looked at while they are in the processor's own memory
_ESCAPED_NAME = r"\\[u/]"  # may be a letter of a name


def is_plain_document(column: pa.ChunkedArray, field: Field, longest: int) -> bool:
    """Return whether each valid document of a column is of its form, with numbers in range, plain ids and few levels.

    Args:
        column: the documents as text.
        field: the JSON field.
        longest: how many bytes the longest of them has.

    Returns:
        False also where that is not certain.
    """
    pattern = _not_plain(field.form, field.numbers_inside)
    if pattern is None or _may_be_deep(column, longest):
        return False
    return pc.any(pc.match_substring_regex(column, pattern)).as_py() is not True


def _may_be_deep(column: pa.ChunkedArray, longest: int) -> bool:
    """Return whether so many lists and objects begin within the length of a document as it may have levels at most."""
    if longest <= 2 * MAX_NESTING:
        return False
    for offsets, data in texts(column):
        begins = _bracket_positions(data[offsets[0] : offsets[-1]])
        if len(begins) > MAX_NESTING and (begins[MAX_NESTING:] - begins[:-MAX_NESTING]).min() < longest:
            return True
    return False


def _bracket_positions(data: Bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return where lists and objects begin, in strings as well."""
    pieces = range(0, len(data) or 1, _PIECE_BYTES)
    found = [np.flatnonzero((data[at : at + _PIECE_BYTES] | _BRACKET_BIT) == ord("{")) + at for at in pieces]
    return np.concatenate(found)


@functools.cache
def _not_plain(form: str | None, numbers: tuple[NumberInside, ...]) -> str | None:
    """Return a pattern that each document matches which may be odd; None where there is no such pattern."""
    if form == "list of texts":
        return None
    patterns = [ODD_DOCUMENT]
    if form == "object":
        patterns.append(_NOT_AN_OBJECT)
    elif form:
        patterns.append(_NOT_A_LIST_OF_OBJECTS)
    if numbers:
        patterns.append(_ESCAPED_NAME)
    for digits in sorted({_whole_digits(number) for number in numbers}):
        names = sorted({number.path[-1] for number in numbers if _whole_digits(number) == digits})
        if not digits or not all(_PLAIN_NAME.fullmatch(name) for name in names):
            return None
        patterns.append(_not_a_number("|".join(names), digits))
    return "|".join(patterns)


def _whole_digits(number: NumberInside) -> int:
    """Return how many digits a number may have before its point so that it is certainly in range; 0 for none."""
    # Where 100 is the most, all of up to two digits are in range; of one of three it is not certain.
    return len(str(number.range.maximum)) - 1 if number.range.minimum <= 0 < number.range.maximum else 0


def _not_a_number(names: str, digits: int) -> str:
    """Return a pattern of members whose value is none of null, 12, 12.5, "12" and "12.5"."""
    too_long = rf"[0-9]{{{digits + 1}}}|[0-9]+\.[0-9]{{{_DECIMALS + 1}}}"
    no_text_of_digits = r'"(?:[^0-9]|[0-9]+[^0-9."]|[0-9]+\.[^0-9]|[0-9]+\.[0-9]+[^0-9"])'
    with_exponent = r"[0-9]+(?:\.[0-9]+)?[eE]"
    return rf'"(?:{names})"\s*:\s*(?:[^0-9"n\s]|n[^u]|{no_text_of_digits}|{with_exponent}|"?(?:{too_long}))'
