"""JSON values as they are written: numbers keep their digits, what some writers add to JSON is read."""

import json
import re
from typing import Any

import orjson

# 15 digits survive a float, 18 an integer of 64 bits: longer numbers, and those with an exponent, stay text.
LONG_NUMBER = r"[:,\[]\s*-?[0-9]([0-9.]{15}|[0-9.]*[eE])"
_LONG_NUMBER = re.compile(LONG_NUMBER)
_HALF_SIGN = re.compile("[\ud800-\udfff]")


class NumberText(str):
    """A number as written: too long for a float or an integer of 64 bits, or with an exponent."""


# Python, and programs made with it, write NaN for an absent value.
# Some programs write tabs and line breaks into strings as they are.
_DECODER = json.JSONDecoder(parse_float=NumberText, parse_int=NumberText, parse_constant=lambda _: None, strict=False)


def loads(text: bytes, *, exactly: bool) -> Any:
    """Return a JSON value.

    Args:
        text: one value, in UTF-8.
        exactly: whether it has numbers that must keep their digits.

    Returns:
        The value; NaN is null, and the half of a sign that was cut off is the replacement character. A text that is no
        JSON raises ValueError.
    """
    if not exactly:
        try:
            return orjson.loads(text)
        except ValueError:
            pass
    return whole(_DECODER.decode(text.decode("utf-8")))


def loads_as_written(text: str) -> Any:
    """Return a JSON value whose numbers keep their digits, ValueError where it is broken; see loads."""
    return loads(text.encode(), exactly=_LONG_NUMBER.search(text) is not None)


def next_value(text: str, position: int) -> tuple[Any, int]:
    """Return the JSON value that begins at a position, and where it ends; ValueError when it is broken."""
    value, end = _DECODER.raw_decode(text, position)
    return whole(value), end


def dumps(value: object) -> bytes:
    """Return a value as compact JSON, numbers as they were written."""
    return orjson.dumps(value, default=_number, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def as_text(value: object) -> str | bytes:
    """Return the text of a value of a field that is not JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    return dumps(value)


def whole(value: Any) -> Any:
    """Return a value in which the replacement character stands for each half of a sign."""
    if isinstance(value, str):
        if not _HALF_SIGN.search(value):
            return value
        return type(value)(_HALF_SIGN.sub("\N{REPLACEMENT CHARACTER}", value))
    if isinstance(value, list):
        return [whole(each) for each in value]
    if isinstance(value, dict):
        return {whole(name): whole(each) for name, each in value.items()}
    return value


def _number(value: object) -> orjson.Fragment:
    return orjson.Fragment(str(value))
