"""Whether the declarations of all sources fit together: tables, columns of staging, references to person records."""

from collections import Counter
from collections.abc import Iterable, Iterator

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.sources.declaration import StreamDeclaration
from cdp_orchestration.sources.stream import Stream
from expectations.known_values import RECORD_TYPES


def check_streams(streams: list[Stream]) -> None:
    """Check the streams of all sources.

    Args:
        streams: those that ship and those of the home. DeclarationError where two share a table, one has a column
            twice, or one refers to person records that no source has.
    """
    _check_tables(streams)
    _check_columns(streams)
    _check_references([(stream, stream.mapping) for stream in streams if stream.is_own and stream.mapping])


def _check_tables(streams: Iterable[Stream]) -> None:
    tables = Counter(stream.table for stream in streams)
    twice = [table for table, count in tables.items() if count > 1]
    if twice:
        raise DeclarationError(
            f"Table landing.{twice[0]} belongs to two streams: <source>_<stream> must be unique. Rename one of them."
        )


def _check_columns(streams: Iterable[Stream]) -> None:
    for stream in streams:
        columns = Counter(column.name for column in stream.staged_columns)
        twice = [column for column, count in columns.items() if count > 1]
        if twice:
            raise DeclarationError(
                f"Stream {stream.source}/{stream.name} has column {twice[0]} twice in staging; expected one field for "
                "it. Give one of the fields another name with `staged`."
            )


def _check_references(own: list[tuple[Stream, StreamDeclaration]]) -> None:
    """Refuse a reference to person records that no source has, which would find none for ever."""
    declared = {f"{stream.source}.{mapping.person.record_type}" for stream, mapping in own if mapping.person}
    known = {*RECORD_TYPES, *declared}
    for stream, mapping in own:
        for place, record_type in _references(stream, mapping):
            if record_type not in known:
                raise DeclarationError(
                    f"Stream {stream.source}/{stream.name}: {place} refers to {record_type}, and no source has such "
                    f"person records. Expected one of {', '.join(sorted(known))}."
                )


def _references(stream: Stream, mapping: StreamDeclaration) -> Iterator[tuple[str, str]]:
    for kind in mapping.person.identifiers if mapping.person else ():
        if "." in kind:
            yield f"person.identifiers.{kind}", kind
    if mapping.interaction and mapping.interaction.of:
        of = mapping.interaction.of
        yield "interaction.of", f"{of.source or stream.source}.{of.record_type}"
