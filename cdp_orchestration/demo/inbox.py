"""Write the deliveries as files: one per stream and drop, moved into place when complete."""

import gzip
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.drops import JSON_STREAMS
from cdp_orchestration.demo.parquet_tables import parquet_schemas
from cdp_orchestration.demo.vendors import crm, surveys

HEADERS = {
    "crm/contacts": crm.CONTACT_COLUMNS,
    "crm/accounts": crm.ACCOUNT_COLUMNS,
    "crm/campaign_members": crm.MEMBER_COLUMNS,
    "support/survey_responses": surveys.COLUMNS,
}
PACKED_DROP = 2  # its events are compressed, as in some exports


def demo_streams() -> tuple[str, ...]:
    """Return the streams of the four silos, each as ``<source>/<name>``."""
    return tuple(sorted({*HEADERS, *JSON_STREAMS, *parquet_schemas()}))


def file_of(inbox: Path, stream: str, drop: int) -> Path:
    """Return the path of a stream's file of a drop; names sort by drop."""
    ending = "csv" if stream in HEADERS else "jsonl" if stream in JSON_STREAMS else "parquet"
    packed = ".gz" if stream == "ecommerce/events" and drop == PACKED_DROP else ""
    return inbox / stream / f"{dates.DROP_DAYS[drop]}_{stream.rpartition('/')[2]}.{ending}{packed}"


class InboxWriter:
    """Appends payloads to files in a staging folder; leaving the block without an error moves them to the inbox."""

    def __init__(self, inbox: Path, staging: Path) -> None:
        self.inbox = inbox
        self.files: list[Path] = []
        self._staging = staging
        self._open = ExitStack()
        self._streams: dict[tuple[str, int], IO[bytes]] = {}
        self._tables: dict[tuple[str, int], pq.ParquetWriter] = {}

    def __enter__(self) -> "InboxWriter":
        return self

    def append(self, stream: str, drop: int, payload: bytes | pa.Table) -> None:
        """Append a chunk's payload to the stream's file of a drop."""
        if isinstance(payload, bytes):
            self._bytes_of(stream, drop).write(payload)
        else:
            self._table_of(stream, drop).write_table(payload)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is None:
            for path in self.files:
                target = self.inbox / path.relative_to(self._staging)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)

    def _path(self, stream: str, drop: int) -> Path:
        path = file_of(self._staging, stream, drop)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.files.append(path)
        return path

    def _bytes_of(self, stream: str, drop: int) -> IO[bytes]:
        file = self._streams.get((stream, drop))
        if file is None:
            path = self._path(stream, drop)
            file = self._open.enter_context(path.open("wb"))
            if path.suffix == ".gz":
                # Without name and time in the header, so that equal demos are equal bytes.
                file = self._open.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0))  # type: ignore[assignment]
            if stream in HEADERS:
                file.write((",".join(HEADERS[stream]) + "\n").encode())
            self._streams[stream, drop] = file
        return file

    def _table_of(self, stream: str, drop: int) -> pq.ParquetWriter:
        writer = self._tables.get((stream, drop))
        if writer is None:
            path, schema = self._path(stream, drop), parquet_schemas()[stream]
            writer = self._open.enter_context(pq.ParquetWriter(path, schema, compression="zstd"))
            self._tables[stream, drop] = writer
        return writer
