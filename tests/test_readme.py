"""The documentation names what is there: commands, streams, tables, targets of make, files and links."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from typer.main import get_command

from cdp_orchestration.dbt.project import manifest, published_models
from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.sources import shipped_streams
from cdp_orchestration.terminal.cli import app

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "cdp_orchestration/README.md",
    "dbt_project/README.md",
    "expectations/README.md",
    "identity/README.md",
)
README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


def _rows(header: str) -> Iterator[list[str]]:
    """The rows of the table that has this header, as cells."""
    lines = README[README.index(header) :].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def test_the_commands_are_those_that_the_program_has() -> None:
    named = {word for cells in _rows("| command | does |") for word in re.findall(r"`cdp (\w+)", cells[0])}
    assert named == set(get_command(app).commands)


def test_only_streams_that_are_declared_are_named() -> None:
    named = set()
    for names, _, _ in _rows("| stream | shape |"):
        source, first, *others = re.split(r"[/,]\s*", names)
        named |= {(source, name) for name in (first, *others)}
    assert named
    assert named - {(stream.source, stream.name) for stream in shipped_streams()} == set()


def test_the_tables_are_those_that_are_published() -> None:
    named = {name for names, _ in _rows("| table | grain |") for name in re.split(r"[,;]\s*", names)}
    assert named == set(published_models(manifest()))


def test_every_target_of_make_is_there() -> None:
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)", _text(page))}
    assert {"demo", "test", "dev", "bench"} <= named | set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_every_seed_is_among_the_rules_that_can_be_set() -> None:
    page = _text("dbt_project/README.md")
    rules = page[page.index("## Rules that you can set") : page.index("## Times and days")]
    seeds = {path.name for path in (PROJECT_ROOT / "dbt_project" / "seeds").glob("*.csv")}
    assert set(re.findall(r"([a-z_]+\.csv)", rules)) - {"identifier_blocklist.csv", "identity_limits.csv"} == seeds


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) <= 160


def _text(page: str) -> str:
    return (PROJECT_ROOT / page).read_text(encoding="utf-8")


def _named_paths() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for code, link in re.findall(
            r"`([\w./-]+(?:\.(?:py|csv|yml|yaml|sql)|/))`|\[[^]]*\]\((?!https?:)([^)#]+)", _text(page)
        ):
            yield page, code or link


MADE_BY_A_SYNC = (".cdp/", "overrides/", "inbox/", "landing/", "quarantine/", "releases/", "reports/", "models/")
FILES = subprocess.run(["git", "ls-files"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(("page", "path"), sorted(set(_named_paths())))
def test_every_file_and_folder_that_is_named_is_there(page: str, path: str) -> None:
    if path.startswith(MADE_BY_A_SYNC):
        return
    # a page may name a file by the end of its path
    found = [file for file in FILES if f"/{path}" in f"/{file}"]
    linked = (PROJECT_ROOT / page).parent / path
    assert found or linked.exists()
