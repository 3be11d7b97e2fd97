"""The answer of an API: its rows as they were written, number by number, and the values around them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_BLANKS = re.compile(r"[ \t\r\n]*")
_LINE_ENDS = str.maketrans("\r\n", "  ")  # in JSON they stand between values only
_BYTE_ORDER_MARK = "\ufeff"


def _split(value: Any) -> Any:
    return tuple(part for part in value.split(".") if part) if isinstance(value, str) else value


JsonPath = Annotated[
    tuple[str, ...],
    BeforeValidator(_split, json_schema_input_type=str | list[str]),
    Field(examples=["paging.next.after", ["@odata.nextLink"]]),
]
"""Names of members from the outside in: ``paging.next.after``, or a list where a name has a dot in it."""


class NumberText(str):
    """A number as it was written."""


_DECODER = json.JSONDecoder(parse_float=NumberText, parse_int=NumberText, parse_constant=lambda _: None)


@dataclass
class Answer:
    """One page: ``rows`` as JSON texts of one line, what was kept of each, and the answer around them.

    ``kept`` has one value a row, in the same order. ``has_rows`` is false where the answer has no list at the path.
    """

    rows: list[str] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    around: Any = None
    has_rows: bool = False


def read_answer(content: bytes, path: JsonPath, keep: Callable[[Any], Any]) -> Answer:
    """Read a JSON answer.

    Args:
        content: the body.
        path: where the list of rows is; empty when the answer is the list.
        keep: what to take of a parsed row; the rest of it is let go.

    Returns:
        The rows with their digits, their repeated members and the order of these as the API gave them.

    Raises:
        ValueError: it is broken, cut off, or no JSON.
    """
    text = content.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    reader = _Reader(text, keep)
    try:
        reader.answer.around, end = reader.value(_after_blanks(text, 0), path)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _after_blanks(text, end) != len(text):
        raise ValueError("more than one JSON value")
    return reader.answer


def value_at(value: Any, path: JsonPath) -> Any:
    """Return what stands at a path of a parsed value; None where there is no such member."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def dumps(value: Any) -> bytes:
    """Return a request's body as JSON, with the digits of its numbers."""
    import orjson

    def number(found: object) -> orjson.Fragment:
        return orjson.Fragment(str(found))

    return orjson.dumps(value, default=number, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


class _Reader:
    """Walks through the members on the way to the rows; everything else is parsed in one go."""

    def __init__(self, text: str, keep: Callable[[Any], Any]) -> None:
        self._text = text
        self._keep = keep
        self.answer = Answer()

    def value(self, position: int, path: JsonPath) -> tuple[Any, int]:
        sign = self._text[position : position + 1]
        if not path and sign == "[":
            self.answer.has_rows = True
            return None, self._sequence(position, "]", self._row)
        if path and sign == "{":
            members: dict[str, Any] = {}

            def member(start: int) -> int:
                name, end = _DECODER.raw_decode(self._text, start)
                if self._text[start : start + 1] != '"':
                    raise ValueError("a member without a name")
                end = self._expect(":", end)
                inner = self.value(end, path[1:]) if name == path[0] else _DECODER.raw_decode(self._text, end)
                members[name] = inner[0]
                return inner[1]

            return members, self._sequence(position, "}", member)
        found, end = _DECODER.raw_decode(self._text, position)
        # Some APIs write null for an empty list.
        self.answer.has_rows |= not path and found is None
        return found, end

    def _sequence(self, position: int, close: str, element: Callable[[int], int]) -> int:
        position = _after_blanks(self._text, position + 1)
        if self._text[position : position + 1] == close:
            return position + 1
        while True:
            position = _after_blanks(self._text, element(position))
            sign = self._text[position : position + 1]
            if sign == close:
                return position + 1
            position = self._expect(",", position)

    def _row(self, position: int) -> int:
        value, end = _DECODER.raw_decode(self._text, position)
        self.answer.rows.append(self._text[position:end].translate(_LINE_ENDS))
        self.answer.kept.append(self._keep(value))
        return end

    def _expect(self, sign: str, position: int) -> int:
        position = _after_blanks(self._text, position)
        if self._text[position : position + 1] != sign:
            raise ValueError(f"no {sign} where it belongs")
        return _after_blanks(self._text, position + 1)


def _after_blanks(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position
