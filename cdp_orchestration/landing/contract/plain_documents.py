"""What finds in JSON texts that the contract may refuse them or write them otherwise, without parsing them.

That there is nothing to find holds of valid JSON alone: whether a document is valid is for the engine to say.
"""

import functools
import re

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.contract.text_columns import may_have_levels
from cdp_orchestration.landing.contract.written_values import ODD_DOCUMENT
from cdp_orchestration.sources import Field, NumberInside
from cdp_orchestration.sources.limits import MAX_NESTING

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DECIMALS = 4  # that a number inside may have: more are rounded, which may lift it over its limit
_NOT_AN_OBJECT = r"\A[^{]"
# A list begins with something else than an object, or something else follows an object: a text that no colon follows
# is an item, not the name of a member.
_NOT_A_LIST_OF_OBJECTS = r'\A[^\[]|\A\[\s*[^{\]\s]|\}\s*,\s*(?:[^{"\s]|"(?:[^"\\]|\\.)*"\s*[,\]])'
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
    if pattern is None or may_have_levels(column, longest, MAX_NESTING):
        return False
    return pc.any(pc.match_substring_regex(column, pattern)).as_py() is not True


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
