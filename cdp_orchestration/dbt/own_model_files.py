"""The dbt models that a home adds to its sources: files of ``$CDP_HOME/sources/<source>/``, built in staging."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.sources import DeclarationError, declared_sources

_ENDINGS = {".sql", ".yml", ".yaml", ".py"}
_LATER = ("identity", "profiles", "journeys")
_OF_SOURCE = re.compile(r"\bmodels/staging/(\w+/[\w.-]*\w)")
_REFERENCE = re.compile(r"""\bref\(\s*['"](\w+)['"]""")
_OF_IDENTITY = re.compile(r"""\bsource\(\s*['"]identity['"],\s*['"](\w+)['"]""")


def own_model_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield the files that a home adds to its sources, in order, each with the source.

    Args:
        settings: the home.

    Raises:
        DeclarationError: a folder is that of no source, or a model cannot be one of staging.
    """
    sources = {source.name for source in declared_sources(settings)}
    for folder in sorted(path for path in settings.own_sources.iterdir() if path.is_dir()):
        files = [path for path in sorted(folder.glob("*")) if path.suffix in _ENDINGS]
        if files and folder.name not in sources:
            near = get_close_matches(folder.name, sources, n=1)
            expected = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(sorted(sources))}"
            raise DeclarationError(f"{folder}: {folder.name} is no source of this home; {expected}")
        for path in files:
            _check(path, folder.name)
            yield folder.name, path


def where_written(text: str, settings: Settings) -> str:
    """Return what dbt says with the files of the home in the place of their copies in the project that runs.

    Args:
        text: a path of the project, or a sentence that names one.
        settings: the home.
    """

    def written(found: re.Match[str]) -> str:
        path = settings.own_sources / found[1]
        return str(path) if path.exists() else found[0]

    return _OF_SOURCE.sub(written, text)


def _check(path: Path, source: str) -> None:
    """Refuse a model with the name of another one, or one that reads what is built after it."""
    shipped = shipped_models()
    place = shipped.get(path.stem)
    if path.suffix in (".sql", ".py") and place and place.parent != Path("staging") / source:
        raise DeclarationError(
            f"{path}: a model {path.stem} ships in models/{place.parent}; give this one another name, such as "
            f"{source}_{path.stem}"
        )
    text = path.read_text(encoding="utf-8")
    read = {name: shipped[name].parts[0] for name in _REFERENCE.findall(text) if name in shipped}
    read |= dict.fromkeys(_OF_IDENTITY.findall(text), "identity")
    for name, layer in read.items():
        if layer in _LATER:
            raise DeclarationError(
                f"{path}: it reads {name}, a table of {layer}, which is built after it. A model of a source is built "
                "in staging, and reads landing, seeds and staging. What follows from published tables belongs to a "
                "project that reads the release."
            )


@cache
def shipped_models() -> Mapping[str, Path]:
    """Return the models of the project that ships, each with its file below ``models``."""
    models = DBT_PROJECT_DIR / "models"
    return {path.stem: path.relative_to(models) for path in models.rglob("*") if path.suffix in (".sql", ".py")}
