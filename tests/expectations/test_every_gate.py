"""What all gates together promise: how many expectations, each with a severity and a sentence, none with a value."""

from pathlib import Path

import pytest
import yaml

from expectations import GATES, LoadCounts, landing_gate, release_gate

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
STAGE_GATES = [gate for tables in GATES.values() for gate in tables.values()]
LANDING = landing_gate("t", ("id",), "changed_at", load=LoadCounts(0, 0, 0, 0))
EVERY_GATE = [LANDING, *STAGE_GATES, release_gate("t", 0, {"id": "VARCHAR"})]
KINDS_OF_VALUES = {"identifying", "sensitive"}
"""Classifications of columns whose values are somebody's."""


def name_of(gate):
    return gate.name


def classified(table):
    """The columns of a table that the contracts classify as somebody's values."""
    for file in MODELS.rglob("*.yml"):
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", []):
            if model["name"] == table:
                for column in model.get("columns", []):
                    meta = column.get("config", {}).get("meta", {})
                    if meta.get("classification") in KINDS_OF_VALUES:
                        yield column["name"]


def test_at_least_120_expectations_are_declared_over_the_line():
    # Those about promised columns are not counted; of landing and release one gate stands for those of all tables.
    assert sum(len(gate.expectations) for gate in EVERY_GATE) >= 120


@pytest.mark.parametrize("gate", EVERY_GATE, ids=name_of)
def test_every_expectation_states_its_severity_and_a_sentence(gate):
    for expectation in gate.expectations:
        assert "severity" in expectation.__fields_set__, expectation.description  # the default stops every run
        assert len(expectation.description.split()) >= 3, expectation.description


@pytest.mark.parametrize("gate", STAGE_GATES, ids=name_of)
def test_a_column_that_the_contracts_classify_as_somebodys_value_is_personal_to_the_gate(gate):
    assert set(classified(gate.table)) & set(gate.columns) <= set(gate.personal)


def test_the_contracts_do_classify_columns():
    assert "email" in set(classified("profiles"))
