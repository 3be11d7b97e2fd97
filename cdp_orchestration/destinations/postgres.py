"""Publish to PostgreSQL: the tables of a release in a schema of their own, then all views to them in one transaction.

A reader's transaction that has read one of the views sees the same release in all of them until it ends: the views are
replaced under locks that wait for it, and that it waits for. Each try to take them is shorter than the time after which
the server looks for deadlocks, so that no reader is ever canceled for the sake of a release.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial

import duckdb

from cdp_orchestration.destinations.declaration import Postgres
from cdp_orchestration.destinations.faults import PassingDestinationError
from cdp_orchestration.destinations.postgres_session import Session, connected
from cdp_orchestration.destinations.postgres_sql import (
    REGISTER,
    Columns,
    columns_query,
    create_register,
    create_table,
    drop_schema,
    is_schema_of_release,
    schema_of,
    show_release,
)
from cdp_orchestration.destinations.sending import Contents, Sent, SentTable
from cdp_orchestration.home.sql_text import quoted, text_literal

_LOCK_TIMEOUT = "300ms"  # the server looks for deadlocks after a second
_SECONDS_BETWEEN_TRIES = 0.2
_LOCKED = "canceling statement due to lock timeout"


class PostgresPublisher:
    """Loads by ``COPY``; what was loaded as a whole is not loaded again."""

    def __init__(self, name: str, declared: Postgres) -> None:
        """Take the declaration; nothing is opened."""
        self._name = name
        self._declared = declared

    def shown(self) -> str | None:
        """Return the fingerprint that the views show."""
        with connected(self._name, self._declared) as session:
            return self._shown(session)[1]

    def send(self, contents: Contents) -> Sent:
        """Load the tables, let the views show them, and drop the schemas of old releases."""
        schema = schema_of(self._declared.views, contents.release_id)
        with connected(self._name, self._declared) as session:
            session.run(create_register(schema))
            loaded = _loaded(session, schema)
            sent = [each for each in contents.tables.values() if loaded.get(each.name) != each.sha256]
            for table in sent:
                _load(session, schema, table, contents.release_id, is_there=table.name in loaded)
            self._show(session, schema, contents)
            removed, in_use = self._drop_old(session, schema)
        return Sent(
            release_id=contents.release_id,
            is_new=True,
            table_count=len(contents.tables),
            row_count=contents.row_count,
            sent_tables=tuple(each.name for each in sent),
            sent_bytes=sum(each.size_bytes for each in sent),
            removed=removed,
            in_use=in_use,
        )

    def _shown(self, session: Session) -> tuple[list[str], str | None]:
        """Return the views of the release that is shown, and its fingerprint."""
        register = f"{quoted(self._declared.views)}.{REGISTER}"
        if session.ask(f"select to_regclass({text_literal(register)})::text")[0][0] is None:
            return [], None
        rows = session.ask(f"select table_name, contents from {register}")
        return [str(row[0]) for row in rows], next((str(row[1]) for row in rows if row[1]), None)

    def _show(self, session: Session, schema: str, contents: Contents) -> None:
        """Let the views show a release as soon as no reader is in the way.

        Raises:
            PassingDestinationError: readers have held the views for as long as is waited for them.
        """
        deadline = time.monotonic() + self._declared.wait_seconds
        contended: list[str] = []
        while not self._is_shown(session, schema, contents, contended):
            if time.monotonic() > deadline:
                raise PassingDestinationError(
                    f"transactions of readers have held the views of {self._name} ({self._declared.place}) for "
                    f"{self._declared.wait_seconds:,.0f} s; they see what they did. The tables of "
                    f"{contents.release_id} are loaded, and the next sync shows them; end transactions that stay open, "
                    "or set `wait_seconds`"
                )
            time.sleep(_SECONDS_BETWEEN_TRIES)

    def _is_shown(self, session: Session, schema: str, contents: Contents, contended: list[str]) -> bool:
        """Let the views show a release, unless a reader is in the way: then its view becomes the first to be locked.

        Readers that hold one view and wait for another one, which is locked already, would be in the way each time:
        while the view that they hold is waited for first, they end.

        Returns:
            Whether the views show it.
        """
        views = self._declared.views
        asked: list[str] = []

        def show() -> None:
            session.run(f"select pg_advisory_xact_lock(hashtext({text_literal(f'cdp {views}')}))")
            shown = _columns(session, views, "v")
            for name in sorted(shown, key=lambda each: contended.index(each) if each in contended else len(contended)):
                asked.append(name)
                session.run(f"lock table {quoted(views)}.{quoted(name)} in access exclusive mode")
            asked.clear()
            session.run("; ".join(self._statements(session, schema, contents, shown)))

        is_shown = _is_done(session, show)
        if asked:
            contended[:] = [asked[-1], *(each for each in contended if each != asked[-1])]
        return is_shown

    def _statements(self, session: Session, schema: str, contents: Contents, shown: Mapping[str, Columns]) -> list[str]:
        return show_release(
            self._declared.views,
            schema,
            contents.fingerprint,
            contents.tables,
            shown=shown,
            loaded=_columns(session, schema, "r"),
            former=self._shown(session)[0],
            readers=self._declared.readers,
        )

    def _drop_old(self, session: Session, shown: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Drop the schemas of releases that need not be kept; return these, and those that are in use."""
        names = [str(row[0]) for row in session.ask("select nspname::text from pg_catalog.pg_namespace")]
        others = sorted(
            (each for each in names if is_schema_of_release(self._declared.views, each) and each != shown), reverse=True
        )
        # One that was never shown is of a publication that was killed
        whole = [each for each in others if _was_shown(session, each)]
        removed: list[str] = []
        in_use: list[str] = []
        for each in (each for each in others if each not in whole[: self._declared.keep - 1]):
            tables = _columns(session, each, "r")
            is_dropped = _is_done(session, partial(session.run, drop_schema(each, tables)), "depend on", "depends on")
            (removed if is_dropped else in_use).append(each)
        return tuple(removed), tuple(in_use)


