"""What differs between databases in the statements that a fetch sends."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

from cdp_orchestration.connectors.databases.cursor import Cursor, number_below
from cdp_orchestration.home.sql_text import text_literal


def quoted(name: str, mark: str) -> str:
    """Return a name as an SQL identifier between marks."""
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def quoted_parts(name: str, mark: str) -> str:
    """Return the name of a table with each part as an identifier; one in quotes, as the database writes it, is one."""
    parts = re.findall(rf"(?:{mark}((?:[^{mark}]|{mark}{mark})+){mark}|([^.]+))(?:\.|$)", name)
    return ".".join(quoted(inside.replace(mark * 2, mark) or plain, mark) for inside, plain in parts)


class Dialect(Protocol):
    """One database's SQL; each method returns an expression of it."""

    settings: tuple[str, ...]  # of DuckDB, before it connects
    session: str | None  # a query that has the server write each value in one way, whoever asks
    query_function: str  # DuckDB's function that lets the database run a query
    mark: str  # around a name

    def as_text(self, name: str, kind: str) -> str:
        """Return a column as the text that the database writes."""
        ...

    def type_of_values(self, name: str) -> str | None:
        """Return the type that the values of a column have, where the column may declare another one."""
        ...

    def types_beyond(self, names: Sequence[str], relation: str) -> str | None:
        """Return a query for the types of texts that are more than texts, in one row; None where there are none."""
        ...

    def newest(self, cursor: Cursor) -> str:
        """Return the newest value of a cursor."""
        ...

    def can_be_newest(self, cursor: Cursor) -> str:
        """Return the condition that a row may be the newest one: its time has come, its number is one."""
        ...

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """Return the condition that a cursor is not below a value less the overlap."""
        ...

    def absent(self, cursor: Cursor) -> str:
        """Return the condition that a row has no cursor."""
        ...


class Postgres:
    """PostgreSQL; the column's type in the bound lets the server use an index."""

    settings: tuple[str, ...] = ()
    # A role or a database may have other customs; these hold until the transaction ends.
    session: str | None = (
        "select set_config('client_encoding', 'UTF8', true) as letters, set_config('TimeZone', 'UTC', true) as zone, "
        "set_config('DateStyle', 'ISO, YMD', true) as days, "
        "set_config('IntervalStyle', 'postgres', true) as spans, set_config('bytea_output', 'hex', true) as bytes, "
        "set_config('extra_float_digits', '1', true) as digits"
    )
    query_function = "postgres_query"
    mark = '"'

    def as_text(self, name: str, kind: str) -> str:
        """Lists and composites as JSON, which landing reads, money as a number; all else as the server writes it."""
        if kind == "MONEY":
            return f"{name}::numeric::text"
        return f"to_json({name})::text" if kind.endswith("]") or kind.startswith("STRUCT") else f"{name}::text"

    def types_beyond(self, names: Sequence[str], relation: str) -> str | None:
        """Whatever DuckDB does not know is a text for it, as a list of a type that somebody has made."""
        if not names:
            return None
        kind = (
            "case when typcategory = 'A' then 'LIST[]' when typcategory = 'C' or typname in ('record', 'hstore') "
            "then 'STRUCT' when typname = 'money' then 'MONEY' else 'VARCHAR' end"
        )
        listed = ", ".join(
            f"(select {kind} from pg_catalog.pg_type as type where type.oid = pg_typeof(wanted.{name})) as {name}"
            for name in names
        )
        no_row = f"select * from {relation} as wanted where 1 = 0"
        return f"select {listed} from (select) as one left join ({no_row}) as wanted on true"

    def type_of_values(self, name: str) -> str | None:  # noqa: ARG002 - a column has one
        """That of the column."""
        return None

    def newest(self, cursor: Cursor) -> str:
        """As the server writes it."""
        return f"max({cursor.name})::text"

    def can_be_newest(self, cursor: Cursor) -> str:
        """The session's time zone is UTC, so that a time without zone is compared with now in UTC."""
        if cursor.has_fractions:
            # These two count as above all numbers, so that nothing would be newer ever after.
            return f"{cursor.name}::text not in ('NaN', 'Infinity')"
        return "true" if cursor.is_number else f"{cursor.name} <= now()::{cursor.type}"

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """A literal of the cursor's type, less units or seconds."""
        if cursor.is_number:
            # What a number of four bytes is written as is not equal to it as one of eight.
            exact = "::float4" if cursor.type == "FLOAT" else ""
            return f"{cursor.name} >= {number_below(since, overlap)}{exact}"
        below = f"{text_literal(since)}::{cursor.type} - interval '{overlap} seconds'"
        return f"{cursor.name} >= ({below})::{cursor.type}"

    def absent(self, cursor: Cursor) -> str:
        """A row without a cursor."""
        return f"{cursor.name} is null"


