"""dbt's declarations of the landing tables and of their staging models, written from the streams."""

import json
import re
from collections.abc import Iterable, Iterator

import yaml

from cdp_orchestration.dbt.own_models import interaction_model, person_model
from cdp_orchestration.sources import DUCKDB_TYPES, Stream


def stream_declarations(streams: Iterable[Stream]) -> str:
    """Return the YAML that declares the streams of one source: the landing tables and the staging models.

    Args:
        streams: all streams of the source, in the order of their declaration.
    """
    declared = tuple(streams)
    sources = "\n".join(line for stream in declared for line in _landing_table(stream))
    models = "\n\n".join("\n".join(_staging_model(stream)) for stream in declared)
    return (
        "sources:\n"
        "  - name: landing\n"
        "    schema: landing\n"
        "    description: All delivered versions of every row, with the vendor's field names.\n"
        "    tables:\n"
        f"{sources}\n\nmodels:\n{models}\n"
    )


def quoted(text: str) -> str:
    """Return a text as YAML reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


def _name(text: str) -> str:
    """Return a name as it stands where YAML reads it back, else quoted: no is a truth value, and 1e3 a number."""
    is_plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) and yaml.safe_load(text) == text
    return text if is_plain else quoted(text)


def _landing_table(stream: Stream) -> Iterator[str]:
    grain = f"One row per delivered version of a {stream.vendor_shape}, key {', '.join(stream.key)}."
    yield f"      - name: {stream.table}"
    yield f"        description: {quoted(grain)}"
    yield "        columns:"
    for field in stream.fields:
        yield f"          - name: {_name(field.name)}"
        yield f"            data_type: {quoted(DUCKDB_TYPES[field.type])}"
        yield f"            description: {quoted(field.description)}"


def _staging_model(stream: Stream) -> Iterator[str]:
    yield f"  - name: {stream.staging_model}"
    yield f"    description: {quoted(stream.staged_grain)}"
    yield "    columns:"
    for column in stream.staged_columns:
        yield f"      - name: {_name(column.name)}"
        yield f"        description: {quoted(column.description)}"
        if column.name == stream.staged_primary_key:
            yield "        data_tests: [primary_key]"
    people, interactions = person_model(stream), interaction_model(stream)
    if people:
        yield from _own_model(people, f"One row per {stream.vendor_shape} that is a person.", "person_record_id")
    if interactions:
        yield from _own_model(interactions, f"One row per {stream.vendor_shape}.", "interaction_id")


def _own_model(name: str, grain: str, key: str) -> Iterator[str]:
    yield ""
    yield f"  - name: {name}"
    yield f"    description: {quoted(grain)}"
    yield "    columns:"
    yield f"      - name: {key}"
    yield "        description: The key of the row in every table."
    yield "        data_tests: [primary_key]"
