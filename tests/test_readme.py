"""The README tells what is there: its commands, streams, tables and paths."""

import re
from collections.abc import Iterator

import pytest
from typer.main import get_command

from cdp_orchestration.dbt.project import manifest, published_models
from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.streams import STREAMS
from cdp_orchestration.terminal.cli import app

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


def _rows(header: str) -> Iterator[list[str]]:
    """The rows of the table that has this header, as cells."""
    lines = README[README.index(header) :].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def test_every_command_is_told_and_none_that_is_not_there() -> None:
    told = {word for cells in _rows("| command | does |") for word in re.findall(r"`cdp (\w+)", cells[0])}
    assert told == set(get_command(app).commands)


def test_only_streams_that_are_declared_are_named() -> None:
    told = set()
    for names, _, _ in _rows("| stream | shape |"):
        source, first, *others = re.split(r"[/,]\s*", names)
        told |= {(source, name) for name in (first, *others)}
    assert told
    assert told - {(stream.source, stream.name) for stream in STREAMS} == set()


def test_every_published_table_is_told() -> None:
    told = {name for names, _ in _rows("| table | grain |") for name in re.split(r"[,;]\s*", names)}
    assert told == set(published_models(manifest()))


def test_every_target_of_make_is_there() -> None:
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    told = set(re.findall(r"`?make ([a-z-]+)", README))
    assert {"demo", "test", "dev", "bench"} <= told
    assert [target for target in told if f"\n{target}:" not in makefile] == []


NAMED = re.findall(r"`([\w./-]+(?:\.(?:py|csv|yml|yaml)|/))`|!\[[^]]*\]\(([^)]+)\)", README)
FOLDERS = ("", "cdp_orchestration", "dbt_project", "dbt_project/seeds")
MADE_BY_A_SYNC = (".cdp/", "overrides/")


@pytest.mark.parametrize("path", sorted({code or picture for code, picture in NAMED}))
def test_every_file_and_folder_that_is_named_is_there(path: str) -> None:
    places = [PROJECT_ROOT / folder / path for folder in FOLDERS]
    assert path.startswith(MADE_BY_A_SYNC) or any(place.exists() for place in places)
