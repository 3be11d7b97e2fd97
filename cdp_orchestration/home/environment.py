"""Values of environment variables, checked: an error names the variable, what it holds and what it may hold."""

import math
import os
from collections.abc import Collection

from cdp_orchestration.errors import SettingsError


def number_of(variable: str, default: float, most: float, expected: str) -> float:
    """Return the number in a variable.

    Args:
        variable: the name of the variable.
        default: the number where it is not set.
        most: the greatest number that is accepted; the least is 0.
        expected: what is accepted, in words.

    Returns:
        A finite number.

    Raises:
        SettingsError: the variable holds something else.
    """
    value = os.environ.get(variable) or str(default)
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= most or math.isinf(number):
        raise SettingsError(f"{variable} is {value!r}; expected {expected}, such as {default:g}")
    return number


def one_of(variable: str, names: Collection[str]) -> str | None:
    """Return the name in a variable; None where it is not set.

    Args:
        variable: the name of the variable.
        names: what is accepted.

    Returns:
        One of the names.

    Raises:
        SettingsError: the variable holds another name.
    """
    value = os.environ.get(variable, "").strip() or None
    if value is not None and value not in names:
        raise SettingsError(f"{variable} is {value!r}; expected {' or '.join(names)}, or nothing")
    return value
