"""The wheel holds all that the platform needs: installed without the repository, it makes a release from invented data.

The libraries come from the environment of the tests; the project's own code comes from the wheel alone. Marked ``long``
are the syncs of the installed command; every time, the wheel has every file that the repository has, and the installed
command knows a home that was synced from the repository.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from live_homes import copy_home
from release_comparison import release_of

from cdp_orchestration.home.code_version import PARTS, code_version
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.slow

CUSTOMERS = "60"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], PROJECT_ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel, and reads the libraries from the environment of the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    uv = str(Path(sys.executable).with_name("uv"))
    target = ["--python", str(folder / "bin" / "python"), "--no-deps", "--offline", "--no-cache"]
    _run([uv, "pip", "install", "--quiet", *target, str(wheel)], folder)
    # A path in a .pth file is searched last, and the .pth files there (the editable install) are not read.
    (_site_packages(folder) / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that the installed command made."""
    home = tmp_path_factory.mktemp("installed") / "home"
    before = set(_files(_site_packages(environment)))
    _cdp(environment, home, "demo", "--customers", CUSTOMERS, "--drops", "1")
    assert set(_files(_site_packages(environment))) == before, "a sync wrote into the installed package"
    return home


def _run(command: list[str], folder: Path, **variables: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "DAGSTER_HOME"}}
    finished = subprocess.run(
        command, cwd=folder, env=inherited | variables, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def _cdp(environment: Path, home: Path, *arguments: str) -> str:
    return _run([str(environment / "bin" / "cdp"), *arguments], home.parent, CDP_HOME=str(home), COLUMNS="200")


def _python(environment: Path, code: str) -> str:
    return _run([str(environment / "bin" / "python"), "-c", code], environment)


def _site_packages(environment: Path) -> Path:
    (folder,) = environment.glob("lib/python*/site-packages")
    return folder


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_wheel_holds_what_the_code_reads_next_to_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "cdp_orchestration/customer_report/templates/page.html.j2",
        "cdp_orchestration/dbt_project/dbt_project.yml",
        "cdp_orchestration/dbt_project/macros/survivorship.sql",
        "cdp_orchestration/dbt_project/profiles.yml",
        "cdp_orchestration/dbt_project/seeds/exchange_rates.csv",
        "identity/prepare/nicknames.txt",
    } <= names
    assert [name for name in names if "/target/" in name or name.startswith("tests/")] == []


def test_the_wheel_has_every_file_of_the_repository(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    places = {"cdp_orchestration": "", "identity": "", "expectations": "", "dbt_project": "cdp_orchestration/"}
    listed = _run(["git", "ls-files", *places], PROJECT_ROOT).splitlines()
    expected = {f"{places[name.partition('/')[0]]}{name}" for name in listed if not name.endswith(".png")}
    assert expected - packed == set()


def test_the_wheel_names_the_libraries_that_the_project_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[<>=]", needed)[0].lower() for needed in project["dependencies"]}
    named = {
        re.split(r"[<>=;]", line.removeprefix("Requires-Dist: "))[0].lower()
        for line in lines
        if "Requires-Dist" in line
    }
    assert needed <= named
    assert f"Version: {project['version']}" in lines


def test_every_library_is_pinned_with_its_hashes_and_without_an_address() -> None:
    pins = (PROJECT_ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    pinned = re.compile(r"([a-z0-9._-]+)==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [line for line in pins if not pinned.fullmatch(line)] == []
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {re.split(r"[<>=\[]", each)[0].lower() for each in named} - {line.split("==")[0] for line in pins} == set()


def test_the_installed_code_is_that_of_the_repository_and_is_read_from_the_wheel(environment: Path) -> None:
    found = json.loads(
        _python(
            environment,
            "import json, sys, cdp_orchestration, identity, expectations\n"
            "from cdp_orchestration.home.code_version import PARTS, code_version\n"
            "packages = cdp_orchestration, identity, expectations\n"
            "print(json.dumps([[p.__file__ for p in packages], sys.path, {p: code_version(p) for p in PARTS}]))",
        )
    )
    files, searched, versions = found
    assert [file for file in files if not file.startswith(str(_site_packages(environment)))] == []
    assert str(PROJECT_ROOT) not in searched
    assert versions == {part: code_version(part) for part in PARTS}


def test_the_installed_command_finds_nothing_new_in_a_home_that_the_repository_synced(
    environment: Path, live_home: Path, tmp_path: Path
) -> None:
    home = copy_home(live_home, tmp_path / "home")
    assert "Nothing new" in _cdp(environment, home, "sync")
    assert release_of(home).release_id in _cdp(environment, home, "releases")


@pytest.mark.long
def test_the_installed_command_makes_a_release_and_its_report(home: Path) -> None:
    release = release_of(home)
    assert release.manifest["tables"]["profiles"]["rows"] > 0
    assert release.release_id in Settings(home).customer_report.read_text(encoding="utf-8")


@pytest.mark.long
def test_other_words_of_identity_and_other_code_of_the_report_write_the_report_anew_and_make_no_table_again(
    environment: Path, home: Path
) -> None:
    before, builds = release_of(home).release_id, _profile_table_builds(home)
    package = _site_packages(environment) / "cdp_orchestration"
    _replace(
        package.with_name("identity") / "resolution.py",
        '"""Resolution of all person records',
        '"""The resolution of all person records',
    )
    _replace(package / "customer_report" / "templates" / "page.html.j2", "<body", '<body data-edition="second"')
    _cdp(environment, home, "sync")
    assert 'data-edition="second"' in Settings(home).customer_report.read_text(encoding="utf-8")
    assert release_of(home).release_id == before
    assert _profile_table_builds(home) == builds
    assert _resolved_everything(home) == [True, False]


def _resolved_everything(home: Path) -> list[bool]:
    """Return for each run of identity, from the first, whether it resolved all records."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        runs = warehouse.execute("select is_full from operations.identity_runs order by rowid").fetchall()
    return [is_full for (is_full,) in runs]


def _profile_table_builds(home: Path) -> list[tuple[str, int, str]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute("select * from operations.profile_table_builds order by all").fetchall()
