"""Which columns of which tables each column of a model is computed from, read from its compiled query.

dagster-dbt reads lineage from files that dbt's command line writes, and not through a union by name. What sqlglot
cannot read has no lineage: a column is left out rather than guessed. Reading a query takes a tenth of a second, so what
was read is kept by the hash of the query and of the columns of the tables it reads.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

Columns = Mapping[str, Sequence[str]]
"""The columns of each table, in order, by ``schema.table``."""

Lineage = dict[str, list[str]]
"""The columns (``schema.table.column``) that each column is computed from; without those that are not known."""

_DIALECT = "duckdb"
# What sqlglot does not know it says by its own errors or, in places, by those of Python. Lineage is shown to people and
# computes nothing, so that no query of a company's own may end a sync by it.
_UNREAD = (SqlglotError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
_RELATION = re.compile(r'"\w+"\."(\w+)"\."(\w+)"')


class LineageCache:
    """The lineages that were read before, in one file.

    Args:
        file: where they are kept; created where it is missing. Processes that write it at the same time replace each
            other's, which costs reading a query once more.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Lineage] = _read_file(file)

    def lineages(self, queries: Mapping[str, str], columns: Columns) -> dict[str, Lineage]:
        """Return the lineage of each query.

        Args:
            queries: the compiled queries of models by name; relations are written ``"database"."schema"."table"``.
            columns: the columns of the tables that they read.

        Returns:
            The lineages by name.
        """
        keys = {name: _key(query, _read_by(query, columns)) for name, query in queries.items()}
        new = {key: column_lineage(queries[name], columns) for name, key in keys.items() if key not in self._known}
        if new:
            self._known |= new
            self._write()
        return {name: self._known[key] for name, key in keys.items()}

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        unfinished.write_text(json.dumps(self._known), encoding="utf-8")
        unfinished.replace(self._file)


def _read_file(file: Path) -> dict[str, Lineage]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}  # not there yet, or cut: all is read again


def column_lineage(query: str, columns: Columns) -> Lineage:
    """Return the columns that each column of a query is computed from.

    Args:
        query: a select of DuckDB's dialect; relations are written ``"database"."schema"."table"``.
        columns: the columns of the tables that it reads.

    Returns:
        The lineage; empty where sqlglot cannot read the query.
    """
    read = _read_by(query, columns)
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for relation, names in read.items():
        of_schema, table = relation.split(".")
        schema.setdefault(of_schema, {})[table] = dict.fromkeys(names, "unknown")
    with _without_messages():
        try:
            query_tree = cast("exp.Query", parse_one(query, dialect=_DIALECT))
            tree = _by_position(_without_database(query_tree), read)
            qualify(tree, dialect=_DIALECT, schema=schema, validate_qualify_columns=False, identify=False)
            scope = build_scope(tree)
            # Trimmed, each step would hold a copy of its whole select, which takes most of the time and is not read.
            nodes = {
                name: lineage(name, tree, scope=scope, dialect=_DIALECT, trim_selects=False, copy=False)
                for name in tree.named_selects
            }
        except _UNREAD:
            return {}
    # sqlglot writes names in lower case.
    written = {f"{relation}.{name}".lower(): f"{relation}.{name}" for relation, names in read.items() for name in names}
    found = {name: _origins(node) for name, node in nodes.items()}
    # A star is left where sqlglot does not look into a part, such as an unpivot.
    return {
        name: [written[origin] for origin in origins]
        for name, origins in found.items()
        if origins and set(origins) <= set(written)
    }


def _origins(node: Node) -> list[str]:
    leaves = [(leaf, leaf.expression.find(exp.Table)) for leaf in node.walk() if not leaf.downstream]
    named = {f"{table.db}.{table.name}.{_column(leaf.name)}" for leaf, table in leaves if table and table.db}
    return sorted(name.lower() for name in named)


def _column(written: str) -> str:
    return written if written.endswith("*") else exp.to_column(written, dialect=_DIALECT).name


def _read_by(query: str, columns: Columns) -> dict[str, Sequence[str]]:
    relations = sorted({f"{schema}.{table}" for schema, table in _RELATION.findall(query)})
    return {relation: columns[relation] for relation in relations if relation in columns}


def _key(query: str, read: Columns) -> str:
    return hashlib.sha256(
        json.dumps([version("sqlglot"), query, {name: list(names) for name, names in read.items()}]).encode()
    ).hexdigest()


def _without_database(tree: exp.Query) -> exp.Query:
    """Return the query with relations by schema and table, so that one in another warehouse has the same lineage."""
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
    return tree


def _by_position(tree: exp.Query, read: Columns) -> exp.Query:
    """Return the query with each union by name as one by position, which is all that sqlglot follows."""
    parts = {part.alias: part.this for part in tree.find_all(exp.CTE)}
    for union in list(tree.find_all(exp.SetOperation)):
        if union.args.get("by_name") and not isinstance(union.parent, exp.SetOperation):
            branches = {branch: _names(branch, parts, read) for branch in _branches(union)}
            names = list(dict.fromkeys(name for own in branches.values() for name in own))
            for branch, own in branches.items():
                branch.replace(_padded(branch, names, own))
            for operation in union.find_all(exp.SetOperation):
                operation.set("by_name", False)
    return tree


def _branches(union: exp.SetOperation) -> Iterator[exp.Query]:
    for side in (union.left, union.right):
        yield from _branches(side) if isinstance(side, exp.SetOperation) else [side]


def _names(branch: exp.Query, parts: Mapping[str, exp.Query], read: Columns) -> list[str]:
    """Return the names that a branch selects; those of a star from the table, or the part of the query, behind it."""
    if not branch.is_star:
        return list(branch.named_selects)
    table = branch.args["from_"].this
    if table.db:
        return list(read[f"{table.db}.{table.name}"])
    return _names(parts[table.name], parts, read)


def _padded(branch: exp.Query, names: Sequence[str], has: Sequence[str]) -> exp.Query:
    values = [exp.column(name) if name in has else exp.alias_(exp.null(), name) for name in names]
    return exp.select(*values).from_(branch.copy().subquery("branch"))


@contextmanager
def _without_messages() -> Iterator[None]:
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
