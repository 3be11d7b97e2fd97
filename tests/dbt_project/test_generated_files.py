"""What the dbt project repeats is written from one declaration, and is what that declaration says now."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cdp_orchestration.dbt import generated_files as generated
from cdp_orchestration.dbt.profile_declarations import column_macros, derived_tables, profile_columns
from cdp_orchestration.dbt.stream_declarations import stream_declarations
from cdp_orchestration.home.settings import DBT_PROJECT_DIR
from cdp_orchestration.sources import Stream, shipped_streams
from cdp_orchestration.sources.kinds import UNSTAGED, derived, json_object, text

VISITS = Stream(
    "kiosk",
    "visits",
    "kiosk visit",
    key=("Id",),
    cursor=None,
    staged_grain='One row per "visit": newest version.',
    fields=(text("Id", "visit_id", "The kiosk's id: unique."), json_object("Payload", UNSTAGED, "All of it (JSON).")),
    derived=(derived("email"),),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project that holds the generated files as they are committed."""
    for path in generated.generated_files():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DBT_PROJECT_DIR / path, tmp_path / path)
    return tmp_path


def test_the_generated_files_are_fresh() -> None:
    stale = [str(path) for path in generated.stale_files()]
    assert stale == [], f"Their declarations have changed; run {generated.COMMAND} and commit what it writes."


def test_a_changed_a_missing_and_a_superfluous_file_are_stale_until_they_are_written(project: Path) -> None:
    changed, missing = Path("macros/known_values.sql"), Path("models/profiles/_profiles__derived.yml")
    superfluous = Path("models/staging/kiosk/_kiosk__streams.yml")
    (project / changed).write_text("edited by hand")
    (project / missing).unlink()
    (project / superfluous).parent.mkdir()
    (project / superfluous).write_text("of a source that was removed")

    assert set(generated.stale_files(project)) == {changed, missing, superfluous}
    assert set(generated.write_generated_files(project)) == {changed, missing, superfluous}
    assert generated.stale_files(project) == []
    assert not (project / superfluous).exists()


def test_a_new_source_is_a_declaration_and_a_known_source_system() -> None:
    files = generated.generated_files((*shipped_streams(), VISITS))
    assert Path("models/staging/kiosk/_kiosk__streams.yml") in files
    assert "'kiosk'" in files[Path("macros/known_values.sql")]


def test_a_stream_declares_its_landing_table_and_its_staging_model() -> None:
    declared = yaml.safe_load(stream_declarations([VISITS]))
    assert declared["sources"][0]["tables"] == [
        {
            "name": "kiosk_visits",
            "description": "One row per delivered version of a kiosk visit, key Id.",
            "columns": [
                {"name": "Id", "data_type": "varchar", "description": "The kiosk's id: unique."},
                {"name": "Payload", "data_type": "varchar", "description": "All of it (JSON)."},
            ],
        }
    ]
    assert declared["models"] == [
        {
            "name": "stg_kiosk__visits",
            "description": 'One row per "visit": newest version.',
            "columns": [
                {"name": "visit_id", "description": "The kiosk's id: unique.", "data_tests": ["primary_key"]},
                {"name": "email", "description": "{{ doc('email') }}"},
            ],
        }
    ]


def _contract(*columns: tuple[str, str]) -> dict[str, object]:
    """The contract of profiles with these columns and their marks."""
    return yaml.safe_load(
        "models:\n  - name: profiles\n    columns:\n"
        + "".join(
            f"      - {{name: {name}, data_type: varchar, description: Golden {name}.,"
            f" config: {{meta: {{classification: personal{marks}}}}}}}\n"
            for name, marks in columns
        )
    )


def test_the_marks_of_a_column_of_profiles_say_which_tables_repeat_it() -> None:
    columns = profile_columns(
        _contract(
            ("born", ", golden: true, trait: birthday, trait_after: email"),
            ("email", ", golden: true, trait: email"),
            ("household", ", in_history: true"),
            ("count", ""),
        )
    )
    tables = {model["name"]: model for model in yaml.safe_load(derived_tables(columns))["models"]}
    names = {name: [column["name"] for column in model["columns"]] for name, model in tables.items()}

    assert names["int_golden_values"][1:3] == ["born", "email"]
    assert names["profile_history"][4:] == ["born", "email", "household"]
    assert names["profile_traits"] == ["canonical_segment_id", "email", "birthday"]
    assert tables["profile_history"]["columns"][-1]["description"] == "In this version: golden household."
    assert "'birthday': 'born'," in column_macros(columns)


def test_a_trait_after_a_column_without_a_trait_is_refused() -> None:
    columns = profile_columns(_contract(("born", ", trait: birthday, trait_after: email"), ("email", "")))
    with pytest.raises(ValueError, match="born of profiles has trait_after email"):
        derived_tables(columns)


def test_a_key_that_staging_does_not_carry_is_refused() -> None:
    keyless = replace(VISITS, fields=(text("Id", UNSTAGED, "The kiosk's id."),))
    with pytest.raises(ValueError, match="kiosk_visits with key Id has no primary key in staging"):
        stream_declarations([keyless])
