"""The project speaks in the standard terms of its field; words that it alone used, or in its own sense, stay out."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (".github", "cdp_orchestration", "dbt_project", "expectations", "identity", "tests")
ENDINGS = {".j2", ".md", ".py", ".sql", ".toml", ".yaml", ".yml"}

# What must not be written, as a pattern, and what says it instead. In snake_case each word counts for itself.
STANDARD_TERMS = {
    "tells?|told|telling": "returns, shows, states, reports, or the name of the thing: rows, message, ranked",
    "nobody": "no one, no record, no profile",
    "whom": "who, or another sentence",
    "stirred|unsettled": "dirty, to re-evaluate",
    "rivalled": "ambiguous",
    "disputed": "conflicting, ambiguous",
    "withheld": "suppressed",
    "held against": "compared with",
    "bare": "sparse, or empty",
    "slips?": "typo",
    "judged": "checked, decided; a cached gate result",
    "whole builds?|built whole|is_whole": "full refresh",
    "birth_date": "date_of_birth",
    "(?-i:LEAST|GREATEST|MOST)_": "MIN_, MAX_",
}

# Where such a word is right, and why.
ALLOWED = {
    ("cdp_orchestration/demo/texts.py", "tells?|told|telling"): "invented customers write as people do",
    ("cdp_orchestration/demo/texts.py", "nobody"): "invented customers write as people do",
    ("dbt_project/macros/survivorship.sql", "tells?|told|telling"): "published values of profile_attributes.reason",
    ("dbt_project/models/profiles/_attributes__unit_tests.yml", "tells?|told|telling"): "the same published values",
    (
        "dbt_project/models/profiles/_person_decisions__unit_tests.yml",
        "tells?|told|telling",
    ): "the same published values",
    ("cdp_orchestration/stages/gate_results.py", "judged"): "a table of older homes that is dropped",
    ("identity/incremental/state.py", "disputed"): "a table of older homes that is dropped",
    ("tests/identity/incremental/test_resolve_changes.py", "disputed"): "a table of older homes that is dropped",
    ("tests/data/edge_case_people.yaml", "tells?|told|telling"): "a title is the key of its records",
    ("tests/data/edge_case_people.yaml", "nobody"): "a title is the key of its records",
    ("tests/data/edge_case_people.yaml", "slips?"): "a title is the key of its records",
    ("CHANGELOG.md", "birth_date"): "the former name of a parameter",
    ("identity/model/stored_names.py", "birth_date"): "a name inside models that are stored",
    ("tests/identity/test_robustness.py", "birth_date"): "a name inside models that are stored",
}


@cache
def _lines() -> tuple[tuple[str, int, str], ...]:
    """Return every line that people read: the name of its file, its number, its text."""
    files = [*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml", *_files_below(FOLDERS)]
    return tuple(
        (str(path.relative_to(ROOT)), number, line)
        for path in sorted(files)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    )


def _files_below(folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in ENDINGS and "target" not in path.parts and path != Path(__file__).resolve():
                yield path


def _found(pattern: str) -> Iterator[tuple[str, int]]:
    word = re.compile(rf"(?<![a-z])(?:{pattern})(?:(?<=_)|(?![a-z]))", re.IGNORECASE)
    yield from ((file, number) for file, number, line in _lines() if word.search(line))


@pytest.mark.parametrize("pattern", STANDARD_TERMS)
def test_a_word_of_the_projects_own_is_written_nowhere(pattern: str) -> None:
    found = [f"{file}:{number}" for file, number in _found(pattern) if (file, pattern) not in ALLOWED]
    assert found == [], f"write instead: {STANDARD_TERMS[pattern]}"


@pytest.mark.parametrize(("file", "pattern"), ALLOWED)
def test_a_word_that_is_allowed_in_a_file_is_used_there(file: str, pattern: str) -> None:
    assert file in {found for found, _ in _found(pattern)}, "take it out of ALLOWED"
