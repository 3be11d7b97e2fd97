"""The streams that the platform knows: whose export it is, its key, its cursor, its fields and what they mean.

One module a source. dbt's declarations of the sources and of their staging models are generated from here
(``cdp_orchestration/dbt/generated_files.py``); nothing else lists the streams. Facts about parsing files belong in
``landing/``, what staging makes of the values in the dbt project.
"""

from cdp_orchestration.streams import crm, ecommerce, in_store, support
from cdp_orchestration.streams.stream import (
    DUCKDB_TYPES,
    Field,
    FieldType,
    JsonForm,
    NumberInside,
    SenderClock,
    StagedColumn,
    Stream,
)

STREAMS: tuple[Stream, ...] = (*crm.STREAMS, *ecommerce.STREAMS, *in_store.STREAMS, *support.STREAMS)

__all__ = [
    "DUCKDB_TYPES",
    "STREAMS",
    "Field",
    "FieldType",
    "JsonForm",
    "NumberInside",
    "SenderClock",
    "StagedColumn",
    "Stream",
]
