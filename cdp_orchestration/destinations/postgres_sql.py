"""What is said to PostgreSQL: the tables of a release, the views that show them, and what is dropped."""

import re
from collections.abc import Iterable, Mapping, Sequence

from cdp_orchestration.destinations.faults import DestinationError
from cdp_orchestration.destinations.sending import SentTable
from cdp_orchestration.home.sql_text import quoted, text_literal

REGISTER = "release_tables"
"""The table of a release that lists its tables, and the view that shows it: which release a reader sees."""

_TYPES = {
    "bigint": "bigint",
    "blob": "bytea",
    "boolean": "boolean",
    "date": "date",
    "double": "double precision",
    "float": "real",
    "hugeint": "numeric(38, 0)",
    "integer": "integer",
    "smallint": "smallint",
    "text": "text",
    "time": "time",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamptz",
    "timestamptz": "timestamptz",
    "tinyint": "smallint",
    "uuid": "uuid",
    "varchar": "text",
}
_DECIMAL = re.compile(r"(?:decimal|numeric)\(\s*(\d+)\s*,\s*(\d+)\s*\)")

Columns = Sequence[tuple[str, str]]
"""Names and types as the server writes them, in order."""


def type_in_postgres(table: str, column: Mapping[str, str]) -> str:
    """Return the type of a column of the contract.

    Args:
        table: the table, for the error.
        column: its name and its type in the words of DuckDB.

    Raises:
        DestinationError: PostgreSQL has no such type.
    """
    kind = column["type"].lower().strip()
    if kind.endswith("[]"):
        return f"{type_in_postgres(table, {**column, 'type': kind[:-2]})}[]"
    if decimal := _DECIMAL.fullmatch(kind):
        return f"numeric({decimal[1]}, {decimal[2]})"
    if kind not in _TYPES:
        raise DestinationError(
            f"{table}.{column['name']} is of the type {column['type']}, for which PostgreSQL has none; name the other "
            "tables in `tables` of the destination"
        )
    return _TYPES[kind]


def schema_of(views: str, release_id: str) -> str:
    """Return the schema of a release's tables: a name that needs no quotes, such as cdp_20260101t080000z_0a1b2c."""
    return f"{views}_{release_id.lower().replace('-', '_')}"


def is_schema_of_release(views: str, schema: str) -> bool:
    """Return whether a schema is one that ``schema_of`` has named."""
    return re.fullmatch(rf"{re.escape(views)}_\d{{8}}t\d{{6}}z_[0-9a-f]{{6}}", schema) is not None


def create_register(schema: str) -> str:
    """Return what creates the schema of a release and the list of its tables."""
    return (
        f"create schema if not exists {quoted(schema)}; "
        f"create table if not exists {quoted(schema)}.{REGISTER} (table_name text primary key, "
        "row_count bigint not null, sha256 text not null, release_id text not null, contents text, "
        "published_at timestamptz)"
    )


def create_table(schema: str, table: SentTable, *, has_whole_key: bool) -> str:
    """Return what creates a table with typed columns, its key and the meanings of both.

    Args:
        schema: the schema of the release.
        table: the table.
        has_whole_key: whether no column of its key has an empty value; otherwise the key is an index, as a primary key
            holds no empty values.
    """
    name = f"{quoted(schema)}.{quoted(table.name)}"
    columns = [f"{quoted(each['name'])} {type_in_postgres(table.name, each)}" for each in table.columns]
    key = ", ".join(map(quoted, table.key))
    if key and has_whole_key:
        columns.append(f"primary key ({key})")
    index = [] if has_whole_key or not key else [f"create index on {name} ({key})"]
    return "; ".join([f"create table {name} ({', '.join(columns)})", *index, *comments("table", name, table)])


def comments(kind: str, name: str, table: SentTable) -> list[str]:
    """Return what says to the server what a table, or a view of it, and its columns mean."""
    about = [(f"{kind} {name}", table.description)]
    about += [(f"column {name}.{quoted(each['name'])}", each.get("description", "")) for each in table.columns]
    return [f"comment on {of} is {text_literal(' '.join(text.split()))}" for of, text in about if text]


def show_release(
    views: str,
    schema: str,
    contents: str,
    tables: Mapping[str, SentTable],
    *,
    shown: Mapping[str, Columns],
    loaded: Mapping[str, Columns],
    former: Iterable[str],
    readers: Iterable[str],
) -> list[str]:
    """Return what lets the views show the tables of a release; all of it is one transaction.

    A view whose columns only grow is replaced, so that rights on it and views of the company's own on it stay. Another
    one is dropped, which the server refuses while something depends on it.

    Args:
        views: the schema of the views.
        schema: the schema of the release.
        contents: the fingerprint of what is shown.
        tables: the tables to show.
        shown: the columns of the views that are there.
        loaded: the columns of the tables of the release.
        former: the views that the release before showed.
        readers: roles that may read the views.
    """
    wanted = sorted({*tables, REGISTER})
    gone = sorted({*former} & shown.keys() - {*wanted})
    unwanted = sorted(loaded.keys() - {*wanted})
    in_place = quoted(schema)
    said = [f"create schema if not exists {quoted(views)}"]
    for name in wanted:
        view = f"{quoted(views)}.{quoted(name)}"
        before = shown.get(name, ())
        if list(before) != list(loaded[name][: len(before)]):
            said.append(f"drop view {view}")
        said.append(f"create or replace view {view} as select * from {in_place}.{quoted(name)}")
        said += comments("view", view, tables[name]) if name in tables else []
    said += [f"drop view {quoted(views)}.{quoted(name)}" for name in gone]
    said += [f"drop table {in_place}.{quoted(name)}" for name in unwanted]
    said.append(
        f"delete from {in_place}.{REGISTER} where not table_name = any ({_array(wanted)}); "
        f"update {in_place}.{REGISTER} set contents = {text_literal(contents)}, published_at = now()"
    )
    for reader in readers:
        said.append(f"grant usage on schema {quoted(views)} to {quoted(reader)}")
        listed = ", ".join(f"{quoted(views)}.{quoted(name)}" for name in wanted)
        said.append(f"grant select on {listed} to {quoted(reader)}")
    return said


def drop_schema(schema: str, tables: Iterable[str]) -> str:
    """Return what drops the tables of a release and no more: the server refuses while something else depends on one."""
    listed = ", ".join(f"{quoted(schema)}.{quoted(each)}" for each in tables)
    return "; ".join([*([f"drop table {listed}"] if listed else []), f"drop schema {quoted(schema)}"])


def columns_query(schema: str, kind: str) -> str:
    """Return the query for the columns of all tables (r) or views (v) of a schema: relation, column, type."""
    return (
        "select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_class c "
        "join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_attribute a on a.attrelid = c.oid "
        f"where n.nspname = {text_literal(schema)} and c.relkind = {text_literal(kind)} and a.attnum > 0 "
        "and not a.attisdropped order by c.relname, a.attnum"
    )


def _array(names: Iterable[str]) -> str:
    return f"array[{', '.join(map(text_literal, names))}]::text[]"
