"""All sources of a home: those that ship, changed or completed by the home's own declarations, and the home's own."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from anyascii import anyascii

from cdp_orchestration.errors import CdpError, DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources.consistency import check_streams
from cdp_orchestration.sources.declaration import SourceDeclaration, StreamDeclaration
from cdp_orchestration.sources.field import Field, SenderClock
from cdp_orchestration.sources.field_declaration import FieldDeclaration
from cdp_orchestration.sources.file_forms import USUAL_FORMS
from cdp_orchestration.sources.kinds import KINDS, NUMBER_RANGES, UNSTAGED, derived
from cdp_orchestration.sources.mappings import PlacedError
from cdp_orchestration.sources.personal_data import personal_data
from cdp_orchestration.sources.reading import place_in, plain_values, read_declaration
from cdp_orchestration.sources.schema_contract import USUAL_CONTRACT
from cdp_orchestration.sources.shipped_sources import (
    CHANGEABLE_OF_FIELD,
    SHIPPED_DIR,
    check_changes,
    shipped_values,
    streams_of,
)
from cdp_orchestration.sources.stream import Stream
from cdp_orchestration.sources.timeliness import Schedule

ENDINGS = ("*.yml", "*.yaml")
# What it may say without that the files land otherwise: how old they may become, and where they come from.
WITHOUT_EFFECT_ON_ROWS = frozenset({"freshness", "from"})

# What the generated staging model of a home's own stream computes.
RECORD_ID, IS_DELETED = "source_record_id", "is_deleted"
OWN_COLUMNS = {
    RECORD_ID: "The source's own id of the row: the fields of its key.",
    IS_DELETED: "Whether the source has deleted the row.",
}


class UnknownStreamError(CdpError):
    """No stream of the home has the name that was given."""


@dataclass(frozen=True)
class Source:
    """A source with its streams; ``is_own`` where the installation declares it, not the project."""

    name: str
    label: str
    owner: str
    streams: tuple[Stream, ...]
    is_own: bool
    schedule: Schedule | None = None


def declared_sources(settings: Settings | None = None) -> tuple[Source, ...]:
    """Return the sources of a home: first those that ship, then its own, each in the order of their names.

    Args:
        settings: the home; without it that of the environment.

    Returns:
        The sources; the same object while no declaration has changed. A wrong declaration raises DeclarationError.
    """
    return _sources(_versions(own_files(settings or Settings.from_environment())))


def own_files(settings: Settings) -> list[Path]:
    """Return the declarations of a home, in the order of their names."""
    return _files(settings.own_sources)


def check_declarations(paths: Iterable[Path]) -> None:
    """Check what the sources of a home would be with these files; raises DeclarationError where one is wrong."""
    _sources(_versions(paths))


def _versions(paths: Iterable[Path]) -> tuple[tuple[Path, int, int], ...]:
    return tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)


def declared_streams(settings: Settings | None = None) -> tuple[Stream, ...]:
    """Return the streams of all sources of a home, in order; without settings, of the home of the environment."""
    return tuple(stream for source in declared_sources(settings) for stream in source.streams)


def declared_stream(name: str, settings: Settings) -> Stream:
    """Return the stream of a name such as ``crm/contacts``.

    Raises:
        UnknownStreamError: the home has no such stream.
    """
    known = {f"{stream.source}/{stream.name}": stream for stream in declared_streams(settings)}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        expected = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
        raise UnknownStreamError(f"{name} is no stream of this home; {expected}")
    return known[name]


def is_changed(stream: Stream) -> bool:
    """Return whether a home declares something about a stream: all of it, the vendor's names, or its connector."""
    is_fetched = bool(stream.mapping and stream.mapping.from_)
    return stream.is_own or bool(stream.declaration) or is_fetched


def shipped_streams() -> tuple[Stream, ...]:
    """Return the streams of the sources that ship, whatever a home declares."""
    return tuple(stream for source in _sources(()) for stream in source.streams)


def _files(folder: Path) -> list[Path]:
    return sorted(path for ending in ENDINGS for path in folder.glob(ending))


@cache
def _sources(own: tuple[tuple[Path, int, int], ...]) -> tuple[Source, ...]:
    shipped = {path: shipped_values(path) for path in _files(SHIPPED_DIR)}
    names = {values["source"]: path for path, values in shipped.items()}
    of_own: dict[str, Path] = {}
    for path, _, _ in own:
        name = str(plain_values(path).get("source"))
        if name in of_own:
            raise DeclarationError(
                f"{place_in(path, ['source'])}: source {name} is declared by {of_own[name]} as well. Merge the two."
            )
        of_own[name] = path
    for path in (of_own[name] for name in of_own.keys() & names.keys()):
        check_changes(path, shipped[names[plain_values(path)["source"]]])
    changed = (_source(of_own.get(name), path, shipped[path]) for name, path in names.items())
    added = (_source(path, None, None) for name, path in of_own.items() if name not in names)
    sources = (*changed, *added)
    try:
        check_streams([stream for source in sources for stream in source.streams])
    except PlacedError as error:
        source, *place = error.place
        path = of_own.get(source) or names[source]
        raise DeclarationError(f"{place_in(path, place, error.found)}: {error}") from None
    return sources


