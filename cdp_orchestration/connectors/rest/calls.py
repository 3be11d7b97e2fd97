"""One request of an API, as data: address, parameters, body; and what a page of it has to say about the next."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from cdp_orchestration.connectors.rest.answers import Answer, JsonPath, dumps, value_at


@dataclass(frozen=True)
class Call:
    """A request without what proves who asks."""

    url: str
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    method: Literal["GET", "POST"] = "GET"

    def with_value(self, path: JsonPath, value: str, place: Literal["query", "body"]) -> "Call":
        """Return the call with a parameter, or a member of its body, set."""
        if place == "query":
            return replace(self, params={**self.params, ".".join(path): value})
        return replace(self, body=_with_member(self.body, path, value))

    def without(self, names: tuple[str, ...]) -> "Call":
        """Return the call without some of its parameters."""
        return replace(self, params={name: value for name, value in self.params.items() if name not in names})

    @property
    def address(self) -> str:
        """The address without its query, which may hold a secret."""
        parts = _parts(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return origin_of(self.url)

    @property
    def digest(self) -> bytes:
        """What two equal calls have in common, without keeping them."""
        return hashlib.sha256(dumps([self.method, self.url, self.params, self.body])).digest()


@dataclass(frozen=True)
class Page:
    """An answer with the call that it answers; ``next_link`` is that of its Link header."""

    call: Call
    answer: Answer
    next_link: str | None = None

    @property
    def row_count(self) -> int:
        """How many rows the page has."""
        return len(self.answer.rows)

    def at(self, path: JsonPath) -> Any:
        """Return a value of the answer around the rows."""
        return value_at(self.answer.around, path)

    @property
    def row_digests(self) -> list[bytes]:
        """A digest of each row's text, in order."""
        return [hashlib.sha256(row.encode()).digest() for row in self.answer.rows]


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address."""
    parts = _parts(url)
    try:
        port = parts.port
    except ValueError:
        return "", "", 0
    return parts.scheme, parts.hostname or "", port or (443 if parts.scheme == "https" else 80)


def joined(address: str, link: str) -> str:
    """Return the address that a link of an answer leads to; empty where it is no address."""
    try:
        return urljoin(address, link)
    except ValueError:
        return ""


def filled(template: Any, values: dict[str, str | None]) -> Any:
    """Return parameters or a body with the placeholders replaced.

    Args:
        template: texts, lists and mappings; a text may have ``{since}`` in it.
        values: what stands for each placeholder. A member whose placeholder has no value is left out.

    Returns:
        The same shape with values.
    """
    if isinstance(template, dict):
        members = {name: filled(inner, values) for name, inner in template.items()}
        return {name: inner for name, inner in members.items() if inner is not _ABSENT}
    if isinstance(template, list | tuple):
        return [each for inner in template if (each := filled(inner, values)) is not _ABSENT]
    if not isinstance(template, str):
        return template
    for name, value in values.items():
        if "{" + name + "}" in template:
            if value is None:
                return _ABSENT
            template = template.replace("{" + name + "}", value)
    return template


def placeholders_of(template: Any, names: tuple[str, ...]) -> set[str]:
    """Return which placeholders parameters or a body have."""
    text = dumps(template).decode()
    return {name for name in names if "{" + name + "}" in text}


def _with_member(body: Any, path: JsonPath, value: str) -> Any:
    if not path:
        return value
    members = body if isinstance(body, dict) else {}
    return {**members, path[0]: _with_member(members.get(path[0]), path[1:], value)}


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


_ABSENT = object()
