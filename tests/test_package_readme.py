"""The README of the platform package names its rooms, files and functions as they exist."""

import re
import tomllib

import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "cdp_orchestration"
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
FOLDERS = (
    PROJECT_ROOT,
    PACKAGE,
    PROJECT_ROOT / "dbt_project",
    PROJECT_ROOT / "dbt_project" / "models" / "staging",
)
CREATED_BY_A_SYNC = ("inbox/", "landing/ecommerce/", "quarantine/", "releases/")


def test_the_rooms_are_those_of_the_import_contract_in_its_order() -> None:
    pyproject = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        contract
        for contract in pyproject["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == ["cdp_orchestration"]
    )
    layers = [room.strip() for layer in contract["layers"] for room in layer.split("|")]
    table = README[README.index("| room | what belongs here |") :].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z_]+)", table, re.MULTILINE) == layers


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|sql|csv))?)`", README))))
def test_every_path_in_the_readme_exists(path: str) -> None:
    assert path.startswith(CREATED_BY_A_SYNC) or any((folder / path).exists() for folder in FOLDERS)


@pytest.mark.parametrize(("module", "function"), re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`: `([a-z_]+)`", README))
def test_every_function_in_the_readme_is_in_its_module(module: str, function: str) -> None:
    assert f"def {function}(" in (PACKAGE / module).read_text(encoding="utf-8")


def test_the_environment_variables_are_those_that_are_read() -> None:
    code = [path for path in PACKAGE.rglob("*.py") if "benchmark" not in path.parts]
    read = {name for path in code for name in re.findall(r'"(CDP_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    read |= set(re.findall(r"'(CDP_[A-Z_]+)'", (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text("utf-8")))
    table = README[README.index("| variable | says |") :].split("\n- ")[0]
    # the demo makes up the token of the API that it serves itself
    assert set(re.findall(r"^  \| `(CDP_[A-Z_]+)`", table, re.MULTILINE)) == read - {"CDP_DEMO_API_TOKEN"}
