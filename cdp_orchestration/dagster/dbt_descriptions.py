"""How dbt's models and tests read in Dagster: descriptions without SQL, and tests under names in words."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from cdp_orchestration.dbt.rules_in_words import model_under_test, rule_in_words
from cdp_orchestration.sources import Stream, declared_streams

MAX_NAME_LENGTH = 80
Node = Mapping[str, Any]


class PlainDescriptions(DagsterDbtTranslator):
    """Describes a model by its meaning and the path of its file, and a test by its rule."""

    def get_description(self, dbt_resource_props: Node) -> str:
        """Return the declared description alone: the grain first, no SQL."""
        kind, name = dbt_resource_props["resource_type"], dbt_resource_props["name"]
        return dbt_resource_props["description"] or f"The dbt {kind} {name}."

    def get_metadata(self, dbt_resource_props: Node) -> Mapping[str, Any]:
        """Return dagster-dbt's metadata (columns, table name) and the path of the file with the SQL."""
        path = f"dbt_project/{dbt_resource_props['original_file_path']}"
        return {**super().get_metadata(dbt_resource_props), "model_file": dg.MetadataValue.path(path)}

    def get_tags(self, dbt_resource_props: Node) -> Mapping[str, str]:
        """Return dagster-dbt's tags, and of a staging model the source whose stream it reads."""
        stream = staged_stream(dbt_resource_props)
        tags = super().get_tags(dbt_resource_props)
        return {**tags, "source": stream.source} if stream else tags

    def get_owners(self, dbt_resource_props: Node) -> Sequence[str] | None:
        """Return the owner that the declaration of the source names, of a staging model; else dagster-dbt's."""
        stream = staged_stream(dbt_resource_props)
        return [stream.owner] if stream else super().get_owners(dbt_resource_props)

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Node, unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Return a dbt test as a check that states its rule; None if the test is not about the asset."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(description=rule_in_words(manifest["nodes"][unique_id]))


def staged_stream(model: Node) -> Stream | None:
    """Return the stream whose rows a model stages; None for any other model."""
    return next((stream for stream in declared_streams() if stream.staging_model == model["name"]), None)


def with_readable_check_names(manifest: Node) -> dict[str, Any]:
    """Return a copy of dbt's manifest whose tests have readable names, each unique among the tests of its model.

    dagster-dbt names a check after the test's ``name``, for the definition and for the event of its result, so both
    need the same copy. The ids of the tests, by which dbt reports them, do not change.

    Args:
        manifest: dbt's manifest; it is not modified.

    Returns:
        The manifest with other names of tests.
    """
    nodes: dict[str, Any] = dict(manifest["nodes"])
    taken: set[tuple[str, str]] = set()
    for unique_id, test in sorted(nodes.items()):
        if test["resource_type"] == "test":
            model = str((model_under_test(manifest, test) or {}).get("unique_id"))
            name = next(each for each in _numbered(check_name(test)) if (model, each) not in taken)
            taken.add((model, name))
            nodes[unique_id] = {**test, "name": name}
    return {**manifest, "nodes": nodes}


def tests_by_check(manifest: Node) -> dict[dg.AssetCheckKey, Node]:
    """Return the test behind each check; the manifest is that of the definitions, with its names of tests."""
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    models = [(test, model_under_test(manifest, test)) for test in tests]
    return {
        dg.AssetCheckKey(dg.AssetKey([model["schema"], model["name"]]), test["name"]): test
        for test, model in models
        if model
    }


def check_name(test: Node) -> str:
    """Return the name of a test in words: snake_case, at most 80 characters."""
    about = test.get("test_metadata")
    if not about:
        return str(test["name"]).removeprefix("assert_")
    if not str(test["name"]).removeprefix("source_").startswith(about["name"]):
        return str(test["name"])  # named in the project
    given = about["kwargs"]
    words = _NAMES.get(about["name"])
    column = given.get("column_name")
    return words(given) if words else f"{column}_{about['name']}" if column else str(about["name"])


def _of_columns(columns: Sequence[str], one: str, several: str) -> str:
    *first, last = columns
    if not first:
        return f"{last}_{one}"
    name = f"{'_'.join(first)}_and_{last}_{several}"
    return name if len(name) <= MAX_NAME_LENGTH else f"{columns[0]}_and_{len(first)}_more_{several}"


def _target(reference: str) -> str:
    # ref('profiles') and source('identity', 'match_edges'): the last name is the table
    return str(re.findall(r"\w+", reference)[-1])


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


_NAMES: dict[str, Callable[[Node], str]] = {
    "primary_key": lambda given: f"{given['column_name']}_is_filled_and_unique",
    "unique": lambda given: f"{given['column_name']}_is_unique",
    "not_null": lambda given: f"{given['column_name']}_is_filled",
    "unique_combination": lambda given: _of_columns(given["columns"], "is_unique", "are_unique_together"),
    "never_null": lambda given: _of_columns(given["columns"], "is_filled", "are_filled"),
    "between_values": lambda given: f"{given['column_name']}_is_within_its_range",
    "accepted_values": lambda given: f"known_values_of_{given['column_name']}",
    "known_value": lambda given: f"known_values_of_{given['column_name']}",
    "relationships": lambda given: f"{given['column_name']}_is_in_{_target(str(given['to']))}",
    "valid_rows": lambda _: "rows_are_valid",
    "no_rows": lambda _: "table_is_empty",
}
