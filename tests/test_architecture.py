"""The shape of the project: who may import whom, and how large a piece may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cdp_orchestration", "identity", "expectations")
MODULE_LINES, FUNCTION_LINES = 250, 40


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def test_the_packages_import_each_other_only_as_agreed() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("module", list(_modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_and_its_functions_stay_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MODULE_LINES
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    long = [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno + 1 > FUNCTION_LINES]
    assert long == []


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "common", "misc", "base"}
    assert [path.name for path in _modules() if path.stem in vague] == []
