"""What the pages and docstrings show as YAML is accepted by the readers of these files."""

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from cdp_orchestration.destinations.declaration import read_destinations
from cdp_orchestration.figures.hand_limits import read_limits
from cdp_orchestration.home.retention import read_retention
from cdp_orchestration.home.settings import PROJECT_ROOT, Settings
from cdp_orchestration.notifications.declaration import read_notifications
from cdp_orchestration.open_tier.declaration import read_open_tier
from cdp_orchestration.sources import declared_streams
from cdp_orchestration.sources.json_schema import declaration_schema

FOLDERS = ("cdp_orchestration", "dbt_project", "expectations", "identity")
PAGES = (*PROJECT_ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (PROJECT_ROOT / folder).rglob("*.md")))
MODULES = tuple(module for folder in FOLDERS for module in (PROJECT_ROOT / folder).rglob("*.py"))

# The file of a home that has one of these words at its top, and who reads it
READERS: dict[str, tuple[str, Callable[[Settings], object]]] = {
    "source": ("sources/own.yml", declared_streams),
    "destinations": ("destinations.yml", read_destinations),
    "targets": ("notifications.yml", read_notifications),
    "limits": ("overrides/figure_limits.yml", lambda settings: read_limits(settings.figure_limits)),
    "k": ("open_tier.yml", lambda settings: read_open_tier(settings.open_tier)),
    "releases": ("retention.yml", lambda settings: read_retention(settings.retention)),
}


def _examples() -> Iterator[tuple[str, str]]:
    for path in sorted((*PAGES, *MODULES)):
        for block in re.findall(r"^ *```yaml\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            yield str(path.relative_to(PROJECT_ROOT)), textwrap.dedent(block)


EXAMPLES = tuple(_examples())


def test_each_kind_of_file_has_an_example() -> None:
    assert {word for word in READERS for _, text in EXAMPLES if word in yaml.safe_load(text)} == set(READERS)


@pytest.mark.parametrize(("path", "text"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_an_example_is_accepted(path: str, text: str, tmp_path: Path) -> None:
    (word,) = set(READERS) & set(yaml.safe_load(text))
    file, read = READERS[word]
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text.replace("source: newsletter", "source: own"), encoding="utf-8")
    assert read(Settings(tmp_path))
    if word == "source":
        jsonschema.validate(yaml.safe_load(text), declaration_schema())
