"""A declaration for an address alone: where its answer has rows, and which link leads to the next page."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.answers import JsonPath, value_at
from cdp_orchestration.connectors.rest.auth import Auth
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.connectors.waits import Clock

# Where APIs put the address of the next page; cursors need a parameter that no answer names.
_NEXT_LINKS: tuple[JsonPath, ...] = (
    ("nextRecordsUrl",),
    ("@odata.nextLink",),
    ("links", "next"),
    ("_links", "next", "href"),
    ("paging", "next", "link"),
    ("next_page_url",),
    ("next_page",),
    ("next",),
)
_MAX_DEPTH = 4


def rest_from_url(url: str, auth: Auth | None = None, clock: Clock | None = None) -> Rest:
    """Ask an address once, and declare what its answer shows.

    Args:
        url: with its parameters; none of them may be a secret.
        auth: what proves who asks.
        clock: time and waiting, which tests replace.

    Returns:
        A declaration with rows and paging, and without a cursor, which only the fields of the stream show.

    Raises:
        FetchError: the answer has no list of objects, or several of the same length.
    """
    parts = urlsplit(url)
    base_url = f"{parts.scheme}://{parts.netloc}"
    declared = {"kind": "rest", "base_url": base_url, "path": parts.path, "params": dict(parse_qsl(parts.query))}
    asked = Rest.model_validate(declared | ({"auth": auth} if auth else {}))
    connector = connector_of(asked, clock)
    with closing(connector.client()) as client:
        answer, next_link = client.answer(connector.first_call(), _parsed)
    found = sorted(_lists(answer, ()), key=lambda each: each[1], reverse=True)
    if not found or (len(found) > 1 and found[0][1] == found[1][1]):
        raise FetchError(
            f"{base_url}{parts.path} answers with {len(found)} lists of objects; expected one, or one that is the "
            "longest. Declare rows."
        )
    paging: dict[str, Any] = {"kind": "one_page"}
    if next_link:
        paging = {"kind": "link_header"}
    elif link := next((path for path in _NEXT_LINKS if _is_link(value_at(answer, path))), None):
        paging = {"kind": "body_link", "path": link}
    return Rest.model_validate(asked.model_dump(exclude_unset=True) | {"rows": found[0][0], "paging": paging})


def _parsed(reply: Any) -> tuple[Any, str | None]:
    import orjson

    return orjson.loads(reply.content), reply.next_link


def _lists(value: Any, path: JsonPath) -> Iterator[tuple[JsonPath, int]]:
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        yield path, len(value)
    elif isinstance(value, dict) and len(path) < _MAX_DEPTH:
        for name, inner in value.items():
            yield from _lists(inner, (*path, name))


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "/"))
