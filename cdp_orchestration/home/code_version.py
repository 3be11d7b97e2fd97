"""Which code made a table: a hash for each part of the platform, so that other code is a reason to make it again.

A change of one part leaves the others unchanged: a word of the report resolves no record anew, and a comment, a
docstring or a description changes no part at all (``effective_code``).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from cdp_orchestration.home.effective_code import effective_code, effective_declaration
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings, dbt_project_below

Part = Literal["landing", "gates", "identity", "dbt", "release", "report"]


@dataclass(frozen=True)
class CodeOfPart:
    """What a part is made by: places below the root of the project (a ``*`` stands for any ending), and libraries."""

    places: tuple[str, ...]
    libraries: tuple[str, ...]


PARTS: dict[Part, CodeOfPart] = {
    "landing": CodeOfPart(
        ("cdp_orchestration/landing", "cdp_orchestration/sources*"),
        ("anyascii", "duckdb", "numpy", "orjson", "pyarrow", "pydantic", "python-calamine", "pyyaml"),
    ),
    "gates": CodeOfPart(
        ("expectations", "cdp_orchestration/dagster", "cdp_orchestration/figures", "dbt_project/tests"),
        ("duckdb", "great-expectations", "pandas", "pyarrow", "pydantic", "pyyaml"),
    ),
    "identity": CodeOfPart(
        ("identity", "cdp_orchestration/identity_stage", "cdp_orchestration/release/phones.py"),
        ("anyascii", "duckdb", "numpy", "phonenumbers", "pyarrow", "pyspark", "splink", "sqlglot"),
    ),
    "dbt": CodeOfPart(
        (
            "cdp_orchestration/dbt",
            "dbt_project/dbt_project.yml",
            "dbt_project/macros",
            "dbt_project/models",
            "dbt_project/profiles.yml",
            "dbt_project/seeds",
        ),
        (
            *("dbt-adapters", "dbt-core", "dbt-duckdb", "duckdb", "jinja2"),
            *("numpy", "phonenumbers", "py3langid", "pyarrow", "pycountry", "pyspark", "scikit-learn", "scipy"),
            *("sqlglot", "threadpoolctl"),
        ),
    ),
    "release": CodeOfPart(("cdp_orchestration/release",), ("duckdb", "phonenumbers")),
    "report": CodeOfPart(("cdp_orchestration/customer_report",), ("duckdb", "jinja2", "markupsafe", "pyyaml")),
}

# Code that changes no table, no gate and no report, some of it inside the places above.
WITHOUT_EFFECT_ON_DATA = (
    "cdp_orchestration/benchmark",
    "cdp_orchestration/connectors",
    "cdp_orchestration/dagster/assets/destinations.py",
    "cdp_orchestration/dagster/destinations.py",
    "cdp_orchestration/dagster/ended_runs.py",
    "cdp_orchestration/dagster/notifying.py",
    "cdp_orchestration/dagster/old_runs.py",
    "cdp_orchestration/dagster/one_stage.py",
    "cdp_orchestration/dagster/pruning.py",
    "cdp_orchestration/dbt/breaking_row.py",
    "cdp_orchestration/dbt/composition.py",
    "cdp_orchestration/dbt/contract_record.py",
    "cdp_orchestration/dbt/error_reasons.py",
    "cdp_orchestration/dbt/failing_rows.py",
    "cdp_orchestration/dbt/failure_report.py",
    "cdp_orchestration/dbt/generated_files.py",
    "cdp_orchestration/dbt/known_values.py",
    "cdp_orchestration/dbt/missing_inputs.py",
    "cdp_orchestration/dbt/own_models.py",
    "cdp_orchestration/dbt/profile_declarations.py",
    "cdp_orchestration/dbt/row_keys.py",
    "cdp_orchestration/dbt/rules_in_words.py",
    "cdp_orchestration/dbt/source_files.py",
    "cdp_orchestration/dbt/stream_declarations.py",
    "cdp_orchestration/definitions.py",
    "cdp_orchestration/demo",
    "cdp_orchestration/destinations",
    "cdp_orchestration/doctor",
    "cdp_orchestration/repair",
    "cdp_orchestration/errors.py",
    "cdp_orchestration/figures/acceptance.py",
    "cdp_orchestration/figures/trends.py",
    "cdp_orchestration/health",
    "cdp_orchestration/home",
    "cdp_orchestration/identity_stage/charts.py",
    "cdp_orchestration/identity_stage/explanation.py",
    "cdp_orchestration/identity_stage/labels.py",
    "cdp_orchestration/identity_stage/review.py",
    "cdp_orchestration/identity_stage/verifying.py",
    "cdp_orchestration/landing/storage/old_refusals.py",
    "cdp_orchestration/notifications",
    "cdp_orchestration/open_tier",  # has a version of its own
    "cdp_orchestration/privacy",
    "cdp_orchestration/reader",
    "cdp_orchestration/release/comparison.py",
    "cdp_orchestration/release/dictionary.py",
    "cdp_orchestration/release/kept.py",
    "cdp_orchestration/release/leases.py",
    "cdp_orchestration/release/lookup.py",
    "cdp_orchestration/release/profile_changes.py",
    "cdp_orchestration/release/pruning.py",
    "cdp_orchestration/sources/drafting",
    "cdp_orchestration/sources/json_schema.py",
    "cdp_orchestration/stages",
    "cdp_orchestration/terminal",
    "expectations/data_docs",
    "expectations/project.py",
    "identity/explanation",
    "identity/quality",
    "identity/work_tables",
)
_CODE_ENDINGS = {".css", ".csv", ".j2", ".py", ".sql", ".txt", ".yaml", ".yml"}
_UNIT_TESTS = "__unit_tests.yml"


def code_version(*parts: Part, root: Path = PROJECT_ROOT) -> str:
    """Return a hash of the code and the installed libraries by which these parts are made, of all parts without any.

    Args:
        parts: what the caller's table, verdict or page is made by.
        root: the folder that holds the project's packages.

    Returns:
        Twelve hexadecimal digits. They also depend on the feature release of Python, which writes the syntax tree.
    """
    versions = [_part_version(part, root) for part in parts or PARTS]
    if {"landing", "dbt"} & set(parts or PARTS):
        versions += _own_declarations(Settings.from_environment().own_sources)
    return hashlib.sha256(" ".join(versions).encode()).hexdigest()[:12]


def files_of(part: Part, root: Path = PROJECT_ROOT) -> Iterator[tuple[str, Path]]:
    """Yield each file by which a part is made: its name in the repository, and where it is; in order of name."""
    for place in PARTS[part].places:
        yield from _files_at(place, root)


@cache
def _part_version(part: Part, root: Path) -> str:
    digest = hashlib.sha256()
    for name, path in files_of(part, root):
        digest.update(f"\0{name}\0".encode())
        digest.update(effective_code(path))
    for library in PARTS[part].libraries:
        digest.update(f"\0{library} {_installed(library)}".encode())
    return digest.hexdigest()


def _files_at(place: str, root: Path) -> Iterator[tuple[str, Path]]:
    top, _, pattern = place.partition("/")
    base = dbt_project_below(root) if top == "dbt_project" else root / top
    for found in sorted(base.glob(pattern) if pattern else [base]):
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            name = f"{top}/{path.relative_to(base).as_posix()}"
            if path.suffix in _CODE_ENDINGS and not name.endswith(_UNIT_TESTS) and not _is_without_effect(name):
                yield name, path


def _is_without_effect(name: str) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in WITHOUT_EFFECT_ON_DATA)


def _own_declarations(folder: Path) -> list[str]:
    """Return a hash of each file by which a home declares what rows become, in order of name."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in _CODE_ENDINGS and path.is_file())
    contents = ((path.relative_to(folder).as_posix().encode(), effective_declaration(path)) for path in files)
    return [hashlib.sha256(b"\0".join((name, content))).hexdigest() for name, content in contents if content]


@cache
def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
