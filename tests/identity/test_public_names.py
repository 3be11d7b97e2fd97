"""What `identity` offers is imported when it is asked for, and is what the type checker sees."""

import ast
import subprocess
import sys
from pathlib import Path

import identity


def _imports_for_the_type_checker() -> dict[str, str]:
    tree = ast.parse(Path(identity.__file__).read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: str(node.module)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_every_public_name_comes_from_the_module_that_the_type_checker_reads() -> None:
    imports = _imports_for_the_type_checker()
    assert set(imports) == set(identity.__all__)
    assert imports == identity._DECLARED_IN
    assert [name for name in identity.__all__ if getattr(identity, name, None) is None] == []


def test_a_name_that_is_not_offered_is_an_error() -> None:
    assert not hasattr(identity, "no_such_name")


def test_reading_the_limits_imports_neither_splink_nor_scipy() -> None:
    code = "import sys; from identity import Limits; Limits(); print(*{'splink', 'scipy', 'pandas'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
