"""Whether the declarations of all sources fit together: tables, columns of staging, references to person records."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from cdp_orchestration.home.settings import DBT_PROJECT_DIR
from cdp_orchestration.sources.declaration import StreamDeclaration
from cdp_orchestration.sources.event_words import event_words
from cdp_orchestration.sources.interaction_mapping import DEFAULT_EVENT, TaxonomyRow
from cdp_orchestration.sources.mappings import ConsentMapping, PlacedError
from cdp_orchestration.sources.stream import Stream
from expectations.known_values import RECORD_TYPES


def check_streams(streams: list[Stream]) -> None:
    """Check the streams of all sources.

    Args:
        streams: those that ship and those of the home. PlacedError where two share a table, one has a column
            twice, one refers to person records that no source has, or two call something by one name that is not one;
            its place begins with the source.
    """
    _check_tables(streams)
    _check_columns(streams)
    own = [(stream, stream.mapping) for stream in streams if stream.is_own and stream.mapping]
    _check_references(own)
    _check_consents(own)
    _check_events(own)


def _check_tables(streams: Iterable[Stream]) -> None:
    known: dict[str, Stream] = {}
    for stream in streams:
        other = known.setdefault(stream.table, stream)
        if other is not stream:
            raise PlacedError(
                f"Table landing.{stream.table} belongs to two streams, {other.source}/{other.name} as well: "
                "<source>_<stream> must be unique. Rename one of them.",
                *_place(stream),
            )


def _check_columns(streams: Iterable[Stream]) -> None:
    for stream in streams:
        columns = Counter(column.name for column in stream.staged_columns)
        twice = [column for column, count in columns.items() if count > 1]
        if twice:
            raise PlacedError(
                f"Stream {stream.source}/{stream.name} has column {twice[0]} twice in staging; expected one field for "
                "it. Give one of the fields another name with `staged`.",
                *_place(stream, "fields"),
                found=twice[0],
            )


def _check_references(own: list[tuple[Stream, StreamDeclaration]]) -> None:
    """Refuse a reference to person records that no source has, which would find none for ever."""
    declared = {f"{stream.source}.{mapping.person.record_type}" for stream, mapping in own if mapping.person}
    known = {*RECORD_TYPES, *declared}
    for stream, mapping in own:
        for place, record_type in _references(stream, mapping):
            if record_type not in known:
                raise PlacedError(
                    f"Stream {stream.source}/{stream.name}: {place} refers to {record_type}, and no source has such "
                    f"person records. Expected one of {', '.join(sorted(known))}.",
                    *_place(stream, *place.split(".", 2)),
                    found=record_type.partition(".")[2],
                )


def _check_consents(own: list[tuple[Stream, StreamDeclaration]]) -> None:
    """Refuse a field of one kind of person records that states one consent here and another one there."""
    known: dict[str, tuple[Stream, ConsentMapping]] = {}
    for stream, mapping in own:
        for name, consent in mapping.person.named_consents if mapping.person else ():
            other, first = known.setdefault(f"{stream.source}.{name}", (stream, consent))
            is_same = other is not stream and (first.channel, first.purpose) == (consent.channel, consent.purpose)
            _refuse_shipped(f"{stream.source}.{name}", "consent_sources", stream, "person.consents")
            if first is not consent and not is_same:
                raise PlacedError(
                    f"Stream {stream.source}/{stream.name}: person.consents states {consent.channel}, "
                    f"{consent.purpose} by {name}, which states {first.channel}, {first.purpose} in "
                    f"{other.source}/{other.name} as well. "
                    "Expected one entry for a field, channel and purpose, with all values that grant or refuse; in two "
                    "streams with one record_type the same entries, or fields of different names.",
                    *_place(stream, "person", "consents"),
                    found=consent.field,
                )


def _check_events(own: list[tuple[Stream, StreamDeclaration]]) -> None:
    """Refuse two streams of a source whose interactions have one name, and events of these that mean two things."""
    known: dict[tuple[str, str], tuple[Stream, TaxonomyRow]] = {}
    for stream, mapping in own:
        mapped = mapping.interaction
        for event, row in mapped.taxonomy.items() if mapped else ():
            words = event_words(event, len(mapped.event)) if mapped and event != DEFAULT_EVENT else event
            kind = f"{stream.source}.{mapped.record_type}" if mapped else ""
            _refuse_shipped(f"{kind}.{words}", "touchpoint_taxonomy", stream, "interaction.taxonomy")
            other, first = known.setdefault((kind, words), (stream, row))
            if first != row:
                raise PlacedError(
                    f"Stream {stream.source}/{stream.name}: interaction.taxonomy says of {event!r} something else than "
                    f"{other.source}/{other.name}, whose record_type is {kind.partition('.')[2]} as well. Expected one "
                    "meaning, or another record_type.",
                    *_place(stream, "interaction", "taxonomy", event),
                )


def _refuse_shipped(name: str, seed: str, stream: Stream, part: str) -> None:
    if name in _shipped_names(seed):
        raise PlacedError(
            f"Stream {stream.source}/{stream.name}: {part} says what {name} means, which the source that ships says. "
            "Expected another record_type.",
            *_place(stream, part.partition(".")[0], "record_type"),
        )


def _place(stream: Stream, *keys: str) -> tuple[str, ...]:
    return stream.source, "streams", stream.name, *keys


@cache
def _shipped_names(seed: str) -> frozenset[str]:
    with (DBT_PROJECT_DIR / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(row[0] for row in csv.reader(lines))


def _references(stream: Stream, mapping: StreamDeclaration) -> Iterator[tuple[str, str]]:
    for kind in mapping.person.identifiers if mapping.person else ():
        if "." in kind:
            yield f"person.identifiers.{kind}", kind
    if mapping.interaction and mapping.interaction.of:
        of = mapping.interaction.of
        yield "interaction.of", f"{of.source or stream.source}.{of.record_type}"
