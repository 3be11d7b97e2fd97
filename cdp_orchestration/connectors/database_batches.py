"""The rows that a database answers with, batch by batch, and a digest of them."""

import hashlib
from collections.abc import Iterator

import duckdb
import pyarrow as pa


def new_digest() -> "hashlib.blake2b":
    """Return a digest of no rows."""
    return hashlib.blake2b(digest_size=16)


def digest_of(reader: pa.RecordBatchReader) -> str:
    """Return the digest of all rows."""
    digest = new_digest()
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
