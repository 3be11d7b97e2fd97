"""The conventions of the dbt project, checked on its manifest: names, layers, keys, descriptions, sizes."""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.streams import DUCKDB_TYPES, STREAMS

pytestmark = pytest.mark.slow

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
MAX_SQL_LINES = 100
LAYERS = ("staging", "profiles", "journeys")
CLASSIFICATIONS = {"identifying", "personal", "sensitive", "none"}
# consent_statements reads all delivered versions of the records that state consent; staging has only the newest.
CONSENT_READS = ("crm_contacts", "ecommerce_customers", "in_store_loyalty_members")

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    scratch = tmp_path_factory.mktemp("dbt")
    finished = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "parse",
            *("--project-dir", str(DBT_PROJECT)),
            *("--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(scratch / "target")),
            *("--log-path", str(scratch / "logs")),
        ],
        env={**os.environ, "CDP_HOME": str(scratch), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    parsed: Node = json.loads((scratch / "target" / "manifest.json").read_text())
    return parsed


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
    assert named == {("staging", stream.source, f"stg_{stream.source}__{stream.name}") for stream in STREAMS}


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
    assert readers == {
        *((f"stg_{stream.source}__{stream.name}", f"{landing}.{stream.table}") for stream in STREAMS),
        *(("consent_statements", f"{landing}.{table}") for table in CONSENT_READS),
    }


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.table)
def test_a_stream_is_declared_with_the_fields_that_land(manifest: Node, stream: Any) -> None:
    source = manifest["sources"][f"source.customer_data_platform.landing.{stream.table}"]
    declared = {name: column["data_type"] for name, column in source["columns"].items()}
    assert declared == {field.name: DUCKDB_TYPES[field.type] for field in stream.fields}


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


def test_every_kind_of_interaction_has_a_default_in_the_taxonomy(tests_by_model: dict[str, list[Node]]) -> None:
    accepted = {
        test["column_name"]: test["test_metadata"]["kwargs"]["values"]
        for test in tests_by_model["model.customer_data_platform.interactions"]
        if test["test_metadata"]["name"] == "accepted_values"
    }
    with (DBT_PROJECT / "seeds" / "touchpoint_taxonomy.csv").open(encoding="utf-8") as file:
        source_events = {row["source_event"] for row in csv.DictReader(file)}
    defaults = {event.split(".")[1] for event in source_events if event.endswith(".*")}
    assert defaults == set(accepted["source_record_type"])
