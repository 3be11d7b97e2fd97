"""Values that stand in the names of a delivery's folders, as Hive and Spark write them: ``country=DE/a.parquet``."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

import pyarrow as pa

from cdp_orchestration.landing.contract.headings import declared_names
from cdp_orchestration.landing.raw_rows import RawRows
from cdp_orchestration.sources import Stream

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def with_folder_values(rows: Iterator[RawRows], source_file: str, stream: Stream) -> Iterator[RawRows]:
    """Yield the rows of a file with the values of its folders, in declared fields that the file has not.

    Args:
        rows: the rows of the file, part by part.
        source_file: its path below the stream's folder.
        stream: the stream that declares the fields.

    Yields:
        The same rows. A value that the file itself has counts more.
    """
    values = _values(source_file, stream)
    for raw in rows:
        yield _filled(raw, values) if values else raw


def _values(source_file: str, stream: Stream) -> dict[str, str]:
    parts = (folder.partition("=") for folder in source_file.split("/")[:-1])
    named = {unquote(name): unquote(value) for name, sign, value in parts if sign and name}
    declared = {field.name for field in stream.fields}
    fields = declared_names(named, stream)
    return {
        fields[name]: value
        for name, value in named.items()
        if fields[name] in declared and value not in ("", _NO_VALUE)
    }


def _filled(raw: RawRows, values: dict[str, str]) -> RawRows:
    table = raw.table
    for name, value in values.items():
        if table[name].null_count == table.num_rows:
            column = pa.repeat(pa.scalar(value, pa.string()), table.num_rows)
            table = table.set_column(table.column_names.index(name), name, column)
    missing = raw.missing - values.keys()
    return replace(raw, table=table, missing=missing, is_from_json=False, is_looked_through=False)
