"""The rows that a database answers with, batch by batch, a digest of them, and the files that they become."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.row_files import part_name
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING
from cdp_orchestration.home.durable_parquet import DurableParquet

_UNFINISHED = "fetched-"


def new_digest(reader: pa.RecordBatchReader) -> "hashlib.blake2b":
    """Return the digest of an answer before its first row: of the names of its columns."""
    return hashlib.blake2b(json.dumps(reader.schema.names).encode(), digest_size=16)


def digest_of(reader: pa.RecordBatchReader) -> str:
    """Return the digest of all rows."""
    digest = new_digest(reader)
    for batch in batches_of(reader):
        digest.update(batch.serialize())
    return digest.hexdigest()


def batches_of(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yield the batches of an answer; duckdb.OperationalError where the database fails after its first rows."""
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            # What the database says after its first rows comes through Arrow
            raise duckdb.OperationalError(str(error)) from None
        yield batch


def write_rows(
    reader: pa.RecordBatchReader, folder: Path, rows_per_file: int, unfinished: ExitStack
) -> tuple[list[DurableParquet], str]:
    """Write rows into files that are not published, beside no rest of a fetch that was killed.

    Args:
        reader: the rows, each value a text.
        folder: the stream's folder of the inbox.
        rows_per_file: how many rows a file has at most.
        unfinished: closes the files, and removes those that have not been published.

    Returns:
        The files and a digest of all rows. A text that is not UTF-8 raises FetchError.
    """
    for path in folder.glob(f"{_UNFINISHED}[0-9]*.parquet{UNFINISHED_ENDING}"):
        path.unlink()
    schema = pa.schema([(name, pa.string()) for name in reader.schema.names])
    files: list[DurableParquet] = []
    digest = new_digest(reader)
    for batch in batches_of(reader):
        digest.update(batch.serialize())
        rows = pa.Table.from_batches([batch]).cast(schema)
        _check_texts(rows)
        while rows.num_rows:
            if not files or files[-1].row_count >= rows_per_file:
                path = folder / f"{_UNFINISHED}{len(files) + 1:05}.parquet"
                files.append(unfinished.enter_context(DurableParquet(path, schema)))
            room = rows_per_file - files[-1].row_count
            files[-1].write(rows.slice(0, room))
            rows = rows.slice(room)
    return files, digest.hexdigest()


def _check_texts(rows: pa.Table) -> None:
    """Refuse rows with a text that is none: neither landing nor any other program could read their file."""
    for name in rows.column_names:
        try:
            rows[name].validate(full=True)
        except pa.ArrowInvalid:
            raise FetchError(
                f"The column {name} has a text that is not UTF-8; expected UTF-8. Correct it there, or declare a query "
                "that gives the column as hex digits or leaves it out."
            ) from None


def publish(files: Sequence[DurableParquet], folder: Path, stamp: str) -> list[Path]:
    """Give files that were written their names in the inbox, each with the number of all of them."""
    # All at the end: what is there in part would be taken for all that there is.
    for number, file in enumerate(files, start=1):
        file.publish(folder / part_name(stamp, number, len(files), ".parquet"))
    return [file.path for file in files]
