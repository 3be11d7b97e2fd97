"""What finds in JSON texts that the contract may refuse them or write them otherwise, without parsing them.

That there is nothing to find holds of valid JSON alone: whether a document is valid is for the engine to say.
"""

import functools
import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.landing.contract.text_columns import any_has, may_have_levels, signs_at
from cdp_orchestration.landing.contract.written_values import ODD_PART
from cdp_orchestration.sources import Field, NumberInside
from cdp_orchestration.sources.limits import MAX_NESTING

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DECIMALS = 4  # that a number inside may have: more are rounded, which may lift it over its limit
_OBJECT, _LIST, _BOTH, _FIRST_IN_LIST = (frozenset(signs) for signs in (b"{", b"[", b"{[", b"{]"))
_NO_OBJECT_FIRST = r"\A\[\s*[^{\]\s]"
# Something else than an object follows one: a text that no colon follows is an item, not the name of a member.
_NO_OBJECT_BEHIND_ONE = r'\}\s*,\s*(?:[^{"\s]|"(?:[^"\\]|\\.)*"\s*[,\]])'
_ESCAPED_NAME = r"\\[u/]"  # may be a letter of a name


def is_plain_document(column: pa.ChunkedArray, field: Field, longest: int, *, is_looked_through: bool = False) -> bool:
    """Return whether each valid document of a column is of its form, with numbers in range, plain ids and few levels.

    Args:
        column: the documents as text.
        field: the JSON field.
        longest: how many bytes the longest of them has.
        is_looked_through: whether they are certain to have nothing of ``odd_parts``.

    Returns:
        False also where that is not certain.
    """
    patterns = _odd_parts(field.form, field.numbers_inside)
    if not patterns or not _begin_plainly(column, field) or may_have_levels(column, longest, MAX_NESTING):
        return False
    return is_looked_through or not any_has(column, "|".join(patterns))


def odd_parts(fields: Iterable[Field]) -> str:
    """Return a pattern of what any text has that has a part as one of some fields' documents that may be odd."""
    found = {pattern for field in fields for pattern in _odd_parts(field.form, field.numbers_inside)}
    return "|".join(sorted({*found, _ESCAPED_NAME}))


def _begin_plainly(column: pa.ChunkedArray, field: Field) -> bool:
    """Return whether each document begins as one of its form does: a list with an object, if it has anything."""
    first = signs_at(column, 0)
    if field.form is None:
        return first <= _BOTH
    if field.form == "object":
        return first <= _OBJECT
    if not first <= _LIST:
        return False
    if signs_at(column, 1) <= _FIRST_IN_LIST:
        return True
    return pc.any(pc.match_substring_regex(column, _NO_OBJECT_FIRST)).as_py() is not True


@functools.cache
def _odd_parts(form: str | None, numbers: tuple[NumberInside, ...]) -> frozenset[str]:
    """Return patterns of which each document has one that may be odd, and begins plainly; none where there are none."""
    if form == "list of texts":
        return frozenset()
    patterns = {ODD_PART}
    if form == "list of objects":
        patterns.add(_NO_OBJECT_BEHIND_ONE)
    if numbers:
        patterns.add(_ESCAPED_NAME)
    for digits in sorted({_whole_digits(number) for number in numbers}):
        names = sorted({number.path[-1] for number in numbers if _whole_digits(number) == digits})
        if not digits or not all(_PLAIN_NAME.fullmatch(name) for name in names):
            return frozenset()
        patterns.add(_not_a_number("|".join(names), digits))
    return frozenset(patterns)


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
