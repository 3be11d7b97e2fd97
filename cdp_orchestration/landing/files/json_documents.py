"""Read JSON that is not one object a line: an array of rows, or the answer of an API that has the rows in a list."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cdp_orchestration.landing import refusals
from cdp_orchestration.landing.contract.headings import declared_names, listed
from cdp_orchestration.landing.files.json_values import loads, next_value
from cdp_orchestration.landing.files.text_blocks import BYTE_ORDER_MARK, LineBlock
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.sources import Stream, declared_streams

MAX_DOCUMENT_BYTES = 128 * 1024 * 1024
_BLANKS = re.compile(r"[\s,]*")


def is_document(first_line: bytes, stream: Stream) -> bool:
    """Return whether a file is not JSON Lines, by its first line with text: an array, an envelope, or pretty."""
    line = first_line.strip()
    if line.startswith(b"["):
        return True
    try:
        value = loads(line, exactly=False)
    except (ValueError, RecursionError):
        is_pretty = line == b"{" or (line.startswith(b"{") and line.endswith((b"{", b"[", b",")))
        return is_pretty or _has_several_values(line)
    return isinstance(value, dict) and _list_of_rows(value, stream) is not None


def _has_several_values(line: bytes) -> bool:
    """Return whether objects follow each other without a line between them, as some stream services write them."""
    if not line.startswith(b"{"):
        return False
    text = line.decode("utf-8")
    try:
        _, end = next_value(text, 0)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip().startswith("{")


def read_document(blocks: Iterable[LineBlock], stream: Stream) -> Iterator[Any]:
    """Yield the rows of a JSON document, or of several one after the other.

    Args:
        blocks: the text of the whole file.
        stream: the stream that declares the fields.

    Yields:
        Objects, and what stands in their place, in order.

    Raises:
        FileRefusedError: the document is broken, too large, or has several lists that could be the rows.
    """
    text = _whole_text(blocks)
    position = _after_blanks(text, 0)
    while position < len(text):
        try:
            value, position = next_value(text, position)
        except (ValueError, RecursionError):
            line = text.count("\n", 0, position) + 1
            raise FileRefusedError(refusals.BROKEN_DOCUMENT, found=f"it begins in line {line}") from None
        yield from _rows(value, stream)
        position = _after_blanks(text, position)


def _whole_text(blocks: Iterable[LineBlock]) -> str:
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        parts.append(block.data)
        size += len(block.data)
        if size > MAX_DOCUMENT_BYTES:
            raise FileRefusedError(refusals.DOCUMENT_TOO_LARGE)
    return b"".join(parts).removeprefix(BYTE_ORDER_MARK).decode("utf-8")


def _after_blanks(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position


def _rows(value: Any, stream: Stream) -> list[Any]:
    if isinstance(value, list):
        return [row for each in value for row in ([each] if not isinstance(each, dict) else _rows(each, stream))]
    found = _list_of_rows(value, stream) if isinstance(value, dict) else None
    return [value] if found is None else found


def _list_of_rows(value: dict[str, Any], stream: Stream) -> list[Any] | None:
    """Return the list of an envelope that holds the stream's rows; None where the object is no envelope."""
    if _has_any_required(value, stream):
        return None
    others = {other.name for other in declared_streams() if other.source == stream.source} - {stream.name}
    lists = {name: each for name, each in value.items() if _holds_objects(each) and name.casefold() not in others}
    inner = {name: each for name, each in value.items() if isinstance(each, dict)}
    named = next((each for name, each in lists.items() if name.casefold() == stream.name), None)
    if named is not None:
        return list(named)
    of_rows = [each for each in lists.values() if each and all(_has_required(row, stream) for row in each)]
    of_rows += [found for each in inner.values() if (found := _list_of_rows(each, stream)) is not None]
    if len(of_rows) > 1:
        raise FileRefusedError(refusals.AMBIGUOUS_ENVELOPE, found=listed(value))
    return of_rows[0] if of_rows else None


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _has_any_required(value: dict[str, Any], stream: Stream) -> bool:
    # Of rows that nothing declares yet one is known by its id
    return bool(set(stream.required or ("id",)) & set(declared_names(value, stream).values()))


def _has_required(value: dict[str, Any], stream: Stream) -> bool:
    return set(stream.required) <= set(declared_names(value, stream).values())
