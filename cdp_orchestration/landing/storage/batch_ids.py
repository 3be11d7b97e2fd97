"""The names of batches: a file's place and content, and the declaration by which it landed."""

import hashlib

from cdp_orchestration.landing.storage.ledger import LedgerEntry
from cdp_orchestration.sources import Stream

BATCH_ID_LENGTH = 32


def batch_id(stream: Stream, source_file: str, version: str) -> str:
    """Return the name of a batch.

    Args:
        stream: the stream; one that no home changes adds nothing to the name.
        source_file: the file's path below the stream's folder.
        version: the digest of its content, or ``refused_version``.

    Returns:
        Hexadecimal digits.
    """
    declaration = [stream.declaration] if stream.declaration else []
    identity = "\0".join([stream.source, stream.name, source_file, version, *declaration])
    return hashlib.sha256(identity.encode()).hexdigest()[:BATCH_ID_LENGTH]


def refused_version(size_bytes: int, modified_ns: int, reason: str) -> str:
    """Return what stands for the content of a file that was refused as a whole."""
    return f"{size_bytes} {modified_ns} {reason}"


def is_of_this_declaration(entry: LedgerEntry, stream: Stream) -> bool:
    """Return whether a file was landed or refused by the stream as it is declared now, not by an earlier mapping."""
    version = entry.sha256 or refused_version(entry.size_bytes, entry.modified_ns, entry.reason or "")
    return entry.batch_id == batch_id(stream, entry.source_file, version)
