"""How an API gives a long list page by page: by number, offset, cursor, link in the body or Link header."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.answers import JsonPath
from cdp_orchestration.connectors.rest.calls import Call, Page

_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
Place = Literal["query", "body"]


class Flag(BaseModel):
    """A member of the answer that says whether there is more, such as done, has_more or end_of_stream."""

    model_config = _STRICT
    path: JsonPath = Field(description="Where the answer has it.")
    more_when: bool | str = Field(description="The value with which there is more.")

    def has_more(self, page: Page) -> bool:
        """Return whether there is more; an answer without the flag is an error, since it may be half an answer."""
        found = page.at(self.path)
        if found is None:
            raise FetchError(
                f"The answer of {page.call.address} has no {'.'.join(self.path)}; expected it to say whether there is "
                "more. Check the declared paging."
            )
        return str(found).casefold() == str(self.more_when).casefold()


class OnePage(BaseModel):
    """The answer has all rows."""

    model_config = _STRICT
    kind: Literal["one_page"]


class PageNumber(BaseModel):
    """Pages have numbers; the first one without rows is the end, or the last that the answer names.

    Numbers shift when rows go or move while they are read, so each full page is read once more after the one that
    follows it, and what has moved onto it is taken. Where rows come in the midst of the list as well, the one may hide
    the other: let the API sort by what only grows, such as the time of change. Where it can give offsets or cursors,
    these are better, and need half the requests. Links that have the number of a page are read in the same way.
    """

    model_config = _STRICT
    kind: Literal["page_number"]
    param: JsonPath = Field(("page",), validate_default=True, description="Parameter, or path in the body.")
    place: Place = Field("query", description="Whether the number stands in the query or in the body.")
    first: int = Field(1, ge=0, description="Number of the first page.")
    last_page: JsonPath | None = Field(None, description="Where the answer has the number of pages, if it has it.")
    after_last: Literal[400, 404] | None = Field(
        None, description="The status of a page after the last, where that is not one without rows."
    )


class Offset(BaseModel):
    """A page begins after so many rows; the page without new rows is the end.

    Each page is asked for with the last row of the page before, so that rows that shifted meanwhile are noticed, and
    read again from further back.
    """

    model_config = _STRICT
    kind: Literal["offset"]
    param: JsonPath = Field(("offset",), validate_default=True, description="Parameter, or path in the body.")
    place: Place = Field("query", description="Whether the offset stands in the query or in the body.")


class NextCursor(BaseModel):
    """The answer, or its last row, has what the next request needs; without it the list has ended."""

    model_config = _STRICT
    kind: Literal["cursor"]
    path: JsonPath = Field(description="Where the next cursor is: in the answer, or in the last row.")
    found_in: Literal["answer", "last_row"] = Field("answer", description="Whether the answer or its last row has it.")
    param: JsonPath = Field(description="Parameter that takes it, or path in the body.")
    place: Place = Field("query", description="Whether it is sent in the query or in the body.")
    more: Flag | None = Field(None, description="A member that says whether there is more; needed for last_row.")
    only_first: tuple[str, ...] = Field((), description="Parameters that only the first request may have.")
    is_kept: bool = Field(
        False, description="Whether the last cursor is where the next fetch starts, as in Zendesk's incremental export."
    )

    def call_with(self, call: Call, cursor: str) -> Call:
        """Return a call that goes on from a cursor."""
        return call.without(self.only_first).with_value(self.param, cursor, self.place)

    def cursor_of(self, page: Page) -> str | None:
        """Return the cursor after a page; None where it has none."""
        if self.found_in == "answer":
            found = page.at(self.path)
        else:
            found = page.answer.kept[-1].paging if page.answer.kept else None
        return None if found is None or isinstance(found, bool | dict | list) or str(found) == "" else str(found)


class BodyLink(BaseModel):
    """The answer has the address of the next page, such as Salesforce's nextRecordsUrl; the last one has none."""

    model_config = _STRICT
    kind: Literal["body_link"]
    path: JsonPath = Field(description="Where the answer has it.")
    more: Flag | None = Field(None, description="A member that says whether there is more, such as done.")


class LinkHeader(BaseModel):
    """The header Link has the address of the next page, rel="next", as Shopify's and GitHub's; the last has none."""

    model_config = _STRICT
    kind: Literal["link_header"]


Paging = Annotated[
    OnePage | PageNumber | Offset | NextCursor | BodyLink | LinkHeader,
    Field(discriminator="kind"),
]
