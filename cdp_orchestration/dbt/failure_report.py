"""What failed in a dbt run, for a person: the model, the rule or reason, the rows, and the files they came from.

Keys, counts, names of columns and the project's own words; never another value of a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from cdp_orchestration.dbt.breaking_row import BreakingRow, find_breaking_rows
from cdp_orchestration.dbt.error_reasons import reason_without_values
from cdp_orchestration.dbt.failing_rows import FailingRows, broken_rules, read_failing_rows
from cdp_orchestration.dbt.own_model_files import where_written
from cdp_orchestration.dbt.row_keys import shown_key
from cdp_orchestration.dbt.rules_in_words import model_under_test, rule_in_words, rules_of_rows
from cdp_orchestration.dbt.source_files import delivered_in, landed_in
from cdp_orchestration.home.settings import Settings
from expectations import listed_keys

Node = Mapping[str, Any]


@dataclass(frozen=True)
class FailedNode:
    """A model, seed or test that failed in a run: dbt's message, and what was asked of the database."""

    unique_id: str
    name: str
    has_found_rows: bool
    message: str
    compiled_code: str
    failure_count: int


def describe_failures(connection: duckdb.DuckDBPyConnection, manifest: Node, failed: Iterable[FailedNode]) -> list[str]:
    """Return one line a failed node: what failed, why, and which rows of which files are at fault.

    Args:
        connection: open on the warehouse as the failed run left it.
        manifest: the project's manifest.
        failed: what failed.

    Returns:
        The lines, in the order of the nodes.
    """
    return [_described(connection, manifest, node) for node in failed]


def _described(connection: duckdb.DuckDBPyConnection, manifest: Node, failed: FailedNode) -> str:
    node = manifest["nodes"].get(failed.unique_id)
    if node is None:
        return f"{failed.name}: {reason_without_values(failed.message)}"
    if node["resource_type"] == "test":
        return _test(connection, manifest, node, failed)
    line = f"{node['resource_type']} {node['name']} could not be built: {reason_without_values(failed.message)}"
    written = where_written(place := node.get("original_file_path", ""), Settings.from_environment())
    line += f"; it stands in {written}" if written != place else ""
    if node["resource_type"] != "model" or node["language"] != "sql" or not failed.compiled_code:
        return line
    try:
        rows = find_breaking_rows(connection, manifest, node, failed.compiled_code)
        found = [_breaking(connection, manifest, row) for row in rows]
        return line + (f"; it can be built without {', or without '.join(found)}" if found else "")
    except duckdb.Error:  # the search must not hide the failure itself
        return line


def _test(connection: duckdb.DuckDBPyConnection, manifest: Node, test: Node, failed: FailedNode) -> str:
    model = model_under_test(manifest, test)
    about = f"model {model['name']}" if model else "the project"
    if not failed.has_found_rows:
        return f"{about}, test of {rule_in_words(test)}: could not run, {reason_without_values(failed.message)}"
    rule = rule_in_words(test)
    rows = FailingRows(failed.failure_count)
    places: Sequence[str] = ()
    if model and failed.compiled_code:
        try:
            rule = _broken_rule(connection, test, failed.compiled_code) or rule
            rows = read_failing_rows(connection, manifest, test, model, failed.compiled_code)
            if rows.key_columns == shown_key(manifest, model):
                places = delivered_in(connection, manifest, model, rows.keys)
        except duckdb.Error:  # the keys must not hide the failure itself
            pass
    return f"{about} breaks the rule: {rule}; {_rows(rows)}{_files(places)}"


def _broken_rule(connection: duckdb.DuckDBPyConnection, test: Node, query: str) -> str | None:
    about = test.get("test_metadata") or {}
    if about.get("name") != "valid_rows":
        return None
    found = broken_rules(connection, rules_of_rows(about["kwargs"]), query)
    return "; ".join(f"{rule} ({count:,} failing)" for rule, count in found.items())


def _rows(rows: FailingRows) -> str:
    if not rows.keys:
        return f"{rows.count:,} failing (no key that may be shown)"
    return (
        f"{rows.count:,} failing, by {'/'.join(rows.key_columns)}: {listed_keys(['/'.join(key) for key in rows.keys])}"
    )


def _files(places: Sequence[str]) -> str:
    return f"; delivered in {listed_keys(places)}" if places else ""


def _breaking(connection: duckdb.DuckDBPyConnection, manifest: Node, row: BreakingRow) -> str:
    place = landed_in(row.table["name"], row.key_columns, row.key)
    if place:
        return place
    files = delivered_in(connection, manifest, row.table, [row.key])
    delivered = f", delivered in {listed_keys(files)}" if files else ""
    columns = "/".join(row.key_columns)
    return f"the row of {row.table['name']} with {columns} {listed_keys(['/'.join(row.key)])}{delivered}"