def _source(own: Path | None, shipped_path: Path | None, shipped: Mapping[str, Any] | None) -> Source:
    path = own or shipped_path
    assert path is not None  # noqa: S101 - a source comes from one file at least
    declaration = read_declaration(path, shipped if own else None)
    own_names = _landed_otherwise(own) if own else set()
    shipped_names = set(shipped["streams"]) if shipped else set()
    streams = tuple(
        _stream(declaration, name, stream, is_own=name not in shipped_names, changed=name in own_names)
        for name, stream in declaration.streams.items()
    )
    label = declaration.label or declaration.source
    return Source(declaration.source, label, declaration.owner, streams, shipped is None, declaration.schedule)


def _landed_otherwise(own: Path) -> set[str]:
    """Return the streams of which a home declares how their files land."""
    declared = streams_of(own).items()
    return {name for name, said in declared if not isinstance(said, Mapping) or set(said) - WITHOUT_EFFECT_ON_ROWS}


def _stream(
    source: SourceDeclaration, name: str, declared: StreamDeclaration, *, is_own: bool, changed: bool
) -> Stream:
    fields = declared.fields.items()
    computed = OWN_COLUMNS if is_own else declared.derived
    return Stream(
        source=source.source,
        name=name,
        vendor_shape=declared.vendor,
        key=declared.key,
        cursor=declared.cursor,
        fields=tuple((_own_field(field, each, declared) if is_own else _field(field, each)) for field, each in fields),
        staged_grain=declared.grain or f"One row per {declared.vendor}, newest version, deleted ones marked.",
        staged_key=RECORD_ID if is_own else declared.staged_key,
        derived=tuple(derived(column, means) for column, means in computed.items()),
        renames=tuple(declared.renames.items()),
        values=tuple((path, tuple(words.items())) for path, words in declared.values.items()),
        schema_contract=declared.schema_contract,
        files=declared.files,
        owner=source.owner,
        is_own=is_own,
        declaration=_digest(declared) if is_own or changed else "",
        mapping=declared,
        freshness=(source.freshness if declared.freshness is None else declared.freshness) or None,
        personal_data=personal_data(source.source, declared, is_own),
    )


def _digest(declared: StreamDeclaration) -> str:
    """Return a digest of what decides how a file lands: files that landed by another declaration land again."""
    decisive = declared.model_dump(mode="json", include={"key", "cursor", "renames", "fields"})
    for said in decisive["fields"].values():
        for word in CHANGEABLE_OF_FIELD:
            if not said[word]:
                del said[word]  # so that what says nothing of it is the declaration that it was
    if declared.schema_contract != USUAL_CONTRACT:
        decisive["schema_contract"] = declared.schema_contract.model_dump()
    if declared.values:
        decisive["values"] = declared.values
    if declared.files != USUAL_FORMS:
        decisive["files"] = declared.files.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:16]


def staged_column(name: str) -> str:
    """Return the column of a generated staging model that carries a field: its name in small Latin letters."""
    return _plain(name) or _plain(anyascii(name)) or "field"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _own_field(name: str, declared: FieldDeclaration, stream: StreamDeclaration) -> Field:
    """Return a field of a stream whose staging model is generated: its column has a plain name and a meaning."""
    column = staged_column(name) if declared.staged is None else declared.staged
    means = declared.means or f"{name}, as delivered."
    field = _field(name, declared.model_copy(update={"staged": column, "means": means}))
    return replace(field, takes_receipt=field.takes_receipt or name == stream.only_time)


def _field(name: str, declared: FieldDeclaration) -> Field:
    staged = UNSTAGED if declared.staged is False else declared.staged
    means = declared.means or (f"{name}, as delivered." if declared.staged is False else None)
    limits = declared.limits
    if declared.numbers:
        limits["numbers"] = {path: NUMBER_RANGES[kind] for path, kind in declared.numbers.items()}
    if declared.sender_clock:
        limits["sender_clock"] = SenderClock(declared.sender_clock.happened, declared.sender_clock.sent)
    make = KINDS[declared.kind].make
    field = make(name, means or "") if declared.kind == "sender_time" else make(name, staged, means, **limits)
    return replace(
        field,
        formats=declared.format,
        time_zone=declared.time_zone,
        time_field=declared.time_in,
        decimal_sign=declared.decimal,
        divided_by=declared.divided_by or 1,
    )
