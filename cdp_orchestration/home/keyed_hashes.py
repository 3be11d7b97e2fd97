"""Hashes that only the holder of a key can make: HMAC (RFC 2104) with SHA-256, computed by DuckDB."""

import duckdb

HASH_LENGTH = 32
"""Characters of a hash: 128 of its 256 bits, so that two of a million million values are hardly ever the same."""
_BLOCK = 64  # bytes, of SHA-256
_INNER, _OUTER = 0x36, 0x5C


def create_keyed_hash(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Let a connection compute ``keyed_hash(value)``: null of null, else 32 hexadecimal digits.

    Args:
        connection: a database in memory; the key stays in it.
        key: the secret.
    """
    block = duckdb.execute("select sha256(?::blob)", [key]).fetchall()[0][0] if len(key) > _BLOCK else key.hex()
    padded = bytes.fromhex(block).ljust(_BLOCK, b"\0")
    for name, pad in (("inner_block", _INNER), ("outer_block", _OUTER)):
        connection.execute(f"set variable {name} = ?::blob", [bytes(byte ^ pad for byte in padded)])
    inner = "sha256(getvariable('inner_block') || encode(value))"
    connection.execute(
        f"create or replace temp macro keyed_hash(value) as "
        f"left(sha256(getvariable('outer_block') || unhex({inner})), {HASH_LENGTH})"
    )
