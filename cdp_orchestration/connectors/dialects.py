"""What differs between databases in the statements that a fetch sends."""

from dataclasses import dataclass
from typing import Final, Protocol


def text_literal(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True)
class Cursor:
    """A cursor: its name as an identifier, and the type by which DuckDB knows the column."""

    name: str
    type: str

    @property
    def is_number(self) -> bool:
        """Whether it is a number; else it is a time."""
        return self.type.startswith(("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "DECIMAL", "DOUBLE", "U"))


class Dialect(Protocol):
    """One database's SQL; each method returns an expression of it."""

    query_function: str  # DuckDB's function that lets the database run a query
    mark: str  # around a name

    def as_text(self, name: str, kind: str) -> str:
        """Return a column as the text that the database writes."""
        ...

    def newest(self, cursor: Cursor) -> str:
        """Return the newest value of a cursor; of a time never one that has not come yet."""
        ...

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """Return the condition that a cursor is not below a value less the overlap."""
        ...


class Postgres:
    """PostgreSQL; the column's type in the bound lets the server use an index."""

    query_function = "postgres_query"
    mark = '"'

    def as_text(self, name: str, kind: str) -> str:
        """Lists and composites as JSON, which landing reads; anything else as the server writes it."""
        return f"to_json({name})::text" if kind.endswith("]") or kind.startswith("STRUCT") else f"{name}::text"

    def newest(self, cursor: Cursor) -> str:
        """The session's time zone is UTC, so that a time without zone is compared with now in UTC."""
        newest = f"max({cursor.name})"
        return f"{newest}::text" if cursor.is_number else f"least({newest}, now()::{cursor.type})::text"

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """A literal of the cursor's type, less units or seconds."""
        step = str(overlap) if cursor.is_number else f"interval '{overlap} seconds'"
        return f"{cursor.name} >= {text_literal(since)}::{cursor.type} - {step}"


class MySql:
    """MySQL and MariaDB."""

    query_function = "mysql_query"
    mark = "`"

    def as_text(self, name: str, kind: str) -> str:
        """Bytes come as they are; a text of the server would read them as characters."""
        return name if kind == "BLOB" else f"cast({name} as char)"

    def newest(self, cursor: Cursor) -> str:
        """A time is one of the session's zone."""
        newest = f"max({cursor.name})"
        return f"cast({newest if cursor.is_number else f'least({newest}, now(6))'} as char)"

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """A literal of the cursor's kind, less units or seconds."""
        if cursor.is_number:
            return f"{cursor.name} >= cast({text_literal(since)} as decimal(65, 0)) - {overlap}"
        return f"{cursor.name} >= cast({text_literal(since)} as datetime(6)) - interval {overlap} second"


class Sqlite:
    """SQLite, whose times are texts of several forms."""

    query_function = "sqlite_query"
    mark = '"'

    def as_text(self, name: str, kind: str) -> str:  # noqa: ARG002 - a column holds values of any type
        """Bytes come as hexadecimal digits, whatever the column's type says; anything else as SQLite writes it."""
        return f"case typeof({name}) when 'blob' then hex({name}) else cast({name} as text) end"

    def newest(self, cursor: Cursor) -> str:
        """A time is written as UTC with milliseconds."""
        if cursor.is_number:
            return f"cast(max({cursor.name}) as text)"
        return f"strftime('%Y-%m-%d %H:%M:%f', min(max(julianday({cursor.name})), julianday('now')))"

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """Times are compared as days, whatever form they are written in."""
        if cursor.is_number:
            return f"{cursor.name} >= {int(since)} - {overlap}"
        return f"julianday({cursor.name}) >= julianday({text_literal(since)}) - {overlap + 1} / 86400.0"


DIALECTS: Final[dict[str, Dialect]] = {"postgres": Postgres(), "mysql": MySql(), "sqlite": Sqlite()}
