"""The streams that the demo writes; an installation may declare further ones."""

from cdp_orchestration.demo.drops import JSON_STREAMS
from cdp_orchestration.demo.inbox import HEADERS
from cdp_orchestration.demo.parquet_tables import parquet_schemas
from cdp_orchestration.sources import shipped_streams

_WRITTEN = {*HEADERS, *JSON_STREAMS, *parquet_schemas()}

DEMO_STREAMS = tuple(stream for stream in shipped_streams() if f"{stream.source}/{stream.name}" in _WRITTEN)
