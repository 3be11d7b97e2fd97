"""Every column of every table has a role, so that none is forgotten when a person is shown or erased."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cdp_orchestration.dbt.project import manifest, node_by_table, published_models
from cdp_orchestration.open_tier.rules import table_rules
from cdp_orchestration.privacy.roles import (
    Role,
    RoleError,
    declared_roles,
    is_fact,
    parsed_roles,
    published_role,
    role_of,
    role_or_safest,
)

Column = tuple[str, str, str]


def undeclared(columns: Iterator[Column]) -> list[str]:
    """Return the columns without a role, as ``schema.table.column``."""
    found = []
    for schema, table, column in columns:
        try:
            role_of(schema, table, column)
        except RoleError:
            found.append(f"{schema}.{table}.{column}")
    return found


def _columns_of_dbt(manifest: Mapping[str, Any]) -> Iterator[Column]:
    for node in node_by_table(manifest).values():
        yield from ((node["schema"], node["name"], column) for column in node["columns"])


def _columns_of(connection: duckdb.DuckDBPyConnection) -> Iterator[Column]:
    yield from connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and database_name = current_database() order by all"
    ).fetchall()


def test_each_column_of_each_model_and_seed_has_a_role() -> None:
    assert undeclared(_columns_of_dbt(manifest())) == []


def test_each_model_names_its_columns() -> None:
    assert [name for name, node in node_by_table(manifest()).items() if not node["columns"]] == []


def test_a_table_that_is_added_without_a_role_is_named() -> None:
    added = {"resource_type": "model", "schema": "journeys", "name": "shoe_sizes", "columns": {"profile_id": {}}}
    added["columns"]["shoe_size"] = {}
    nodes = {**manifest()["nodes"], "model.cdp.shoe_sizes": added}
    assert undeclared(_columns_of_dbt({"nodes": nodes})) == ["journeys.shoe_sizes.shoe_size"]
    with pytest.raises(RoleError, match=r"journeys\.shoe_sizes: column shoe_size has no role.*Add its name to"):
        role_of("journeys", "shoe_sizes", "shoe_size")


def test_a_table_that_is_added_to_the_warehouse_is_named(tmp_path) -> None:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("create schema operations; create table operations.kept (batch_id varchar, secret varchar)")
        assert undeclared(_columns_of(connection)) == ["operations.kept.secret"]


def test_a_column_of_a_company_counts_as_identifying_until_it_is_declared() -> None:
    assert role_or_safest("staging", "stg_newsletter__subscribers", "favourite_colour") == "identifying"
    assert role_or_safest("staging", "stg_newsletter__subscribers", "city") == "personal"


def test_a_table_may_say_less_than_a_name_says_elsewhere() -> None:
    roles = parsed_roles({"columns": {"identifying": ["value"]}, "tables": {"a.b": {"none": ["value"]}}, "facts": []})
    assert (roles.role_of("a", "b", "value"), roles.role_of("a", "c", "value")) == ("none", "identifying")
    assert (published_role("cx_scorecard", "value"), published_role("profile_attributes", "value")) == (
        "none",
        "identifying",
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"secret": ["value"]}, "columns has the role 'secret'; expected identifying, personal"),
        ({"none": ["value"], "key": ["value"]}, "columns has value as none and as key; expected it once"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(columns: dict[str, list[str]], said: str) -> None:
    with pytest.raises(RoleError, match=said):
        parsed_roles({"columns": columns, "tables": {}, "facts": []})


@pytest.mark.slow
def test_each_column_of_a_built_home_has_a_role_and_no_role_is_of_nothing(live_home: Path) -> None:
    with duckdb.connect(live_home / "warehouse.duckdb", read_only=True) as connection:
        built = [column for column in _columns_of(connection) if column[0] != "landing"]  # its sources declare these
    released = json.loads((live_home / "releases" / "current" / "manifest.json").read_text(encoding="utf-8"))["tables"]
    published = {(name, column["name"]) for name, table in released.items() for column in table["columns"]}
    assert undeclared(iter(built)) == []
    assert published <= {(table, column) for _, table, column in built}
    joined_batches = {("operations", "former_batch_files", "path")}  # only where a home has joined small batches
    known = set(_columns_of_dbt(manifest())) | set(built) | joined_batches
    said = {(*table.split("."), column) for table, columns in declared_roles().by_table.items() for column in columns}
    assert said - known == set()
    assert set(declared_roles().by_name) - {column for _, _, column in known} == set()


def test_facts_are_published_tables_that_name_a_profile() -> None:
    tables = {f"{node['schema']}.{name}": node for name, node in published_models(manifest()).items()}
    assert declared_roles().facts <= set(tables)
    assert all("profile_id" in tables[fact]["columns"] for fact in declared_roles().facts)
    assert is_fact("journeys", "orders")
    assert not is_fact("profiles", "profiles")


_SHOWN: Mapping[Role, set[str]] = {
    "identifying": {"left_out", "keyed_hash", "combined"},
    "key": {"left_out", "keyed_hash"},
}


def test_the_open_tier_shows_no_column_beyond_its_role() -> None:
    rules = table_rules()
    shown = [
        f"{table}.{column}: {rule}"
        for table, of_table in rules.items()
        for column, rule in of_table.by_column.items()
        if rule not in _SHOWN.get(published_role(table, column), {rule})
    ]
    assert shown == []


def test_the_open_tier_shows_of_what_people_said_only_yes_no_and_words_of_the_platform() -> None:
    types = {
        (name, column): described["data_type"]
        for name, node in published_models(manifest()).items()
        for column, described in node["columns"].items()
    }
    texts = {
        f"{table}.{column}"
        for table, of_table in table_rules().items()
        for column, rule in of_table.by_column.items()
        if rule not in {"left_out", "common"} and published_role(table, column) == "sensitive"
        if types[table, column] != "boolean"
    }
    # granted, refused or unknown; and the evidence by the seed of its name
    assert texts == {"consent_history.state", "consent_history.evidence", "profile_consents.state"}
