"""Bodies of answers: read within a size and a time, looked at before they are parsed."""

import json
import re
from typing import Any

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.faults import PassingError
from cdp_orchestration.connectors.waits import Clock

_PIECE_BYTES = 64 * 1024
# Words that vendors define, such as INVALID_QUERY_LOCATOR and invalid_client; no customer is called so.
_ERROR_CODE = re.compile(r"[A-Z]{2,}(?:_[A-Z0-9]+)+|[a-z]+(?:_[a-z]+)+")
_ERROR_MEMBERS = ("errorCode", "error", "code", "category", "errors")


def read_body(response: Any, max_bytes: int, max_seconds: float, clock: Clock, address: str) -> bytes:
    """Return the unpacked body of an answer.

    Args:
        response: a response of requests that has not been read.
        max_bytes: the most that it may have.
        max_seconds: the longest that it may take; one that comes byte by byte would never end otherwise.
        clock: has the monotonic time.
        address: names the API in errors.

    Returns:
        The whole body.

    Raises:
        FetchError: it is too large.
        PassingError: it is too slow, or was cut off.
    """
    from urllib3.exceptions import HTTPError

    pieces: list[bytes] = []
    size, until = 0, clock.monotonic() + max_seconds
    found = ""
    try:
        while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > max_bytes:
                raise FetchError(
                    f"{address} answers with more than {max_bytes} bytes; expected a page that fits. "
                    "Ask for fewer rows a page, or raise max_page_bytes."
                )
            if clock.monotonic() > until:
                found = f"an answer that was not there after {max_seconds:.0f} s"
                break
    except (HTTPError, OSError):
        found = "an answer that was cut off"
    if found:
        raise PassingError(found)
    return b"".join(pieces)


def is_for_people(content: bytes) -> bool:
    """Return whether a body is HTML, which some gateways send with status 200."""
    return content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def json_of(content: bytes) -> Any:
    """Return the parsed answer of an address that issues tokens."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    raise PassingError("a broken or cut-off answer")


def error_code(content: bytes) -> str:
    """Return the vendor's code of an error in brackets, or nothing; the rest of the answer may have values in it."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    for each in answer if isinstance(answer, list) else [answer]:
        for name in _ERROR_MEMBERS:
            code = each.get(name) if isinstance(each, dict) else None
            if isinstance(code, str) and _ERROR_CODE.fullmatch(code):
                return f" ({code})"
    return ""