class MySql:
    """MySQL and MariaDB, whose day of zeros means that there is none."""

    settings: tuple[str, ...] = ("set mysql_session_time_zone = '+00:00'",)
    session: str | None = None
    query_function = "mysql_query"
    mark = "`"

    def as_text(self, name: str, kind: str) -> str:
        """Bytes and bits come as hexadecimal digits, JSON as it is, and a day of zeros as no value."""
        if kind == "BLOB":
            # A geometry can be no text, and "concat" takes it for the bytes that it is.
            value = f"concat({name}, '')"
            return f"case when charset({name}) = 'binary' then hex({name}) else cast({value} as char) end"
        if kind == "FLOAT":
            # Six figures are what the server writes by itself; a number of four bytes has seven.
            wide = f"({name} + 0e0)"
            rounded = f"round({wide}, 6 - floor(log10(abs({wide}))))"
            return f"cast(case when {wide} = floor({wide}) then {wide} else {rounded} end as char)"
        if kind == "BOOLEAN":  # one bit, or a small number that may be more than 1
            return f"cast({name} + 0 as char)"
        if kind.startswith(("TIMESTAMP", "DATE")):
            return f"case when {name} = 0 then null else cast({name} as char) end"
        return f"cast({name} as char)"

    def type_of_values(self, name: str) -> str | None:  # noqa: ARG002 - a column has one
        """That of the column."""
        return None

    def types_beyond(self, names: Sequence[str], relation: str) -> str | None:  # noqa: ARG002 - a text is a text
        """None."""
        return None

    def newest(self, cursor: Cursor) -> str:
        """As the server writes it, a number of four bytes with all its figures."""
        exact = " + 0e0" if cursor.type == "FLOAT" else ""
        return f"cast(max({cursor.name}){exact} as char)"

    def can_be_newest(self, cursor: Cursor) -> str:
        """The session's time zone is UTC; a time without zone is compared with now in UTC."""
        return "true" if cursor.is_number else f"{cursor.name} <= now(6) and {cursor.name} <> 0"

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """A literal of the cursor's kind, less units or seconds."""
        if cursor.is_number:
            return f"{cursor.name} >= {number_below(since, overlap)}"
        below = f"cast({text_literal(since)} as datetime(6)) - interval {overlap} second"
        return f"{cursor.name} >= {f'date({below})' if cursor.is_day else below}"

    def absent(self, cursor: Cursor) -> str:
        """A row without a cursor, or with a day of zeros."""
        return f"{cursor.name} is null or {cursor.name} = 0" if cursor.is_time else f"{cursor.name} is null"


class Sqlite:
    """SQLite, whose times are texts of several forms."""

    settings: tuple[str, ...] = ()
    session: str | None = None
    query_function = "sqlite_query"
    mark = '"'

    def type_of_values(self, name: str) -> str | None:
        """A number where all values are; a text counts as the greatest, and as a time."""
        return f"case when typeof(max({name})) in ('integer', 'real') then 'DOUBLE' else 'TIMESTAMP' end"

    def as_text(self, name: str, kind: str) -> str:  # noqa: ARG002 - a column holds values of any type
        """Bytes come as hexadecimal digits, whatever the column's type says; anything else as SQLite writes it."""
        return f"case typeof({name}) when 'blob' then hex({name}) else cast({name} as text) end"

    def types_beyond(self, names: Sequence[str], relation: str) -> str | None:  # noqa: ARG002 - a text is a text
        """None."""
        return None

    def newest(self, cursor: Cursor) -> str:
        """A time is written as UTC with milliseconds, a number with a fraction so that it is not rounded up."""
        if cursor.is_number:
            newest = f"max({cursor.name})"
            return f"case typeof({newest}) when 'real' then printf('%!.17g', {newest}) else cast({newest} as text) end"
        return f"strftime('%Y-%m-%d %H:%M:%f', max(julianday({cursor.name})))"

    def can_be_newest(self, cursor: Cursor) -> str:
        """A time without zone is compared with now in UTC."""
        return "1" if cursor.is_number else f"julianday({cursor.name}) <= julianday('now')"

    def bound(self, cursor: Cursor, since: str, overlap: int) -> str:
        """Times are compared as days, whatever form they are written in."""
        if cursor.is_number:
            return f"{cursor.name} >= {number_below(since, overlap)}"
        below = f"julianday({text_literal(since)}) - {overlap + 1} / 86400.0"
        # A day stands for any time of it.
        last = f"julianday({cursor.name}) + (length(trim({cursor.name})) = 10)"
        return f"{last} >= {below}"

    def absent(self, cursor: Cursor) -> str:
        """A row without a cursor, or with one that is no time."""
        return f"{cursor.name} is null" if cursor.is_number else f"julianday({cursor.name}) is null"


DIALECTS: Final[dict[str, Dialect]] = {"postgres": Postgres(), "mysql": MySql(), "sqlite": Sqlite()}
