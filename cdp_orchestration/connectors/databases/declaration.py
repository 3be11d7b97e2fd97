"""The declaration of a stream that a database gives: the database, a table or a query, and a cursor."""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cdp_orchestration.connectors.secret_values import SecretReference

Kind = Literal["postgres", "mysql", "sqlite"]
_NAME = r"^[^\x00]+$"
_SCHEMES = {"postgres": ("postgresql", "postgres"), "mysql": ("mysql",), "sqlite": ()}
_SCHEME = re.compile(r"([a-z][a-z0-9+.:-]*)://", re.IGNORECASE)


class Database(BaseModel):
    """Rows of a table or of a query.

    With a cursor a fetch reads the rows whose cursor is not below the newest one seen, less the overlap; all rows where
    the table has begun again, so that its newest row lies before these; and without a cursor all rows every time. The
    overlap must be longer than it takes from the time in a cursor to the end of its transaction. What fails by a fault
    that passes, such as a server that starts up or a deadlock, is asked for again after growing pauses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Kind
    url: SecretReference | None = Field(
        None, description="Where the address is, such as postgresql://user:password@host:5432/database."
    )
    path: str | None = Field(None, description="Of SQLite: the file.")
    table: str | None = Field(
        None, pattern=_NAME, description="The table, as sales.orders; a name with a dot in quotes."
    )
    query: str | None = Field(None, description="A query in the database's own SQL, without a semicolon.")
    columns: tuple[str, ...] = Field((), description="The columns; without any, all.")
    cursor: str | None = Field(None, pattern=_NAME, description="The column by which newer rows are known.")
    overlap: int = Field(
        600,
        ge=0,
        description="By how much a fetch goes back: seconds of a time, units of a number. Where nothing is said, an "
        "hour more of times without a zone, which show an hour twice when summer time ends.",
    )
    rows_per_file: int = Field(500_000, gt=0, description="How many rows one file of the inbox has at most.")

    attempts: int = Field(6, ge=1, le=100, description="How often the rows are asked for before the fetch fails.")
    max_wait_seconds: float = Field(60, ge=0, description="The longest wait between two attempts.")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("expected either a table or a query")
        if (self.path is None) == (self.kind == "sqlite"):
            raise ValueError("expected path for sqlite and url for any other database")
        if (self.url is None) == (self.kind != "sqlite"):
            raise ValueError("expected url, as env:NAME or file:PATH, for any database but sqlite")
        if self.query is not None and ";" in self.query:
            raise ValueError("expected one query without a semicolon")
        return self

    @property
    def gives_snapshots(self) -> bool:
        """Whether each fetch brings every row that exists."""
        return self.cursor is None

    def problem_of(self, address: str) -> str | None:
        """Return why an address is none of this kind of database, without the address; None where it may be one.

        Args:
            address: the secret that the declaration refers to, as some programs write it in a way of their own.
        """
        found, expected = _SCHEME.match(address), _SCHEMES[self.kind]
        if not expected or not found or found[1] in expected:
            return None
        return f"the address begins with another scheme; expected {expected[0]}://user:password@host/database"
