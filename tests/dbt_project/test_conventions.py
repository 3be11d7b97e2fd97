"""The conventions of the dbt project, checked on its manifest: names, layers, keys, descriptions, sizes."""

from collections import Counter, defaultdict
from typing import Any

import pytest
import yaml

from cdp_orchestration.dbt.project import manifest as parsed_anew_where_a_file_has_changed
from cdp_orchestration.dbt.project import published_models
from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.sources import shipped_streams

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
MAX_SQL_LINES = 100
LAYERS = ("staging", "profiles", "journeys")
CLASSIFICATIONS = {"identifying", "personal", "sensitive", "none"}
# They read every delivered version of a record, where staging has the newest.
READERS_OF_ALL_VERSIONS = {"consent_versions", "unsubscriptions", "newest_receipts", "time_corrections"}

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest() -> Node:
    return dict(parsed_anew_where_a_file_has_changed())


@pytest.fixture(scope="module")
def models(manifest: Node) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def tests_by_model(manifest: Node) -> dict[str, list[Node]]:
    tests = defaultdict(list)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node"):
            tests[node["attached_node"]].append(node)
    return tests


def layer(model: Node) -> str:
    return str(model["fqn"][1])


def has_primary_key(tests: list[Node]) -> bool:
    return any(test["test_metadata"]["name"] in {"primary_key", "unique_combination"} for test in tests)


def test_every_description_starts_with_the_grain(models: list[Node]) -> None:
    without_grain = [model["name"] for model in models if not model["description"].startswith("One row per ")]
    assert without_grain == []


def test_every_model_has_a_tested_primary_key(models: list[Node], tests_by_model: dict[str, list[Node]]) -> None:
    keyless = [model["name"] for model in models if not has_primary_key(tests_by_model[model["unique_id"]])]
    assert keyless == []


def test_every_model_declares_its_columns_and_describes_each(models: list[Node]) -> None:
    without_columns = [model["name"] for model in models if not model["columns"]]
    undescribed = [
        f"{model['name']}.{name}"
        for model in models
        for name, column in model["columns"].items()
        if not column["description"].strip()
    ]
    assert without_columns + undescribed == []


def test_a_model_lives_in_the_schema_of_its_folder(models: list[Node]) -> None:
    misplaced = {model["name"]: model["schema"] for model in models if model["schema"] != layer(model)}
    assert misplaced == {}
    assert {layer(model) for model in models} <= set(LAYERS)


def test_models_of_a_source_are_named_after_source_and_stream(models: list[Node]) -> None:
    named = {tuple(model["fqn"][1:]) for model in models if model["name"].startswith("stg_")}
    assert named == {("staging", stream.source, stream.staging_model) for stream in shipped_streams()}


def test_no_layer_reads_a_later_one(models: list[Node]) -> None:
    layer_by_id = {model["unique_id"]: layer(model) for model in models}
    backward = [
        (model["name"], parent)
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent in layer_by_id and LAYERS.index(layer_by_id[parent]) > LAYERS.index(layer(model))
    ]
    assert backward == []


def test_only_the_models_of_a_source_read_landing_each_its_own_stream(models: list[Node]) -> None:
    readers = {
        (model["name"], parent)
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent.startswith("source.") and ".landing." in parent
    }
    landing = "source.customer_data_platform.landing"
    own = {(stream.staging_model, f"{landing}.{stream.table}") for stream in shipped_streams()}
    assert {(model, source) for model, source in readers if model not in READERS_OF_ALL_VERSIONS} == own


def test_every_public_model_is_in_an_exposure(manifest: Node) -> None:
    exposed = {node for exposure in manifest["exposures"].values() for node in exposure["depends_on"]["nodes"]}
    unexposed = [name for name, model in published_models(manifest).items() if model["unique_id"] not in exposed]
    assert unexposed == [], (
        "Who reads them? Name them in models/_exposures.yml: a published table in published_release."
    )


def test_a_description_that_several_columns_share_is_one_doc_block() -> None:
    columns = [
        " ".join(column["description"].split())
        for path in sorted(DBT_PROJECT.glob("models/**/*.yml"))
        if "Generated from" not in (text := path.read_text(encoding="utf-8")).partition("\n")[0]
        for model in yaml.safe_load(text).get("models", [])
        for column in model.get("columns", [])
    ]
    repeated = [text for text, count in Counter(columns).items() if count > 1 and not text.startswith("{{ doc(")]
    assert repeated == [], "Write each once, as a doc block in dbt_project/docs/, and refer to it."


def test_published_layers_enforce_their_contracts(models: list[Node]) -> None:
    unbound = [
        model["name"]
        for model in models
        if layer(model) in ("profiles", "journeys")
        and not model["contract"]["enforced"]
        # dbt has no contracts for Python models, so these are never published
        and (model["language"] == "sql" or model["access"] == "public")
    ]
    assert unbound == []


def test_every_published_column_has_a_classification(models: list[Node]) -> None:
    unclassified = [
        f"{model['name']}.{name}"
        for model in models
        if layer(model) in ("profiles", "journeys") and model["access"] == "public"
        for name, column in model["columns"].items()
        if column["config"]["meta"].get("classification") not in CLASSIFICATIONS
    ]
    assert unclassified == []


def test_no_sql_model_exceeds_the_maximum_length(models: list[Node]) -> None:
    lengths = {model["name"]: len(model["raw_code"].splitlines()) for model in models if model["language"] == "sql"}
    assert {name: length for name, length in lengths.items() if length > MAX_SQL_LINES} == {}
