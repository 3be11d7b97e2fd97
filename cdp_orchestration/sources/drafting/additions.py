"""Adding a source to a home: a sample becomes a declaration, which is checked before it is written."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from cdp_orchestration.connectors.secret_values import INSIDE_THE_HOME, is_in_reach, references_in
from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources.declared import check_declarations, declared_streams, own_files, shipped_streams
from cdp_orchestration.sources.drafting.draft import Parts, draft, draft_stream
from cdp_orchestration.sources.drafting.inference import Inferred, declared_field, is_time_of_change
from cdp_orchestration.sources.drafting.origins import Origin, declared_origin
from cdp_orchestration.sources.drafting.rename_draft import draft_renames
from cdp_orchestration.sources.drafting.samples import Sample
from cdp_orchestration.sources.reading import plain_values
from cdp_orchestration.sources.shipped_sources import streams_of

PREVIEW_ROWS = 10


def add_source(
    settings: Settings,
    name: str,
    found: Inferred,
    origin: Origin | None = None,
    forms: Mapping[str, Any] | None = None,
) -> Path:
    """Write the declaration of a stream into a home: into a new file, or at the end of that of its source.

    Args:
        settings: the home.
        name: ``<source>/<stream>``.
        found: what is known of the stream.
        origin: where its rows are fetched from; None where others deliver files.
        forms: how its files are written, as a declaration has it.

    Returns:
        The file.

    Raises:
        DeclarationError: the name is none, the stream is declared already, or the draft cannot be a declaration.
    """
    source, _, stream = name.partition("/")
    if not source or not stream:
        raise DeclarationError(
            f"{name} is no name of a stream; expected <source>/<stream>, such as newsletter/members."
        )
    path = settings.own_sources / f"{source}.yml"
    if not found.key:
        raise DeclarationError("No column is filled and unique in the sample; name the key when you are asked for it.")
    # Of no other column: by the time of creation no later change would be fetched
    cursor = found.cursor if found.cursor and is_time_of_change(found.cursor) else None
    parts = {"from": declared_origin(origin, cursor) if origin else {}, "files": forms or {}}
    shipped = next((each for each in shipped_streams() if (each.source, each.name) == (source, stream)), None)
    if shipped:
        text = _head(path, source, stream) + draft_renames(shipped, found, parts)
    elif path.exists():
        text = _with_stream(path, settings, name, found, parts)
    else:
        text = draft(source, stream, found, parts)
    _check(text, path, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _check(text: str, path: Path, settings: Settings) -> None:
    """Check the draft with all that the home declares: a file that is wrong would stop every command."""
    if any(is_in_reach(reference, settings.home) for reference in references_in(yaml.safe_load(text))):
        raise DeclarationError(f"The draft of {path}: {INSIDE_THE_HOME}.")
    with tempfile.TemporaryDirectory() as folder:
        drafted = Path(folder) / path.parent.name / path.name
        drafted.parent.mkdir()
        drafted.write_text(text, encoding="utf-8")
        try:
            check_declarations([*(each for each in own_files(settings) if each != path), drafted])
        except DeclarationError as error:
            raise DeclarationError(str(error).replace(str(drafted), f"the draft of {path}")) from None


def _head(path: Path, source: str, stream: str) -> str:
    """Return a declaration up to where a further stream may stand: what a person has written stays as it is."""
    if not path.exists():
        return f"source: {source}\nstreams:\n"
    if stream in streams_of(path):
        raise DeclarationError(f"{path} has stream {stream} already; correct it there, or remove it first.")
    if list(plain_values(path))[-1] != "streams":
        raise DeclarationError(f"{path} goes on after its streams; add stream {stream} to it by hand.")
    return path.read_text(encoding="utf-8").rstrip("\n") + "\n"


def _with_stream(path: Path, settings: Settings, name: str, found: Inferred, parts: Parts) -> str:
    """Return a declaration with one stream more, at its end."""
    source, _, stream = name.partition("/")
    head = _head(path, source, stream)
    former = [each for each in declared_streams(settings) if each.source == source]
    people = {
        each.mapping.person.record_type: each.key[0]
        for each in former
        if each.mapping and each.mapping.person and len(each.key) == 1
    }
    return head + draft_stream(source, stream, found, parts, people)


def preview(sample: Sample, found: Inferred) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Return header and rows of what a sample becomes: the parts of an interaction and a person, else the fields."""
    did = found.interaction.columns if found.interaction else {}
    columns = did | (found.meanings if found.is_person else {})
    columns = columns or {declared_field(name): (name,) for name in found.kinds}
    rows = [
        tuple(", ".join(filter(None, (sample.columns[name][index] for name in names))) for names in columns.values())
        for index in range(min(PREVIEW_ROWS, sample.row_count))
    ]
    return tuple(columns), rows
