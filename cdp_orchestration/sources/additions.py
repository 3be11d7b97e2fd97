"""Adding a source to a home: a sample becomes a declaration, which is checked before it is written."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources.draft import declared_field, draft
from cdp_orchestration.sources.inference import Inferred
from cdp_orchestration.sources.origins import Origin, declared_origin
from cdp_orchestration.sources.reading import DeclarationError, read_declaration
from cdp_orchestration.sources.samples import Sample

PREVIEW_ROWS = 10
# Only of a column that changes with the row; by the time of creation no later change would be fetched.
_CHANGED = re.compile(r"updated|modified|changed|modstamp", re.IGNORECASE)


def add_source(settings: Settings, name: str, found: Inferred, origin: Origin | None = None) -> Path:
    """Write the declaration of a stream into a home.

    Args:
        settings: the home.
        name: ``<source>/<stream>``.
        found: what is known of the stream.
        origin: where its rows are fetched from; None where others deliver files.

    Returns:
        The file.

    Raises:
        DeclarationError: the name is none, the source is declared already, or the draft cannot be a declaration.
    """
    source, _, stream = name.partition("/")
    if not source or not stream:
        raise DeclarationError(
            f"{name} is no name of a stream; expected <source>/<stream>, such as newsletter/members."
        )
    path = settings.own_sources / f"{source}.yml"
    if path.exists():
        raise DeclarationError(f"{path} is there already; add stream {stream} to it by hand, or remove it first.")
    if not found.key:
        raise DeclarationError("No column is filled and unique in the sample; name the key when you are asked for it.")
    cursor = found.cursor if found.cursor and _CHANGED.search(found.cursor) else None
    text = draft(source, stream, found, declared_origin(origin, cursor) if origin else None)
    with tempfile.TemporaryDirectory() as folder:
        drafted = Path(folder) / path.name
        drafted.write_text(text, encoding="utf-8")
        read_declaration(drafted)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def preview(sample: Sample, found: Inferred) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Return header and rows of what the first rows of a sample become: the parts of a person, else the fields."""
    columns = found.meanings if found.is_person else {declared_field(name): (name,) for name in found.kinds}
    rows = [
        tuple(", ".join(filter(None, (sample.columns[name][index] for name in names))) for names in columns.values())
        for index in range(min(PREVIEW_ROWS, sample.row_count))
    ]
    return tuple(columns), rows
