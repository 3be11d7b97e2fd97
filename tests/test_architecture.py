"""The shape of the project: which package imports which, and how large a piece may grow."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx
import pytest
import yaml
from grimp import build_graph

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cdp_orchestration", "identity", "expectations")
MODULE_LINES, FUNCTION_LINES = 250, 40
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def _packages() -> list[Path]:
    return sorted({module.parent for module in _modules()})


def _contracts(kind: str) -> Iterator[dict[str, Any]]:
    yield from (contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"] if contract["type"] == kind)


def _parts_of(package: str) -> set[str]:
    """Return the modules and packages directly below a package."""
    return {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def test_the_packages_import_each_other_only_as_agreed() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = build_graph("cdp_orchestration", "identity", "expectations", cache_dir=None)
    imports = networkx.DiGraph(
        (module, imported) for module in graph.modules for imported in graph.find_modules_directly_imported_by(module)
    )
    circles = [circle for circle in networkx.strongly_connected_components(imports) if len(circle) > 1]
    # The job that ends erasures starts a sync of its own, which loads the jobs
    jobs = {f"cdp_orchestration.dagster.{module}" for module in ("code_location", "erasures", "sync_run")}
    assert circles == [jobs]


@pytest.mark.parametrize("package", ["cdp_orchestration", "identity"])
def test_every_part_of_a_package_has_its_floor_in_the_import_contracts(package: str) -> None:
    (contract,) = (each for each in _contracts("layers") if each.get("containers") == [package])
    floors = {part for floor in contract["layers"] for part in re.split(r"\s*[|:]\s*", floor)}
    assert floors == _parts_of(package) - {"__init__"}
    assert contract["exhaustive"], "a new part has to be given its floor before it may be imported"


def test_every_part_of_orchestration_but_its_own_package_is_kept_from_importing_dagster() -> None:
    (contract,) = (each for each in _contracts("forbidden") if "cdp_orchestration.terminal" in each["source_modules"])
    may_import_dagster = {"__init__", "dagster", "definitions"}
    expected = {f"cdp_orchestration.{part}" for part in _parts_of("cdp_orchestration") - may_import_dagster}
    assert set(contract["source_modules"]) == expected


@pytest.mark.parametrize("package", _packages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_says_what_belongs_there(package: Path) -> None:
    text = (package / "__init__.py").read_text(encoding="utf-8")
    first_sentence = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    assert first_sentence.endswith(".")
    assert len(first_sentence.split()) >= 5


def test_a_commit_is_checked_by_what_make_lint_runs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^lint-\w+:\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    commands = re.findall(r"\$\(BIN\)/([^\n]*)", "".join(targets))
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    entries = [hook["entry"].removeprefix(".venv/bin/") for repository in hooks for hook in repository["hooks"]]
    assert {repository["repo"] for repository in hooks} == {"local"}, "other hooks would be downloaded"
    assert len(entries) == len(commands)
    # A hook is given the files of the commit, where the Makefile names folders.
    assert [entry for entry in entries if not any(command.startswith(entry) for command in commands)] == []


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert PYPROJECT["project"]["version"].removesuffix(".dev0") == newest[1]


@pytest.mark.parametrize("module", list(_modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_and_its_functions_stay_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MODULE_LINES
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    assert [f.name for f in functions if _lines_of_code(f) > FUNCTION_LINES] == []


def _lines_of_code(function: ast.FunctionDef) -> int:
    """The lines of a function without its docstring, which must not be short for the cap's sake."""
    first = function.body[0]
    documented = (first.end_lineno or first.lineno) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - documented


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "common", "misc", "base"}
    assert [path.name for path in _modules() if path.stem in vague] == []


def test_a_reader_of_rows_is_closed_by_who_opens_it() -> None:
    """One that an error leaves open keeps its database: who opens that file again in the process waits without end."""
    in_memory = ROOT / "cdp_orchestration" / "connectors"
    modules = [module for module in _modules() if in_memory not in module.parents]
    lines = [line.strip() for module in modules for line in module.read_text(encoding="utf-8").splitlines()]
    opening = [line for line in lines if "to_arrow_reader(" in line]
    assert opening
    assert [line for line in opening if not line.startswith("with ")] == []
