"""The sources: whose export each stream is, its key, its cursor, its fields, and what these mean.

One YAML file a source: those that ship stand here, an installation's own in ``$CDP_HOME/sources/``. Everything else
follows from them: landing, dbt's sources and staging models, person records, interactions, gates. Facts about parsing
files belong in ``landing/``.
"""

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.sources.declared import (
    Source,
    UnknownStreamError,
    declared_sources,
    declared_stream,
    declared_streams,
    is_changed,
    shipped_streams,
)
from cdp_orchestration.sources.field import (
    DUCKDB_TYPES,
    Field,
    FieldType,
    JsonForm,
    NumberInside,
    SenderClock,
    StagedColumn,
)
from cdp_orchestration.sources.stream import Stream

__all__ = [
    "DUCKDB_TYPES",
    "DeclarationError",
    "Field",
    "FieldType",
    "JsonForm",
    "NumberInside",
    "SenderClock",
    "Source",
    "StagedColumn",
    "Stream",
    "UnknownStreamError",
    "declared_sources",
    "declared_stream",
    "declared_streams",
    "is_changed",
    "shipped_streams",
]
