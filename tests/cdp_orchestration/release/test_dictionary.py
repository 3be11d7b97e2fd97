import csv
import io
import json
import re

import pytest

from cdp_orchestration.release.dictionary import dictionary_of, written_dictionary

MANIFEST = {
    "release_id": "one",
    "created_at": "2026-01-01T00:00:00+00:00",
    "contract_version": "2.0",
    "tables": {
        "profiles": {
            "description": "One row per\n  profile.",
            "columns": [
                {"name": "profile_id", "type": "varchar", "description": "The id.", "classification": "none"},
                {"name": "email", "type": "varchar", "description": "Golden | e-mail.", "classification": "personal"},
            ],
        },
        "as_of": {
            "description": "One row.",
            "columns": [{"name": "day", "type": "date", "description": "=1+1 <script>`x`"}],
        },
    },
}


def _role(table: str, column: str) -> str:
    return "identifying" if (table, column) == ("profiles", "email") else "none"


def test_each_column_is_a_row_with_what_its_table_is() -> None:
    assert [
        (term.table, term.table_meaning, term.column, term.classification, term.role)
        for term in dictionary_of(MANIFEST, _role)
    ] == [
        ("profiles", "One row per profile.", "profile_id", "none", "none"),
        ("profiles", "One row per profile.", "email", "personal", "identifying"),
        ("as_of", "One row.", "day", "none", "none"),
    ]


def test_the_csv_has_a_row_a_column_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(written_dictionary(MANIFEST, "csv", _role))))
    assert [row["column"] for row in rows] == ["profile_id", "email", "day"]
    assert rows[2]["meaning"].startswith("'=1+1")


def test_the_json_names_the_release_and_its_contract() -> None:
    found = json.loads(written_dictionary(MANIFEST, "json", _role))
    assert (found["release_id"], found["contract_version"], len(found["columns"])) == ("one", "2.0", 3)


def test_the_markdown_has_a_table_a_table_and_no_tag_of_its_own() -> None:
    text = written_dictionary(MANIFEST, "markdown", _role)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["profiles", "as_of"]
    assert r"| email | varchar | personal | identifying | Golden \| e-mail. |" in text
    assert "<script>" not in text
    assert "`" not in text


@pytest.mark.parametrize("form", ["csv", "markdown", "json"])
def test_a_dictionary_of_no_tables_is_written(form: str) -> None:
    assert written_dictionary({**MANIFEST, "tables": {}}, form, _role).strip()  # type: ignore[arg-type]
