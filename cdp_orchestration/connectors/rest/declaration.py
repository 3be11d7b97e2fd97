"""The declaration of a stream that an API gives: address, rows, paging, cursor, and what proves who asks."""

import re
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cdp_orchestration.connectors.rest.answers import JsonPath
from cdp_orchestration.connectors.rest.auth import Auth
from cdp_orchestration.connectors.rest.calls import placeholders_of
from cdp_orchestration.connectors.rest.cursor import Cursor
from cdp_orchestration.connectors.rest.paging import NextCursor, OnePage, Paging

_PLACEHOLDERS = ("since", "restart")
_SECRET_NAME = re.compile(
    r"authori[sz]ation|cookie|token|secret|password|passwd|api[-_]?key|^key$|signature", re.IGNORECASE
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Restart(BaseModel):
    """A new question after so many rows, where an API gives no more than these to one, as HubSpot's search.

    The rows must come in the order of ``field``, which no two of them share; ``{restart}`` stands for its last value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    after_rows: int = Field(gt=0, description="How many rows the API gives to one question.")
    field: JsonPath = Field(description="Where a row has the value by which the rows are sorted, such as its id.")
    first: str = Field("0", description="What {restart} stands for in the first question.")


class Rest(BaseModel):
    """Rows of an API that answers with JSON.

    ``{since}`` in a parameter or in the body stands for the position, less the overlap; ``{restart}`` for the value
    after which a new question starts. A parameter whose placeholder has no value yet is left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["rest"]
    base_url: str = Field(
        pattern=r"^https?://[^@?#\s/]+(/[^@?#\s]*)?$", description="Scheme, host and the part that all paths share."
    )
    path: str = Field(pattern=r"^[^?#\s]*$", description="Path of the list below base_url, without parameters.")
    method: Literal["GET", "POST"] = Field("GET", description="POST for searches and GraphQL.")
    params: dict[str, str | int | bool] = Field({}, description="Parameters of the first request.")
    headers: dict[str, str] = Field({}, description="Headers of every request, but for what proves who asks.")
    body: Any = Field(None, description="The JSON body of a POST.")
    rows: JsonPath = Field((), description="Where the answer has the list of rows; empty when it is the list.")
    auth: Auth | None = Field(None, description="What proves who asks; left out for an open API.")
    paging: Paging = Field(OnePage(kind="one_page"), description="How the next page is asked for.")
    cursor: Cursor | None = Field(None, description="By what newer rows are known; without it every fetch reads all.")
    restart: Restart | None = Field(None, description="For an API that gives no more than so many rows to a question.")
    is_snapshot: bool = Field(
        False, description="Whether a fetch returns every row that exists, so that an absent one was deleted."
    )
    allow_plain_http: bool = Field(False, description="Whether secrets may travel without TLS, as inside a network.")
    attempts: int = Field(8, ge=1, le=100, description="How often a request is made before the fetch fails.")
    timeout_seconds: float = Field(60, gt=0, description="How long the API may be silent.")
    page_seconds: float = Field(600, gt=0, description="How long one answer may take.")
    max_wait_seconds: float = Field(900, ge=0, description="The longest wait that an API may ask for.")
    max_page_bytes: int = Field(64 * 1024 * 1024, gt=0, description="How large one answer may be, unpacked.")

    @model_validator(mode="after")
    def _keeps_secrets(self) -> Self:
        for name in (*self.params, *self.headers):
            if _SECRET_NAME.search(name):
                raise ValueError(f"{name} looks like a secret; expected it in auth, as env:NAME or file:PATH")
        parts = urlsplit(self.base_url)
        is_safe = parts.scheme == "https" or parts.hostname in _LOOPBACK or self.allow_plain_http
        if self.auth and not is_safe:
            raise ValueError(
                "secrets would travel without TLS; expected https, or allow_plain_http: true inside a network"
            )
        return self

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        used = placeholders_of([self.params, self.body], _PLACEHOLDERS)
        rules = {
            "a body needs method: POST": self.body is not None and self.method != "POST",
            "{since} needs a cursor": "since" in used and self.cursor is None,
            "{since} in the body needs cursor.first": bool(
                self.cursor and self.cursor.first is None and placeholders_of(self.body, ("since",))
            ),
            "restart and {restart} need each other": ("restart" in used) != (self.restart is not None),
            "a snapshot has all rows, so it has no cursor and no {since}": self.is_snapshot and self.cursor is not None,
            "a cursor found in the last row needs paging.more, which says where the list ends": (
                isinstance(self.paging, NextCursor) and self.paging.found_in == "last_row" and self.paging.more is None
            ),
        }
        for rule, is_broken in rules.items():
            if is_broken:
                raise ValueError(rule)
        return self

    @property
    def gives_snapshots(self) -> bool:
        """Whether each fetch brings every row that exists."""
        return self.is_snapshot