def _loaded(session: Session, schema: str) -> dict[str, str]:
    """Return the tables that are loaded as a whole, with the SHA-256 of their files."""
    rows = session.ask(f"select table_name, sha256 from {quoted(schema)}.{REGISTER}")
    return {str(name): str(sha256) for name, sha256 in rows}


def _load(session: Session, schema: str, table: SentTable, release_id: str, *, is_there: bool) -> None:
    """Load a table and note it, in one transaction: a table that is there is there as a whole."""
    has_whole_key = not session.has_empty_values(table.file, table.key)
    columns = ", ".join(f"cast({quoted(each['name'])} as {each['type']})" for each in table.columns)
    name = f"{quoted(schema)}.{quoted(table.name)}"
    with session.transaction():
        # Its views show the former rows until the end
        session.run(f"delete from {name}" if is_there else create_table(schema, table, has_whole_key=has_whole_key))
        session.load(schema, table.name, columns, table.file)
        session.run(
            f"insert into {quoted(schema)}.{REGISTER} (table_name, row_count, sha256, release_id) "
            f"select {text_literal(table.name)}, count(*), {text_literal(table.sha256)}, {text_literal(release_id)} "
            f"from {name} "
            "on conflict (table_name) do update set row_count = excluded.row_count, sha256 = excluded.sha256; "
            f"analyze {name}"
        )


def _columns(session: Session, schema: str, kind: str) -> Mapping[str, Columns]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for relation, column, type_name in session.ask(columns_query(schema, kind)):
        found[str(relation)].append((str(column), str(type_name)))
    return found


def _was_shown(session: Session, schema: str) -> bool:
    register = f"{quoted(schema)}.{REGISTER}"
    if session.ask(f"select to_regclass({text_literal(register)})::text")[0][0] is None:
        return False
    return bool(session.ask(f"select count(*) from {register} where published_at is not null")[0][0])


def _is_done(session: Session, change: Callable[[], None], *refusals: str) -> bool:
    """Make a change as one transaction; return false where a lock is held, or the server refuses by these words."""
    try:
        with session.transaction():
            session.run(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            change()
    except duckdb.Error as error:
        if any(each in str(error) for each in (_LOCKED, *refusals)):
            return False
        raise
    return True
