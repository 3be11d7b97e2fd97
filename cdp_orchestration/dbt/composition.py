"""The dbt project of a home: the one that ships, completed by what the home's own declarations add to it.

A home without declarations of its own runs the project that ships as it is. Any other has a copy in which the generated
files follow from all its streams, with the models that stand in ``$CDP_HOME/sources/<source>/`` beside the generated
ones; a model of the same name replaces the generated one.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from cdp_orchestration.dbt.generated_files import generated_files
from cdp_orchestration.dbt.own_model_files import own_model_files
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.sources import declared_streams

_NOT_COPIED = {"target", "logs", "dbt_packages"}
# They name every input of a model, and a home's own streams are inputs that they do not know; they prove the project.
_UNIT_TESTS = "__unit_tests.yml"


def project_dir(settings: Settings) -> Path:
    """Return the folder of the dbt project that a home runs, as new as its declarations and the project that ships.

    Args:
        settings: the home.

    Returns:
        The project that ships where the home declares nothing, else a folder of the home.
    """
    if not settings.own_sources.is_dir() or not any(settings.own_sources.iterdir()):
        return DBT_PROJECT_DIR
    folder = settings.composed_dbt_project
    files = [path for place in (DBT_PROJECT_DIR, settings.own_sources) for path in _files(place)]
    facts = tuple((path, path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.stat().st_size) for path in files)
    _compose(settings, facts)
    return folder


@cache
def _compose(settings: Settings, _facts: tuple[tuple[Path, int, int, int], ...]) -> None:
    """Write the copy; once in a process as long as no file has changed."""
    folder = settings.composed_dbt_project
    expected = dict(_contents(settings))
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name = path.relative_to(folder)
        if name not in expected and name.parts[0] not in _NOT_COPIED:
            path.unlink()
    for name, content in expected.items():
        _write(folder / name, content)


def _files(folder: Path) -> list[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if path.relative_to(folder).parts[0] not in _NOT_COPIED]


def _contents(settings: Settings) -> Iterator[tuple[Path, bytes]]:
    for path in _files(DBT_PROJECT_DIR):
        if not path.name.endswith(_UNIT_TESTS):
            yield path.relative_to(DBT_PROJECT_DIR), path.read_bytes()
    for name, text in generated_files(declared_streams(settings)).items():
        yield name, text.encode()
    for source, path in own_model_files(settings):
        yield Path("models/staging") / source / path.name, path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    # A file that stays the same keeps its time, so that dbt parses only what has changed.
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def company_time_zone(settings: Settings) -> str:
    """Return the time zone in which the company's days begin, as the dbt project of the home declares it."""
    file = project_dir(settings) / "dbt_project.yml"
    return str(yaml.safe_load(file.read_text(encoding="utf-8"))["vars"]["company_time_zone"])
