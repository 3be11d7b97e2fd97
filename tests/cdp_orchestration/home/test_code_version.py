"""Other code is a reason to make a table again: the code that makes it, and no other."""

import ast
import shutil
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from unittest import mock

import pytest

from cdp_orchestration.home import code_version as code_versions
from cdp_orchestration.home.code_version import PARTS, WITHOUT_EFFECT_ON_DATA, Part, code_version, files_of
from cdp_orchestration.home.effective_code import effective_code
from cdp_orchestration.home.settings import PROJECT_ROOT

PACKAGES = ("cdp_orchestration", "dbt_project", "expectations", "identity")
NOT_CODE = shutil.ignore_patterns("__pycache__", "target", "logs")
# They start what others compute, or read what others wrote.
STARTERS = ("dagster", "dagster_dbt", "dbt", "dbt_common", "pydantic", "sqlalchemy")

SMALL_PROJECT = {
    "cdp_orchestration/sources.py": 'STREAMS = ("orders",)\n',
    "cdp_orchestration/customer_report/page.py": 'TITLE = "Customers"\n',
    "cdp_orchestration/customer_report/templates/page.html.j2": "<h1>{{ title }}</h1>\n",
    "cdp_orchestration/demo/people.py": "COUNT = 1\n",
    "cdp_orchestration/terminal/cli.py": 'GREETING = "Hello"\n',
    "dbt_project/dbt_project.yml": "vars:\n  journey_gap_days: 30  # a longer silence ends a journey\n",
    "dbt_project/models/profiles.sql": "-- one row per profile\nselect 1 as profile_id, '-- no comment' as note\n",
    "dbt_project/models/_models.yml": (
        "models:\n"
        "  - name: profiles\n"
        "    description: One row per profile.\n"
        "    columns:\n"
        "      - name: profile_id\n"
        "        data_type: integer\n"
        "seeds:\n"
        "  - name: rules\n"
        "    config:\n"
        "      column_types: {name: varchar, description: varchar}\n"
    ),
    "dbt_project/seeds/rules.csv": "name,description\n",
    "dbt_project/tests/assert_one.sql": "select 1 where false\n",
    "expectations/landing.py": "MAX_SHARE = 0.01\n",
    "identity/resolution.py": (
        '"""Who is who."""\n'
        "def resolve(records: int) -> int:\n"
        '    """Return clusters."""\n'
        "    return records  # one each\n"
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "before"
    for name, text in SMALL_PROJECT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def _parts_changed_by(project: Path, name: str, old: str, new: str) -> set[Part]:
    """Return the parts whose version differs once `old` is `new` in one file of the project."""
    changed = project.with_name("after")
    shutil.copytree(project, changed)
    text = (changed / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (changed / name).write_text(text.replace(old, new), encoding="utf-8")
    return _differing(project, changed)


def _differing(before: Path, after: Path) -> set[Part]:
    return {part for part in PARTS if code_version(part, root=before) != code_version(part, root=after)}


@pytest.mark.parametrize(
    ("name", "old", "new", "part"),
    [
        ("identity/resolution.py", "return records", "return records + 1", "identity"),
        ("dbt_project/models/profiles.sql", "select 1", "select 2", "dbt"),
        ("dbt_project/models/profiles.sql", "'-- no comment'", "'-- another text'", "dbt"),
        ("dbt_project/models/_models.yml", "integer", "bigint", "dbt"),
        ("dbt_project/models/_models.yml", "description: varchar", "description: date", "dbt"),
        ("dbt_project/dbt_project.yml", "30", "31", "dbt"),
        ("dbt_project/seeds/rules.csv", "name,", "names,", "dbt"),
        ("dbt_project/tests/assert_one.sql", "false", "true", "gates"),
        ("expectations/landing.py", "0.01", "0.02", "gates"),
        ("cdp_orchestration/sources.py", "orders", "returns", "landing"),
        ("cdp_orchestration/customer_report/page.py", "Customers", "Clients", "report"),
        ("cdp_orchestration/customer_report/templates/page.html.j2", "h1>{{", "h1> {{", "report"),
    ],
)
def test_a_change_of_code_changes_the_version_of_its_part_alone(
    project: Path, name: str, old: str, new: str, part: Part
) -> None:
    assert _parts_changed_by(project, name, old, new) == {part}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("identity/resolution.py", "Who is who.", "Which records are one person."),
        ("identity/resolution.py", "Return clusters.", "Return the clusters of the records."),
        ("identity/resolution.py", "  # one each", ""),
        ("dbt_project/models/profiles.sql", "-- one row per profile", "/* one row\nper profile */\n{# it's Jinja #}"),
        ("dbt_project/models/profiles.sql", "select 1 as", "select\n    1 as"),
        ("dbt_project/models/_models.yml", "One row per profile.", "One row per living profile."),
        ("dbt_project/dbt_project.yml", "a longer silence", "a longer gap"),
    ],
)
def test_a_comment_a_docstring_or_a_description_changes_no_version(
    project: Path, name: str, old: str, new: str
) -> None:
    assert _parts_changed_by(project, name, old, new) == set()


@pytest.mark.parametrize(
    ("name", "old"),
    [("cdp_orchestration/demo/people.py", "1"), ("cdp_orchestration/terminal/cli.py", "Hello")],
)
def test_code_of_the_demo_and_of_the_command_changes_no_version(project: Path, name: str, old: str) -> None:
    assert _parts_changed_by(project, name, old, "2") == set()


def test_a_file_that_does_not_parse_still_has_a_version(project: Path) -> None:
    assert _parts_changed_by(project, "identity/resolution.py", "def resolve(", "def resolve((") == {"identity"}


def test_a_renamed_file_is_other_code(project: Path) -> None:
    before = code_version("dbt", root=project)
    renamed = shutil.copytree(project, project.with_name("after"))
    (renamed / "dbt_project/models/profiles.sql").rename(renamed / "dbt_project/models/people.sql")
    assert code_version("dbt", root=renamed) != before


def test_the_version_of_all_parts_changes_with_any_of_them(project: Path) -> None:
    changed = shutil.copytree(project, project.with_name("after"))
    (changed / "cdp_orchestration/customer_report/page.py").write_text("", encoding="utf-8")
    assert code_version(root=changed) != code_version(root=project)
    assert code_version("identity", "dbt", root=changed) == code_version("identity", "dbt", root=project)


def test_other_words_in_every_module_of_this_project_change_no_version(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(PROJECT_ROOT / package, tmp_path / package, ignore=NOT_CODE)
    assert _differing(PROJECT_ROOT, tmp_path) == set()
    reworded = tmp_path / "reworded"
    for package in PACKAGES:
        shutil.copytree(tmp_path / package, reworded / package)
    for module in reworded.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        module.write_text(text.replace('"""', '"""Other words: ', 1) + "\n# and a comment\n", encoding="utf-8")
    for model in reworded.rglob("*.sql"):
        model.write_text("-- other words\n" + model.read_text(encoding="utf-8"), encoding="utf-8")
    assert _differing(tmp_path, reworded) == set()


@pytest.mark.parametrize("part", PARTS)
def test_every_place_of_a_part_holds_code(part: Part) -> None:
    names = [name for name, _ in files_of(part)]
    empty = [place for place in PARTS[part].places if not any(name.startswith(place.rstrip("*")) for name in names)]
    assert empty == []


def test_every_piece_of_code_is_in_a_part_or_listed_as_without_effect_on_data() -> None:
    named = {PROJECT_ROOT / name for part in PARTS for name, _ in files_of(part)}
    without_effect = [PROJECT_ROOT / place for place in WITHOUT_EFFECT_ON_DATA]
    assert [place for place in without_effect if not place.exists()] == []
    code = [
        path
        for package in PACKAGES
        for ending in ("py", "sql", "csv", "j2", "css")
        for path in (PROJECT_ROOT / package).rglob(f"*.{ending}")
        if "target" not in path.parts and path.stat().st_size and path.name != "__init__.py"
    ]
    assert len(code) > len(PARTS)
    forgotten = [p for p in code if p not in named and not any(p.is_relative_to(place) for place in without_effect)]
    assert forgotten == [], "name them in PARTS or in WITHOUT_EFFECT_ON_DATA of cdp_orchestration/home/code_version.py"


@pytest.mark.parametrize("part", PARTS)
def test_every_library_that_the_code_of_a_part_imports_is_one_of_its_libraries(part: Part) -> None:
    modules = [path for name, path in files_of(part) if name.endswith(".py")]
    imported = {package for module in modules for package in _imported_packages(module)}
    distributions = packages_distributions()
    known = {library.lower() for library in PARTS[part].libraries}
    missing = {
        package
        for package in imported - sys.stdlib_module_names - {*PACKAGES, *STARTERS}
        if not {name.lower().replace("_", "-") for name in distributions.get(package, [package])} & known
    }
    assert missing == set()


def _imported_packages(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_a_process_reads_the_code_once(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(PROJECT_ROOT / package, tmp_path / package, ignore=NOT_CODE)
    with mock.patch.object(code_versions, "effective_code", wraps=effective_code) as read:
        first = code_version(root=tmp_path)
        files = read.call_count
        assert code_version(root=tmp_path) == first
        assert code_version("landing", "dbt", root=tmp_path) != first
    assert read.call_count == files > 0


@pytest.mark.parametrize(
    ("declared", "is_changed"),
    [
        ("source: crm\nstreams: {contacts: {from: {kind: postgres, url: env:CRM, table: contacts}}}\n", False),
        ("source: crm\nstreams: {contacts: {from: {kind: sqlite, path: crm.db, table: c}, vendor: Lead}}\n", True),
        ("source: crm\nstreams: {contacts: {fields: {description: text}}}\n", True),
        ("source: crm\nlabel: Sales\nstreams: {contacts: {from: {kind: sqlite, path: crm.db, table: c}}}\n", True),
        ("no declaration at all", True),
    ],
)
def test_a_home_that_only_says_where_a_stream_comes_from_builds_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str, is_changed: bool
) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    (tmp_path / "sources").mkdir()
    before = code_version("landing"), code_version("dbt")
    (tmp_path / "sources" / "crm.yml").write_text(declared, encoding="utf-8")
    after = code_version("landing"), code_version("dbt")
    assert [one != other for one, other in zip(before, after, strict=True)] == [is_changed, is_changed]
